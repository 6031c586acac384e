/** Props as Rapier's colliders, and the points that span them: a shape is the hull of its points, grown by a radius. The hull of a container is its outside. */
import type { ColliderDesc } from '@dimforge/rapier3d';
import { PROP_SHAPE, type PropTables } from '../program.js';
import type { Rapier } from './rapier.js';

export interface PropHull {
  /** x y z triples in the frame of the prop, metres. */
  points: Float64Array;
  radius: number;
  /** Largest distance of the surface from the centre of the frame, metres. */
  reach: number;
}

const METRE = 1 / 65536;

/** Half of a prop's extents in metres. */
function halfExtents(props: PropTables, p: number): [number, number, number] {
  return [props.halfExtentsQ16[3 * p] * METRE, props.halfExtentsQ16[3 * p + 1] * METRE, props.halfExtentsQ16[3 * p + 2] * METRE];
}

export function propHull(props: PropTables, p: number): PropHull {
  const [x, y, z] = halfExtents(props, p);
  switch (props.shape[p]) {
    case PROP_SHAPE.ball:
      return { points: Float64Array.of(0, 0, 0), radius: x, reach: x };
    case PROP_SHAPE.capsule:
      return { points: Float64Array.of(0, x - y, 0, 0, y - x, 0), radius: x, reach: y };
    case PROP_SHAPE.ramp:
      return {
        points: Float64Array.of(-x, -y, -z, -x, -y, z, x, -y, -z, x, -y, z, x, y, -z, x, y, z),
        radius: 0,
        reach: Math.sqrt(x * x + y * y + z * z),
      };
    default: {
      const corners = [-x, x].flatMap((cx) => [-y, y].flatMap((cy) => [-z, z].flatMap((cz) => [cx, cy, cz])));
      return { points: Float64Array.from(corners), radius: 0, reach: Math.sqrt(x * x + y * y + z * z) };
    }
  }
}

/** Shape, mass and surface of prop p. */
export function propCollider(rapier: Rapier, props: PropTables, p: number): ColliderDesc {
  const collider = shapeOf(rapier, props, p);
  collider.setMass(props.massKg[p]).setFriction(props.friction[p]).setRestitution(props.restitution[p]);
  // Against terrain, whose coefficients are 1 and multiply, a prop's own count.
  return collider
    .setFrictionCombineRule(rapier.CoefficientCombineRule.Average)
    .setRestitutionCombineRule(rapier.CoefficientCombineRule.Average);
}

function shapeOf(rapier: Rapier, props: PropTables, p: number): ColliderDesc {
  const [x, y, z] = halfExtents(props, p);
  switch (props.shape[p]) {
    case PROP_SHAPE.ball:
      return rapier.ColliderDesc.ball(x);
    case PROP_SHAPE.capsule:
      // A capsule as high as it is wide is a ball.
      return y > x ? rapier.ColliderDesc.capsule(y - x, x) : rapier.ColliderDesc.ball(x);
    case PROP_SHAPE.ramp:
      return rapier.ColliderDesc.convexHull(Float32Array.from(propHull(props, p).points))!;
    case PROP_SHAPE.container:
      return containerOf(rapier, x, y, z, props.wallQ16[p] * METRE);
    default:
      return rapier.ColliderDesc.cuboid(x, y, z);
  }
}

/** A floor and four walls as one collider; they touch and do not overlap, so that mass is spread evenly. Half extents and wall in metres. */
function containerOf(rapier: Rapier, x: number, y: number, z: number, wall: number): ColliderDesc {
  const half = wall / 2;
  // Half extents and centre of each plate.
  const plates: [number, number, number, number, number, number][] = [
    [x, half, z, 0, half - y, 0],
    [half, y - half, z, half - x, half, 0],
    [half, y - half, z, x - half, half, 0],
    [x - wall, y - half, half, 0, half, half - z],
    [x - wall, y - half, half, 0, half, z - half],
  ];
  return rapier.ColliderDesc.compound(
    plates.map(([hx, hy, hz]) => new rapier.Cuboid(hx, hy, hz)),
    plates.map(([, , , cx, cy, cz]) => ({ x: cx, y: cy, z: cz })),
    plates.map(() => ({ x: 0, y: 0, z: 0, w: 1 })),
  );
}
