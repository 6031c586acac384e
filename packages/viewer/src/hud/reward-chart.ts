/** The reward of the running episode by term, as lines over ticks. */
import type { Frame } from '@kinovox/world';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { element, setText } from './element.js';
import { RewardHistory } from './reward-history.js';
import { formatNumber } from './tile-colors.js';

const LINE_COLORS = ['#5cc8a1', '#6aa7ff', '#f0b35a', '#d58cf0', '#ef6b6b', '#8fd3e8', '#c9d36a', '#f09ab5'];
const HEIGHT = 104;
const AXIS = {
  stroke: '#8494a8',
  grid: { stroke: 'rgba(148,166,190,.13)', width: 1 },
  ticks: { show: false },
  font: '10px system-ui, sans-serif',
} as const;

export class RewardChart {
  readonly root: HTMLElement;
  readonly #plot = element('div', { class: 'chart' });
  readonly #legend = element('div', { class: 'legend' });
  readonly #history = new RewardHistory();
  #names: readonly string[] = [];
  #values: HTMLElement[] = [];
  #chart: uPlot | undefined;
  #dirty = false;

  constructor() {
    this.root = element(
      'section',
      { class: 'panel reward' },
      element('header', {}, element('h2', {}, 'Reward this episode')),
      this.#plot,
      this.#legend,
    );
  }

  setTerms(names: readonly string[]): void {
    this.#names = names;
    this.#values = names.map(() => element('b', {}, '0'));
    this.#legend.replaceChildren(
      ...names.map((name, i) => {
        const swatch = element('i', {});
        swatch.style.background = LINE_COLORS[i % LINE_COLORS.length];
        return element('span', {}, swatch, `${name} `, this.#values[i]);
      }),
    );
    this.reset();
  }

  reset(): void {
    this.#history.reset(this.#names.length);
    this.#dirty = true;
  }

  push(frame: Frame): void {
    this.#history.push(frame);
    this.#dirty = true;
  }

  /** Draws if anything changed; call a few times a second. */
  draw(): void {
    const width = this.#plot.clientWidth;
    if (!this.#dirty || width === 0) return;
    this.#dirty = false;
    if (this.#chart === undefined || this.#chart.series.length !== this.#names.length + 1) this.#create(width);
    const chart = this.#chart!;
    if (chart.width !== width) chart.setSize({ width, height: HEIGHT });
    const columns = this.#history.columns;
    chart.setData(columns as uPlot.AlignedData);
    this.#values.forEach((value, i) => {
      setText(value, formatNumber(columns[i + 1][columns[0].length - 1] ?? 0));
    });
  }

  #create(width: number): void {
    this.#chart?.destroy();
    this.#chart = new uPlot(
      {
        width,
        height: HEIGHT,
        padding: [8, 14, 0, 0],
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: false, range: (_, low, high) => [low ?? 0, Math.max(high ?? 0, (low ?? 0) + 20)] },
          y: { range: (_, low, high) => paddedRange(low, high) },
        },
        axes: [
          { ...AXIS, size: 22 },
          { ...AXIS, size: 40, space: 22 },
        ],
        series: [
          {},
          ...this.#names.map((label, i) => ({ label, stroke: LINE_COLORS[i % LINE_COLORS.length], width: 1.75, points: { show: false } })),
        ],
      },
      [[], ...this.#names.map(() => [])],
      this.#plot,
    );
  }
}

/** Zero is always shown, a flat line is not at the edge, and no reward yet is a scale of one. */
function paddedRange(low: number | null, high: number | null): [number, number] {
  const least = Math.min(0, low ?? 0);
  const most = Math.max(0, high ?? 0);
  if (most === least) return [0, 1];
  const margin = (most - least) * 0.08;
  return [least < 0 ? least - margin : least, most + margin];
}
