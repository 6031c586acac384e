/**
 * Statistics of evaluations: interquartile mean, stratified bootstrap intervals, Wilson intervals of a share.
 * Deterministic: resamples are drawn by counter from a stated seed, so a table printed twice is the same table.
 * @source Agarwal et al., "Deep RL at the Edge of the Statistical Precipice", NeurIPS 2021 (IQM, stratified bootstrap);
 *   Wilson, JASA 22 (1927), for shares.
 */
import { drawU32, randomBelow, randomStream } from '@kinovox/world';

/** Both ends included. */
export type Interval = readonly [low: number, high: number];

/**
 * Mean of the middle half of the values: the quarter at each end is left out, values on the border in part.
 * @returns NaN for no values.
 */
export function interquartileMean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const quarter = sorted.length / 4;
  let sum = 0;
  sorted.forEach((value, i) => {
    // Share of [i, i + 1] that lies within the middle half.
    const weight = Math.min(i + 1, sorted.length - quarter) - Math.max(i, quarter);
    if (weight > 0) sum += weight * value;
  });
  return sum / (sorted.length / 2);
}

/** @returns NaN for no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How many resamples an interval is taken from. */
export const BOOTSTRAP_RESAMPLES = 2000;
const BOOTSTRAP_SEED = 20_21;

/**
 * 95 % percentile interval of a statistic over strata: every stratum is resampled within itself, then all values are pooled.
 * @param strata scores by task; each with at least one value.
 */
export function stratifiedBootstrap(
  strata: readonly (readonly number[])[],
  statistic: (values: readonly number[]) => number = interquartileMean,
  resamples: number = BOOTSTRAP_RESAMPLES,
): Interval {
  const found: number[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    const pooled: number[] = [];
    strata.forEach((scores, s) => {
      const stream = randomStream(BOOTSTRAP_SEED, resample, s, 0, 0);
      for (let draw = 0; draw < scores.length; draw++) pooled.push(scores[randomBelow(drawU32(stream, draw), scores.length)]);
    });
    found.push(statistic(pooled));
  }
  found.sort((a, b) => a - b);
  return [quantile(found, 0.025), quantile(found, 0.975)];
}

/** 95 % score interval of a share of n trials; [0, 1] for none. */
export function wilsonInterval(successes: number, n: number): Interval {
  if (n === 0) return [0, 1];
  const z = 1.959964;
  const share = successes / n;
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** Linear between neighbours. */
function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
