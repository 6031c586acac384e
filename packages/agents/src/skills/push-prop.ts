/**
 * Pushing a prop into a box: get behind it, as seen from the box, and walk into it; go around when it stands wrong.
 * The way is along one axis at a time, the longer first, since a box pushed off its middle turns. Where it is wide enough the team pushes side by side, each in
 * a lane of its own; what is too heavy for one is pushed when all stand ready.
 */
import { propExtent } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { Box } from '../navigation/ground.js';
import type { Navigator } from '../navigation/navigator.js';
import type { Controls } from './controls.js';

/** Distance between the centres of body and prop while pushing, beyond half the prop's extent, metres. */
const BEHIND = 0.75;
/** Pushes while it stands at most so far off the line, metres. */
const IN_LINE = 0.35;
const PUSH_SPEED = 0.16;
const LAST_SPEED = 0.05;
/** From this mass on a prop is pushed together, at a sprint, kg: twice what one walker moves well. */
const HEAVY_KG = 300;
const HEAVY_SPEED = 0.3;
/** Width that a pusher takes, metres. */
const LANE = 0.9;
/** Behind the prop, up to so far, metres. */
const READY = 1.6;

export function pushProp(c: Controls, navigator: Navigator, index: number, box: Box): void {
  const { view } = c;
  const prop = view.prop(index);
  const half = halfExtent(view, index);
  const gapX = gapTo(prop.x, box[0], box[3]);
  const gapZ = gapTo(prop.z, box[2], box[5]);
  const alongX = Math.abs(gapX) >= Math.abs(gapZ);
  const ux = alongX ? Math.sign(gapX) : 0;
  const uz = alongX ? 0 : Math.sign(gapZ);
  if (ux === 0 && uz === 0) return;
  const px = view.x() - prop.x;
  const pz = view.z() - prop.z;
  const along = px * ux + pz * uz;
  const lane = laneOf(view, view.slot, half);
  const across = px * uz - pz * ux - lane;
  if (along < -half && along > -half - READY && Math.abs(across) < IN_LINE) {
    const isHeavy = view.rules.props[index].massKg >= HEAVY_KG;
    if (isHeavy && !areReady(view, prop, half, ux, uz)) c.displace(uz * across * -0.2, ux * across * 0.2, false);
    else {
      if (isHeavy) c.sprint();
      // What slides goes on by itself: slower as it comes near.
      const speed = isHeavy ? HEAVY_SPEED : Math.min(PUSH_SPEED, LAST_SPEED + 0.06 * Math.abs(alongX ? gapX : gapZ));
      c.displace(ux * speed - uz * across * 0.2, uz * speed + ux * across * 0.2);
    }
    c.levelView();
    return;
  }
  const tx = prop.x - ux * (half + BEHIND) + uz * lane;
  const tz = prop.z - uz * (half + BEHIND) - ux * lane;
  const y = Math.floor(view.y());
  const cell: [number, number] = [Math.floor(tx), Math.floor(tz)];
  // Cells under the prop are no way: it is no voxel, so the search must be told.
  const [x0, x1, z0, z1] = [
    Math.floor(prop.x - half - 0.3),
    Math.floor(prop.x + half + 0.3),
    Math.floor(prop.z - half - 0.3),
    Math.floor(prop.z + half + 0.3),
  ];
  const { ground } = navigator;
  const before = ground.keepOut;
  ground.keepOut = [
    ...before,
    [
      { box: [x0, y - 1, z0, x1, y + 1, z1], inside: true },
      { box: [cell[0], y - 1, cell[1], cell[0], y + 1, cell[1]], inside: false },
    ],
  ];
  const status = navigator.travel(c, { box: [cell[0], y - 1, cell[1], cell[0], y + 1, cell[1]], mayEdit: false });
  ground.keepOut = before;
  if (status !== 'arrived') return;
  const dx = tx - view.x();
  const dz = tz - view.z();
  c.displace(Math.max(-0.1, Math.min(0.1, dx)), Math.max(-0.1, Math.min(0.1, dz)), false);
}

/** Members of a team that live, in slot order. */
function teamOf(view: AgentView, slot: number): number[] {
  return view.roster.flatMap((agent, other) => (agent.team === view.roster[slot].team && view.isAlive(other) ? [other] : []));
}

/** How far beside the middle line an agent pushes, metres: 0 where the prop is too narrow for its team. */
function laneOf(view: AgentView, slot: number, half: number): number {
  const team = teamOf(view, slot);
  if (2 * half < LANE * team.length) return 0;
  return (team.indexOf(slot) - (team.length - 1) / 2) * LANE * (4 / 3);
}

/** Whether every member of the team stands behind the prop in its lane. */
function areReady(view: AgentView, prop: { x: number; z: number }, half: number, ux: number, uz: number): boolean {
  return teamOf(view, view.slot).every((slot) => {
    const px = view.x(slot) - prop.x;
    const pz = view.z(slot) - prop.z;
    const along = px * ux + pz * uz;
    return along < -half && along > -half - READY && Math.abs(px * uz - pz * ux - laneOf(view, slot, half)) < 2 * IN_LINE;
  });
}

/** Signed distance from a coordinate to the middle of an inclusive span of cells; 0 inside it with a margin. */
function gapTo(value: number, low: number, high: number): number {
  if (value > low + 0.3 && value < high + 0.7) return 0;
  return (low + high + 1) / 2 - value;
}

function halfExtent(view: AgentView, index: number): number {
  const [x, , z] = propExtent(view.rules.props[index].shape);
  return Math.max(x, z) / 2;
}
