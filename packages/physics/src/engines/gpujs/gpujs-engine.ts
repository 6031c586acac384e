/**
 * The `gpujs` engine: worlds in which no block changes, moved by a gpu.js kernel in exact-integer f32, bit for bit like `cpu` in every mode.
 * A tick: the host decodes actions and routes messages -> motion, contacts, falls and lava by the kernel -> the host keeps the words, lists the events,
 * and runs monitors, rewards, ends and resets by the reference stages; then it observes.
 * Limits: no edits, props, survival or mechanisms; worlds of at most 240 blocks a side; 2^24 floats an array, which is as far as indices are exact.
 */
import { ACTION_WORD, ACTION_WORDS, EngineError, INVENTORY_SLOTS, UsageError } from '@kinovox/world';
import { HostAsyncEngine, type ReadSettings } from '../../async-engine.js';
import type { Engine, EngineOptions, Show } from '../../engine.js';
import { createGpuJs, type GpuJsMode, type GpuJsRuntime } from '../../gpujs/runtime.js';
import { BODY_WORD, BODY_WORDS, type ScenarioProgram } from '../../program.js';
import { beginTick, clearLists } from '../../stages/begin-tick.js';
import { ALIVE, enterWorld, type TickContext } from '../../stages/context.js';
import { maskAbilities } from '../../stages/decode.js';
import { routeMessages } from '../../stages/messages.js';
import { monitorTasks } from '../../stages/monitor-tasks.js';
import { score } from '../../stages/score.js';
import type { Stage } from '../../tick.js';
import { createCpuEngine } from '../cpu.js';
import { createRowStep } from '../rows.js';
import { editIn } from './edit-free.js';
import { EXACT_LIMIT } from './exact.js';
import { MotionDevice, type Quads } from './motion-device.js';
import { AGENT_COLUMNS } from './pack.js';

/** Longest side of a world: 16 blocks beyond it, for what is thrown over its edge, are still below 2^24 in Q16. */
const MAX_SIDE = 240;
/** Hardest push that `pushAlong` takes. */
const MAX_PUSH_Q16 = 8192;

export interface GpuJsEngineOptions extends EngineOptions {
  /** Default `auto`: a real GPU through `webgpu`, else `webasm`, else `cpu`. What really ran is asserted at every call. */
  mode?: GpuJsMode | 'auto';
}

/** @throws UsageError for a scenario with edits, or too large, and for a mode that this host has not. */
export async function createGpuJsEngine(options: GpuJsEngineOptions, read: ReadSettings = {}): Promise<GpuJsEngine> {
  assertCanRun(options.program, options.numWorlds);
  const runtime = await createGpuJs(options.mode === undefined ? {} : { mode: options.mode });
  return new GpuJsEngine(options, runtime, read);
}

/** @throws UsageError with the reason. */
export function assertCanRun(program: ScenarioProgram, numWorlds: number): void {
  const edit = editIn(program);
  if (edit !== undefined)
    throw new UsageError(
      'edits-on-gpujs',
      `The engine "gpujs" must get a scenario in which no block can change; got ${program.id}, where ${edit}. Use the engine "cpu".`,
    );
  if (program.randomisation !== undefined)
    throw new UsageError(
      'randomisation-on-gpujs',
      `The engine "gpujs" must get a scenario without "randomisation", since its bodies are the same in every episode; got ranges in ${program.id}. Use "cpu", "workers" or "webgpu".`,
    );
  if (Math.max(...program.size) > MAX_SIDE)
    throw new UsageError(
      'gpujs-size',
      `The engine "gpujs" must get a world of at most ${MAX_SIDE} blocks a side, as its numbers are exact no further; got ${program.size.join(' x ')} in ${program.id}. Use the engine "cpu".`,
    );
  const floats = numWorlds * program.numAgents * AGENT_COLUMNS;
  if (floats > EXACT_LIMIT)
    throw new UsageError(
      'gpujs-size',
      `The engine "gpujs" must hold its agents in ${EXACT_LIMIT} floats, as indices are exact no further; got ${numWorlds} worlds x ${program.numAgents} agents x ${AGENT_COLUMNS}. Use at most ${Math.floor(EXACT_LIMIT / AGENT_COLUMNS / program.numAgents)} worlds.`,
    );
  for (let a = 0; a < program.numAgents; a++) {
    const push = program.bodies[a * BODY_WORDS + BODY_WORD.pushQ16];
    if (push > MAX_PUSH_Q16)
      throw new UsageError(
        'gpujs-size',
        `The engine "gpujs" must get bodies that push with at most ${MAX_PUSH_Q16}; got ${push} of ${program.agentIds[a]}. Use the engine "cpu".`,
      );
  }
}

/** The engine with its state in the host's memory and a step at once: in the modes `cpu` and `webasm`; default `webasm` where the host has it. */
export async function createGpuJsHostEngine(options: GpuJsEngineOptions): Promise<Engine> {
  const { mode = 'auto' } = options;
  if (mode === 'webgpu' || mode === 'webgl')
    throw new UsageError(
      'gpujs-mode',
      `A synchronous engine "gpujs" must run in the mode webasm or cpu; got "${mode}". Use createAsyncBatchEnv, whose steps are awaited.`,
    );
  assertCanRun(options.program, options.numWorlds);
  return hostEngine(options, await createGpuJs({ mode: mode === 'auto' ? bestSyncMode() : mode })).engine;
}

/** The engine with its steps awaited: in every mode. */
export class GpuJsEngine extends HostAsyncEngine {
  /** The mode that runs, and what computes in it. */
  readonly mode: GpuJsMode;
  readonly device: string;
  /** A driver that computes on the CPU. */
  readonly software: boolean;
  readonly #tick: MotionTick;

  /** Use `createGpuJsEngine`. */
  constructor(options: GpuJsEngineOptions, runtime: GpuJsRuntime, read: ReadSettings = {}) {
    const { engine, tick } = hostEngine(options, runtime);
    super(engine, read);
    this.#tick = tick;
    this.mode = runtime.mode;
    this.device = runtime.device;
    this.software = runtime.software;
  }

  /** @throws EngineError when a kernel fails or another mode ran. */
  protected override async tick(): Promise<void> {
    this.#tick.begin();
    this.#tick.end(await this.#tick.motion.run());
  }
}

/** A tick around the kernel: what comes before it, the kernel, and what comes after. */
interface MotionTick {
  begin(): void;
  readonly motion: MotionDevice;
  end(quads: Quads, show?: Show): void;
}

function hostEngine(options: GpuJsEngineOptions, runtime: GpuJsRuntime): { engine: Engine; tick: MotionTick } {
  const { program, numWorlds, variants } = options;
  let tick!: MotionTick;
  // From the moment a tick begins until it is done the state is in between: a kernel that fails leaves it there.
  let between = false;
  const assertUsable = () => {
    if (!between) return;
    throw new EngineError(
      'gpujs-tick',
      'The engine "gpujs" must finish a tick before anything else is asked of it; one is under way, or broke off. Await each step; after a failure restore your snapshots on another engine, for instance "cpu".',
    );
  };
  const engine = createCpuEngine(options, {
    name: 'gpujs',
    movesAll: true,
    takeOver(c, rows) {
      const motion = new MotionDevice(c, numWorlds, runtime);
      const finish = createRowStep(c, 0, numWorlds, { ...rows, stages: AFTER_MOTION });
      tick = {
        begin() {
          assertUsable();
          between = true;
          maskAbilities(program, c.buffers.actionWords, 0, numWorlds);
          clearLists(c, 0, numWorlds);
          routeMessages(c, 0, numWorlds);
          beginTick(c, 0, numWorlds);
          motion.pack();
        },
        motion,
        end(quads, show) {
          motion.keep(quads);
          finish(show);
          between = false;
        },
      };
      return (show) => {
        tick.begin();
        tick.end(motion.runSync(), show);
      };
    },
    assertUsable,
    dispose() {
      void runtime.destroy();
    },
  });
  const { restore } = engine;
  engine.restore = (w, snapshot) => {
    const level = variants.get(snapshot.variant);
    const changed = snapshot.voxels.findIndex((block, cell) => block !== level.voxels[cell]);
    if (changed >= 0)
      throw new UsageError(
        'edits-on-gpujs',
        `The engine "gpujs" must restore a snapshot whose blocks are those of its level; got another block in cell ${changed} of level ${snapshot.variant}. Use the engine "cpu".`,
      );
    restore(w, snapshot);
  };
  return { engine, tick };
}

function bestSyncMode(): GpuJsMode {
  return 'WebAssembly' in globalThis ? 'webasm' : 'cpu';
}

/** What is left of `interact` where nothing can be dug, placed or used: taking another slot in hand. */
function selectSlots(c: TickContext, w0: number, w1: number): void {
  const { state, buffers, numAgents } = c;
  for (let w = w0; w < w1; w++) {
    enterWorld(c, w);
    for (let i = w * numAgents; i < (w + 1) * numAgents; i++) {
      const slot = buffers.actionWords[i * ACTION_WORDS + ACTION_WORD.slot];
      // Who died in this tick had already chosen.
      if (slot !== 0 && slot <= INVENTORY_SLOTS && (c.acted[i] & ALIVE) !== 0) state.heldSlot[i] = slot - 1;
    }
  }
}

/** Stages after motion and damage that the host runs. */
const AFTER_MOTION: readonly Stage[] = [
  { name: 'interact', run: selectSlots },
  { name: 'monitors', run: monitorTasks },
  { name: 'score', run: score },
];
