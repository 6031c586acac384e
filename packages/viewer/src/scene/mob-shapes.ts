/**
 * Mobs as boxes: what each kind is put together from. Metres; the figure stands on y = 0 and looks to -z.
 * Sizes are those that people know, not the box of the rules, which is a walker's for every kind.
 */
import { MOB_KINDS } from '@kinovox/world';

type Triple = readonly [x: number, y: number, z: number];

export interface MobPart {
  size: Triple;
  /** Joint on the body. */
  pivot: Triple;
  /** Centre of the box from the joint. */
  offset: Triple;
  /** How far it swings while walking, in radians; the sign alternates between legs. */
  swing?: number;
  /** Axis of the swing; default x. */
  axis?: 'y';
  /** Fixed turns about x, y and z before the swing, in radians. */
  turn?: Triple;
  /** Factor on the kind's colour, or a colour 0xRRGGBB of its own. */
  tint?: number;
  color?: number;
}

export interface MobShape {
  color: number;
  /** Where a health bar hangs. */
  height: number;
  parts: readonly MobPart[];
}

const EYE = 0x1c1c22;
const solid = (size: Triple, at: Triple, look: Pick<MobPart, 'tint' | 'color'> = {}): MobPart => ({
  size,
  pivot: at,
  offset: [0, 0, 0],
  ...look,
});
const leg = (x: number, z: number, width: number, length: number, sign: number, look: Pick<MobPart, 'tint' | 'color'>): MobPart => ({
  size: [width, length, width],
  pivot: [x, length, z],
  offset: [0, -length / 2, 0],
  swing: 0.75 * sign,
  ...look,
});
const fourLegs = (x: number, z: number, width: number, length: number, look: Pick<MobPart, 'tint' | 'color'>): MobPart[] => [
  leg(-x, -z, width, length, 1, look),
  leg(x, -z, width, length, -1, look),
  leg(-x, z, width, length, -1, look),
  leg(x, z, width, length, 1, look),
];
const eyes = (x: number, y: number, z: number, size = 0.08, color = EYE): MobPart[] => [
  solid([size, size, 0.03], [-x, y, z], { color }),
  solid([size, size, 0.03], [x, y, z], { color }),
];
/** Two legs, as of those who walk upright. */
const twoLegs = (x: number, width: number, length: number, look: Pick<MobPart, 'tint' | 'color'>): MobPart[] => [
  leg(-x, 0, width, length, 1, look),
  leg(x, 0, width, length, -1, look),
];

const pig: MobPart[] = [
  solid([0.62, 0.52, 0.92], [0, 0.62, 0.06]),
  solid([0.5, 0.48, 0.46], [0, 0.76, -0.56], { tint: 1.04 }),
  solid([0.26, 0.18, 0.08], [0, 0.68, -0.83], { tint: 0.86 }),
  ...eyes(0.17, 0.82, -0.8),
  ...fourLegs(0.19, 0.3, 0.22, 0.36, { tint: 0.9 }),
];

const cow: MobPart[] = [
  solid([0.72, 0.66, 1.1], [0, 0.98, 0.1]),
  solid([0.735, 0.36, 0.4], [0, 1.06, 0.24], { color: 0xd9d4cc }),
  solid([0.5, 0.5, 0.44], [0, 1.26, -0.64]),
  solid([0.36, 0.2, 0.06], [0, 1.12, -0.87], { color: 0xc9b2a2 }),
  solid([0.09, 0.2, 0.09], [-0.27, 1.5, -0.6], { color: 0xd8d2c4 }),
  solid([0.09, 0.2, 0.09], [0.27, 1.5, -0.6], { color: 0xd8d2c4 }),
  ...eyes(0.16, 1.34, -0.87),
  ...fourLegs(0.23, 0.4, 0.24, 0.66, { tint: 0.8 }),
];

const sheep: MobPart[] = [
  solid([0.86, 0.74, 1.1], [0, 0.92, 0.08]),
  solid([0.44, 0.44, 0.42], [0, 1.22, -0.6], { color: 0xd8b8a0 }),
  solid([0.5, 0.26, 0.34], [0, 1.38, -0.53]),
  ...eyes(0.13, 1.22, -0.82),
  ...fourLegs(0.24, 0.36, 0.2, 0.56, { color: 0xcdb39c }),
];

const raisedArm = (x: number): MobPart => ({
  size: [0.22, 0.22, 0.7],
  pivot: [x, 1.28, 0],
  offset: [0, 0, -0.34],
  swing: 0.09 * Math.sign(x),
  tint: 1,
});
const zombie: MobPart[] = [
  solid([0.48, 0.48, 0.48], [0, 1.62, 0]),
  ...eyes(0.12, 1.64, -0.245, 0.1, 0x14201a),
  solid([0.5, 0.68, 0.27], [0, 1.04, 0], { color: 0x2f8f94 }),
  raisedArm(-0.36),
  raisedArm(0.36),
  ...twoLegs(0.125, 0.24, 0.72, { color: 0x3b4296 }),
];

/** Legs reach outward and down; those in the middle stand straighter. */
const spiderLegs: MobPart[] = [-0.75, -0.25, 0.25, 0.75].flatMap((spread, i) =>
  [-1, 1].map(
    (side): MobPart => ({
      size: [0.85, 0.1, 0.1],
      pivot: [side * 0.2, 0.5, spread * 0.35 - 0.05],
      offset: [side * 0.44, 0, 0],
      turn: [0, -side * spread * 0.9, -side * 0.62],
      swing: 0.35 * side * (i % 2 === 0 ? 1 : -1),
      axis: 'y',
      tint: 0.7,
    }),
  ),
);
const spider: MobPart[] = [
  solid([0.82, 0.56, 0.86], [0, 0.6, 0.62]),
  solid([0.42, 0.38, 0.42], [0, 0.54, 0]),
  solid([0.56, 0.5, 0.5], [0, 0.58, -0.44], { tint: 1.15 }),
  ...eyes(0.14, 0.66, -0.7, 0.1, 0xc0202a),
  ...eyes(0.06, 0.54, -0.7, 0.07, 0xc0202a),
  ...spiderLegs,
];

const golemArm = (x: number): MobPart => ({
  size: [0.26, 1.34, 0.32],
  pivot: [x, 1.86, 0],
  offset: [0, -0.6, 0],
  swing: 0.5 * Math.sign(x),
  tint: 0.94,
});
const golem: MobPart[] = [
  solid([1.0, 0.78, 0.6], [0, 1.56, 0]),
  solid([0.62, 0.36, 0.42], [0, 1.02, 0], { tint: 0.92 }),
  solid([0.46, 0.54, 0.46], [0, 2.16, -0.1], { tint: 1.06 }),
  solid([0.12, 0.24, 0.12], [0, 2.06, -0.37], { tint: 0.86 }),
  ...eyes(0.12, 2.2, -0.335, 0.08, 0xa63a2a),
  solid([0.3, 0.1, 0.02], [0.16, 1.62, -0.31], { color: 0x6f9a4a }),
  golemArm(-0.64),
  golemArm(0.64),
  ...twoLegs(0.21, 0.34, 0.86, { tint: 0.88 }),
];

const villager: MobPart[] = [
  solid([0.48, 0.56, 0.46], [0, 1.62, 0], { color: 0xd2a184 }),
  solid([0.12, 0.22, 0.12], [0, 1.5, -0.28], { color: 0xb9856a }),
  solid([0.4, 0.06, 0.03], [0, 1.74, -0.235], { color: 0x5a4030 }),
  ...eyes(0.12, 1.66, -0.235, 0.08, 0x2f6a3a),
  solid([0.52, 1.0, 0.38], [0, 0.86, 0]),
  solid([0.54, 0.4, 0.4], [0, 0.44, 0], { tint: 0.82 }),
  solid([0.62, 0.2, 0.24], [0, 1.02, -0.25], { tint: 0.9 }),
  solid([0.2, 0.18, 0.2], [0, 1.02, -0.28], { color: 0xd2a184 }),
  ...twoLegs(0.12, 0.2, 0.3, { color: 0x4a4a4a }),
];

const shapeOf = (kind: keyof typeof MOB_KINDS, height: number, parts: readonly MobPart[]): MobShape => ({
  color: MOB_KINDS[kind].color,
  height,
  parts,
});

const SHAPES: Readonly<Record<string, MobShape>> = {
  pig: shapeOf('pig', 1.15, pig),
  cow: shapeOf('cow', 1.75, cow),
  sheep: shapeOf('sheep', 1.65, sheep),
  zombie: shapeOf('zombie', 2.0, zombie),
  spider: shapeOf('spider', 1.05, spider),
  golem: shapeOf('golem', 2.6, golem),
  villager: shapeOf('villager', 2.05, villager),
};
/** Kinds of a later version walk as something grey on four legs. */
const STRANGER: MobShape = { color: 0x9a9a9a, height: 1.2, parts: pig };

export function mobShape(kind: string): MobShape {
  return Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : STRANGER;
}
