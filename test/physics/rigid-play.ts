/**
 * A world in which much happens to props, and what three walkers do in it, by integers of the tick alone: for hashes that must be the same everywhere.
 * Towers are pushed over, balls bounce and roll, crates are carried and thrown, the ground is dug and built on; an episode takes 400 ticks.
 * No module of Node's own is reached from here, so a page plays it too.
 */
import { createRigidEngine, type Engine, hashWorld } from '@kinovox/physics';
import {
  ACTION_WORD,
  ACTION_WORDS,
  EVENT_SPEC,
  EVENT_WORDS,
  hashWord0,
  INTERACT,
  MAX_EVENTS_PER_TICK,
  mix32,
  PROP_WORDS,
  parseScenario,
  type ScenarioInput,
} from '@kinovox/world';
import { compileScenario } from '../../packages/env/src/compile-scenario.js';

type Region = [[number, number, number], [number, number, number]];
const MIDDLE: Region = [
  [2, 4, 2],
  [11, 4, 11],
];
const crate = (id: string, x: number, y: number, z: number) => ({
  id,
  shape: { box: [0.8, 0.8, 0.8] as [number, number, number] },
  massKg: 12,
  spawn: { atMetres: [x, y, z] as [number, number, number] },
});
const walker = (id: string) => ({ id, body: 'walker' as const, spawn: { region: MIDDLE }, inventory: { dirt: 8 } });

export const EPISODE_TICKS = 400;
export const RIGID_PLAY: ScenarioInput = {
  version: 1,
  id: 'rigid-play-v1',
  title: 'Three walkers among things with mass',
  world: { size: [14, 14, 14], terrain: { generator: 'flat', ground: 4, top: 'dirt', body: 'dirt' } },
  agents: [walker('ada'), walker('bob'), walker('cid')],
  props: [
    // A tower of three, to fall.
    crate('low', 7.5, 4.45, 7.5),
    crate('mid', 7.5, 5.26, 7.5),
    crate('top', 7.5, 6.07, 7.5),
    { id: 'heavy', shape: { box: [1.2, 1, 1.2] }, massKg: 150, spawn: { region: MIDDLE } },
    { id: 'ball', count: 3, shape: { ball: 0.35 }, massKg: 4, restitution: 0.8, spawn: { region: MIDDLE } },
    { id: 'dropped', shape: { ball: 0.5 }, massKg: 30, restitution: 0.6, spawn: { atMetres: [3.5, 11, 10.2] } },
    { id: 'post', count: 2, shape: { capsule: { radius: 0.3, height: 1.3 } }, massKg: 8, spawn: { region: MIDDLE } },
    { id: 'wedge', shape: { ramp: [1.6, 0.8, 1.2] }, massKg: 40, spawn: { region: MIDDLE, yawDeg: 40 } },
    { id: 'small', count: 2, shape: { box: [0.5, 0.4, 0.6] }, massKg: 6, friction: 0.2, spawn: { region: MIDDLE } },
  ],
  carrying: { reachMetres: 4 },
  task: { all: [{ moved: { prop: ['low', 'mid', 'top'], metres: 40 } }, { elapsed: { ticks: 5000 } }] },
  episode: { maxTicks: EPISODE_TICKS, variants: 3 },
};

/** An engine with one world of it. */
export function createRigidPlay(seed: number, numWorlds = 1): Promise<Engine> {
  const { program, playableLevels } = compileScenario(parseScenario(RIGID_PLAY, RIGID_PLAY.id));
  return createRigidEngine({ program, variants: playableLevels('train'), numWorlds, seed, observe: false });
}

/** What agents of row w do in a tick of an episode: keys held for some ticks, drawn from tick, slot and `seed`. */
export function actInRigidPlay(engine: Engine, w: number, seed: number): void {
  const { numAgents } = engine.program;
  const words = engine.buffers.actionWords;
  const tick = engine.state.tick[w];
  for (let a = 0; a < numAgents; a++) {
    const at = (w * numAgents + a) * ACTION_WORDS;
    words.fill(0, at, at + ACTION_WORDS);
    const span = mix32(mix32(seed ^ (tick >> 3)) ^ (a + 1));
    const now = mix32(mix32(seed + 77 + tick) ^ (a + 1));
    const key = KEYS[mix32(mix32((seed + 19) ^ (tick >> 5)) ^ (a + 1)) % KEYS.length];
    words[at + ACTION_WORD.look] = tick === 0 ? -45000 : ((now >>> 8) % 7) * 300 - 900;
    words[at + ACTION_WORD.interact] = key;
    // Who digs stands still and looks on.
    if (key === INTERACT.dig && tick % 32 > 6) continue;
    words[at + ACTION_WORD.forward] = span % 8 < 7 ? 4096 : -2048;
    words[at + ACTION_WORD.strafe] = (span >>> 4) % 8 < 2 ? 4096 : 0;
    words[at + ACTION_WORD.sprint] = (span >>> 8) & 1;
    words[at + ACTION_WORD.sneak] = (span >>> 9) % 16 === 0 ? 1 : 0;
    words[at + ACTION_WORD.jump] = now % 19 === 0 ? 1 : 0;
    words[at + ACTION_WORD.turn] = (span >>> 12) % 4 === 0 ? 6000 : (span >>> 12) % 4 === 1 ? -6500 : 0;
  }
}
const KEYS = [INTERACT.use, INTERACT.use, INTERACT.attack, INTERACT.dig, INTERACT.use, INTERACT.attack, INTERACT.place, INTERACT.use];

export interface RigidRun {
  /** By tick: the state hash, and the hashes of all ticks up to it in one. */
  marks: Record<string, string>;
  /** How often each kind of event happened. */
  happened: Record<string, number>;
  /** Ticks in which a prop slept, and in which one had a spin and a speed. */
  slept: number;
  rolled: number;
}

/** Ticks at which a run is marked. */
export function marksUpTo(ticks: number): number[] {
  return [1, 10, 100, 500, 1000, 1500, ...Array.from({ length: 9 }, (_, k) => 1000 * (k + 2))].filter((tick) => tick <= ticks);
}

/**
 * Plays row 0 and marks it.
 * @param instead called after each tick; may give another engine that holds the world from there on, in its row 0. The last engine is not disposed of.
 */
export async function playRigid(
  engine: Engine,
  ticks: number,
  instead: (engine: Engine, tick: number) => Engine | Promise<Engine> = (same) => same,
): Promise<RigidRun> {
  const marked = new Set(marksUpTo(ticks));
  const run: RigidRun = { marks: {}, happened: {}, slept: 0, rolled: 0 };
  let chain = 0;
  let played = engine;
  for (let tick = 1; tick <= ticks; tick++) {
    actInRigidPlay(played, 0, played.state.episode[0]);
    played.step();
    const hash = hashWorld(played.state, 0);
    chain = hashWord0(chain, Number.parseInt(hash.slice(0, 8), 16), Number.parseInt(hash.slice(8), 16));
    note(run, played);
    if (marked.has(tick)) run.marks[tick] = `${hash} ${(chain >>> 0).toString(16).padStart(8, '0')}`;
    played = await instead(played, tick);
  }
  if (played !== engine) played.dispose();
  return run;
}

function note(run: RigidRun, { state, buffers, program }: Engine): void {
  for (let k = 0; k < Math.min(buffers.eventCount[0], MAX_EVENTS_PER_TICK); k++) {
    const { name } = EVENT_SPEC.find(({ id }) => id === buffers.events[k * EVENT_WORDS])!;
    run.happened[name] = (run.happened[name] ?? 0) + 1;
  }
  const poses = Array.from({ length: program.numProps }, (_, p) => state.prop.subarray(p * PROP_WORDS, (p + 1) * PROP_WORDS));
  if (poses.some((pose) => pose[13] === 1)) run.slept++;
  if (poses.some((pose) => Math.abs(pose[10]) + Math.abs(pose[12]) > 3000 && Math.abs(pose[7]) + Math.abs(pose[9]) > 1000)) run.rolled++;
}
