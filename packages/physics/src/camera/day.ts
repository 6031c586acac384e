/**
 * The sky and the light of a time of day, in integers: a table of sky colours by height, the sun's place and the brightness of what it lights.
 * Colours are those of the viewer; the rhythm of dusk and dawn is that of the rules.
 */
import { cosQ14, isqrt, mix32, sinQ14 } from '@kinovox/world';

/** Entries of the sky table: by the height of a direction, from straight down to straight up. */
const SKY_ENTRIES = 257;
/** Words of `DaySky.sun`: right, up and towards of the sun's disc, each x y z, Q14. */
const SUN_WORDS = 9;
/** Half the edge of sun and moon, Q14: some 3 degrees. */
const DISC_Q14 = 860;

export interface DaySky {
  /** `[257]` 0xRRGGBB. */
  sky: Int32Array;
  sun: Int32Array;
  /** `[6]` light on each face by number, Q8. */
  faceLight: Int32Array;
  /** DAY words: share of daylight Q8; whether there are days at all; time of day last written, a share of the day in 1/65536, -1 for none. */
  numbers: Int32Array;
}
export const DAY = { daylight: 0, hasDays: 1, time: 2 } as const;

/** Colours by day and by night: zenith, middle, horizon, below the horizon. */
const BY_DAY: readonly number[] = [0x4f93d6, 0x8fc1ea, 0xd3e7f6, 0x86b1d6];
const BY_NIGHT: readonly number[] = [0x070c1c, 0x0f1831, 0x22304f, 0x0b1222];
/** What a low sun adds near the horizon: middle, horizon. */
const GLOW: readonly number[] = [0xc07f92, 0xf0935a];
/** Dusk begins and ends, and dawn, as shares of the day in 1/65536. */
const DUSK_FROM = 32877;
const DUSK_TO = 37328;
const DAWN_FROM = 60978;
const DAWN_TO = 65429;
/** Light on faces -x, +x, -y, +y, -z, +z from the open sky alone, Q8, and what the sun adds to a face that it stands before. */
const AMBIENT: readonly number[] = [182, 182, 132, 216, 198, 198];
const SUN_ADDS = 56;
/** Light left by night, Q8: darker than this nothing is told apart. */
const NIGHT_LIGHT = 84;

export function createDaySky(): DaySky {
  return {
    sky: new Int32Array(SKY_ENTRIES),
    sun: new Int32Array(SUN_WORDS),
    faceLight: new Int32Array(6),
    numbers: Int32Array.of(0, 0, -1),
  };
}

/** @param time share of the day in 1/65536, 0 = sunrise; where there are no days, late morning. Does nothing when the sky stands there already. */
export function writeDaySky(d: DaySky, time: number, hasDays: boolean): void {
  const days = hasDays ? 1 : 0;
  if (d.numbers[DAY.time] === time && d.numbers[DAY.hasDays] === days) return;
  d.numbers[DAY.time] = time;
  const daylight = hasDays ? daylightQ8(time) : 256;
  d.numbers[DAY.daylight] = daylight;
  d.numbers[DAY.hasDays] = days;
  writeSun(d, hasDays ? Math.imul(time, 65536) : 0x2a000000);
  const height = d.sun[7];
  // The sky glows while the sun is low: Q8, most at the horizon.
  const low = height < 0 ? 0 - height : height;
  const glow = hasDays && low < 6500 ? Math.imul(256 - Math.trunc((low << 8) / 6500), 64 + ((daylight * 3) >> 2)) >> 8 : 0;
  const zenith = blend(BY_NIGHT[0], BY_DAY[0], daylight);
  const middle = blend(blend(BY_NIGHT[1], BY_DAY[1], daylight), GLOW[0], (glow * 140) >> 8);
  const horizon = blend(blend(BY_NIGHT[2], BY_DAY[2], daylight), GLOW[1], (glow * 217) >> 8);
  const below = blend(BY_NIGHT[3], BY_DAY[3], daylight);
  for (let k = 0; k < SKY_ENTRIES; k++) {
    const h = (k - 128) << 7;
    const up = blend(blend(horizon, middle, smooth(0, 4588, h)), zenith, smooth(3277, 13926, h));
    d.sky[k] = blend(up, below, smooth(-819, 12288, 0 - h));
  }
  const toward = daylight > 128 ? 1 : -1;
  for (let face = 0; face < 6; face++) {
    const facing = Math.imul(d.sun[6 + (face >> 1)], toward) * ((face & 1) === 1 ? 1 : -1);
    const lit = AMBIENT[face] + (facing > 0 ? (facing * SUN_ADDS) >> 14 : 0);
    d.faceLight[face] = Math.imul(lit, NIGHT_LIGHT + (((256 - NIGHT_LIGHT) * daylight) >> 8)) >> 8;
  }
}

/** Colour of the sky in direction (x, y, z), Q14. */
export function skyColor(d: DaySky, x: number, y: number, z: number): number {
  const at = (y + 16384 + 64) >> 7;
  const color = d.sky[at < 0 ? 0 : at > 256 ? 256 : at];
  if (d.numbers[DAY.hasDays] === 0) return color;
  const { sun } = d;
  const across = dot(sun, 0, x, y, z);
  const over = dot(sun, 3, x, y, z);
  const toward = dot(sun, 6, x, y, z);
  const aside = max(across < 0 ? 0 - across : across, over < 0 ? 0 - over : over);
  const daylight = d.numbers[DAY.daylight];
  if (toward > 0) {
    if (aside < DISC_Q14) return blend(color, 0xfff6d8, 60 + ((daylight * 3) >> 2));
    // A soft light around the sun.
    if (aside < 4 * DISC_Q14) return blend(color, 0xffe9bd, (Math.trunc(((4 * DISC_Q14 - aside) << 8) / (3 * DISC_Q14)) * daylight) >> 10);
    return starLight(color, x, y, z, daylight);
  }
  if (aside < (DISC_Q14 * 3) >> 2) return blend(color, 0xdfe6f4, 256 - ((daylight * 5) >> 3));
  return starLight(color, x, y, z, daylight);
}

/** Channels of `a` moved toward `b` by `share` in 0..256. */
export function blend(a: number, b: number, share: number): number {
  const r = ((a >> 16) & 255) * (256 - share) + ((b >> 16) & 255) * share;
  const g = ((a >> 8) & 255) * (256 - share) + ((b >> 8) & 255) * share;
  const l = (a & 255) * (256 - share) + (b & 255) * share;
  return ((r >> 8) << 16) | ((g >> 8) << 8) | (l >> 8);
}

/** A few cells of a grid over the sky hold a star, each as bright as it happens to be. */
function starLight(color: number, x: number, y: number, z: number, daylight: number): number {
  if (daylight > 128 || y < 400) return color;
  const chance = mix32((Math.imul(x >> 7, 73856093) ^ Math.imul(y >> 7, 19349663) ^ Math.imul(z >> 7, 83492791)) | 0) | 0;
  if ((chance & 511) !== 0) return color;
  return blend(color, 0xffffff, Math.imul(96 + ((chance >> 9) & 127), 128 - daylight) >> 7);
}

function writeSun(d: DaySky, angle: number): void {
  // The path leans to the south, and the sun sets a little after the middle of the day's circle, so that dusk is lit from the side.
  const x = cosQ14(angle);
  const y = sinQ14(angle) + 2621;
  const z = 5734;
  const length = isqrt((Math.imul(x, x) + Math.imul(y, y) + Math.imul(z, z)) | 0);
  const { sun } = d;
  sun[6] = Math.trunc((x << 14) / length);
  sun[7] = Math.trunc((y << 14) / length);
  sun[8] = Math.trunc((z << 14) / length);
  // Right of the disc lies in the plane; up is across both.
  const flat = isqrt((Math.imul(sun[6], sun[6]) + Math.imul(sun[8], sun[8])) | 0);
  sun[0] = Math.trunc((sun[8] << 14) / flat);
  sun[1] = 0;
  sun[2] = 0 - Math.trunc((sun[6] << 14) / flat);
  sun[3] = (Math.imul(sun[7], sun[2]) - Math.imul(sun[8], sun[1])) >> 14;
  sun[4] = (Math.imul(sun[8], sun[0]) - Math.imul(sun[6], sun[2])) >> 14;
  sun[5] = (Math.imul(sun[6], sun[1]) - Math.imul(sun[7], sun[0])) >> 14;
}

/** Share of full daylight, Q8. */
function daylightQ8(time: number): number {
  if (time < DUSK_FROM || time >= DAWN_TO) return 256;
  if (time < DUSK_TO) return 256 - Math.trunc(((time - DUSK_FROM) << 8) / (DUSK_TO - DUSK_FROM));
  if (time < DAWN_FROM) return 0;
  return Math.trunc(((time - DAWN_FROM) << 8) / (DAWN_TO - DAWN_FROM));
}

/** 0..256 from low to high, smooth at both ends. */
function smooth(low: number, high: number, value: number): number {
  const t = value <= low ? 0 : value >= high ? 256 : Math.trunc(((value - low) << 8) / (high - low));
  return Math.imul(Math.imul(t, t) >> 8, 768 - 2 * t) >> 8;
}

function dot(sun: Int32Array, at: number, x: number, y: number, z: number): number {
  return (Math.imul(sun[at], x) + Math.imul(sun[at + 1], y) + Math.imul(sun[at + 2], z)) >> 14;
}

function max(a: number, b: number): number {
  return a > b ? a : b;
}
