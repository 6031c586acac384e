/**
 * Pinned hashes of a world with props: the same between runs, in a run that is restored again and again, and whatever was played before an episode.
 * 1,500 ticks; with KINOVOX_LONG_RIGID=1 all 10,000. test/browser/rigid.test.ts holds a page to the same file. To accept a change of rules that are
 * released: raise RULES_VERSION, add the line to CHANGELOG.md, and run this file once with KINOVOX_UPDATE_GOLDEN=1.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { hashWorld, RULES_VERSION } from '@kinovox/physics';
import { describe, expect, it } from 'vitest';
import { actInRigidPlay, createRigidPlay, EPISODE_TICKS, marksUpTo, playRigid } from './rigid-play.js';

const FILE = new URL('./golden/rigid-props.json', import.meta.url);
const UPDATE = process.env.KINOVOX_UPDATE_GOLDEN === '1';
const ALL = 10_000;
const TICKS = UPDATE || process.env.KINOVOX_LONG_RIGID === '1' ? ALL : 1500;
const SEED = 8;

const golden = () => JSON.parse(readFileSync(FILE, 'utf8')) as { rulesVersion: number; marks: Record<string, string> };
const pinned = () => Object.fromEntries(marksUpTo(TICKS).map((tick) => [tick, golden().marks[tick]]));

describe('a world with props', () => {
  it(`has the pinned hashes over ${TICKS} ticks, in which all of it happens`, { timeout: 600_000 }, async () => {
    const engine = await createRigidPlay(SEED);
    const run = await playRigid(engine, TICKS);
    engine.dispose();
    if (UPDATE) writeFileSync(FILE, `${JSON.stringify({ rulesVersion: RULES_VERSION, marks: run.marks }, null, 2)}\n`);
    expect(run.marks, 'Results changed: see the head of this file for how to accept it.').toEqual(pinned());
    expect(golden().rulesVersion).toBe(RULES_VERSION);
    expect(new Set(Object.values(run.marks)).size).toBe(marksUpTo(TICKS).length);
    for (const kind of ['reset', 'outOfTime', 'pushed', 'dug', 'placed', 'pickedUp', 'putDown', 'threw', 'progressed'])
      expect(run.happened[kind] ?? 0, `${kind} of ${JSON.stringify(run.happened)}`).toBeGreaterThan(0);
    expect(run.rolled).toBeGreaterThan(50);
    expect(run.slept).toBeGreaterThan(50);
  });

  it(`has them too when it goes on from a snapshot in another engine, every ${TICKS / 10} ticks`, { timeout: 600_000 }, async () => {
    const engine = await createRigidPlay(SEED);
    const { marks } = await playRigid(engine, TICKS, async (played, tick) => {
      if (tick % (TICKS / 10) !== 0) return played;
      // A row of another batch that has played something else.
      const other = await createRigidPlay(tick, 2);
      for (let k = 0; k < 3; k++) other.step();
      other.restore(0, played.snapshot(0));
      if (played !== engine) played.dispose();
      return other;
    });
    engine.dispose();
    expect(marks).toEqual(pinned());
  });

  it('has other hashes after one word of one action', async () => {
    const engine = await createRigidPlay(SEED);
    for (let tick = 1; tick <= 100; tick++) {
      actInRigidPlay(engine, 0, 0);
      if (tick === 20) engine.buffers.actionWords[0] ^= 4096;
      engine.step();
      if (tick === 10) expect(hashWorld(engine.state, 0)).toBe(golden().marks[10].split(' ')[0]);
    }
    expect(hashWorld(engine.state, 0)).not.toBe(golden().marks[100].split(' ')[0]);
    engine.dispose();
  });

  it('plays episode k the same after any episode before it', { timeout: 120_000 }, async () => {
    /** Hashes of episode 2 after two episodes in which other keys were pressed for so many ticks. */
    const second = async (lengths: readonly number[], keys: number, word = 0) => {
      const engine = await createRigidPlay(SEED);
      lengths.forEach((ticks) => {
        for (let k = 0; k < ticks; k++) {
          actInRigidPlay(engine, 0, keys);
          engine.step();
        }
        if (ticks < EPISODE_TICKS) engine.reset();
      });
      const hashes = [hashWorld(engine.state, 0)];
      for (let k = 0; k < 200; k++) {
        actInRigidPlay(engine, 0, 5);
        if (k === 100) engine.buffers.actionWords[1] ^= word;
        engine.step();
        hashes.push(hashWorld(engine.state, 0));
      }
      expect(engine.state.episode[0]).toBe(2);
      engine.dispose();
      return hashes;
    };
    const wanted = await second([1, 1], 0);
    expect(await second([130, 40], 9)).toEqual(wanted);
    expect(await second([EPISODE_TICKS, 25], 4)).toEqual(wanted);
    const other = await second([1, 1], 0, 4096);
    expect(other.slice(0, 101)).toEqual(wanted.slice(0, 101));
    expect(other[200]).not.toBe(wanted[200]);
  });
});
