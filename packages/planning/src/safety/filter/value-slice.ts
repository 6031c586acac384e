/**
 * A level slice through a walker's value function: the value with the body moved to each node of a square around it, at its height and with its motion.
 * For people who look at what a filter knows; nothing that acts reads it.
 */
import type { Engine } from '@kinovox/physics';
import type { WalkerValue } from './walker-value.js';

export interface SafetySlice {
  /** x and z of node 0, and the height of the feet in all of them, metres. */
  readonly origin: readonly [number, number];
  readonly y: number;
  readonly spacing: number;
  readonly nodes: number;
  /** `[Z, X]` metres; NaN where the body would stand in a block or outside. */
  readonly values: Float32Array;
}

const ONE = 65536;
/** Half the width of a walker and its height, metres, with a hair less so that what it stands against is not in it. */
const HALF = 0.3 - 1 / 1024;
const HEIGHT = 1.8 - 1 / 1024;

export function sliceValue(
  value: WalkerValue,
  { program, state }: Pick<Engine, 'program' | 'state'>,
  row: number,
  slot: number,
  nodes: number,
  spacing: number,
): SafetySlice {
  const i = row * program.numAgents + slot;
  const [x, y, z] = [state.posX[i] / ONE, state.posY[i] / ONE, state.posZ[i] / ONE];
  const [sizeX, sizeY, sizeZ] = program.size;
  const middle = (nodes - 1) / 2;
  const base = row * state.rowsPerWorld;
  const isSolid = (cx: number, cy: number, cz: number) =>
    (state.rows[base + (cy * sizeZ + cz) * program.rowWords + (cx >> 5)] & (1 << (cx & 31))) !== 0;

  function fits(atX: number, atZ: number): boolean {
    if (atX < HALF || atZ < HALF || atX > sizeX - HALF || atZ > sizeZ - HALF) return false;
    for (let cy = Math.max(0, Math.floor(y + 1 / 1024)); cy <= Math.min(sizeY - 1, Math.floor(y + HEIGHT)); cy++)
      for (let cz = Math.floor(atZ - HALF); cz <= Math.floor(atZ + HALF); cz++)
        for (let cx = Math.floor(atX - HALF); cx <= Math.floor(atX + HALF); cx++) if (isSolid(cx, cy, cz)) return false;
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
