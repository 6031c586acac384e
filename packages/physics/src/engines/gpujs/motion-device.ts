/**
 * The motion kernel with its arguments: packs the agents of a context, runs the kernel, and keeps what it gives in the context's words and events.
 * Data flow: `pack` -> `run` or `runSync` -> `keep`. Everything else of a tick is the caller's.
 */
import { ACTION_WORDS, DAMAGE, EVENT, SINE_Q14, UsageError } from '@kinovox/world';
import { LAVA_DAMAGE_TICKS } from '../../bodies/walker.js';
import type { GpuJsKernel, GpuJsRuntime } from '../../gpujs/runtime.js';
import { BODY_WORD, BODY_WORDS } from '../../program.js';
import type { TickContext } from '../../stages/context.js';
import { pushEvent } from '../../stages/events.js';
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

/** Most that a body's table may hold: twice the sprint speed. */
const MAX_ACCELERATION_Q18 = 68158;

/** `[quads, B, A]` of four floats each, as `MOTION` and `numQuads` say. */
export type Quads = readonly (readonly (readonly Float32Array[])[])[];

export class MotionDevice {
  readonly #context: TickContext;
  readonly #numWorlds: number;
  readonly #pool: LevelPool;
  readonly #kernel: GpuJsKernel;
  readonly #inputs: Float32Array[];
  readonly #agents: Float32Array;
  readonly #worlds: Float32Array;

  /** @throws UsageError when levels or bodies leave what the kernel can hold. */
  constructor(c: TickContext, numWorlds: number, runtime: GpuJsRuntime) {
    const { numAgents, program } = c;
    const shape: MotionShape = {
      numAgents,
      sizeX: c.sizeX,
      sizeY: c.sizeY,
      sizeZ: c.sizeZ,
      hasLiquid: c.hasLiquid,
      hasClimbable: c.hasClimbable,
      hasGround: c.hasGround,
    };
    this.#context = c;
    this.#numWorlds = numWorlds;
    this.#pool = new LevelPool(shape, program.blocks.solid, numWorlds, program.numVariants, program.id);
    this.#agents = new Float32Array(numWorlds * numAgents * AGENT_COLUMNS);
    this.#worlds = new Float32Array(numWorlds * WORLD_COLUMNS);
    const { source, functions, inputs } = motionKernel(shape);
    const arrays: Record<string, Float32Array> = {
      agents: this.#agents,
      worlds: this.#worlds,
      tables: packTables(c),
      solid: this.#pool.solid,
      cells: this.#pool.cells,
    };
    this.#inputs = inputs.map((name) => arrays[name]);
    const settings = { output: [numAgents, numWorlds, numQuads(numAgents)], functions, returnType: 'Array(4)' };
    this.#kernel = runtime.kernel(source, settings as never);
  }

  async run(): Promise<Quads> {
    return (await this.#kernel.run(...this.#inputs)) as unknown as Quads;
  }

  /** In the modes that compute where they are called. @throws EngineError in the others. */
  runSync(): Quads {
    return this.#kernel.runSync(...this.#inputs) as unknown as Quads;
  }

  /** State and actions as they stand into the kernel's arguments. */
  pack(): void {
    const { state, buffers } = this.#context;
    const agents = this.#agents;
    for (let w = 0; w < this.#numWorlds; w++) {
      this.#worlds[w * WORLD_COLUMNS + WORLD.level] = this.#pool.place(w, state.variants[w]);
      this.#worlds[w * WORLD_COLUMNS + WORLD.burns] = state.tick[w] % LAVA_DAMAGE_TICKS === 0 ? 1 : 0;
    }
    for (let i = 0, at = 0; at < agents.length; i++, at += AGENT_COLUMNS) {
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

  /** What the kernel gave, into state; contacts and harm are events. */
  keep(quads: Quads): void {
    if (quads.length > MOTION_QUADS) this.#keepContacts(quads.slice(MOTION_QUADS));
    const [place, motion, view, harm] = quads;
    const { state, numAgents } = this.#context;
    for (let w = 0, i = 0; w < this.#numWorlds; w++) {
      for (let a = 0; a < numAgents; a++, i++) {
        const at = place[w][a];
        state.posX[i] = at[0];
        state.posY[i] = at[1];
        state.posZ[i] = at[2];
        state.fallDistance[i] = at[3];
        const moving = motion[w][a];
        state.velX[i] = moving[0];
        state.velY[i] = moving[1];
        state.velZ[i] = moving[2];
        state.flags[i] = moving[3] >> 4;
        state.jumpCooldown[i] = moving[3] & 15;
        const seen = view[w][a];
        state.yaw[i] = (seen[0] << 16) | seen[1];
        state.pitch[i] = (seen[2] << 16) | seen[3];
        const hurt = harm[w][a];
        if (hurt[1] + hurt[2] > 0) this.#listHarm(w, a, i, hurt[0], hurt[1], hurt[2]);
        state.health[i] = hurt[3];
      }
    }
  }

  /** New contacts are events of both, in the order of the slots. @param quads `[64 slots, B, A]` of four floats, 16 slots each. */
  #keepContacts(quads: Quads): void {
    const { state, buffers, numAgents } = this.#context;
    const width = state.layout.width.contacts;
    for (let w = 0; w < this.#numWorlds; w++) {
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
