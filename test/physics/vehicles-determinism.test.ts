/** Worlds with vehicles give the same hashes in repeated runs, in every row and after a restore at any tick. */
import { createRigidEngine, type Engine, hashWorld } from '@kinovox/physics';
import { ACTION_WORD, ACTION_WORDS, hashWord0, randomU32 } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { crateAt, optionsFor, rigidEngine, walkerAt } from './rigid-worlds.js';
import { CAR, COPTER, drive, driver, field, ROVER } from './vehicle-worlds.js';

/** One of each, a walker and crates, close enough to get into each other's way. */
function traffic() {
  return field(
    [
      driver(CAR, [30, 4, 36], 0, 'car'),
      driver(ROVER, [34, 4, 30], 90, 'rover'),
      driver(COPTER, [28, 4, 30], 20, 'copter'),
      walkerAt(32, 33, 0, 'walker'),
    ],
    { props: [crateAt(30, 4.5, 28), crateAt(33, 4.5, 27, { id: 'other', shape: { ball: 0.4 }, massKg: 5 })] },
  );
}

/** Sticks that change every few ticks, by the tick and the slot alone. */
function wander(engine: Engine, tick: number): void {
  const { actionWords } = engine.buffers;
  const { numAgents } = engine.program;
  actionWords.fill(0);
  for (let i = 0; i < engine.numWorlds * numAgents; i++) {
    const a = i % numAgents;
    const draw = (k: number) => randomU32(5, 0, Math.floor(tick / 7), a, 1, k);
    const at = i * ACTION_WORDS;
    actionWords[at + ACTION_WORD.forward] = (draw(0) % 8193) - 4096;
    actionWords[at + ACTION_WORD.strafe] = (draw(1) % 4097) - 2048;
    actionWords[at + ACTION_WORD.turn] = (draw(2) % 30000) - 15000;
    actionWords[at + ACTION_WORD.jump] = draw(3) % 3 === 0 ? 1 : 0;
    actionWords[at + ACTION_WORD.sneak] = draw(4) % 6 === 0 ? 1 : 0;
  }
}

function hashes(engine: Engine, n: number, w = 0): string[] {
  return Array.from({ length: n }, () => {
    wander(engine, engine.state.tick[w]);
    engine.step();
    return hashWorld(engine.state, w);
  });
}

describe('worlds with vehicles', () => {
  it('touch nobody after a restore whom they did not touch before, though all stand on the same ground', async () => {
    const engine = await rigidEngine(field([driver(COPTER, [10, 4, 10], 0, 'ada'), driver(COPTER, [50, 4, 50], 0, 'bob')]));
    drive(engine, 5);
    const snapshot = engine.snapshot(0);
    engine.restore(0, snapshot);
    drive(engine, 2);
    expect([...engine.state.contacts]).toEqual([0, 0]);
  });

  it('continue exactly from 50 restore points, in a world that was elsewhere', async () => {
    const straight = await rigidEngine(traffic());
    const other = await rigidEngine(traffic(), 1, 99);
    const suffix = 8;
    const expected: string[] = [];
    const snapshots: { tick: number; snapshot: ReturnType<Engine['snapshot']> }[] = [];
    const ticks = new Set(Array.from({ length: 50 }, (_, k) => 4 * k + (randomU32(1, 2, 3, 4, 1, k) % 4)));
    for (let k = 0; k < 210; k++) {
      if (ticks.has(k)) snapshots.push({ tick: k, snapshot: straight.snapshot(0) });
      expected.push(...hashes(straight, 1));
    }
    expect(snapshots).toHaveLength(50);
    for (const { tick, snapshot } of snapshots) {
      other.restore(0, snapshot);
      expect(hashes(other, suffix)).toEqual(expected.slice(tick, tick + suffix));
    }
    // The vehicle words matter: with one of them changed the suffix differs.
    const { snapshot } = snapshots[20];
    other.restore(0, snapshot);
    other.state.vehicle[14 * 2 + 3] -= 20000;
    expect(hashes(other, suffix).at(-1)).not.toBe(expected[snapshots[20].tick + suffix - 1]);
    straight.dispose();
    other.dispose();
  });

  it('give the same hashes again, in any row, and an episode as after any other', async () => {
    const alone = await rigidEngine(traffic(), 1, 12);
    const expected = hashes(alone, 100);
    const rows = await rigidEngine(traffic(), 3, 11);
    expect(hashes(rows, 100, 1)).toEqual(expected);
    rows.reset(undefined, [12, 12, 12]);
    expect(hashes(rows, 100, 2)).toEqual(expected);
    alone.dispose();
    rows.dispose();
  });

  it('add nothing to the hash where there are none', async () => {
    const options = optionsFor(field([walkerAt(8, 8)], { props: [crateAt(20, 4.5, 20)] }));
    const engine = await createRigidEngine(options);
    expect(engine.state.vehicle).toHaveLength(0);
    expect(hashWord0(105, 0, 1)).not.toBe(0);
    engine.dispose();
  });
});
