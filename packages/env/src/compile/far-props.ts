/**
 * Props that nobody can reach, the first of them always in motion: with them a scenario plays on the rigid tier what it plays without them on the batch tier.
 * They float above the world, higher than anybody can climb or build: a ball that goes from wall to wall, and crates at rest over it. Where they are depends on
 * the size of the world alone, so every level has room for them. Level, seeds and scenario hash are those of the scenario without them.
 */
import type { PropSpawn } from '@kinovox/physics';
import { type ResolvedScenario, toQ16 } from '@kinovox/world';

/** Most far props of a world. */
export const MAX_FAR_PROPS = 16;
/** Least distance between any agent and any far prop, in blocks: from box to surface. */
export const FAR_DISTANCE = 8;

/** Radius of the ball and edge of the crates, metres. */
const BALL = 0.4;
const EDGE = 0.8;
/** Height of the ball over the world, blocks: one who jumps on its topmost block is still 9 below it. */
const ABOVE = 13;
/** Distance between one prop and the next higher one, blocks. */
const APART = 2;
/** Of the ball, m/s: fast enough never to fall asleep, and not along a wall. */
const SPEED: readonly [number, number, number] = [2.5, 0, 1.75];

/** The scenario's props and the far ones. */
export function withFarProps(resolved: ResolvedScenario, count: number): ResolvedScenario {
  const far = Array.from({ length: count }, (_, k) => ({
    id: `far-prop-${k}`,
    shape: k === 0 ? { ball: BALL } : { box: [EDGE, EDGE, EDGE] as [number, number, number] },
    massKg: 10,
    // Nothing slows the ball down.
    friction: k === 0 ? 0 : 0.6,
    restitution: k === 0 ? 1 : 0,
    spawn: { at: [0, 0, 0] as [number, number, number], yawDeg: 0 },
  }));
  return { ...resolved, props: [...resolved.props, ...far] };
}

/** Where they start in any level: worlds are at most 128 blocks high and a position word holds 256 metres, so there is room above every world. */
export function farPropSpawns({ world: { size } }: ResolvedScenario, count: number): PropSpawn[] {
  return Array.from({ length: count }, (_, k) => ({
    cells: new Int32Array(0),
    exact: [toQ16(size[0] / 2), toQ16(size[1] + ABOVE + k * APART), toQ16(size[2] / 2)] as const,
    yaw: 0,
    drift: k === 0 ? SPEED : ([0, 0, 0] as const),
  }));
}
