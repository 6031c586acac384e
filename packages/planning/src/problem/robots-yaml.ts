/**
 * Problems of dynobench, db-CBS and db-LaCAM: an environment with bounds and obstacles, and robots with type, start and goal.
 * @source dynobench (MIT), IMRCLab/db-CBS (MIT), IMRCLab/db-lacam: the layout of `envs/*.yaml`.
 */
import { didYouMean } from '@kinovox/world';
import { z } from 'zod';
import { createDynamics, DYNAMICS_NAMES } from '../dynamics/create-dynamics.js';
import { numStates } from '../dynamics/dynamics.js';
import type { ContinuousProblem, Obstacle, Robot } from './problem.js';
import { refuseFile } from './refusal.js';
import { checkedYaml, readYaml } from './yaml-file.js';

const NEXT_STEP = 'Compare the file with the example in docs/planning.md.';
const MAX_ROBOTS = 10_000;
const MAX_OBSTACLES = 100_000;
const POINT = z.array(z.number()).min(2, 'must have 2 or 3 numbers').max(3, 'must have 2 or 3 numbers');
const OBSTACLE = z.discriminatedUnion('type', [
  z.object({ type: z.literal('box'), center: POINT, size: z.array(z.number().positive('must be more than 0')).min(2).max(3) }),
  z.object({ type: z.literal('sphere'), center: POINT, radius: z.number().positive('must be more than 0') }),
]);
const FILE = z.object({
  name: z.string().optional(),
  environment: z.object({
    min: POINT,
    max: POINT,
    obstacles: z.array(OBSTACLE).max(MAX_OBSTACLES).nullish(),
  }),
  robots: z
    .array(z.object({ name: z.string().optional(), type: z.string(), start: z.array(z.number()), goal: z.array(z.number()) }))
    .min(1, 'must have at least one robot')
    .max(MAX_ROBOTS),
});

/** @throws ScenarioError `problem-file` with file, line and path. */
export function parseRobotsYaml(text: string, fileName: string): ContinuousProblem {
  const file = readYaml(text, fileName);
  const { name, environment, robots } = checkedYaml(FILE, file, fileName);
  const refuse: Refuse = (path, must, got, next = NEXT_STEP) => refuseFile(fileName, file.lineOf(path), must, got, next);
  const space = environment.min.length as 2 | 3;
  const inSpace = (point: readonly number[], path: readonly PropertyKey[]): readonly [number, number, number] =>
    point.length === space
      ? [point[0], point[1], space === 3 ? point[2] : 0]
      : refuse(path, `A problem must keep to the ${space} dimensions of environment.min`, JSON.stringify(point));
  const min = inSpace(environment.min, ['environment', 'min']);
  const max = inSpace(environment.max, ['environment', 'max']);
  if (min.some((low, axis) => low > max[axis]))
    refuse(['environment', 'max'], 'environment.max must not lie below environment.min', JSON.stringify(environment.max));
  const obstacles = (environment.obstacles ?? []).map((one, index): Obstacle => {
    const path = ['environment', 'obstacles', index];
    const center = inSpace(one.center, [...path, 'center']);
    return one.type === 'box'
      ? { shape: 'box', center, size: inSpace(one.size, [...path, 'size']) }
      : { shape: 'ball', center, radius: one.radius };
  });
  const indexByName = new Map<string, number>();
  for (const [index, robot] of robots.entries()) {
    const own = nameOf(robot, index);
    const other = indexByName.get(own);
    if (other !== undefined)
      refuse(
        ['robots', index, 'name'],
        `robots[${index}].name must not be that of robots[${other}]`,
        own,
        'Give each robot a name of its own.',
      );
    indexByName.set(own, index);
  }
  return {
    kind: 'continuous',
    name: name ?? fileName,
    space,
    min,
    max,
    obstacles,
    robots: robots.map((robot, index) => readRobot(robot, index, space, refuse)),
  };
}

function nameOf({ name }: { readonly name?: string }, index: number): string {
  return name ?? `robot-${index}`;
}

type Refuse = (path: readonly PropertyKey[], must: string, got: string, next?: string) => never;

function readRobot(robot: z.infer<typeof FILE>['robots'][number], index: number, space: 2 | 3, refuse: Refuse): Robot {
  if (!DYNAMICS_NAMES.includes(robot.type))
    refuse(
      ['robots', index, 'type'],
      `robots[${index}].type must name known dynamics`,
      robot.type,
      `${didYouMean(robot.type, DYNAMICS_NAMES).trimStart()} Known: ${DYNAMICS_NAMES.join(', ')}.`.trimStart(),
    );
  const dynamics = createDynamics(robot.type);
  if (dynamics.space !== space)
    refuse(
      ['robots', index, 'type'],
      `robots[${index}] must move in the ${space} dimensions of environment.min`,
      `${robot.type}, which moves in ${dynamics.space}`,
    );
  const state = (key: 'start' | 'goal'): Float64Array => {
    const values = robot[key];
    if (values.length !== numStates(dynamics))
      refuse(
        ['robots', index, key],
        `robots[${index}].${key} must have the ${numStates(dynamics)} numbers ${dynamics.stateNames.join(', ')}`,
        `${values.length} numbers`,
      );
    const q = dynamics.quaternion;
    if (q !== undefined && Math.abs(Math.hypot(...values.slice(q, q + 4)) - 1) > 1e-3)
      refuse(
        ['robots', index, key],
        `robots[${index}].${key} must hold a quaternion x, y, z, w of length 1`,
        JSON.stringify(values.slice(q, q + 4)),
      );
    return Float64Array.from(values);
  };
  return { name: nameOf(robot, index), dynamics, start: state('start'), goal: state('goal') };
}
