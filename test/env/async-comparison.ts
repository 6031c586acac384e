/** AsyncBatchEnv beside BatchEnv on cpu: one play of resets, steps, snapshots and odd actions, compared as it goes. */
import { type AsyncBatchEnv, type BatchEnv, createBatchEnvSync, type EpisodeRecord, type ScenarioSource } from '@kinovox/env';
import { ACTION_FIELDS, ACTION_SPEC, randomU32 } from '@kinovox/world';
import { expect } from 'vitest';

/** Bold play, now and then what is no number or out of range. The same for the same tick. */
export function boldActions(env: Pick<BatchEnv, 'actionLength' | 'actionProfile'>, tick: number): Float32Array {
  const actions = new Float32Array(env.actionLength);
  for (let k = 0; k < actions.length; k++) {
    const word = randomU32(k, 77, tick, 3, 5, 1);
    if (env.actionProfile === 'discrete') {
      actions[k] = (word >>> 8) % 21;
      continue;
    }
    const { kind, min, max } = ACTION_SPEC[k % ACTION_FIELDS];
    const share = (word >>> 8) / 2 ** 24;
    if ((word & 255) < 3) actions[k] = [Number.NaN, Number.POSITIVE_INFINITY, 1e9][word & 1 ? 0 : (word >>> 4) % 3];
    else if ((word & 3) !== 0) actions[k] = kind === 'axis' ? min + share * (max - min) : Math.floor(share * (max + 1));
  }
  return actions;
}

/** The batch that others are compared with. */
export function cpuTwin(scenario: ScenarioSource, env: AsyncBatchEnv): BatchEnv {
  const { numWorlds, seed, split, autoreset } = env;
  return createBatchEnvSync({ scenario, numWorlds, seed, split, autoreset, engine: 'cpu' });
}

export interface Seen {
  ended: number;
  invalid: number;
  records: EpisodeRecord[];
}

/** Plays both for `ticks` and expects the same of both after each. @returns what happened: a comparison of nothing proves nothing. */
export async function expectSamePlay(env: AsyncBatchEnv, twin: BatchEnv, ticks: number, from = 0): Promise<Seen> {
  const records: EpisodeRecord[] = [];
  const twinRecords: EpisodeRecord[] = [];
  env.onEpisodeEnd = (record) => records.push(record);
  twin.onEpisodeEnd = (record) => twinRecords.push(record);
  let ended = 0;
  for (let tick = from; tick < from + ticks; tick++) {
    const actions = boldActions(twin, tick);
    const mine = await env.step(actions);
    const theirs = twin.stepSync(actions);
    for (const name of ['rewards', 'rewardTerms', 'terminated', 'truncated', 'ended', 'endStatus'] as const)
      expect(mine[name], `${name} of tick ${tick}`).toEqual(theirs[name]);
    expect(mine.observations.vector, `observations of tick ${tick}`).toEqual(theirs.observations.vector);
    expect(mine.observations.crop, `crops of tick ${tick}`).toEqual(theirs.observations.crop);
    const perRow = mine.finalObservations.length / twin.numWorlds;
    theirs.ended.forEach((end, row) => {
      const last = (of: Float32Array) => of.subarray(row * perRow, (row + 1) * perRow);
      if (end === 1) expect(last(mine.finalObservations), `row ${row} at tick ${tick}`).toEqual(last(theirs.finalObservations));
    });
    ended += theirs.ended.reduce((sum, value) => sum + value, 0);
    for (let row = 0; row < twin.numWorlds; row++) expect(env.rowInfo(row), `row ${row} at tick ${tick}`).toEqual(twin.rowInfo(row));
    if (env.autoreset === 'disabled' && theirs.ended.includes(1)) {
      const mask = theirs.ended.slice();
      await env.reset({ mask });
      twin.reset({ mask });
    }
    if (tick % 40 === 0) expect(await env.rowHashes(), `hashes of tick ${tick}`).toEqual(twin.rowHashes());
  }
  expect(await env.rowHashes()).toEqual(twin.rowHashes());
  expect(await env.stateHash()).toBe(twin.stateHash());
  expect(records).toEqual(twinRecords);
  expect(env.episodes.count).toBe(twin.episodes.count);
  for (let row = 0; row < twin.numWorlds; row++)
    for (let slot = 0; slot < twin.numAgents; slot++) expect(env.returnOf(row, slot)).toBe(twin.returnOf(row, slot));
  const invalid = await env.invalidActions();
  expect(invalid).toBe(twin.invalidActions);
  return { ended, invalid, records };
}
