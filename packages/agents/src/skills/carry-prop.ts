/**
 * Carrying: go where a prop can be seen and reached, look at it, take it, bring it over a place, and put it down there.
 * What a hand holds hangs in the middle of the view's heading at a distance that depends on its size, and rises with the view (docs/props.md).
 */
import type { AgentView } from '../agent-view.js';
import { yawTo } from '../geometry/heading.js';
import type { Box, CellTest } from '../navigation/ground.js';
import type { Navigator } from '../navigation/navigator.js';
import type { Controls } from './controls.js';

export interface Place {
  x: number;
  y: number;
  z: number;
}

/** From so far a prop is taken, metres, measured level between the feet and its centre. */
const NEAREST = 1;
const FARTHEST = 2.3;
/** Height of what is held over the feet while the view is level, and how far the view lifts it: what the rules give. */
const HELD_HEIGHT = 1;
const HELD_LIFT = 0.8;
/** What is carried hangs over its place within this, and moves no faster than so, before it is put down: metres, metres per tick. */
const OVER = 0.06;
const STILL = 0.012;
/** Air under what is brought over a stack, metres. */
const AIR = 0.12;
/** Held this near to the place, metres, the way there is walked by hand. */
const CLOSE = 2.6;

/** Takes a prop: true as soon as it is in hand. */
export function takeProp(c: Controls, navigator: Navigator, index: number): boolean {
  const { view } = c;
  if (view.carried() === index) return true;
  const { x, y, z } = view.prop(index);
  const level = Math.hypot(x - view.x(), z - view.z());
  if (level >= NEAREST && level <= FARTHEST && Math.abs(y - view.y()) < 2 && view.onGround) {
    c.displace(0, 0, false);
    // A key that is held acts once: it is let go every other tick.
    if (c.lookAt(x, y, z) && view.tick % 2 === 0) c.use();
    return false;
  }
  if (level < NEAREST && level > 0.01) {
    c.displace(((view.x() - x) / level) * 0.12, ((view.z() - z) / level) * 0.12, false);
    return false;
  }
  const [cx, cy, cz] = [Math.floor(x), Math.floor(view.y()), Math.floor(z)];
  travelAroundProps(c, navigator, [cx - 2, cy - 1, cz - 2, cx + 2, cy + 1, cz + 2], (ax, az) => {
    const distance = Math.hypot(ax + 0.5 - x, az + 0.5 - z);
    return distance > NEAREST + 0.1 && distance < FARTHEST - 0.2;
  });
  return false;
}

/** Brings what is carried over a place, its underside above `place.y`, and puts it down there. */
export function putOver(c: Controls, navigator: Navigator, place: Place): void {
  const { view } = c;
  const index = view.carried();
  const held = view.prop(index);
  const [, height] = sizeOf(view, index);
  const wanted = place.y + AIR + height / 2 - view.y();
  const rise = Math.max(-0.9, Math.min(0.95, (wanted - HELD_HEIGHT) / HELD_LIFT));
  const pitch = Math.asin(rise);
  const dx = place.x - view.x();
  const dz = place.z - view.z();
  const level = Math.hypot(dx, dz);
  if (level > CLOSE) {
    travelAroundProps(c, navigator, boxAround(place, view.y(), 2), (ax, az) => {
      const distance = Math.hypot(ax + 0.5 - place.x, az + 0.5 - place.z);
      return distance > 1.3 && distance < 2.4;
    });
    c.pitchTo(Math.max(pitch, 0));
    return;
  }
  c.pitchTo(pitch);
  c.turnTo(yawTo(dx, dz), 0.2);
  // As it hangs now, so far from the walker: the walker stands so much before the place.
  const arm = Math.hypot(held.x - view.x(), held.z - view.z());
  const isUp = held.y - height / 2 > place.y + 0.02;
  const stand = isUp ? arm : Math.max(arm + 0.5, level);
  const off = level - stand;
  const ex = held.x - place.x;
  const ez = held.z - place.z;
  const isOver = Math.hypot(ex, ez) < OVER && isUp && Math.hypot(held.vx, held.vz) < STILL;
  if (isOver && view.tick % 2 === 0) {
    c.use();
    c.displace(0, 0, false);
    return;
  }
  // Along the way to the place, and across it by what the held prop is off to the side.
  const [ux, uz] = level < 0.01 ? [0, -1] : [dx / level, dz / level];
  const step = Math.max(-0.08, Math.min(0.12, off * 0.35));
  c.displace(ux * step, uz * step, false);
}

/** Travels with the cells of all props but the one in hand as no way: they are no voxels, so the search must be told. */
export function travelAroundProps(
  c: Controls,
  navigator: Navigator,
  box: Box,
  accept?: (x: number, z: number) => boolean,
): 'moving' | 'arrived' | 'blocked' {
  const { view } = c;
  const { ground } = navigator;
  const before = ground.keepOut;
  ground.keepOut = [...before, ...propClauses(view)];
  const status = navigator.travel(c, {
    box,
    mayEdit: false,
    ...(accept === undefined ? {} : { accept: (x: number, _: number, z: number) => accept(x, z) }),
  });
  ground.keepOut = before;
  return status;
}

/** Cells of all props but the one in hand, to keep out of; whoever stands in such a cell is let out. */
export function propClauses(view: AgentView): CellTest[][] {
  const carried = view.carried();
  const [fx, fy, fz] = view.cellOf();
  const feet: CellTest = { box: [fx, fy, fz, fx, fy, fz], inside: false };
  return view.rules.props.flatMap((_, i) => {
    if (i === carried) return [];
    const { x, y, z } = view.prop(i);
    const [width, , depth] = sizeOf(view, i);
    const half = Math.max(width, depth) / 2 + 0.25;
    const [x0, z0, x1, z1] = [x - half, z - half, x + half, z + half].map(Math.floor);
    return [[{ box: [x0, Math.floor(y) - 1, z0, x1, Math.floor(y), z1], inside: true }, feet]];
  });
}

/** Extent along x, y, z in metres as a prop is made. */
export function sizeOf(view: AgentView, index: number): readonly [number, number, number] {
  const half = view.propHalf(index);
  return [2 * half[0], 2 * half[1], 2 * half[2]];
}

function boxAround({ x, z }: Place, feet: number, cells: number): Box {
  const [cx, cy, cz] = [Math.floor(x), Math.floor(feet), Math.floor(z)];
  return [cx - cells, cy - 1, cz - cells, cx + cells, cy + 1, cz + cells];
}
