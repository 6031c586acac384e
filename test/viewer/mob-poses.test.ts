// Mobs between two frames: motion, hurt, death, and what a jump in time forgets.
import { FRAME_MOB, FRAME_MOB_WORDS, type Frame, MOB_NAMES } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { DYING_TICKS, type MobPose, MobPoses } from '../../packages/viewer/src/mob-poses.js';
import { mobShape } from '../../packages/viewer/src/scene/mob-shapes.js';

type Words = Partial<Record<keyof typeof FRAME_MOB, number>>;

const Q16 = 65536;
const frameOf = (tick: number, ...mobs: Words[]): Frame => {
  const words = new Int32Array(mobs.length * FRAME_MOB_WORDS);
  mobs.forEach((mob, i) => {
    for (const [name, value] of Object.entries(mob)) words[i * FRAME_MOB_WORDS + FRAME_MOB[name as keyof typeof FRAME_MOB]] = value;
  });
  return { tick, survival: { mobs: words } } as Frame;
};
const show = (poses: MobPoses, before: Frame, after: Frame, mix: number) =>
  poses.update({ before, after, mix, tick: before.tick + (after.tick - before.tick) * mix });
const poseOf = (poses: MobPoses, slot: number): MobPose => {
  const found: MobPose[] = [];
  poses.forEach((at, pose) => {
    if (at === slot) found.push(pose);
  });
  expect(found.length, `mob ${slot}`).toBe(1);
  return found[0];
};

describe('a mob', () => {
  it('lies between its frames though others stand before it in one of them, and counts what it walked', () => {
    const poses = new MobPoses();
    const before = frameOf(10, { slot: 2, health: 9 }, { slot: 5, posX: Q16, health: 10 });
    const after = frameOf(11, { slot: 5, posX: 1.2 * Q16, health: 10 });
    show(poses, before, after, 0);
    show(poses, before, after, 0.5);
    const pose = poseOf(poses, 5);
    expect(pose.x).toBeCloseTo(1.1, 4);
    expect(pose.speed).toBeCloseTo(4, 3);
    expect(pose.walked).toBeCloseTo(0.1, 4);
    expect(pose).toMatchObject({ flash: 0, dying: -1 });
  });

  it('turns the short way round and does not glide through a leap', () => {
    const poses = new MobPoses();
    const degrees = (angle: number) => Math.round((angle / 360) * 4294967296) | 0;
    show(poses, frameOf(0, { slot: 0, yaw: degrees(170), health: 1 }), frameOf(1, { slot: 0, yaw: degrees(-170), health: 1 }), 0.5);
    expect(Math.abs(poseOf(poses, 0).yaw)).toBeCloseTo(Math.PI, 5);
    show(poses, frameOf(1, { slot: 0, health: 1 }), frameOf(2, { slot: 0, posX: 50 * Q16, health: 1 }), 0.1);
    expect(poseOf(poses, 0)).toMatchObject({ x: 50, speed: 0 });
  });

  it('flashes when it loses health, and calms down', () => {
    const poses = new MobPoses();
    const healthy = frameOf(1, { slot: 0, health: 20 });
    const hurt = frameOf(2, { slot: 0, health: 14 });
    show(poses, healthy, healthy, 1);
    expect(poseOf(poses, 0).flash).toBe(0);
    show(poses, healthy, hurt, 0.5);
    expect(poseOf(poses, 0).flash).toBe(1);
    show(poses, hurt, frameOf(6, { slot: 0, health: 14 }), 1);
    expect(poseOf(poses, 0).flash).toBeGreaterThan(0);
    show(poses, hurt, frameOf(40, { slot: 0, health: 14 }), 1);
    expect(poseOf(poses, 0).flash).toBe(0);
  });

  it('dies where it stood, over some ticks, and is gone then', () => {
    const poses = new MobPoses();
    show(poses, frameOf(1, { slot: 0, posX: 3 * Q16, health: 2 }), frameOf(1, { slot: 0, posX: 3 * Q16, health: 2 }), 1);
    show(poses, frameOf(1), frameOf(2), 1);
    expect(poseOf(poses, 0)).toMatchObject({ x: 3, dying: 0 });
    show(poses, frameOf(2), frameOf(2 + DYING_TICKS / 2), 1);
    expect(poseOf(poses, 0).dying).toBeCloseTo(0.5);
    show(poses, frameOf(2), frameOf(3 + DYING_TICKS), 1);
    expect(poses.size).toBe(0);
  });

  it('that appears in the slot of a dead one is another', () => {
    const poses = new MobPoses();
    show(poses, frameOf(1, { slot: 0, health: 20 }), frameOf(1, { slot: 0, health: 20 }), 1);
    show(poses, frameOf(1), frameOf(2), 1);
    show(poses, frameOf(2), frameOf(3, { slot: 0, posX: Q16, health: 8 }), 1);
    expect(poseOf(poses, 0)).toMatchObject({ x: 1, dying: -1, flash: 0, walked: 0 });
  });

  it('is forgotten when time jumps, and leaves no dead behind', () => {
    const poses = new MobPoses();
    for (const [from, to] of [
      [500, 20],
      [500, 5000],
    ]) {
      show(poses, frameOf(from, { slot: 0, health: 20 }), frameOf(from, { slot: 0, health: 20 }), 1);
      expect(poses.size).toBe(1);
      show(poses, frameOf(to), frameOf(to), 1);
      expect(poses.size).toBe(0);
      poses.reset();
    }
  });
});

it('every kind has a shape of its own, with legs that swing against each other and eyes in front', () => {
  const stranger = mobShape('no such kind');
  expect(stranger.parts.length).toBeGreaterThan(4);
  for (const kind of MOB_NAMES) {
    const { parts } = mobShape(kind);
    const swings = parts.flatMap(({ swing, size }) => (swing === undefined || size[1] < size[0] ? [] : [swing]));
    if (kind !== 'spider') expect(Math.abs(swings.reduce((sum, swing) => sum + swing, 0)), kind).toBeLessThan(1e-9);
    const front = Math.min(...parts.map(({ pivot, offset }) => pivot[2] + offset[2]));
    expect(front, kind).toBeLessThan(-0.2);
    // Nothing reaches below the ground by more than a foot's tilt.
    for (const { pivot, offset, size, turn } of parts)
      if (turn === undefined) expect(pivot[1] + offset[1] - size[1] / 2, kind).toBeGreaterThan(-0.01);
  }
  expect(new Set(MOB_NAMES.map((kind) => mobShape(kind).parts)).size).toBe(MOB_NAMES.length);
});
