/** An agent at a moment between two frames, in metres and radians. Without a DOM. */
import { AGENT_FLAG, FRAME_AGENT_WORDS, FRAME_VITAL, FRAME_VITALS, type Frame, FRAME_AGENT_WORD as WORD } from '@kinovox/world';
import type { FrameSample } from './frame-timeline.js';

export interface AgentPose {
  x: number;
  y: number;
  z: number;
  /** Heading, 0 looks to -z, counter-clockwise seen from above. */
  yaw: number;
  /** Elevation of the view, positive up. */
  pitch: number;
  /** Horizontal speed in m/s. */
  speed: number;
  alive: boolean;
  sneaking: boolean;
  asleep: boolean;
  onGround: boolean;
  /** 0..20. */
  health: number;
  heldItem: number;
  /** Cell index of the block being dug, or -1. */
  digCell: number;
  /** Share of the dig done, 0..1. */
  digShare: number;
}

const METRES = 1 / 65536;
const RADIANS = (2 * Math.PI) / 4294967296;
const TICKS_PER_SECOND = 20;
/** Faster than this, in blocks per tick, is not motion but a teleport; velocities are at most 4. */
const TELEPORT = 4;

export function createPose(): AgentPose {
  return {
    x: 0,
    y: 0,
    z: 0,
    yaw: 0,
    pitch: 0,
    speed: 0,
    alive: false,
    sneaking: false,
    asleep: false,
    onGround: false,
    health: 20,
    heldItem: 0,
    digCell: -1,
    digShare: 0,
  };
}

export function numAgentsOf(frame: Frame): number {
  return frame.agents.length / FRAME_AGENT_WORDS;
}

/** The pose of an agent; a teleport between the two frames is not smoothed. */
export function poseInto(out: AgentPose, { before, after, mix }: FrameSample, slot: number): AgentPose {
  const b = slot * FRAME_AGENT_WORDS;
  const was = before.agents.length === after.agents.length ? before.agents : after.agents;
  const is = after.agents;
  const ticks = Math.max(1, after.tick - before.tick);
  const leap = Math.max(...[WORD.posX, WORD.posY, WORD.posZ].map((word) => Math.abs(is[b + word] - was[b + word]))) * METRES;
  const t = leap > TELEPORT * ticks ? 1 : mix;
  const blend = (word: number) => (was[b + word] + (is[b + word] - was[b + word]) * t) * METRES;
  // Differences of angles wrap in i32, which is the short way round.
  const turn = (word: number) => (was[b + word] + ((is[b + word] - was[b + word]) | 0) * t) * RADIANS;
  const flags = is[b + WORD.flags];
  out.x = blend(WORD.posX);
  out.y = blend(WORD.posY);
  out.z = blend(WORD.posZ);
  out.yaw = turn(WORD.yaw);
  out.pitch = turn(WORD.pitch);
  out.speed =
    Math.hypot(is[b + WORD.posX] - was[b + WORD.posX], is[b + WORD.posZ] - was[b + WORD.posZ]) * METRES * (TICKS_PER_SECOND / ticks);
  out.alive = (flags & AGENT_FLAG.alive) !== 0;
  out.sneaking = (flags & AGENT_FLAG.sneaking) !== 0;
  out.asleep = (after.survival?.vitals[slot * FRAME_VITALS + FRAME_VITAL.sleeping] ?? 0) > 0;
  out.onGround = (flags & AGENT_FLAG.onGround) !== 0;
  out.health = is[b + WORD.health];
  out.heldItem = is[b + WORD.heldItem];
  out.digCell = is[b + WORD.digCell] - 1;
  out.digShare = is[b + WORD.digShare] / 256;
  return out;
}
