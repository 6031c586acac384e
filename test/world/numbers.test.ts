// Numbers of the rules: bounds at their extremes against BigInt, mirror symmetry, rounding at the edge, and the bits of the random words.
import {
  cosQ14,
  episodeSeed,
  formatHash,
  fromAngle,
  fromQ16,
  hashText,
  hashWord0,
  hashWord1,
  isqrt,
  MAX_VELOCITY_Q16,
  mix32,
  mulQ12,
  mulQ14,
  PURPOSE,
  quantise,
  radiansQ16ToAngle,
  randomBelow,
  randomU32,
  SINE_Q14,
  sinQ14,
  splitSeed,
  toAngle,
  toQ16,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';

/** A repeatable sequence of i32. */
function words(n: number): number[] {
  return Array.from({ length: n }, (_, i) => randomU32(7, 11, i, 0, 0, 0) | 0);
}

describe('mulQ12', () => {
  it('equals the truncated BigInt quotient up to the stated bounds', () => {
    const velocities = [
      0,
      1,
      -1,
      4095,
      -4095,
      4096,
      MAX_VELOCITY_Q16 - 1,
      1 - MAX_VELOCITY_Q16,
      -MAX_VELOCITY_Q16,
      ...words(200).map((w) => w >> 14),
    ];
    const factors = [0, 1, 2236, 3729, 4096, 8191, 8192];
    for (const v of velocities) {
      for (const k of factors) expect(BigInt(mulQ12(v, k)), `${v} * ${k}`).toBe((BigInt(v) * BigInt(k)) / 4096n);
    }
  });

  it('overflows one step beyond them', () => {
    expect(BigInt(mulQ12(MAX_VELOCITY_Q16, 8192))).not.toBe((BigInt(MAX_VELOCITY_Q16) * 8192n) / 4096n);
  });

  it('brings any velocity to rest without bias', () => {
    for (const start of [MAX_VELOCITY_Q16 - 1, 17, 1]) {
      let v = start;
      let mirrored = -start;
      for (let tick = 0; tick < 400; tick++) {
        v = mulQ12(v, 3729);
        mirrored = mulQ12(mirrored, 3729);
        expect(v + mirrored).toBe(0);
      }
      expect(v).toBe(0);
    }
  });
});

describe('mulQ14', () => {
  it('stays within 1 of the BigInt quotient up to the stated bounds', () => {
    const values = [0, 1, -1, 255, 256, -257, 1 << 24, -(1 << 24), ...words(300).map((w) => w >> 7)];
    const sines = [0, 1, -1, 8191, 16383, 16384, -16384, ...words(20).map((w) => (w >> 17) % 16385)];
    for (const v of values) {
      for (const s of sines) {
        const exact = Number((BigInt(v) * BigInt(s)) / 16384n);
        expect(Math.abs(mulQ14(v, s) - exact), `${v} * ${s}`).toBeLessThanOrEqual(1);
        expect(Math.abs(mulQ14(v, s)), `${v} * ${s} moves away from zero`).toBeLessThanOrEqual(Math.abs(exact));
      }
    }
  });

  it('is odd in either factor', () => {
    for (const [i, w] of words(2000).entries()) {
      const v = w >> 7;
      const s = sinQ14(words(2000)[1999 - i]);
      if (i >= 200) break;
      expect(mulQ14(-v, s) + mulQ14(v, s)).toBe(0);
      expect(mulQ14(v, -s) + mulQ14(v, s)).toBe(0);
    }
  });
});

describe('sine', () => {
  it('agrees with Math.sin within one unit of Q14 at table points and between', () => {
    for (let i = 0; i < 4096; i++) {
      expect(SINE_Q14[i]).toBe(Math.floor(16384 * Math.sin((2 * Math.PI * i) / 4096) + 0.5 + 1e-9) + 0);
    }
    for (const angle of words(1000)) {
      expect(Math.abs(sinQ14(angle) - 16384 * Math.sin(fromAngle(angle)))).toBeLessThan(1.1);
      expect(Math.abs(cosQ14(angle) - 16384 * Math.cos(fromAngle(angle)))).toBeLessThan(1.1);
    }
  });

  it('is odd, its cosine even, and half a turn negates both', () => {
    for (const angle of words(2000)) {
      expect(sinQ14(angle) + sinQ14(-angle | 0)).toBe(0);
      expect(cosQ14(angle)).toBe(cosQ14(-angle | 0));
      const table = angle & ~0xfffff;
      expect(sinQ14(table) + sinQ14((table + 0x80000000) | 0)).toBe(0);
      expect(cosQ14(table)).toBe(sinQ14((table + 0x40000000) | 0));
    }
    expect([sinQ14(0), cosQ14(0), sinQ14(0x40000000), cosQ14(-0x80000000)]).toEqual([0, 16384, 16384, -16384]);
  });

  it('never gives negative zero', () => {
    for (const angle of [0, -1, -0x80000000, 0x40000000]) {
      expect(Object.is(sinQ14(angle), -0)).toBe(false);
      expect(Object.is(cosQ14(angle), -0)).toBe(false);
    }
  });
});

describe('isqrt', () => {
  it('is the floor of the root on squares, their neighbours and the largest i32', () => {
    for (let r = 0; r <= 46340; r += r < 100 ? 1 : 97) {
      expect(isqrt(r * r)).toBe(r);
      if (r > 0) expect(isqrt(r * r - 1)).toBe(r - 1);
    }
    expect(isqrt(2147483647)).toBe(46340);
  });
});

describe('quantise', () => {
  it('gives the neutral value for NaN and infinities, and clamps the rest', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) expect(quantise(bad, 16, -1, 1, 7)).toBe(7);
    expect(quantise(1e30, 16, -1, 1)).toBe(65536);
    expect(quantise(-1e30, 16, -1, 1)).toBe(-65536);
  });

  it('rounds halves up and is exact on what f32 holds', () => {
    expect([quantise(0.5, 0, -9, 9), quantise(-0.5, 0, -9, 9), quantise(1.49, 0, -9, 9), quantise(-1.51, 0, -9, 9)]).toEqual([1, 0, 1, -2]);
    for (const w of words(500)) expect(quantise(Math.fround((w >> 12) / 65536), 16, -16, 16)).toBe(w >> 12);
  });

  it('reads an f64 and its f32 the same when the f32 is what a caller stores', () => {
    for (const w of words(500)) {
      const x = Math.fround(w / 2147483648);
      expect(quantise(x, 12, -1, 1)).toBe(Math.floor(Math.fround(Math.fround(x * 4096) + 0.5)));
    }
  });
});

describe('conversions', () => {
  it('go there and back', () => {
    for (const q16 of [0, 1, -1, 65536, 1 << 24]) expect(toQ16(fromQ16(q16))).toBe(q16);
    for (const angle of words(200)) expect(Math.abs((toAngle(fromAngle(angle)) - angle) | 0)).toBeLessThanOrEqual(1);
  });

  it('turn radians in Q16 to angles within 1e-6 of a turn over [-pi, pi], without leaving i32 before the wrap', () => {
    for (let radiansQ16 = -205887; radiansQ16 <= 205887; radiansQ16 += 521) {
      const exact = BigInt.asUintN(32, BigInt(radiansQ16) * 10430n + (BigInt(radiansQ16) * 97n) / 256n);
      expect(BigInt(radiansQ16ToAngle(radiansQ16) >>> 0)).toBe(exact);
      const error = (radiansQ16ToAngle(radiansQ16) - toAngle(radiansQ16 / 65536)) | 0;
      expect(Math.abs(error) / 4294967296).toBeLessThan(1e-6);
    }
  });
});

describe('random words', () => {
  it('set every bit half of the time', () => {
    const n = 20000;
    const counts = new Array<number>(32).fill(0);
    for (let i = 0; i < n; i++) {
      const w = randomU32(123, 0, i, 3, PURPOSE.policy, 1);
      for (let bit = 0; bit < 32; bit++) counts[bit] += (w >>> bit) & 1;
    }
    // Five standard deviations of a fair coin.
    for (const count of counts) expect(Math.abs(count - n / 2)).toBeLessThan(5 * Math.sqrt(n / 4));
  });

  it('change half of their bits when any word of the key changes by one', () => {
    const key: [number, number, number, number, number, number] = [5, 6, 7, 8, 3, 9];
    for (let word = 0; word < 6; word++) {
      let flipped = 0;
      for (let i = 0; i < 2000; i++) {
        const a = [...key] as typeof key;
        a[word] += i;
        const b = [...a] as typeof key;
        b[word]++;
        let difference = randomU32(...a) ^ randomU32(...b);
        for (; difference !== 0; difference &= difference - 1) flipped++;
      }
      expect(Math.abs(flipped / 2000 - 16)).toBeLessThan(0.5);
    }
  });

  it('are pinned', () => {
    expect([randomU32(1, 2, 3, 4, 5, 6), randomU32(0, 0, 0, 0, 0, 0), mix32(1)]).toMatchInlineSnapshot(`
      [
        874326400,
        3539666808,
        1364076727,
      ]
    `);
  });

  it('fall evenly below n', () => {
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 20000; i++) counts[randomBelow(randomU32(1, 0, i, 0, 0, 0), 10)]++;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(5 * Math.sqrt(2000));
    expect(randomBelow(0xffffffff, 65536)).toBe(65535);
  });

  it('give episode 0 the seed of its row and every later episode another', () => {
    const seeds = Array.from({ length: 100 }, (_, e) => episodeSeed(9, 1, e));
    expect(seeds[0]).toEqual({ low: 9, high: 1 });
    expect(new Set(seeds.map((s) => `${s.low}:${s.high}`)).size).toBe(100);
    expect(splitSeed(2 ** 53 - 1)).toEqual({ low: 0xffffffff, high: 0x1fffff });
  });
});

describe('state hash', () => {
  it('changes in both lanes with field, index and every bit of the value', () => {
    const base = [hashWord0(3, 5, 7), hashWord1(3, 5, 7)];
    const others = [[4, 5, 7], [3, 6, 7], ...Array.from({ length: 32 }, (_, bit) => [3, 5, 7 ^ (1 << bit)])];
    for (const [field, index, value] of others) {
      expect(hashWord0(field, index, value)).not.toBe(base[0]);
      expect(hashWord1(field, index, value)).not.toBe(base[1]);
    }
  });

  it('formats as 16 digits and tells texts apart', () => {
    expect(formatHash(1, 0xabcdef01)).toBe('abcdef0100000001');
    expect(hashText('a b')).not.toBe(hashText('b a'));
    expect(hashText('')).toMatch(/^[0-9a-f]{16}$/);
  });
});
