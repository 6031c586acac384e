/**
 * One walker moved by the tick's own stages, apart from its world: what a planner or a filter asks when it wants to know where a body would be, to
 * the last bit. Turn, acceleration, gravity, drag and the sweep against voxels are the engine's; pushes of other bodies, damage, edits and mechanisms
 * are not in it. Nothing is allocated in a step.
 */
import { ACTION_WORDS, AGENT_FLAG } from '@kinovox/world';
import { type BatchState, createBatchState, createTickBuffers } from './batch-state.js';
import { createOutputs } from './engines/outputs.js';
import { createObservationBuffers } from './observe/observe.js';
import type { ScenarioProgram } from './program.js';
import { accelerateWalkers, liquidFlags } from './stages/accelerate.js';
import { createTickContext } from './stages/context.js';
import { decodeActions } from './stages/decode.js';
import { sweepWalkers } from './stages/sweep.js';

/** An agent's words, as its state has them. */
export interface WalkerWords {
  readonly flags: number;
  readonly posX: number;
  readonly posY: number;
  readonly posZ: number;
  readonly velX: number;
  readonly velY: number;
  readonly velZ: number;
  readonly yaw: number;
  /** Q16 blocks fallen since the body last stood. */
  readonly fallDistance: number;
}

export interface WalkerMotion {
  /** Goes on from agent `slot` of world `w`, among the voxels and solid cells of that world as they stand; both are read, never written. */
  take(state: BatchState, w: number, slot: number): void;
  /** Moves the walker sideways, Q16 blocks, whatever is there. */
  shift(x: number, z: number): void;
  /** Solid cells to move among from now on: `[Y, Z, rowWords]` bits, read only. `take` puts those of the world back. */
  among(rows: Uint32Array): void;
  /** One tick. @param row `[ACTION_FIELDS]` a native action, as an engine takes it. */
  step(row: Float32Array): void;
  /** The walker's words now. Falls are summed in `fallDistance` until `land` is called. */
  readonly words: WalkerWords;
  /** What `applyDamage` does to the sum of a fall when a body stands. */
  land(): void;
  /** AGENT_FLAG.inWater and inLava where it is now. */
  liquids(): number;
  /** Keeps the walker as it is now, and puts it back there. */
  mark(): void;
  rewind(): void;
}

/** Motion among the voxels of worlds of one program. */
export function createWalkerMotion(program: ScenarioProgram): WalkerMotion {
  const state = createBatchState(program, 1);
  const c = createTickContext({
    program,
    variants: {
      get() {
        throw new Error('A walker apart from its world plays no level.');
      },
    },
    state,
    buffers: createTickBuffers(1, program),
    outputs: createOutputs(program, 1),
    observations: createObservationBuffers(program, 0, false),
  });
  // Derived lists of the world are not kept here; without them, stages look at the cells.
  c.index = undefined;
  const { flags, posX, posY, posZ, velX, velY, velZ, yaw, pitch, jumpCooldown, fallDistance } = state;
  /** What motion reads and writes, beside the seed of its world. */
  const fields = [flags, posX, posY, posZ, velX, velY, velZ, yaw, pitch, jumpCooldown, fallDistance];
  const marked = new Int32Array(fields.length);
  const action = c.buffers.actionWords;
  const decoded = new Int32Array(ACTION_WORDS);
  let at = 0;
  const words: WalkerWords = {
    get flags() {
      return flags[at];
    },
    get posX() {
      return posX[at];
    },
    get posY() {
      return posY[at];
    },
    get posZ() {
      return posZ[at];
    },
    get velX() {
      return velX[at];
    },
    get velY() {
      return velY[at];
    },
    get velZ() {
      return velZ[at];
    },
    get yaw() {
      return yaw[at];
    },
    get fallDistance() {
      return fallDistance[at];
    },
  };
  return {
    words,
    take(from, w, slot) {
      const i = w * program.numAgents + slot;
      // Others are dead here, and stages pass over them.
      flags.fill(0);
      at = slot;
      flags[at] = from.flags[i];
      posX[at] = from.posX[i];
      posY[at] = from.posY[i];
      posZ[at] = from.posZ[i];
      velX[at] = from.velX[i];
      velY[at] = from.velY[i];
      velZ[at] = from.velZ[i];
      yaw[at] = from.yaw[i];
      pitch[at] = from.pitch[i];
      jumpCooldown[at] = from.jumpCooldown[i];
      fallDistance[at] = from.fallDistance[i];
      state.seedLow[0] = from.seedLow[w];
      state.seedHigh[0] = from.seedHigh[w];
      state.voxels = from.voxels.subarray(w * from.cellsPerWorld, (w + 1) * from.cellsPerWorld);
      state.rows = from.rows.subarray(w * from.rowsPerWorld, (w + 1) * from.rowsPerWorld);
    },
    shift(x, z) {
      posX[at] += x;
      posZ[at] += z;
    },
    among(rows) {
      state.rows = rows;
    },
    step(row) {
      decodeActions(row, decoded, 0, 1);
      action.set(decoded, at * ACTION_WORDS);
      accelerateWalkers(c, 0, 1);
      sweepWalkers(c, 0, 1);
    },
    land() {
      if ((flags[at] & AGENT_FLAG.onGround) !== 0) fallDistance[at] = 0;
    },
    liquids: () => (c.hasLiquid ? liquidFlags(c, 0, at) : 0),
    mark() {
      for (let f = 0; f < fields.length; f++) marked[f] = fields[f][at];
    },
    rewind() {
      for (let f = 0; f < fields.length; f++) fields[f][at] = marked[f];
    },
  };
}
