/** Shapes of props: what a scenario may ask for, and the box that each fills before it is turned. Edges in metres along x, y, z. */
import { z } from 'zod';

const edge = z.number().min(0.05).max(16);
const box = z.tuple([edge, edge, edge]);

export const PropShapeSchema = z.union([
  z.strictObject({ box: box.describe('Edge lengths [x, y, z] in metres, each 0.05..16.') }),
  z.strictObject({ ball: z.number().min(0.05).max(8).describe('Radius in metres, 0.05..8.') }),
  z.strictObject({
    capsule: z
      .strictObject({
        radius: z.number().min(0.05).max(8).describe('Radius in metres, 0.05..8.'),
        height: z.number().min(0.1).max(16).describe('Whole height in metres, 0.1..16, at least twice the radius.'),
      })
      .describe('Upright capsule.'),
  }),
  z.strictObject({ ramp: box.describe('Edge lengths [x, y, z] in metres, each 0.05..16, of a wedge that rises toward +x.') }),
  z.strictObject({
    plank: z
      .strictObject({
        length: edge.describe('Along x in metres, 0.05..16.'),
        width: edge.default(0.25).describe('Along z in metres, 0.05..16; default 0.25.'),
        thickness: edge.default(0.1).describe('Along y in metres, 0.05..16; default 0.1.'),
      })
      .describe('A flat box that lies along x.'),
  }),
  z.strictObject({
    container: z
      .strictObject({
        size: box.describe('Outer edge lengths [x, y, z] in metres, each 0.05..16.'),
        wall: z.number().min(0.02).max(1).default(0.1).describe('Thickness of floor and walls in metres, 0.02..1; default 0.1.'),
      })
      .describe('A box that is open above: a floor and four walls.'),
  }),
]);
export type PropShape = z.output<typeof PropShapeSchema>;

/** Extent along x, y, z in metres, before it is turned. */
export function propExtent(shape: PropShape): readonly [number, number, number] {
  if ('box' in shape) return shape.box;
  if ('ramp' in shape) return shape.ramp;
  if ('container' in shape) return shape.container.size;
  if ('plank' in shape) return [shape.plank.length, shape.plank.thickness, shape.plank.width];
  if ('ball' in shape) return [2 * shape.ball, 2 * shape.ball, 2 * shape.ball];
  return [2 * shape.capsule.radius, shape.capsule.height, 2 * shape.capsule.radius];
}
