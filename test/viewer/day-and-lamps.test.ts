// The light of the hour and of lamps: the viewer's picture of what the rules say.
import { createBatchEnvSync } from '@kinovox/env';
import { DAYLIGHT_STEPS } from '@kinovox/physics';
import { DAY_TIME_PARTS, mix32, NO_DAY } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { dayLook, daylightAt, dayShare, NOON, type Rgb } from '../../packages/viewer/src/day-light.js';
import { lampField } from '../../packages/viewer/src/lamp-field.js';

const brightness = ([red, green, blue]: Rgb) => red + green + blue;

describe('daylight', () => {
  it('rises and falls as the sky light of the rules does', () => {
    const env = createBatchEnvSync({ scenario: 'scenarios/survival-basics-v1.scenario.json', numWorlds: 1 });
    const { daylight } = env.engine.program.survival!;
    for (let step = 0; step < DAYLIGHT_STEPS; step++) {
      const light = 4 + 11 * daylightAt(step / DAYLIGHT_STEPS);
      expect(Math.abs(light - daylight[step]), `step ${step}`).toBeLessThan(1.001);
    }
  });

  it('looks as ever where there are no days', () => {
    expect(dayLook(undefined)).toBe(NOON);
    expect([NOON.lightIntensity, NOON.ambientIntensity]).toEqual([2.1, 1.95]);
  });

  it('is bright at noon, dark and moonlit at midnight, and red between', () => {
    const [noon, dusk, midnight] = [0.25, 0.52, 0.75].map((share) => dayLook(share));
    expect(noon.lightIntensity).toBeCloseTo(NOON.lightIntensity);
    expect(noon.zenith).toEqual(NOON.zenith);
    expect(brightness(midnight.horizon)).toBeLessThan(brightness(noon.horizon) / 3);
    expect(midnight.ambientIntensity).toBeLessThan(noon.ambientIntensity / 2);
    expect(midnight.sun[1]).toBeLessThan(0);
    // The moon shines from above, and shadows have an end.
    for (let share = 0; share < 1; share += 0.01) expect(dayLook(share).direction[1]).toBeGreaterThan(0.1);
    expect(dusk.horizon[0]).toBeGreaterThan(dusk.horizon[2]);
    expect(noon.horizon[0]).toBeLessThan(noon.horizon[2]);
  });

  it('never jumps from one moment to the next', () => {
    let last = dayLook(0);
    for (let n = 1; n <= 2000; n++) {
      const look = dayLook((n / 2000) % 1);
      expect(Math.abs(look.lightIntensity - last.lightIntensity), `${n}`).toBeLessThan(0.06);
      expect(Math.abs(look.ambientIntensity - last.ambientIntensity), `${n}`).toBeLessThan(0.06);
      for (let c = 0; c < 3; c++) expect(Math.abs(look.horizon[c] - last.horizon[c]), `${n}`).toBeLessThan(6);
      last = look;
    }
  });

  it('is blended between frames the short way round midnight and sunrise', () => {
    expect(dayShare(0, 100, 0.5)).toBeCloseTo(50 / DAY_TIME_PARTS);
    expect(dayShare(DAY_TIME_PARTS - 100, 100, 0.75)).toBeCloseTo(50 / DAY_TIME_PARTS);
    expect(dayShare(undefined, 100, 0.2)).toBeCloseTo(100 / DAY_TIME_PARTS);
    expect(dayShare(NO_DAY, NO_DAY, 0.5)).toBeUndefined();
    expect(dayShare(5, undefined, 0.5)).toBeUndefined();
  });
});

it('lamps shine as far as the rules say: their light less the distance along the axes', () => {
  const size = [9, 6, 7] as const;
  const light = Uint8Array.of(0, 14, 7, 3);
  const voxels = Uint8Array.from({ length: 9 * 6 * 7 }, (_, cell) => (mix32(cell * 31 + 5) % 60 < 3 ? 1 + (mix32(cell) % 3) : 0));
  const lamps = [...voxels.keys()].filter((cell) => voxels[cell] > 0);
  expect(lamps.length).toBeGreaterThan(5);
  const place = (cell: number) => [cell % 9, Math.floor(cell / 63), Math.floor(cell / 9) % 7];
  const field = lampField(size, voxels, light);
  for (let cell = 0; cell < voxels.length; cell++) {
    const [x, y, z] = place(cell);
    let best = 0;
    for (const lamp of lamps) {
      const [lx, ly, lz] = place(lamp);
      best = Math.max(best, light[voxels[lamp]] - Math.abs(x - lx) - Math.abs(y - ly) - Math.abs(z - lz));
    }
    expect(field[cell], `cell ${cell}`).toBe(best);
  }
});
