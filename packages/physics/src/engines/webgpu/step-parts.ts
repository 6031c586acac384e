/** Which arrays of a shard a step reads back, how each is packed, and where it goes in the arrays of the whole batch. */
import type { ReadSettings, RowWords } from '../../async-engine.js';
import type { StepOutputs } from '../../engine.js';
import type { ObservationBuffers } from '../../observe/observation.js';
import type { Selection } from '../../observe/selection.js';
import type { Region } from './assemble.js';
import type { PackedPart } from './readback.js';
import type { Shard } from './shard.js';

export interface StepArrays {
  outputs: StepOutputs;
  observations: ObservationBuffers;
  rows: RowWords;
}

/** @param selection undefined: no observations. */
export function stepParts(shard: Shard, arrays: StepArrays, read: ReadSettings, selection: Selection | undefined): PackedPart[] {
  const { outputs, observations, rows } = arrays;
  const { first, count } = shard;
  const { program, numAgents } = shard.context;
  const parts: PackedPart[] = [];
  type Numbers = { set(from: ArrayLike<number>, at: number): void };

  /** Every element of an array, `width` per world. */
  const whole = (name: keyof StepOutputs, width: number, perWord: 1 | 4) => {
    const region = shard.region(`c.outputs.${name}`);
    const take = (_: number, elements: ArrayLike<number>) => (outputs[name] as Numbers).set(elements, first * width);
    parts.push({ region, first: 0, width: count * width, stride: 0, rows: 1, perWord, of: 'all', take });
  };
  /** Elements of ended worlds. */
  const ofEnded = (region: Region, to: Numbers, width: number) =>
    parts.push({
      region,
      first: 0,
      width,
      stride: width,
      rows: count,
      perWord: 1,
      of: 'worlds',
      take: (w, elements) => to.set(elements, (first + w) * width),
    });

  const halt = shard.region('halt');
  parts.push({ region: halt, first: 0, width: 2, stride: 0, rows: 1, perWord: 1, of: 'all', take: (_, words) => halt.host.set(words) });
  whole('rewards', numAgents, 1);
  whole('terminated', numAgents, 4);
  whole('truncated', numAgents, 4);
  whole('ended', 1, 4);
  whole('endStatus', 1, 4);
  if (program.monitor.achievements.length > 0) whole('achieved', program.monitor.achievements.length, 4);
  if (program.shaping !== undefined) whole('wayLeft', 2 * numAgents, 1);
  if (read.rewardTerms !== false) whole('rewardTerms', numAgents * program.rewards.length, 1);
  if (read.tasks !== false) {
    whole('rootStatus', program.monitor.roots.length, 1);
    whole('rootProgress', program.monitor.roots.length, 1);
  }
  ofEnded(shard.region('c.outputs.endTicks'), outputs.endTicks, 1);
  ofEnded(shard.region('c.outputs.endProgress'), outputs.endProgress, 1);
  ofEnded(shard.region('c.outputs.endHash'), outputs.endHash, 2);
  ofEnded(shard.region('c.state.episode'), rows.episode, 1);
  ofEnded(shard.region('c.state.variant'), rows.variant, 1);
  return selection === undefined ? parts : [...parts, ...observationParts(shard, observations, selection)];
}

/** Observations of all rows, and the last ones of ended rows. Also what a reset reads. */
export function observationParts(shard: Shard, observations: ObservationBuffers, { ranges, size, wholeSize }: Selection): PackedPart[] {
  const { count } = shard;
  const { program, numAgents } = shard.context;
  const firstAgent = shard.first * numAgents;
  const cells = program.observation.crop ** 3;
  const parts: PackedPart[] = [];
  for (const { from, to, width } of ranges) {
    const part = { first: from, width, stride: wholeSize, rows: count * numAgents, perWord: 1 as const, observed: true };
    parts.push({
      ...part,
      region: shard.region('c.observations.vector'),
      of: 'all',
      take(_, elements) {
        if (width === size) {
          observations.vector.set(elements, firstAgent * size);
          return;
        }
        for (let k = 0; k < count * numAgents; k++)
          observations.vector.set(elements.subarray(k * width, (k + 1) * width), (firstAgent + k) * size + to);
      },
    });
    if (observations.finalVector.length > 0)
      parts.push({
        ...part,
        region: shard.region('c.observations.finalVector'),
        of: 'agents',
        take: (row, elements) => observations.finalVector.set(elements, (firstAgent + row) * size + to),
      });
  }
  if (observations.crop.length > 0)
    parts.push({
      region: shard.region('c.observations.crop'),
      first: 0,
      width: count * numAgents * cells,
      stride: 0,
      rows: 1,
      perWord: 2,
      of: 'all',
      observed: true,
      take: (_, elements) => observations.crop.set(elements, firstAgent * cells),
    });
  if (observations.finalCrop.length > 0)
    parts.push({
      region: shard.region('c.observations.finalCrop'),
      first: 0,
      width: cells,
      stride: cells,
      rows: count * numAgents,
      perWord: 2,
      of: 'agents',
      take: (row, elements) => observations.finalCrop.set(elements, (firstAgent + row) * cells),
    });
  return parts;
}
