/**
 * Products of a tick at the extremes that stand beside them, against BigInt: none leaves i32 (u32 where said), and each gives the rounding it states.
 * Functions are called directly; what lies inside a stage is reached through state and actions at their bounds.
 */

import { PUSH_Q16 } from '@kinovox/physics';
import {
  ACTION_WORD,
  cosQ14,
  fromAngle,
  isqrt,
  MAX_DRIVE,
  MAX_VELOCITY_Q16,
  mulQ14,
  radiansQ16ToAngle,
  SINE_Q14,
  sinQ14,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import {
  AIR_DRAG_Q14,
  AIR_DRAG_Y_Q14,
  FULL_INPUT_Q12,
  GROUND_DRAG_Q14,
  HALF_WIDTH_Q16,
  INPUT_Q14,
  JUMP_Q16,
  LEAST_INPUT_Q12,
  SNEAK_INPUT_Q14,
  SPRINT_ACCELERATION_Q18,
  SPRINT_JUMP_Q16,
  WALK_ACCELERATION_Q18,
} from '../../packages/physics/src/bodies/walker.js';
import { roundShift, scaleQ14, shareQ14 } from '../../packages/physics/src/stages/rounding.js';
import { createGround, randomWords, setAction, standAt } from './fixture.js';

const I32_MAX = 2147483647n;
const abs = (v: bigint) => (v < 0n ? -v : v);

/** `p / 2^n` to nearest, halves away from zero. */
function nearest(p: bigint, n: bigint): bigint {
  const half = 1n << (n - 1n);
  return p < 0n ? -((half - p) >> n) : (p + half) >> n;
}

/** Values around 0, the extremes, and random ones between. */
function around(limit: number, seed: number): number[] {
  const next = randomWords(seed);
  return [0, 1, -1, limit, -limit, limit - 1, 1 - limit, ...Array.from({ length: 200 }, () => (next() % (2 * limit + 1)) - limit)];
}

/** The velocity that a grounded walker gains from the keys, by the rule in BigInt; every intermediate is held to i32. */
function gainInBigInt(accelerationQ18: number, f: number, s: number, sneak: boolean, yaw: number): [bigint, bigint] {
  const within = (p: bigint, margin = 0n) => {
    expect(abs(p) + margin, 'a product must stay in i32').toBeLessThanOrEqual(I32_MAX);
    return p;
  };
  let [forward, strafe] = [BigInt(f), BigInt(s)];
  const length = BigInt(isqrt(Number(within(forward * forward + strafe * strafe))));
  const scaled = (v: bigint, k: number) => nearest(within(v * BigInt(k), 8192n), 14n);
  if (sneak) [forward, strafe] = [scaled(forward, SNEAK_INPUT_Q14), scaled(strafe, SNEAK_INPUT_Q14)];
  else if (length > BigInt(FULL_INPUT_Q12)) [forward, strafe] = [within(forward << 12n) / length, within(strafe << 12n) / length];
  else [forward, strafe] = [scaled(forward, INPUT_Q14), scaled(strafe, INPUT_Q14)];
  const least = BigInt(LEAST_INPUT_Q12);
  if (abs(forward) <= least && abs(strafe) <= least) return [0n, 0n];
  const sin = BigInt(sinQ14(yaw));
  const cos = BigInt(cosQ14(yaw));
  const x = nearest(within(strafe * cos - forward * sin, 2048n), 12n);
  const z = nearest(within(-forward * cos - strafe * sin, 2048n), 12n);
  return [nearest(within(BigInt(accelerationQ18) * x, 32768n), 16n), nearest(within(BigInt(accelerationQ18) * z, 32768n), 16n)];
}

describe('products of a tick', () => {
  it('scaleQ14 is the nearest of the exact product for every velocity and drag', () => {
    for (const v of around(MAX_VELOCITY_Q16, 1)) {
      for (const k of [0, 1, 8192, AIR_DRAG_Q14, AIR_DRAG_Y_Q14, GROUND_DRAG_Q14, 16381, 16382]) {
        expect(BigInt(scaleQ14(v, k)), `${v} * ${k}`).toBe(nearest(BigInt(v) * BigInt(k), 14n));
      }
    }
  });

  it('scaleQ14 fails one step above its bound, so the bound is the true one', () => {
    const k = 16384;
    expect(BigInt(scaleQ14(MAX_VELOCITY_Q16, k))).not.toBe(nearest(BigInt(MAX_VELOCITY_Q16) * BigInt(k), 14n));
  });

  it('roundShift is the nearest of the exact quotient up to its bound, and not beyond', () => {
    for (const n of [12, 14, 16]) {
      const limit = 2147483647 - (1 << (n - 1));
      for (const p of around(limit, n)) expect(BigInt(roundShift(p, n)), `${p} >> ${n}`).toBe(nearest(BigInt(p), BigInt(n)));
      expect(BigInt(roundShift(2147483647, n))).not.toBe(nearest(2147483647n, BigInt(n)));
    }
  });

  it('mulQ14 stays within one of the exact product at |v| = 2^24, |s| = 2^14', () => {
    for (const v of around(1 << 24, 3)) {
      for (const s of [1, -1, 16384, -16384, 16383, 11585]) {
        expect(abs(BigInt(mulQ14(v, s)) - (BigInt(v) * BigInt(s)) / 16384n), `${v} * ${s}`).toBeLessThanOrEqual(1n);
        expect(abs(BigInt(v) >> 8n) * abs(BigInt(s))).toBeLessThanOrEqual(I32_MAX);
      }
    }
  });

  it('a reward share stays within two of the exact product at |value| = 2^24, |change| = 2^14, and is exact for the whole', () => {
    for (const value of around(1 << 24, 4)) {
      for (const change of [0, 1, -1, 5461, -5461, 16383, -16383, 16384, -16384]) {
        const exact = BigInt(value) * BigInt(change);
        const got = BigInt(shareQ14(value, change)) * 16384n;
        expect(exact - got, `${value} * ${change}`).toBeGreaterThanOrEqual(0n);
        expect(exact - got).toBeLessThan(2n * 16384n);
        expect(abs(BigInt(value >> 8) * BigInt(change))).toBeLessThanOrEqual(I32_MAX);
      }
      expect(shareQ14(value, 16384)).toBe(value);
      expect(shareQ14(value, -16384) + value).toBe(0);
    }
    expect(shareQ14(1 << 26, 16384), 'four times the bound').not.toBe(1 << 26);
  });

  it('the interpolation of the sine table stays below 2^17 at its steepest', () => {
    let steepest = 0;
    for (let i = 0; i < 1024; i++) steepest = Math.max(steepest, SINE_Q14[i + 1] - SINE_Q14[i]);
    expect(steepest).toBe(26);
    expect(BigInt(steepest) * 4095n + 2048n).toBeLessThan(1n << 17n);
    for (const angle of around(2147483647, 5)) expect(Math.abs(sinQ14(angle) - 16384 * Math.sin(fromAngle(angle)))).toBeLessThan(1.1);
  });

  it('a turn of pi stays in i32 and is odd', () => {
    expect(205887n * 10430n + ((205887n * 97n) >> 8n)).toBeLessThanOrEqual(I32_MAX);
    for (const turn of around(205887, 6)) expect(radiansQ16ToAngle(turn) + radiansQ16ToAngle(-turn)).toBe(0);
  });
});

describe('draws of an episode', () => {
  it('keep every product in i32 at the limits of a scenario: speed scale, drawn speed, grip and take-off', () => {
    const shifted = (v: number, k: number) => {
      expect(abs(BigInt(v) * BigInt(k)) + 2048n).toBeLessThanOrEqual(I32_MAX);
      return roundShift(Math.imul(v, k), 12);
    };
    shifted(JUMP_Q16, 6144);
    for (const [scale, speed, friction] of [
      [2, 1.9, 1],
      [1, 2, 1.9],
      [2, 0.95, 2],
    ]) {
      expect(scale * speed * friction).toBeCloseTo(MAX_DRIVE, 9);
      const driven = shifted(shifted(SPRINT_ACCELERATION_Q18 * scale, Math.round(speed * 4096)), Math.round(friction * 4096));
      // A direction is at most 2^14 long, and may be rounded up.
      expect(BigInt(driven) * 16385n + 32768n).toBeLessThanOrEqual(I32_MAX);
    }
    const beyond = shifted(shifted(SPRINT_ACCELERATION_Q18 * 2, 8192), 4096);
    expect(BigInt(beyond) * 16385n + 32768n, 'a scenario past the limit').toBeGreaterThan(I32_MAX);
    for (const factor of [410, 4096, 8192]) {
      const kept = 16384 - shifted(16384 - GROUND_DRAG_Q14, factor);
      expect(kept).toBeGreaterThan(0);
      expect(kept).toBeLessThanOrEqual(16382);
    }
  });
});

describe('the keys', () => {
  it('add to the velocity what the rule gives in BigInt, at the highest speed scale, for all corners of the input and eight headings each', () => {
    // The scenario schema allows a speed scale of at most 2.
    for (const scale of [1, 2]) {
      const walker = createGround({
        size: [16, 8, 16],
        boxes: [['stone', [0, 0, 0], [15, 0, 15]]],
        starts: [standAt(8, 1, 8)],
        speedQ16: scale << 16,
      }).engine;
      const { state } = walker;
      walker.step();
      const next = randomWords(77);
      let gained = 0n;
      for (const forward of [0, 4096, -4096, 41, 42, 2897, -1]) {
        for (const strafe of [0, 4096, -4096, 40, 3000]) {
          for (const [sprint, sneak] of [
            [0, 0],
            [1, 0],
            [0, 1],
          ]) {
            for (let k = 0; k < 8; k++) {
              const yaw = k < 4 ? (k << 30) | 0 : next() | 0;
              state.yaw[0] = yaw;
              state.posX[0] = state.posZ[0] = (8 << 16) + 32768;
              state.velX[0] = state.velZ[0] = 0;
              setAction(walker, 0, { forward, strafe, sprint, sneak });
              walker.step();
              const [x, z] = gainInBigInt(
                scale * (sprint === 1 ? SPRINT_ACCELERATION_Q18 : WALK_ACCELERATION_Q18),
                forward,
                strafe,
                sneak === 1,
                yaw,
              );
              expect(
                [state.posX[0], state.posZ[0]].map((p) => BigInt(p - (8 << 16) - 32768)),
                `${forward} ${strafe} ${yaw}`,
              ).toEqual([x, z]);
              gained = gained > abs(x) ? gained : abs(x);
            }
          }
        }
      }
      expect(gained).toBeGreaterThan(BigInt(scale) * 8000n);
    }
  });

  it('give a sprinting jump its push within 2^28', () => {
    expect(BigInt(SPRINT_JUMP_Q16) * 16384n + 8192n).toBeLessThan(1n << 28n);
  });

  it('turn the view to a quarter turn at most, also by the largest look from the other end', () => {
    const { engine } = createGround({ size: [8, 8, 8], boxes: [['stone', [0, 0, 0], [7, 0, 7]]], starts: [standAt(4, 1, 4)] });
    for (const [from, look, to] of [
      [1 << 30, 205887, 1 << 30],
      [-(1 << 30), -205887, -(1 << 30)],
      [-(1 << 30), 205887, 1 << 30],
      [1 << 30, -205887, -(1 << 30)],
      [0, 1, radiansQ16ToAngle(1) & ~1],
    ]) {
      engine.state.pitch[0] = from;
      setAction(engine, 0, { look });
      engine.step();
      // A half turn up from straight down is 5e-8 short of straight up.
      expect(Math.abs(engine.state.pitch[0] - to), `${from} by ${look}`).toBeLessThan(1 << 13);
      expect(Math.abs(engine.state.pitch[0])).toBeLessThanOrEqual(1 << 30);
    }
    expect(engine.buffers.actionWords[ACTION_WORD.look]).toBe(1);
  });
});

describe('the push', () => {
  it('equals the rule in BigInt at the largest strength and every distance', () => {
    const strongest = 1 << 13;
    for (const pushQ16 of [PUSH_Q16, strongest]) {
      for (const dx of [1, 654, 655, 656, 1000, 20000, 2 * HALF_WIDTH_Q16 - 1]) {
        for (const dz of [0, 1, -3000, 2 * HALF_WIDTH_Q16 - 1]) {
          const start = standAt(6, 1, 6);
          const { engine } = createGround({
            size: [16, 8, 16],
            boxes: [['stone', [0, 0, 0], [15, 0, 15]]],
            starts: [start, [start[0] + dx, start[1], start[2] + dz]],
            pushQ16,
          });
          engine.step();
          const far = BigInt(Math.max(Math.abs(dx), Math.abs(dz)));
          expect(far << 14n).toBeLessThanOrEqual(I32_MAX);
          expect(abs(BigInt(pushQ16) * far)).toBeLessThan(1n << 29n);
          const root = BigInt(isqrt(Number(far << 14n)) * 2);
          const wanted = far < 655n ? [0n, 0n] : [(BigInt(pushQ16) * BigInt(dx)) / root, (BigInt(pushQ16) * BigInt(dz)) / root];
          expect([engine.state.posX[1] - start[0] - dx, engine.state.posZ[1] - start[2] - dz].map(BigInt), `${dx} ${dz}`).toEqual(wanted);
        }
      }
    }
  });
});

describe('distances', () => {
  it('of messages stay below 2^30 in squares of 1/64 block, corner to corner of the largest world', () => {
    const widest = BigInt((256 << 16) >> 10);
    expect(3n * widest * widest).toBeLessThan(1n << 30n);
  });
  it('of a sweep stay below 2^30 in squares of 2^-12 block at the highest velocity', () => {
    const longest = BigInt(MAX_VELOCITY_Q16 >> 4);
    expect(2n * longest * longest).toBeLessThan(1n << 30n);
  });
});
