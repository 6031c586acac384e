/** Fields that several skills take, described once. A model may write 3.0 for 3; fractions of a cell are refused, those of a point are not. */
import { z } from 'zod';
import type { Cell } from '../skills/hands.js';

/** Beyond any world. */
const FAR = 1024;

const whole = (what: string) => z.int().min(-FAR).max(FAR).describe(what);

/** A block cell. */
export const cellFields = {
  x: whole('Block cell: blocks to the east.'),
  y: whole('Block cell: blocks up.'),
  z: whole('Block cell: blocks to the south.'),
};

/** A point, metres. */
export const pointFields = {
  x: z.number().min(-FAR).max(FAR).describe('Metres to the east.'),
  y: z.number().min(-FAR).max(FAR).describe('Metres up.'),
  z: z.number().min(-FAR).max(FAR).describe('Metres to the south.'),
};

/** Where they may be left out. */
export const optionalCell = { x: cellFields.x.optional(), y: cellFields.y.optional(), z: cellFields.z.optional() };
export const optionalPoint = { x: pointFields.x.optional(), y: pointFields.y.optional(), z: pointFields.z.optional() };

export const nameField = (what: string) => z.string().min(1).max(64).describe(what);

/** The cell or point of arguments in which it may be left out: undefined where all of it is, `partial` where some of it is. */
export function givenPlace(args: { x?: number | undefined; y?: number | undefined; z?: number | undefined }): Cell | 'partial' | undefined {
  const { x, y, z } = args;
  if (x !== undefined && y !== undefined && z !== undefined) return [x, y, z];
  return x === undefined && y === undefined && z === undefined ? undefined : 'partial';
}

/** The cell that a point is in. */
export function cellOf({ x, y, z }: { x: number; y: number; z: number }): Cell {
  return [Math.floor(x), Math.floor(y), Math.floor(z)];
}
