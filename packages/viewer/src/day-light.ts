/** What a time of day looks like: how bright, where the sun or the moon stands, which colours the sky has. Without a DOM. */
import { DAY_TIME_PARTS, NO_DAY } from '@kinovox/world';

export type Rgb = readonly [red: number, green: number, blue: number];

/** Lengths and shares as plain numbers; colours as 0xRRGGBB shares of sRGB, 0..255. */
export interface DayLook {
  /** 0 by night .. 1 by day, in the rhythm of the sky light of the rules. */
  day: number;
  /** To the sun by day, to the moon by night: x east, y up, z south; unit length. */
  direction: Rgb;
  /** To the sun at any time. */
  sun: Rgb;
  /** Colour and intensity of that light. */
  lightColor: Rgb;
  lightIntensity: number;
  /** Light from above and from below, and the intensity of both. */
  aboveColor: Rgb;
  belowColor: Rgb;
  ambientIntensity: number;
  /** Sky from the top down, and what lies below the horizon. */
  zenith: Rgb;
  middle: Rgb;
  horizon: Rgb;
  below: Rgb;
  fog: Rgb;
}

/** Late morning, so that two sides of a block differ: how every world without days looks. */
export const NOON: DayLook = {
  day: 1,
  direction: unit([0.55, 1, 0.35]),
  sun: unit([0.55, 1, 0.35]),
  lightColor: rgb(0xfff1d8),
  lightIntensity: 2.1,
  aboveColor: rgb(0xdcecff),
  belowColor: rgb(0x9a9484),
  ambientIntensity: 1.95,
  zenith: rgb(0x4f93d6),
  middle: rgb(0x8fc1ea),
  horizon: rgb(0xd3e7f6),
  below: rgb(0x86b1d6),
  fog: rgb(0xc4def2),
};
/** Deep night, by the moon. Darker than this, a person cannot watch. */
const NIGHT = {
  lightColor: rgb(0xa9c2ff),
  lightIntensity: 1.05,
  aboveColor: rgb(0x7f97d8),
  belowColor: rgb(0x2c3348),
  ambientIntensity: 0.95,
  zenith: rgb(0x070c1c),
  middle: rgb(0x0f1831),
  horizon: rgb(0x22304f),
  below: rgb(0x0b1222),
  fog: rgb(0x18233c),
} as const;
/** What a low sun adds to the sky near the horizon, and its light. */
const GLOW = { horizon: rgb(0xf0935a), middle: rgb(0xc07f92), light: rgb(0xffb070) } as const;

/** Shares of the day at which dusk begins and ends, and dawn: Minecraft's rhythm, as the rules have it. */
const DUSK = [12040 / 24000, 13670 / 24000] as const;
const DAWN = [22331 / 24000, 23961 / 24000] as const;
/** The sun sets a little after the middle of the day's circle, so that dusk is lit from the side. */
const SUN_LEAD = 0.16;
/** Lowest that the light stands, so that shadows have an end. */
const LOWEST = 0.22;
/** How far the path of sun and moon leans to the south. */
const LEAN = 0.35;

/** @param share of the day, 0 = sunrise .. 1; undefined where it is always noon. */
export function dayLook(share: number | undefined): DayLook {
  if (share === undefined) return NOON;
  const day = daylightAt(share);
  const angle = 2 * Math.PI * share;
  const height = Math.sin(angle) + SUN_LEAD;
  const isSun = height > 0 && day > 0;
  const side = isSun ? 1 : -1;
  const glow = Math.max(0, 1 - Math.abs(height) / 0.45) * (0.25 + 0.75 * day);
  const rise = isSun ? smoothstep(0, 0.35, height) * day : smoothstep(0, 0.3, -height) * (1 - day);
  const tint = (night: Rgb, noon: Rgb, low: Rgb, most: number): Rgb => mix(mix(night, noon, day), low, glow * most);
  return {
    day,
    direction: unit([side * Math.cos(angle), Math.max(LOWEST, Math.abs(height)), LEAN]),
    sun: unit([Math.cos(angle), height, LEAN]),
    lightColor: isSun ? mix(NOON.lightColor, GLOW.light, glow) : NIGHT.lightColor,
    lightIntensity: (isSun ? NOON.lightIntensity : NIGHT.lightIntensity) * rise,
    aboveColor: mix(NIGHT.aboveColor, NOON.aboveColor, day),
    belowColor: mix(NIGHT.belowColor, NOON.belowColor, day),
    ambientIntensity: NIGHT.ambientIntensity + (NOON.ambientIntensity - NIGHT.ambientIntensity) * day,
    zenith: mix(NIGHT.zenith, NOON.zenith, day),
    middle: tint(NIGHT.middle, NOON.middle, GLOW.middle, 0.55),
    horizon: tint(NIGHT.horizon, NOON.horizon, GLOW.horizon, 0.85),
    below: mix(NIGHT.below, NOON.below, day),
    fog: tint(NIGHT.fog, NOON.fog, GLOW.horizon, 0.5),
  };
}

/** Share of full daylight, 0..1, at a share of the day. */
export function daylightAt(share: number): number {
  if (share < DUSK[0] || share >= DAWN[1]) return 1;
  if (share < DUSK[1]) return 1 - (share - DUSK[0]) / (DUSK[1] - DUSK[0]);
  if (share < DAWN[0]) return 0;
  return (share - DAWN[0]) / (DAWN[1] - DAWN[0]);
}

/** The time shown between two frames as a share of the day, the short way round; undefined without days. */
export function dayShare(before: number | undefined, after: number | undefined, blend: number): number | undefined {
  if (after === undefined || after === NO_DAY) return undefined;
  const from = before === undefined || before === NO_DAY ? after : before;
  const half = DAY_TIME_PARTS / 2;
  const step = after - from + (after - from > half ? -DAY_TIME_PARTS : after - from < -half ? DAY_TIME_PARTS : 0);
  const time = from + step * blend;
  return ((time + DAY_TIME_PARTS) % DAY_TIME_PARTS) / DAY_TIME_PARTS;
}

function rgb(color: number): Rgb {
  return [color >> 16, (color >> 8) & 255, color & 255];
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

function unit([x, y, z]: Rgb): Rgb {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function smoothstep(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}
