/**
 * A level slice through a body's value function: the value with the body moved to each node of a square around it, at its height and with its motion.
 * For people who look at what a filter knows; nothing that acts reads it.
 */
import type { Engine } from '@kinovox/physics';
import type { StateValue } from './state-value.js';

export interface SafetySlice {
  /** x and z of node 0, and the height of the feet, or of the underside of a vehicle, in all of them, metres. */
  readonly origin: readonly [number, number];
  readonly y: number;
  readonly spacing: number;
  readonly nodes: number;
  /** `[Z, X]` metres; NaN where the body would stand in a block or outside. */
  readonly values: Float32Array;
}

const ONE = 65536;
const WALKER = { half: 0.3, below: 0, above: 1.8 };
/** Metres by which a body's box is less, so that what it stands against is not in it. */
const HAIR = 1 / 1024;

export function sliceValue(
  value: StateValue,
  { program, state }: Pick<Engine, 'program' | 'state'>,
  row: number,
  slot: number,
  nodes: number,
  spacing: number,
): SafetySlice {
  const i = row * program.numAgents + slot;
  const { half, below, above } = value.box ?? WALKER;
  const [x, y, z] = [state.posX[i] / ONE, state.posY[i] / ONE - below, state.posZ[i] / ONE];
  const side = half - HAIR;
  const top = y + below + above - HAIR;
  const [sizeX, sizeY, sizeZ] = program.size;
  const middle = (nodes - 1) / 2;
  const base = row * state.rowsPerWorld;
  const isSolid = (cx: number, cy: number, cz: number) =>
    (state.rows[base + (cy * sizeZ + cz) * program.rowWords + (cx >> 5)] & (1 << (cx & 31))) !== 0;

  function fits(atX: number, atZ: number): boolean {
    if (atX < side || atZ < side || atX > sizeX - side || atZ > sizeZ - side) return false;
    for (let cy = Math.max(0, Math.floor(y + HAIR)); cy <= Math.min(sizeY - 1, Math.floor(top)); cy++)
      for (let cz = Math.floor(atZ - side); cz <= Math.floor(atZ + side); cz++)
        for (let cx = Math.floor(atX - side); cx <= Math.floor(atX + side); cx++) if (isSolid(cx, cy, cz)) return false;
    return true;
  }

  const values = new Float32Array(nodes * nodes).fill(Number.NaN);
  for (let nz = 0; nz < nodes; nz++)
    for (let nx = 0; nx < nodes; nx++) {
      const [byX, byZ] = [(nx - middle) * spacing, (nz - middle) * spacing];
      if (!fits(x + byX, z + byZ)) continue;
      value.take(state, row, slot, Math.round(byX * ONE), Math.round(byZ * ONE));
      values[nz * nodes + nx] = value.valueAfter();
    }
  return { origin: [x - middle * spacing, z - middle * spacing], y, spacing, nodes, values };
}
