/** Small worlds with props for the tests of the rigid tier, stepped on the engine itself. */
import { compileScenario } from '@kinovox/env';
import { createCpuEngine, createRigidEngine, type Engine, type EngineOptions, hashWorld } from '@kinovox/physics';
import { EVENT, EVENT_WORDS, PROP_WORDS, parseScenario, type ScenarioInput } from '@kinovox/world';
import { setAction } from './fixture.js';

/** Quarter turn to the west of -z is positive: this heading looks along +x. */
export const EAST_DEG = -90;
export const METRES = 1 / 65536;

type PropInput = NonNullable<ScenarioInput['props']>[number];
type AgentInput = ScenarioInput['agents'][number];

/** A flat arena of 32 x 16 x 32 with the floor at y = 4; its task waits for longer than any test. */
export function arena(props: PropInput[], agents: AgentInput[] = [walkerAt(8.5, 16.5)], rest: Partial<ScenarioInput> = {}): ScenarioInput {
  return {
    version: 1,
    id: 'rigid-arena-v1',
    title: 'An arena with props',
    world: { size: [32, 16, 32], terrain: { generator: 'flat', ground: 4 } },
    agents,
    props,
    task: { elapsed: { ticks: 5000 } },
    episode: { maxTicks: 5000, variants: 4 },
    ...rest,
  };
}

export function walkerAt(x: number, z: number, yawDeg = EAST_DEG, id = 'ada'): AgentInput {
  return { id, body: 'walker', spawn: { atMetres: [x, 4, z], yawDeg } };
}

export function crateAt(x: number, y: number, z: number, rest: Partial<PropInput> = {}): PropInput {
  return { id: 'crate', shape: { box: [1, 1, 1] }, massKg: 30, spawn: { atMetres: [x, y, z] }, ...rest };
}

export function optionsFor(scenario: ScenarioInput, numWorlds = 1, seed = 7): EngineOptions {
  const compiled = compileScenario(parseScenario(scenario, scenario.id));
  return { program: compiled.program, variants: compiled.variantSource('train'), numWorlds, seed, observe: false };
}

export function rigidEngine(scenario: ScenarioInput, numWorlds = 1, seed = 7): Promise<Engine> {
  return createRigidEngine(optionsFor(scenario, numWorlds, seed));
}

export function cpuEngine(scenario: ScenarioInput, numWorlds = 1, seed = 7): Engine {
  return createCpuEngine(optionsFor(scenario, numWorlds, seed));
}

export interface Pose {
  x: number;
  y: number;
  z: number;
  /** m/s. */
  vx: number;
  vy: number;
  vz: number;
  /** Upright component of the rotation quaternion. */
  qy: number;
  asleep: boolean;
}

/** Pose of prop p of world w in SI. */
export function poseOf(engine: Engine, p = 0, w = 0): Pose {
  const words = engine.state.prop.subarray(
    (w * engine.program.numProps + p) * PROP_WORDS,
    (w * engine.program.numProps + p + 1) * PROP_WORDS,
  );
  const [x, y, z] = Array.from(words.subarray(0, 3), (word) => word * METRES);
  const [vx, vy, vz] = Array.from(words.subarray(7, 10), (word) => word * METRES * 20);
  return { x, y, z, vx, vy, vz, qy: words[4] / 16384, asleep: words[13] === 1 };
}

/** Steps n ticks; every agent walks ahead where `walking`. */
export function stepAll(engine: Engine, n: number, walking = false): void {
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < engine.numWorlds * engine.program.numAgents; i++) setAction(engine, i, walking ? { forward: 4096 } : {});
    engine.step();
  }
}

/** Steps until a walker pushes a prop. @returns its events of that tick: agent, prop, impulse in N s. */
export function stepUntilPush(engine: Engine, most = 100): { agent: number; prop: number; impulse: number }[] {
  for (let k = 0; k < most; k++) {
    stepAll(engine, 1, true);
    const events = pushes(engine);
    if (events.length > 0) return events;
  }
  return [];
}

/** `pushed` events of the last tick of world w. */
export function pushes(engine: Engine, w = 0): { agent: number; prop: number; impulse: number }[] {
  const all = engine.buffers.events.subarray(w * 64 * EVENT_WORDS);
  const found = [];
  for (let k = 0; k < engine.buffers.eventCount[w]; k++) {
    const [kind, agent, prop, impulse] = all.subarray(k * EVENT_WORDS, k * EVENT_WORDS + 4);
    if (kind === EVENT.pushed) found.push({ agent, prop, impulse: impulse * METRES * 20 });
  }
  return found;
}

/** Hashes of world w after each of n ticks of a walk that turns, stops and jumps by a fixed pattern. */
export function walkHashes(engine: Engine, n: number, w = 0): string[] {
  const hashes: string[] = [];
  for (let k = 0; k < n; k++) {
    patternActions(engine, engine.state.tick[w]);
    engine.step();
    hashes.push(hashWorld(engine.state, w));
  }
  return hashes;
}

/** The same for all worlds: what an agent does depends on its slot and the tick alone. */
export function patternActions(engine: Engine, tick: number): void {
  const { numAgents } = engine.program;
  for (let i = 0; i < engine.numWorlds * numAgents; i++) {
    const phase = (tick + 7 * (i % numAgents)) % 40;
    setAction(engine, i, {
      forward: phase < 32 ? 4096 : -2048,
      turn: phase % 20 === 0 ? 9000 : 0,
      jump: phase === 25 ? 1 : 0,
      sprint: phase > 15 ? 1 : 0,
    });
  }
}
