/**
 * The `gpujs` engine: worlds in which no block changes, stepped by gpu.js kernels in exact-integer f32, bit for bit like `cpu` in every mode.
 * A tick: the host routes messages and hands the kernels the agents as floats -> motion, contacts, falls and lava on the device -> the host keeps the
 * words, lists events, runs monitors, rewards and resets by the reference stages, and observes.
 * Limits: no edits, props, survival or mechanisms; worlds of at most 240 blocks a side; what an index can tell apart, 2^24 floats an array.
 */
import { ACTION_WORD, ACTION_WORDS, DAMAGE, EVENT, INVENTORY_SLOTS, SINE_Q14, UsageError } from '@kinovox/world';
import { type BatchState, hashWorld } from '../../batch-state.js';
import { LAVA_DAMAGE_TICKS } from '../../bodies/walker.js';
import type { Engine, EngineOptions, StepOutputs, WorldSnapshot } from '../../engine.js';
import { createGpuJs, type GpuJsKernel, type GpuJsMode, type GpuJsRuntime } from '../../gpujs/runtime.js';
import type { ObservationBuffers } from '../../observe/observation.js';
import { BODY_WORD, BODY_WORDS, type ScenarioProgram } from '../../program.js';
import { beginTick, clearLists } from '../../stages/begin-tick.js';
import { ALIVE, type TickContext } from '../../stages/context.js';
import { maskAbilities } from '../../stages/decode.js';
import { pushEvent } from '../../stages/events.js';
import { routeMessages } from '../../stages/messages.js';
import { monitorTasks } from '../../stages/monitor-tasks.js';
import { score } from '../../stages/score.js';
import type { Stage } from '../../tick.js';
import { createCpuEngine } from '../cpu.js';
import { editIn } from './edit-free.js';
import { EXACT_LIMIT } from './exact.js';
import { LevelPool } from './level-pool.js';
import type { MotionShape } from './level-text.js';
import { motionKernel } from './motion-kernel.js';
import {
  AGENT,
  AGENT_COLUMNS,
  BLOCK_COLUMNS,
  BODY_COLUMNS,
  CELLS_PER_FLOAT,
  MOTION_QUADS,
  MOTION_WORDS,
  numQuads,
  SINE_ENTRIES,
  TABLE,
  WORLD,
  WORLD_COLUMNS,
} from './pack.js';

/** Longest side of a world: 16 blocks beyond it, for what is thrown over its edge, are still below 2^24 in Q16. */
const MAX_SIDE = 240;
/** Most that a body's tables may hold: twice the sprint speed, and a push for `pushAlong`. */
const MAX_ACCELERATION_Q18 = 68158;
const MAX_PUSH_Q16 = 8192;

export interface GpuJsEngineOptions extends EngineOptions {
  /** Default `auto`: a real GPU through `webgpu`, else `webasm`, else `cpu`. What really ran is asserted at every call. */
  mode?: GpuJsMode | 'auto';
}

/** @throws UsageError for a scenario with edits, or too large, and for a mode that this host has not. */
export async function createGpuJsEngine(options: GpuJsEngineOptions): Promise<GpuJsEngine> {
  assertCanRun(options.program, options.numWorlds);
  const runtime = await createGpuJs(options.mode === undefined ? {} : { mode: options.mode });
  return new GpuJsEngine(options, runtime);
}

/** @throws UsageError with the reason. */
export function assertCanRun(program: ScenarioProgram, numWorlds: number): void {
  const edit = editIn(program);
  if (edit !== undefined)
    throw new UsageError(
      'edits-on-gpujs',
      `The engine "gpujs" must get a scenario in which no block can change; got ${program.id}, where ${edit}. Use the engine "cpu".`,
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

export class GpuJsEngine {
  readonly name = 'gpujs';
  readonly program: ScenarioProgram;
  readonly numWorlds: number;
  /** The mode that runs, and what computes in it. */
  readonly mode: GpuJsMode;
  readonly device: string;
  /** A driver that computes on the CPU. */
  readonly software: boolean;
  readonly outputs: StepOutputs;
  readonly observations: ObservationBuffers;
  readonly #runtime: GpuJsRuntime;
  readonly #engine: Engine;
  readonly #context: TickContext;
  readonly #pool: LevelPool;
  readonly #motion: { kernel: GpuJsKernel; inputs: readonly string[] };
  /** Arguments of the kernels by name. */
  readonly #arrays: Record<string, Float32Array>;

  /** Use `createGpuJsEngine`. */
  constructor(options: GpuJsEngineOptions, runtime: GpuJsRuntime) {
    const { program, numWorlds } = options;
    const { numAgents } = program;
    let context: TickContext | undefined;
    this.#engine = createCpuEngine(options, {
      name: 'gpujs',
      stages: AFTER_MOTION,
      prepare(c) {
        context = c;
      },
    });
    const c = context!;
    this.#context = c;
    this.#runtime = runtime;
    this.program = program;
    this.numWorlds = numWorlds;
    this.mode = runtime.mode;
    this.device = runtime.device;
    this.software = runtime.software;
    this.outputs = this.#engine.outputs;
    this.observations = this.#engine.observations;
    const shape: MotionShape = {
      numAgents,
      sizeX: c.sizeX,
      sizeY: c.sizeY,
      sizeZ: c.sizeZ,
      hasLiquid: c.hasLiquid,
      hasClimbable: c.hasClimbable,
      hasGround: c.hasGround,
    };
    this.#pool = new LevelPool(shape, program.blocks.solid, numWorlds, program.numVariants, program.id);
    this.#arrays = {
      agents: new Float32Array(numWorlds * numAgents * AGENT_COLUMNS),
      worlds: new Float32Array(numWorlds * WORLD_COLUMNS),
      tables: packTables(c),
      solid: this.#pool.solid,
      cells: this.#pool.cells,
    };
    const { source, functions, inputs } = motionKernel(shape);
    const settings = { output: [numAgents, numWorlds, numQuads(numAgents)], functions, returnType: 'Array(4)' };
    this.#motion = { kernel: runtime.kernel(source, settings as never), inputs };
  }

  /** State of every row, in the host's memory. */
  get state(): BatchState {
    return this.#engine.state;
  }

  get rows(): BatchState {
    return this.#engine.state;
  }

  get buffers(): Engine['buffers'] {
    return this.#engine.buffers;
  }

  get actionMaskSize(): number {
    return this.#engine.actionMaskSize;
  }

  async reset(mask?: Uint8Array, seeds?: readonly number[]): Promise<void> {
    this.#engine.reset(mask, seeds);
  }

  /** One tick with `[B, A, F]` f32 actions. @throws ShapeError for another length; EngineError when a kernel fails or another mode ran. */
  async step(actions: Float32Array): Promise<void> {
    const c = this.#context;
    this.#engine.decode(actions);
    maskAbilities(this.program, c.buffers.actionWords, 0, this.numWorlds);
    clearLists(c, 0, this.numWorlds);
    routeMessages(c, 0, this.numWorlds);
    beginTick(c, 0, this.numWorlds);
    this.#pack();
    const { kernel, inputs } = this.#motion;
    const quads = (await kernel.run(...inputs.map((name) => this.#arrays[name]))) as unknown as Float32Array[][][];
    if (quads.length > MOTION_QUADS) this.#keepContacts(quads.slice(MOTION_QUADS));
    this.#keepMotion(quads);
    this.#engine.step();
  }

  async readState(): Promise<BatchState> {
    return this.#engine.state;
  }

  async hashes(): Promise<string[]> {
    return Array.from({ length: this.numWorlds }, (_, w) => hashWorld(this.#engine.state, w));
  }

  async snapshot(w: number): Promise<WorldSnapshot> {
    return this.#engine.snapshot(w);
  }

  async snapshots(): Promise<WorldSnapshot[]> {
    return Array.from({ length: this.numWorlds }, (_, w) => this.#engine.snapshot(w));
  }

  /** @throws UsageError for a snapshot whose blocks are not its level's. */
  async restore(w: number, snapshot: WorldSnapshot): Promise<void> {
    const level = this.#context.variants.get(snapshot.variant);
    const changed = snapshot.voxels.findIndex((block, cell) => block !== level.voxels[cell]);
    if (changed >= 0)
      throw new UsageError(
        'edits-on-gpujs',
        `The engine "gpujs" must restore a snapshot whose blocks are those of its level; got another block in cell ${changed} of level ${snapshot.variant}. Use the engine "cpu".`,
      );
    this.#engine.restore(w, snapshot);
  }

  async actionMasksInto(out: Uint8Array): Promise<void> {
    this.#engine.actionMasksInto(out);
  }

  async invalidActions(): Promise<number> {
    return this.#engine.invalidActions;
  }

  dispose(): void {
    void this.#runtime.destroy();
    this.#engine.dispose();
  }

  #pack(): void {
    const { state, buffers, numAgents } = this.#context;
    const { agents, worlds } = this.#arrays;
    for (let w = 0; w < this.numWorlds; w++) {
      worlds[w * WORLD_COLUMNS + WORLD.level] = this.#pool.place(w, state.variants[w]);
      worlds[w * WORLD_COLUMNS + WORLD.burns] = state.tick[w] % LAVA_DAMAGE_TICKS === 0 ? 1 : 0;
    }
    for (let i = 0, at = 0; i < this.numWorlds * numAgents; i++, at += AGENT_COLUMNS) {
      agents[at + AGENT.x] = state.posX[i];
      agents[at + AGENT.y] = state.posY[i];
      agents[at + AGENT.z] = state.posZ[i];
      agents[at + AGENT.velX] = state.velX[i];
      agents[at + AGENT.velY] = state.velY[i];
      agents[at + AGENT.velZ] = state.velZ[i];
      agents[at + AGENT.yawHigh] = state.yaw[i] >> 16;
      agents[at + AGENT.yawLow] = state.yaw[i] & 65535;
      agents[at + AGENT.pitchHigh] = state.pitch[i] >> 16;
      agents[at + AGENT.pitchLow] = state.pitch[i] & 65535;
      agents[at + AGENT.flags] = state.flags[i];
      agents[at + AGENT.fall] = state.fallDistance[i];
      agents[at + AGENT.jumpCooldown] = state.jumpCooldown[i];
      agents[at + AGENT.health] = state.health[i];
      for (let k = 0; k < MOTION_WORDS; k++) agents[at + AGENT.action + k] = buffers.actionWords[i * ACTION_WORDS + k];
    }
  }

  /** New contacts are events of both, in the order of the slots. @param quads `[64 slots, B, A]` of four floats, 16 slots each. */
  #keepContacts(quads: Float32Array[][][]): void {
    const { state, buffers, numAgents } = this.#context;
    const width = state.layout.width.contacts;
    for (let w = 0; w < this.numWorlds; w++) {
      for (let a = 0; a < numAgents; a++) {
        const at = (w * numAgents + a) * width;
        for (let k = 0; k < width; k++) {
          const quad = quads[k >> 1][w][a];
          const now = quad[2 * (k & 1)] | (quad[2 * (k & 1) + 1] << 16);
          // Bits of this word that were not set, from the slot after a on: each pair once.
          let fresh = now & ~state.contacts[at + k];
          for (; fresh !== 0; fresh &= fresh - 1) {
            const b = 32 * k + 31 - Math.clz32(fresh & -fresh);
            if (b <= a) continue;
            const id = pushEvent(state, buffers, w, EVENT.touched, a, b, 0, 0);
            pushEvent(state, buffers, w, EVENT.touched, b, a, 0, id);
          }
          state.contacts[at + k] = now;
        }
      }
    }
  }

  /** @param quads `[4 quads, B, A]` of four floats, as `MOTION` says. */
  #keepMotion([place, motion, view, harm]: Float32Array[][][]): void {
    const { state, numAgents } = this.#context;
    for (let w = 0, i = 0; w < this.numWorlds; w++) {
      for (let a = 0; a < numAgents; a++, i++) {
        [state.posX[i], state.posY[i], state.posZ[i], state.fallDistance[i]] = place[w][a];
        [state.velX[i], state.velY[i], state.velZ[i]] = motion[w][a];
        const jump = motion[w][a][3];
        state.flags[i] = jump >> 4;
        state.jumpCooldown[i] = jump & 15;
        state.yaw[i] = (view[w][a][0] << 16) | view[w][a][1];
        state.pitch[i] = (view[w][a][2] << 16) | view[w][a][3];
        const [fallen, fallDamage, lavaDamage, health] = harm[w][a];
        if (fallDamage + lavaDamage > 0) this.#listHarm(w, a, i, fallen, fallDamage, lavaDamage);
        state.health[i] = health;
      }
    }
  }

  /** The events of what a fall and lava did to an agent, in the order of the stage `damage`. Its health is still that before the tick. */
  #listHarm(w: number, a: number, i: number, fallen: number, fallDamage: number, lavaDamage: number): void {
    const { state, buffers } = this.#context;
    let health = state.health[i];
    const hurt = (damage: number, reason: number, cause: number) => {
      const id = pushEvent(state, buffers, w, EVENT.hurt, a, damage, reason, cause);
      health = Math.max(0, health - damage);
      if (health === 0) pushEvent(state, buffers, w, EVENT.died, a, reason, 0, id);
    };
    if (fallDamage > 0) hurt(fallDamage, DAMAGE.fall, pushEvent(state, buffers, w, EVENT.landed, a, fallen, fallDamage, 0));
    if (lavaDamage > 0) hurt(lavaDamage, DAMAGE.lava, 0);
  }
}

/** What is left of `interact` where nothing can be dug, placed or used: taking another slot in hand. */
function selectSlots(c: TickContext, w0: number, w1: number): void {
  const { state, buffers, numAgents } = c;
  for (let i = w0 * numAgents; i < w1 * numAgents; i++) {
    const slot = buffers.actionWords[i * ACTION_WORDS + ACTION_WORD.slot];
    // Who died in this tick had already chosen.
    if (slot !== 0 && slot <= INVENTORY_SLOTS && (c.acted[i] & ALIVE) !== 0) state.heldSlot[i] = slot - 1;
  }
}

/** Stages after motion and damage that the host runs. */
const AFTER_MOTION: readonly Stage[] = [
  { name: 'interact', run: selectSlots },
  { name: 'monitors', run: monitorTasks },
  { name: 'score', run: score },
];

/** See `TABLE`. */
function packTables(c: TickContext): Float32Array {
  const { numAgents, program } = c;
  const { blocks } = program;
  const numBlocks = blocks.solid.length;
  const tables = new Float32Array(TABLE.bodies + numAgents * BODY_COLUMNS + numBlocks * BLOCK_COLUMNS);
  for (let k = 0; k < SINE_ENTRIES; k++) tables[TABLE.sine + k] = SINE_Q14[k];
  for (let n = 0; n < CELLS_PER_FLOAT; n++) tables[TABLE.halves + n] = 2 ** -n;
  for (let a = 0; a < numAgents; a++) {
    const body = a * BODY_WORDS;
    const speeds = [c.walkQ18[a], c.sprintQ18[a], c.airQ18[a], c.airSprintQ18[a]];
    if (Math.max(...speeds) > MAX_ACCELERATION_Q18)
      throw new UsageError(
        'gpujs-size',
        `The engine "gpujs" must get bodies of at most twice the walker's speed; got more of ${program.agentIds[a]}. Use the engine "cpu".`,
      );
    tables.set(
      [...speeds, program.bodies[body + BODY_WORD.canJump], program.bodies[body + BODY_WORD.pushQ16]],
      TABLE.bodies + a * BODY_COLUMNS,
    );
  }
  for (let p = 0; p < numBlocks; p++)
    tables.set(
      [blocks.liquid[p], blocks.climbable[p], blocks.groundDragQ14[p], blocks.groundGripQ14[p], blocks.bouncy[p]],
      TABLE.bodies + numAgents * BODY_COLUMNS + p * BLOCK_COLUMNS,
    );
  return tables;
}
