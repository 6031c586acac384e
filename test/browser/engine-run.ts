/** A scenario played on an engine, in Node or in a page: what it comes to after some ticks, as hashes. No module of Node's own is reached from here. */
import { createCpuEngine, createRigidEngine, createWebGpuEngine, type Engine, hashBatch, type WebGpuEngine } from '@kinovox/physics';
import { EVENT_SPEC, EVENT_WORDS, MAX_EVENTS_PER_TICK, mix32, parseScenario, type ScenarioInput } from '@kinovox/world';
import { compileScenario } from '../../packages/env/src/compile-scenario.js';

export interface EngineRun {
  scenario: ScenarioInput;
  engine: 'cpu' | 'rigid' | 'webgpu';
  numWorlds: number;
  seed: number;
  /** Of each tick, `[B, A, F]`. */
  actions: number[][];
  /** Bytes of the structures that the scenario names, by path. */
  files?: Record<string, number[]>;
}

export interface EngineResult {
  /** Adapter of the GPU in words; empty on `cpu` and `rigid`. */
  device: string;
  /** After 0, 1, 10 ticks and after every 50: state, then what was observed, paid and seen up to then. */
  marks: { tick: number; state: string; seen: string }[];
  /** How often each kind of event happened, where events are at hand: not on `webgpu`. */
  happened: Record<string, number>;
}

export async function playOnEngine({ scenario, engine, numWorlds, seed, actions, files = {} }: EngineRun): Promise<EngineResult> {
  const { program, playableLevels } = compileScenario(parseScenario(scenario, scenario.id), {
    readFile: (path) => Uint8Array.from(files[path]),
  });
  const options = { program, variants: playableLevels('train'), numWorlds, seed };
  const played =
    engine === 'webgpu'
      ? onDevice(await createWebGpuEngine(options))
      : inMemory(engine === 'rigid' ? await createRigidEngine(options) : createCpuEngine(options));
  const result: EngineResult = { device: played.device, marks: [], happened: {} };
  let seen = 0;
  const look = () => {
    const { observations, outputs } = played.engine;
    const { camera, lidar } = observations.pictures;
    for (const array of [observations.vector, observations.crop, ...Object.values(camera), lidar.depth, outputs.rewards, outputs.ended])
      seen = mixBytes(seen, array);
  };
  for (let tick = 0; tick <= actions.length; tick++) {
    if (tick > 0) {
      if (tick === resetTick(actions.length)) await played.reset(resetMask(numWorlds));
      await played.step(Float32Array.from(actions[tick - 1]));
      count(result, played.engine);
    }
    look();
    if (tick <= 1 || tick === 10 || tick % 50 === 0)
      result.marks.push({ tick, state: await played.hash(), seen: (seen >>> 0).toString(16) });
  }
  played.engine.dispose();
  return result;
}

/** Half of the batch starts anew in the middle. */
export const resetTick = (ticks: number) => ticks >> 1;
export const resetMask = (numWorlds: number) => Uint8Array.from({ length: numWorlds }, (_, w) => w & 1);

interface Played {
  engine: Engine | WebGpuEngine;
  device: string;
  step(actions: Float32Array): Promise<void>;
  reset(mask: Uint8Array): Promise<void>;
  hash(): Promise<string>;
}

function inMemory(engine: Engine): Played {
  return {
    engine,
    device: '',
    async step(actions) {
      engine.decode(actions);
      engine.step();
    },
    reset: async (mask) => engine.reset(mask),
    hash: async () => hashBatch(engine.state),
  };
}

function onDevice(engine: WebGpuEngine): Played {
  return {
    engine,
    device: engine.device,
    step: (actions) => engine.step(actions),
    reset: (mask) => engine.reset(mask),
    hash: () => engine.hash(),
  };
}

function count({ happened }: EngineResult, engine: Engine | WebGpuEngine): void {
  if (!('buffers' in engine)) return;
  const { events, eventCount } = engine.buffers;
  for (let w = 0; w < eventCount.length; w++) {
    for (let k = 0; k < Math.min(eventCount[w], MAX_EVENTS_PER_TICK); k++) {
      const { name } = EVENT_SPEC.find(({ id }) => id === events[(w * MAX_EVENTS_PER_TICK + k) * EVENT_WORDS])!;
      happened[name] = (happened[name] ?? 0) + 1;
    }
  }
}

function mixBytes(hash: number, array: ArrayBufferView): number {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let h = hash;
  for (let k = 0; k < bytes.length; k++) h = (Math.imul(h, 31) + bytes[k]) | 0;
  return mix32(h) | 0;
}
