/** What the tiles of worlds show and in which colours. Without a DOM. */
import { WORLD_STATUS, type WorldTable } from '@kinovox/world';

export const TILE_MEASURES = ['progress', 'success rate', 'return', 'last result'] as const;
export type TileMeasure = (typeof TILE_MEASURES)[number];

type Rgb = readonly [number, number, number];

/** From nothing to all: dark slate, teal, leaf green. Lightness grows all the way, so it reads without hue. */
const RAMP: readonly Rgb[] = [
  [38, 52, 73],
  [37, 84, 104],
  [42, 125, 128],
  [88, 172, 124],
  [176, 222, 120],
];
const NO_EPISODE: Rgb = [38, 44, 56];

export const RESULT_COLORS: Readonly<Record<number, { label: string; rgb: Rgb }>> = {
  [WORLD_STATUS.running]: { label: 'first episode', rgb: [58, 72, 94] },
  [WORLD_STATUS.succeeded]: { label: 'success', rgb: [92, 200, 161] },
  [WORLD_STATUS.failed]: { label: 'failure', rgb: [226, 104, 98] },
  [WORLD_STATUS.outOfTime]: { label: 'out of time', rgb: [222, 170, 92] },
};

/** Colour of a share 0..1. */
export function rampColor(share: number): Rgb {
  const at = Math.min(1, Math.max(0, share)) * (RAMP.length - 1);
  const i = Math.min(RAMP.length - 2, Math.floor(at));
  const t = at - i;
  const [a, b] = [RAMP[i], RAMP[i + 1]];
  return [Math.round(a[0] + (b[0] - a[0]) * t), Math.round(a[1] + (b[1] - a[1]) * t), Math.round(a[2] + (b[2] - a[2]) * t)];
}

/** Least and greatest return of the table, for the scale of `return`. */
export function returnRange(table: WorldTable): [number, number] {
  let low = 0;
  let high = 0;
  for (const value of table.returns) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Colour of world w. */
export function tileColor(table: WorldTable, w: number, measure: TileMeasure, [low, high]: readonly [number, number]): Rgb {
  switch (measure) {
    case 'progress':
      return rampColor(table.progress[w] / 16384);
    case 'success rate':
      return table.episodes[w] === 0 ? NO_EPISODE : rampColor(table.successes[w] / table.episodes[w]);
    case 'return':
      return rampColor(high === low ? 0 : (table.returns[w] - low) / (high - low));
    case 'last result':
      return RESULT_COLORS[table.status[w]]?.rgb ?? NO_EPISODE;
  }
}

/** One line about world w. */
export function tileSentence(table: WorldTable, w: number): string {
  const episodes = table.episodes[w];
  const results =
    episodes === 0 ? 'first episode' : `${table.successes[w]} of ${episodes} ${episodes === 1 ? 'episode' : 'episodes'} succeeded`;
  return `World ${w} · tick ${table.tick[w]} · progress ${Math.floor((table.progress[w] * 100) / 16384)} % · ${results} · return ${formatNumber(table.returns[w])}`;
}

/** One line about all worlds. */
export function tableSentence(table: WorldTable): string {
  let episodes = 0;
  let successes = 0;
  for (let w = 0; w < table.episodes.length; w++) {
    episodes += table.episodes[w];
    successes += table.successes[w];
  }
  const rate = episodes === 0 ? '' : `, ${Math.round((successes / episodes) * 100)} % succeeded`;
  return `${group(episodes)} ${episodes === 1 ? 'episode' : 'episodes'}${rate}`;
}

/** At most three significant decimals, and no trailing zeros. */
export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Digits in groups of three. */
export function group(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ');
}
