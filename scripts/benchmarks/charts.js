/**
 * Charts of kept benchmark reports as SVG text: speed by worlds and engine, ratios over commits, rays. Pure functions of the reports: the same text on every machine.
 * Drawn by echarts: it renders SVG in Node without a browser, has two dependencies and no install scripts.
 */
import { init } from 'echarts';

const FONT = 'system-ui, Segoe UI, Liberation Sans, sans-serif';
const INK = '#1f2937';
const FAINT = '#6b7280';
const GRID = '#e5e7eb';
const ENGINE_COLORS = { cpu: '#2563eb', workers: '#059669', webgpu: '#c026d3' };
const POINT_COLOR = '#2563eb';
const MISSED_COLOR = '#dc2626';
const WORLDS = [1, 16, 256, 1024, 4096, 16384];
const AGENTS = [1, 2, 8];

/** The ratios that are drawn, with their bars. */
export const DRAWN_RATIOS = [
  { name: 'vsObjects', title: 'cpu by objects', least: 9 },
  { name: 'vsC', title: 'cpu by C', least: 0.5 },
  { name: 'vsPrismarine', title: 'cpu by prismarine-physics', least: 300 },
  { name: 'vsPrismarineStub', title: 'the same over a stub world' },
  { name: 'workersVsCpu', title: 'workers by cpu, 2 threads', least: 1.7 },
  { name: 'costGrowth256To16384', title: 'cost at 16384 by 256 worlds', most: 1.5 },
];

/** The latest report with rows for several batch sizes; undefined without one. */
export function latestFull(reports) {
  return reports.findLast(({ rows, quick }) => quick !== true && new Set(rows.map(({ worlds }) => worlds)).size > 2);
}

/** SVG texts by file name; a chart for which nothing is kept is left out. */
export function drawCharts(reports) {
  const full = latestFull(reports);
  return {
    ...(full === undefined ? {} : { 'agent-steps.svg': agentStepsChart(full) }),
    'ratios.svg': ratiosChart(reports),
    ...(full?.rays == null ? {} : { 'rays.svg': raysChart(full) }),
  };
}

/** Agent-steps per second with observations by worlds, a panel per number of agents and a line per engine; both axes logarithmic. */
function agentStepsChart({ rows }) {
  const engines = Object.keys(ENGINE_COLORS).filter((engine) => rows.some((row) => row.engine === engine && row.withObservations !== null));
  const agents = AGENTS.filter((count) => rows.some((row) => row.agents === count));
  const values = rows.map(({ withObservations }) => withObservations).filter((value) => value !== null);
  const panel = panels(agents.length, { columns: 3, width: 270, height: 230, top: 96 });
  return render('agent-steps', panel.width, panel.height, {
    title: [
      title('Agent-steps per second, with observations and resets', 'by worlds in the batch; both axes logarithmic'),
      ...agents.map((count, k) => panelTitle(panel, k, count === 1 ? '1 agent a world' : `${count} agents a world`)),
    ],
    legend: {
      top: 12,
      right: 16,
      data: engines,
      textStyle: { color: INK, fontSize: 13 },
      icon: 'roundRect',
      itemGap: 28,
      itemHeight: 4,
      itemWidth: 18,
    },
    grid: panel.grids,
    xAxis: agents.map((_, k) => ({
      type: 'category',
      gridIndex: k,
      data: WORLDS.map((worlds) => worlds.toLocaleString('en-US')),
      name: 'worlds',
      nameLocation: 'middle',
      nameGap: 26,
      ...axisStyle,
    })),
    yAxis: agents.map((_, k) => ({
      type: 'log',
      gridIndex: k,
      min: 10 ** Math.floor(Math.log10(Math.min(...values))),
      max: 10 ** Math.ceil(Math.log10(Math.max(...values))),
      ...axisStyle,
      axisLabel: { ...axisStyle.axisLabel, formatter: shortCount },
    })),
    series: agents.flatMap((count, k) =>
      engines.map((engine) => ({
        name: engine,
        type: 'line',
        xAxisIndex: k,
        yAxisIndex: k,
        symbol: 'circle',
        symbolSize: 7,
        lineStyle: { width: 2.5 },
        itemStyle: { color: ENGINE_COLORS[engine] },
        data: WORLDS.map(
          (worlds) => rows.find((row) => row.engine === engine && row.worlds === worlds && row.agents === count)?.withObservations ?? '-',
        ),
      })),
    ),
  });
}

/** A panel per ratio, a point per kept report in order, its bar dashed. */
function ratiosChart(reports) {
  const panel = panels(DRAWN_RATIOS.length, { columns: 3, width: 270, height: 170, top: 96 });
  const commits = reports.map(({ commit }, k) => `${k + 1}\n${commit.replace('+changes', '+')}`);
  return render('ratios', panel.width, panel.height, {
    title: [
      title('Ratios over kept runs', 'in order of their keeping, with their commits; the dashed line is the bar, red points miss it'),
      ...DRAWN_RATIOS.map((ratio, k) => panelTitle(panel, k, ratio.title)),
    ],
    grid: panel.grids,
    xAxis: DRAWN_RATIOS.map((_, k) => ({
      type: 'category',
      gridIndex: k,
      data: commits,
      ...axisStyle,
      axisLabel: { ...axisStyle.axisLabel, fontSize: 10, hideOverlap: true },
    })),
    yAxis: DRAWN_RATIOS.map((ratio, k) => ({
      type: 'value',
      gridIndex: k,
      min: 0,
      ...roundAxis(1.15 * Math.max(barOf(ratio) ?? 1, ...reports.map(({ ratios }) => ratios[ratio.name] ?? 0))),
      ...axisStyle,
    })),
    series: DRAWN_RATIOS.map((ratio, k) => ({
      type: 'line',
      xAxisIndex: k,
      yAxisIndex: k,
      symbol: 'circle',
      symbolSize: 9,
      connectNulls: true,
      lineStyle: { width: 1.5, color: '#93c5fd' },
      data: reports.map(({ ratios }) => {
        const value = ratios[ratio.name] ?? null;
        return value === null ? '-' : { value, itemStyle: { color: isMissed(ratio, value) ? MISSED_COLOR : POINT_COLOR } };
      }),
      ...(barOf(ratio) === undefined ? {} : { markLine: barLine(ratio) }),
    })),
  });
}

const barOf = ({ least, most }) => least ?? most;
const isMissed = ({ least, most }, value) => value < (least ?? 0) || value > (most ?? Number.POSITIVE_INFINITY);

/** `at least 9`; nothing for a ratio without a bar. */
export function barText({ least, most }) {
  if (least !== undefined) return `at least ${least}`;
  return most === undefined ? '' : `at most ${most}`;
}

function barLine(ratio) {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { type: 'dashed', color: FAINT, width: 1.5 },
    label: { formatter: barText(ratio), position: 'insideStartTop', color: FAINT, fontSize: 11, fontFamily: FONT },
    data: [{ yAxis: barOf(ratio) }],
  };
}

/** Rays per second by scenario and channels, on one thread and, where one was measured, on a GPU; the axis is then logarithmic. */
function raysChart({ rays }) {
  const scenarios = [...new Set(rays.map(({ scenario }) => scenario))];
  const hasGpu = rays.some(({ webgpuRaysPerSecond }) => webgpuRaysPerSecond != null);
  const kinds = [...new Set(rays.map(({ channels }) => channels.join(' + ')))].flatMap((channels) => [
    { name: hasGpu ? `${channels}, one thread` : channels, channels, column: 'raysPerSecond' },
    ...(hasGpu ? [{ name: `${channels}, GPU`, channels, column: 'webgpuRaysPerSecond' }] : []),
  ]);
  const colors = hasGpu ? ['#2563eb', '#93c5fd', '#f59e0b', '#fcd34d'] : ['#2563eb', '#f59e0b'];
  const values = rays.flatMap((row) => [row.raysPerSecond, row.webgpuRaysPerSecond ?? row.raysPerSecond]);
  return render('rays', 820, 130 + 28 * kinds.length * scenarios.length, {
    title: title(
      'Rays per second of the camera',
      hasGpu ? '64 x 64 pixels, by channels; logarithmic' : '64 x 64 pixels, one thread, by channels',
    ),
    legend: {
      top: 56,
      left: 12,
      data: kinds.map(({ name }) => name),
      textStyle: { color: INK, fontSize: 13 },
      icon: 'roundRect',
      itemGap: 36,
      itemHeight: 10,
      itemWidth: 14,
    },
    grid: { left: 150, right: 60, top: 92, bottom: 28 },
    xAxis: {
      ...(hasGpu ? { type: 'log', min: 10 ** Math.floor(Math.log10(Math.min(...values))) } : { type: 'value' }),
      ...axisStyle,
      axisLabel: { ...axisStyle.axisLabel, formatter: shortCount },
    },
    yAxis: { type: 'category', inverse: true, data: scenarios, ...axisStyle, splitLine: { show: false } },
    series: kinds.map(({ name, channels, column }, k) => ({
      name,
      type: 'bar',
      barMaxWidth: 18,
      itemStyle: { color: colors[k % colors.length] },
      label: {
        show: true,
        position: 'right',
        color: INK,
        fontSize: 11,
        fontFamily: FONT,
        formatter: ({ value }) => (typeof value === 'number' ? shortCount(value) : ''),
      },
      data: scenarios.map(
        (scenario) => rays.find((row) => row.scenario === scenario && row.channels.join(' + ') === channels)?.[column] ?? '-',
      ),
    })),
  });
}

/** `12 k`, `3.4 M`. */
export function shortCount(value) {
  const [scale, unit] = value >= 1e9 ? [1e9, ' G'] : value >= 1e6 ? [1e6, ' M'] : value >= 1e3 ? [1e3, ' k'] : [1, ''];
  return `${Number((value / scale).toPrecision(3))}${unit}`;
}

const axisStyle = {
  axisLine: { lineStyle: { color: FAINT } },
  axisTick: { show: false },
  axisLabel: { color: FAINT, fontSize: 11, fontFamily: FONT },
  nameTextStyle: { color: FAINT, fontSize: 11, fontFamily: FONT },
  splitLine: { lineStyle: { color: GRID } },
  minorTick: { show: false },
};

function title(text, subtext) {
  return {
    text,
    subtext,
    left: 12,
    top: 8,
    itemGap: 5,
    textStyle: { color: INK, fontSize: 16, fontFamily: FONT },
    subtextStyle: { color: FAINT, fontSize: 12, fontFamily: FONT },
  };
}

/** Panels in rows of `columns`; width and height are those of all together. */
function panels(count, { columns, width, height, top }) {
  const gap = { x: 56, y: 78 };
  const rows = Math.ceil(count / columns);
  return {
    width: 16 + Math.min(columns, count) * (width + gap.x) - 12,
    height: top + rows * (height + gap.y) - 28,
    grids: Array.from({ length: count }, (_, k) => ({
      left: gap.x - 4 + (k % columns) * (width + gap.x),
      top: top + Math.floor(k / columns) * (height + gap.y),
      width,
      height,
    })),
  };
}

function panelTitle({ grids }, k, text) {
  return {
    text,
    left: grids[k].left + grids[k].width / 2,
    top: grids[k].top - 28,
    textAlign: 'center',
    textStyle: { color: INK, fontSize: 13, fontWeight: 600, fontFamily: FONT },
  };
}

/** An axis from 0 that holds `value`, in four to eight round steps. */
function roundAxis(value) {
  const power = 10 ** Math.floor(Math.log10(value / 4));
  const interval = [1, 2, 5, 10].map((k) => k * power).findLast((step) => step <= value / 4);
  return { interval, max: interval * Math.ceil(value / interval) };
}

/** SVG text whose ids and classes begin with the chart's name, so that two charts may stand in one page and no count of charts shows. */
function render(name, width, height, option) {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({ animation: false, backgroundColor: '#ffffff', textStyle: { fontFamily: FONT }, ...option });
  const ids = new Map();
  const text = chart.renderToSVGString().replace(/\bzr\d+-[\w-]+/g, (id) => {
    if (!ids.has(id)) ids.set(id, `${name}-${ids.size}`);
    return ids.get(id);
  });
  chart.dispose();
  return `${text.replaceAll('\n', ' ').replaceAll('><', '>\n<')}\n`;
}
