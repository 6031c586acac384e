// Poses between two frames.
import { AGENT_FLAG, FRAME_AGENT_WORDS, type Frame, FRAME_AGENT_WORD as WORD } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { createPose, numAgentsOf, poseInto } from '../../packages/viewer/src/agent-pose.js';

const Q16 = 65536;
const frameWith = (tick: number, words: Partial<Record<keyof typeof WORD, number>>): Frame => {
  const agents = new Int32Array(2 * FRAME_AGENT_WORDS);
  for (const [name, value] of Object.entries(words)) agents[FRAME_AGENT_WORDS + WORD[name as keyof typeof WORD]] = value;
  return { tick, agents } as Frame;
};
const between = (before: Frame, after: Frame, mix: number) => poseInto(createPose(), { before, after, mix, tick: 0 }, 1);

describe('a pose', () => {
  it('lies between its frames, in metres, with the speed of the motion', () => {
    const pose = between(
      frameWith(10, { posX: Q16, posZ: 0 }),
      frameWith(11, { posX: 1.2 * Q16, posZ: 0, flags: AGENT_FLAG.alive | AGENT_FLAG.sneaking, digCell: 8, digShare: 128 }),
      0.5,
    );
    expect(pose.x).toBeCloseTo(1.1, 4);
    expect(pose.speed).toBeCloseTo(4, 3);
    expect(pose).toMatchObject({ alive: true, sneaking: true, onGround: false, digCell: 7, digShare: 0.5 });
  });

  it('turns the short way round', () => {
    const degrees = (angle: number) => Math.round((angle / 360) * 4294967296) | 0;
    const pose = between(frameWith(0, { yaw: degrees(170) }), frameWith(1, { yaw: degrees(-170) }), 0.5);
    expect(Math.abs(pose.yaw)).toBeCloseTo(Math.PI, 5);
  });

  it('does not glide through a teleport', () => {
    const before = frameWith(0, { posX: 2 * Q16 });
    const after = frameWith(1, { posX: 200 * Q16 });
    expect(between(before, after, 0.1).x).toBe(200);
    expect(between(before, frameWith(100, { posX: 200 * Q16 }), 0.1).x).toBeCloseTo(21.8, 3);
  });

  it('exists for each agent of a frame', () => {
    expect(numAgentsOf(frameWith(0, {}))).toBe(2);
  });
});
