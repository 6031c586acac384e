/** Work with the hands: dig a block, use a lever, put a block into a cell. Each goes where the block can be reached and seen, then does it. */
import type { AgentView } from '../agent-view.js';
import type { Box } from '../navigation/ground.js';
import type { Destination, Navigator } from '../navigation/navigator.js';
import type { Controls } from './controls.js';
import { heldBlocks } from './inventory.js';
import { canTouchFrom, EYE_HEIGHT, firstBlock, HAND_REACH } from './sight.js';

export type Cell = readonly [number, number, number];
export type WorkStatus = 'working' | 'blocked';

/** How far to the sides a place to work from is looked for, blocks. */
const AROUND = 4;
const FACES: readonly Cell[] = [
  [0, -1, 0],
  [1, 0, 0],
  [-1, 0, 0],
  [0, 0, 1],
  [0, 0, -1],
  [0, 1, 0],
];

/** Digs a cell free from where it can be reached; through other blocks when it must. */
export function digCell(c: Controls, navigator: Navigator, cell: Cell): WorkStatus {
  if (digFromHere(c, cell)) return 'working';
  const open = goTo(c, navigator, workplace(c.view, cell, true));
  if (open !== 'blocked') return 'working';
  const [x, y, z] = cell;
  const beside: Destination = {
    box: [x - 1, y - 1, z - 1, x + 1, y, z + 1],
    accept: (ax, _, az) => Math.abs(ax - x) + Math.abs(az - z) === 1,
  };
  return goTo(c, navigator, beside);
}

/** Stands and digs a cell that is in reach and seen; false where it is not. */
export function digFromHere(c: Controls, cell: Cell): boolean {
  if (!isInHand(c, cell)) return false;
  c.displace(0, 0, false);
  if (c.lookAt(cell[0] + 0.5, cell[1] + 0.5, cell[2] + 0.5)) c.dig();
  return true;
}

/** Goes where a block is in reach and looks at it. */
export function faceCell(c: Controls, navigator: Navigator, cell: Cell): WorkStatus | 'facing' {
  if (!isInHand(c, cell)) return goTo(c, navigator, workplace(c.view, cell, false));
  c.displace(0, 0, false);
  return c.lookAt(cell[0] + 0.5, cell[1] + 0.5, cell[2] + 0.5) ? 'facing' : 'working';
}

/** Uses a lever or door. */
export function useCell(c: Controls, navigator: Navigator, cell: Cell): WorkStatus {
  const status = faceCell(c, navigator, cell);
  // Every sixth tick: a key that is held would switch back and forth.
  if (status === 'facing' && c.view.tick % 6 === 0) c.use();
  return status === 'blocked' ? 'blocked' : 'working';
}

/** Tills soil with the hoe of an inventory slot; what grows above it is dug first. */
export function tillCell(c: Controls, navigator: Navigator, cell: Cell, hoeSlot: number): WorkStatus {
  const [x, y, z] = cell;
  if (c.view.blockAt(x, y + 1, z) !== 0) return digCell(c, navigator, [x, y + 1, z]);
  c.hold(hoeSlot);
  const status = faceCell(c, navigator, cell);
  if (status === 'facing') c.use();
  return status === 'blocked' ? 'blocked' : 'working';
}

/** Places a block of a palette entry into a cell, against any neighbour that is there. @param mayEdit whether blocks may be dug and placed on the way. */
export function placeCell(c: Controls, navigator: Navigator, cell: Cell, block: number, mayEdit = true): WorkStatus {
  const { view } = c;
  const slot = heldBlocks(view, block);
  if (slot < 0) return 'blocked';
  // Grass in the cell hides what the block is to be placed against.
  const inside = view.blockAt(...cell);
  if (inside !== 0 && view.blocks.targetable[inside] === 1 && view.blocks.replaceable[inside] === 1) return digCell(c, navigator, cell);
  if (placeFromHere(c, cell, slot)) return 'working';
  const [x, y, z] = cell;
  const to: Destination = {
    box: around(cell),
    // From both sides of the middle, as in `workplace`.
    accept: (ax, ay, az) =>
      !(ax === x && az === z && ay >= y - 1 && ay <= y) &&
      supportSeenFrom(view, ax + 0.03, ay, az - 0.02, cell) !== undefined &&
      supportSeenFrom(view, ax - 0.03, ay, az + 0.02, cell) !== undefined,
    mayEdit,
  };
  return goTo(c, navigator, to);
}

/** Stands and places from an inventory slot into a cell of which it sees a support; false where it sees none. */
export function placeFromHere(c: Controls, cell: Cell, slot: number): boolean {
  const { view } = c;
  const support = supportSeenFrom(view, view.x() - 0.5, view.y(), view.z() - 0.5, cell);
  if (support === undefined || !view.onGround || overlaps(view, cell)) return false;
  c.displace(0, 0, false);
  if (c.lookAt(...facePoint(support, cell))) c.place(slot);
  return true;
}

/** Travels, and on arrival goes to the very middle of the cell, for which the place was found good. */
function goTo(c: Controls, navigator: Navigator, to: Destination): WorkStatus {
  const { view } = c;
  const status = navigator.travel(c, to);
  if (status === 'arrived') {
    const [x, , z] = view.cellOf();
    c.displace(x + 0.5 - view.x(), z + 0.5 - view.z(), false);
  }
  return status === 'blocked' ? 'blocked' : 'working';
}

function isInHand(c: Controls, cell: Cell): boolean {
  const { view } = c;
  if (!view.onGround && !view.inWater) return false;
  return canTouchFrom(view, view.x() - 0.5, view.y(), view.z() - 0.5, cell);
}

function workplace(view: AgentView, cell: Cell, mayEdit: boolean): Destination {
  // From a little to either side of the middle too: a line along an edge is seen from the one and not from the other.
  const isGood = (x: number, y: number, z: number) =>
    view.solidAt(x, y - 1, z) && canTouchFrom(view, x + 0.03, y, z - 0.02, cell) && canTouchFrom(view, x - 0.03, y, z + 0.02, cell);
  return { box: around(cell), accept: isGood, mayEdit };
}

function around([x, y, z]: Cell): Box {
  return [x - AROUND, y - AROUND, z - AROUND, x + AROUND, y + AROUND, z + AROUND];
}

/** A solid neighbour of the cell whose face towards it meets the eye of someone at (x, y, z) (corner of a feet cell). */
function supportSeenFrom(view: AgentView, x: number, y: number, z: number, cell: Cell): Cell | undefined {
  const eye: [number, number, number] = [x + 0.5, y + EYE_HEIGHT, z + 0.5];
  for (const [dx, dy, dz] of FACES) {
    const support: Cell = [cell[0] + dx, cell[1] + dy, cell[2] + dz];
    if (!view.solidAt(...support) || support[1] < 0) continue;
    const hit = firstBlock(view, eye, facePoint(support, cell), HAND_REACH);
    if (
      hit !== undefined &&
      hit.x === support[0] &&
      hit.y === support[1] &&
      hit.z === support[2] &&
      hit.frontX === cell[0] &&
      hit.frontY === cell[1] &&
      hit.frontZ === cell[2]
    )
      return support;
  }
  return undefined;
}

/** A point just inside the support's face towards the cell. */
function facePoint(support: Cell, cell: Cell): [number, number, number] {
  const towards = (axis: 0 | 1 | 2) => support[axis] + 0.5 + (cell[axis] - support[axis]) * 0.49;
  return [towards(0), towards(1), towards(2)];
}

/** Whether the body would be in the way of a block in the cell. */
function overlaps(view: AgentView, [x, y, z]: Cell): boolean {
  const [dx, dy, dz] = [view.x() - x - 0.5, view.y() - y, view.z() - z - 0.5];
  return Math.abs(dx) < 0.82 && Math.abs(dz) < 0.82 && dy > -1.82 && dy < 1;
}
