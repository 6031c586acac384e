/** Plots pairs of paths seen from above, one panel each, as an SVG: theirs blue, ours orange, the tick at which they part as a ring. */
import { SIZE, TICKS } from './problems.js';

const PANEL = 300;
const GAP = 46;
const COLUMNS = 5;
const REFERENCE_COLOR = '#2563eb';
const OURS_COLOR = '#ea580c';

/** @param runs `[{ problem, reference, ours, error, parting }]`, worst first. */
export function plotRuns(runs, title) {
  const width = COLUMNS * (PANEL + 16) + 16;
  const height = 50 + Math.ceil(runs.length / COLUMNS) * (PANEL + GAP);
  const panels = runs.map(
    (run, k) =>
      `<g transform="translate(${16 + (k % COLUMNS) * (PANEL + 16)},${50 + Math.floor(k / COLUMNS) * (PANEL + GAP)})">${panel(run)}</g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif">
<title>${title} prismarine-physics and Kinovox</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="16" y="30" font-size="18" fill="#111827">${title} <tspan fill="${REFERENCE_COLOR}">prismarine-physics</tspan>, <tspan fill="${OURS_COLOR}">Kinovox</tspan></text>
${panels.join('\n')}
</svg>
`;
}

function panel({ problem, reference, ours, error, parting }) {
  const all = [...reference, ...ours];
  const ends = [0, 2].map((axis) => all.map((point) => point[axis])).map((values) => [Math.min(...values), Math.max(...values)]);
  // A square window around both paths, a block wider on each side.
  const span = Math.ceil(Math.max(...ends.map(([from, to]) => to - from))) + 2;
  const low = ends.map(([from, to]) => Math.floor((from + to - span) / 2));
  const high = low.map((from) => from + span + 1);
  const scale = PANEL / (span + 1);
  const put = (point) => `${((point[0] - low[0]) * scale).toFixed(1)},${((point[2] - low[1]) * scale).toFixed(1)}`;
  const line = (path, color, dash) =>
    `<polyline points="${path.map(put).join(' ')}" fill="none" stroke="${color}" stroke-width="2" stroke-linejoin="round"${dash}/>`;
  const end = (path, color) =>
    `<circle cx="${put(path[TICKS - 1]).split(',')[0]}" cy="${put(path[TICKS - 1]).split(',')[1]}" r="4" fill="${color}"/>`;
  const [ringX, ringY] = put(reference[Math.max(parting, 0)]).split(',');
  return [
    `<rect width="${PANEL}" height="${PANEL}" fill="#f3f4f6"/>`,
    ...terrain(problem, low, high, scale),
    line(reference, REFERENCE_COLOR, ''),
    line(ours, OURS_COLOR, ' stroke-dasharray="6 3"'),
    end(reference, REFERENCE_COLOR),
    end(ours, OURS_COLOR),
    `<circle cx="${ringX}" cy="${ringY}" r="8" fill="none" stroke="#111827" stroke-width="1.5"/>`,
    `<text y="${PANEL + 18}" font-size="13" fill="#111827">seed ${problem.seed}: ${error.toFixed(2)} blocks apart; part at tick ${parting}</text>`,
  ].join('');
}

/** Columns as squares, higher is darker; pools are blue. */
function terrain({ blocks }, low, high, scale) {
  const [sizeX, sizeY, sizeZ] = SIZE;
  const squares = [];
  for (let z = Math.max(0, low[1]); z < Math.min(sizeZ, high[1]); z++) {
    for (let x = Math.max(0, low[0]); x < Math.min(sizeX, high[0]); x++) {
      let top = sizeY - 1;
      while (top > 0 && blocks[(top * sizeZ + z) * sizeX + x] === undefined) top--;
      const grey = 245 - 15 * top;
      const fill = blocks[(top * sizeZ + z) * sizeX + x] === 'water' ? '#bfdbfe' : `rgb(${grey},${grey},${grey})`;
      squares.push(
        `<rect x="${((x - low[0]) * scale).toFixed(1)}" y="${((z - low[1]) * scale).toFixed(1)}" width="${scale.toFixed(1)}" height="${scale.toFixed(1)}" fill="${fill}"/>`,
      );
    }
  }
  return squares;
}
