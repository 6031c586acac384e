/**
 * The bodies of dynobench's problem files, and the older names that db-CBS gives them. Problem files name a body and say nothing of its limits, so they stand here.
 * @source dynobench 4ddf752 `models/*.yaml` (MIT, Ortiz-Haro and Hoenig; values only); where a file says "default parameters", the defaults of its C++ model. Two
 * shapes follow db-CBS and db-LaCAM instead, whose problems leave no room for the box of those defaults: `integrator2_3d_v0` and `single_integrator` are balls of 0.1 m.
 */
import { createCarTrailer } from './car-trailer.js';
import type { Dynamics, Part } from './dynamics.js';
import { createIntegrator1 } from './integrator1.js';
import { createIntegrator2 } from './integrator2.js';
import { createQuad2d } from './quad2d.js';
import { createQuad3d } from './quad3d.js';
import { createUnicycle1, type Unicycle1Parameters } from './unicycle1.js';
import { createUnicycle2 } from './unicycle2.js';

/** 0.5 x 0.25 m. */
const CART: Part = { shape: 'box', half: [0.25, 0.125, 0] };
const ball = (radius: number): Part => ({ shape: 'ball', radius });
const UNICYCLE1: Unicycle1Parameters = { dt: 0.1, speed: [-0.5, 0.5], turnRate: [-0.5, 0.5], part: CART, weights: [1, 0.5] };

export const MODELS: Readonly<Record<string, (name: string) => Dynamics>> = {
  unicycle1_v0: (name) => createUnicycle1(name, UNICYCLE1),
  unicycle1_v1: (name) => createUnicycle1(name, { ...UNICYCLE1, speed: [0.25, 0.5] }),
  unicycle1_v2: (name) => createUnicycle1(name, { ...UNICYCLE1, speed: [0.25, 0.5], turnRate: [-0.25, 0.5] }),
  unicycle1_sphere_v0: (name) => createUnicycle1(name, { ...UNICYCLE1, part: ball(0.4) }),
  unicycle2_v0: (name) =>
    createUnicycle2(name, {
      dt: 0.1,
      speed: 0.5,
      turnRate: 0.5,
      acceleration: 0.25,
      turnAcceleration: 0.25,
      part: CART,
      weights: [1, 0.5, 0.25, 0.25],
    }),
  car1_v0: (name) =>
    createCarTrailer(name, {
      dt: 0.1,
      speed: [-0.1, 0.5],
      steering: 1.047198,
      wheelbase: 0.25,
      hitch: 0.5,
      size: [0.5, 0.25],
      trailerSize: [0.3, 0.25],
      weights: [1, 0.5, 0.5],
    }),
  integrator1_2d_v0: (name) => createIntegrator1(name, { dt: 0.1, speed: 0.5, part: CART }),
  single_integrator_ball: (name) => createIntegrator1(name, { dt: 0.1, speed: 0.5, part: ball(0.1) }),
  integrator2_2d_v0: (name) =>
    createIntegrator2(name, { space: 2, dt: 0.1, speed: 0.5, acceleration: 2, part: ball(0.1), weights: [1, 0.5] }),
  integrator2_3d_v0: (name) =>
    createIntegrator2(name, { space: 3, dt: 0.1, speed: 0.5, acceleration: 2, part: ball(0.1), weights: [1, 0.5] }),
  quad2d_v0: (name) =>
    createQuad2d(name, {
      dt: 0.01,
      speed: 4,
      turnRate: 8,
      maxForce: 1.3,
      mass: 0.034,
      inertia: 1e-4,
      arm: 0.1,
      size: [0.6, 0.2],
      weights: [1, 0.5, 0.2, 0.2],
    }),
  quad3d_v0: (name) =>
    createQuad3d(name, {
      dt: 0.01,
      speed: 4,
      turnRate: 8,
      maxForce: 1.3,
      mass: 0.034,
      inertia: [16.57171e-6, 16.655602e-6, 29.261652e-6],
      arm: 0.046,
      torquePerThrust: 0.006,
      radius: 0.25,
      weights: [1, 0.5, 0.1, 0.05],
    }),
};

/** Older names of db-CBS. Its `unicycle_first_order_0` is the box; dynobench's file of that name has a ball, which belongs to `..._sphere`. */
export const OLDER_NAMES: Readonly<Record<string, string>> = {
  unicycle_first_order_0: 'unicycle1_v0',
  unicycle_first_order: 'unicycle1_v0',
  unicycle_first_order_0_sphere: 'unicycle1_sphere_v0',
  unicycle_second_order_0: 'unicycle2_v0',
  car_first_order_with_1_trailers_0: 'car1_v0',
  double_integrator_0: 'integrator2_2d_v0',
  single_integrator: 'single_integrator_ball',
  single_integrator_0: 'single_integrator_ball',
};
