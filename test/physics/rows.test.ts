/** Rows of a batch do not know of each other: row r equals a single world with seed + r, tick by tick, over resets and variants. */
import { hashWorld } from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { actionStreams, BUSY_AGENTS, BUSY_MAX_TICKS, busyActions, createBusyWorld } from './busy-world.js';
import { setAction } from './fixture.js';

const SEED = 1000;
const ROW = 37;
const TICKS = 300;

/** Hash of row `watched` after every tick; `others` gives the seeds of the other rows' actions, or idles them. */
function hashes(
  numWorlds: number,
  seed: number,
  watched: number,
  others: number | 'idle',
  brokenRow = -1,
): { perTick: string[]; resets: number } {
  const { engine } = createBusyWorld({ numWorlds, seed });
  const streams = actionStreams(numWorlds, (w) => (w === watched ? SEED + ROW : others === 'idle' ? 0 : others + w));
  const perTick: string[] = [];
  let resets = 0;
  for (let tick = 0; tick < TICKS; tick++) {
    for (let w = 0; w < numWorlds; w++) {
      if (w === watched || others !== 'idle') busyActions(engine, w, streams[w]);
      else for (let a = 0; a < BUSY_AGENTS; a++) setAction(engine, w * BUSY_AGENTS + a, {});
    }
    // A planted leak: the neighbour's position.
    if (brokenRow >= 0) engine.state.velX[watched * BUSY_AGENTS] += engine.state.posX[brokenRow * BUSY_AGENTS] & 1;
    engine.step();
    resets += engine.outputs.ended[watched];
    perTick.push(hashWorld(engine.state, watched));
  }
  return { perTick, resets };
}

describe(`row ${ROW} of a batch`, () => {
  const alone = hashes(1, SEED + ROW, 0, 'idle');

  it('plays several episodes, and every tick changes it', () => {
    expect(alone.resets).toBeGreaterThanOrEqual(Math.floor(TICKS / BUSY_MAX_TICKS));
    expect(new Set(alone.perTick).size).toBe(TICKS);
  });
  for (const others of [5, 987654, 'idle'] as const) {
    it(`of 64 equals the single world with its seed over ${TICKS} ticks, ${others === 'idle' ? 'the others idle' : `the others playing actions ${others}`}`, () => {
      expect(hashes(64, SEED, ROW, others).perTick).toEqual(alone.perTick);
    });
  }
  it('equals row 3 of 7 with the same seed', () => {
    expect(hashes(7, SEED + ROW - 3, 3, 77).perTick).toEqual(alone.perTick);
  });
  it('differs as soon as a rule reads its neighbour', () => {
    expect(hashes(7, SEED + ROW - 3, 3, 77, 2).perTick).not.toEqual(alone.perTick);
  });
  it('differs under another seed', () => {
    expect(hashes(1, SEED + ROW + 1, 0, 'idle').perTick[TICKS - 1]).not.toBe(alone.perTick[TICKS - 1]);
  });
});

describe('a snapshot', () => {
  it('is refused with a variant that does not exist or of another shape, and leaves the row as it was', () => {
    const { engine } = createBusyWorld({ numWorlds: 2, seed: SEED });
    const snapshot = engine.snapshot(0);
    const { numVariants, id } = engine.program;
    const before = hashWorld(engine.state, 1);
    for (const variant of [-1, numVariants, 0.5, Number.NaN])
      expect(() => engine.restore(1, { ...snapshot, variant })).toThrow(
        `The variant of a snapshot of ${id} must be in 0..${numVariants - 1}; got ${variant}.`,
      );
    expect(() => engine.restore(1, { ...snapshot, words: snapshot.words.slice(1) })).toThrow(/words and .* cells; got/);
    expect(hashWorld(engine.state, 1)).toBe(before);
    engine.restore(1, { ...snapshot, variant: numVariants - 1 });
    engine.restore(1, snapshot);
    expect(hashWorld(engine.state, 1)).toBe(hashWorld(engine.state, 0));
  });
});
