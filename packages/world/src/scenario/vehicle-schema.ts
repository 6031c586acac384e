/**
 * Bodies of `type: "rigid"`: vehicles that the rigid tier simulates, with their parameters in SI, each with limits and a default.
 * Frame of a vehicle: x to its right, y up, -z ahead. Sizes are those of the chassis, a box; wheels and rotors take no room of their own.
 */
import { z } from 'zod';

export const VEHICLE_KINDS = ['car', 'rover', 'quadcopter'] as const;
export type VehicleKind = (typeof VEHICLE_KINDS)[number];

const parameter = (low: number, high: number, value: number, what: string, unit: string) =>
  z
    .number()
    .min(low)
    .max(high)
    .default(value)
    .describe(`${what}, ${low}..${high}${unit === '' ? '' : ` ${unit}`}; default ${value}.`);

const size = (low: number, high: number, value: [number, number, number]) => {
  const edge = z.number().min(low).max(high);
  return z
    .tuple([edge, edge, edge])
    .default(value)
    .describe(`Chassis: width, height and length in metres, each ${low}..${high}; default [${value.join(', ')}].`);
};

const friction = parameter(0, 2, 0.5, 'Coulomb friction of the chassis, where it scrapes', '');
const restitution = parameter(0, 1, 0, 'Share of speed that the chassis keeps in a bounce', '');

/** What holds wheels: a spring and a damper over each, per kilogram of the vehicle, so that a heavier one sinks as deep. */
const suspension = (rest: number, stiffness: number, damping: number) => ({
  suspensionLength: parameter(0.02, 0.6, rest, 'Length of a suspension without load, in metres', 'm'),
  stiffness: parameter(5, 200, stiffness, 'Spring rate of a suspension per kilogram of the vehicle, in 1/s^2', '1/s^2'),
  damping: parameter(0.2, 20, damping, 'Damping of a suspension per kilogram of the vehicle, in 1/s', '1/s'),
  grip: parameter(0.1, 2, 0.9, 'Coulomb friction of the tyres', ''),
});

const type = z.literal('rigid').describe('A rigid body, moved by the rigid tier.');

const CarSchema = z.strictObject({
  type,
  vehicle: z.literal('car').describe('Four wheels, of which the front ones steer and all drive and brake.'),
  size: size(0.3, 4, [1.2, 0.5, 2.2]),
  massKg: parameter(5, 5000, 400, 'Mass in kilograms', 'kg'),
  wheelRadius: parameter(0.05, 1, 0.3, 'Radius of a wheel in metres', 'm'),
  wheelbase: parameter(0.1, 4, 1.5, 'Distance between the axles in metres, at most the length', 'm'),
  track: parameter(0.1, 4, 1.1, 'Distance between left and right wheels in metres, at most the width', 'm'),
  ...suspension(0.25, 30, 3),
  maxSteerDeg: parameter(1, 45, 32, 'Largest steering angle of the front wheels in degrees', 'degrees'),
  steerRateDeg: parameter(5, 720, 180, 'How fast the wheels are steered, in degrees per second', 'degrees/s'),
  engineForce: parameter(0, 50000, 1600, 'Force of the engine in newtons, cut to what the tyres hold', 'N'),
  brakeForce: parameter(0, 100000, 6000, 'Force of the brakes in newtons, cut to what the tyres hold', 'N'),
  maxSpeed: parameter(0.5, 30, 10, 'Speed at which the engine pushes no more, in metres per second; half of it in reverse', 'm/s'),
  friction,
  restitution,
});

const RoverSchema = z.strictObject({
  type,
  vehicle: z.literal('rover').describe('A driven wheel on either side, and castors in front and behind that only carry.'),
  size: size(0.2, 4, [0.7, 0.3, 0.9]),
  massKg: parameter(2, 2000, 40, 'Mass in kilograms', 'kg'),
  wheelRadius: parameter(0.05, 1, 0.15, 'Radius of a wheel in metres', 'm'),
  track: parameter(0.1, 4, 0.6, 'Distance between left and right wheel in metres, at most the width', 'm'),
  ...suspension(0.12, 60, 6),
  motorForce: parameter(0, 10000, 90, 'Force of each of the two motors at its wheel in newtons, cut to what the tyre holds', 'N'),
  maxSpeed: parameter(0.2, 15, 2.5, 'Speed of a wheel at full command, in metres per second', 'm/s'),
  maxTurnRateDeg: parameter(10, 360, 120, 'Turning on the spot at full command, in degrees per second', 'degrees/s'),
  friction,
  restitution,
});

const QuadcopterSchema = z.strictObject({
  type,
  vehicle: z.literal('quadcopter').describe('Four rotors that push along the body upright; nothing else keeps it up.'),
  size: size(0.1, 2, [0.5, 0.14, 0.5]),
  massKg: parameter(0.1, 50, 1.5, 'Mass in kilograms', 'kg'),
  armLength: parameter(0.05, 1, 0.2, 'Distance of each rotor from the centre, along x and along z, in metres', 'm'),
  maxThrust: parameter(0.1, 500, 7.5, 'Largest thrust of one rotor in newtons; the four together must lift more than the mass', 'N'),
  torquePerThrust: parameter(0.001, 0.2, 0.05, 'Yaw torque of a rotor per newton of its thrust, in metres', 'm'),
  motorLag: parameter(0, 0.5, 0.04, 'Time constant with which thrust follows its command, in seconds', 's'),
  drag: parameter(0, 5, 0.3, 'Share of speed lost to the air per second, in 1/s', '1/s'),
  assist: z
    .enum(['level', 'rate'])
    .default('level')
    .describe(
      '"level" (default): the stick is a tilt and a rate of climb, and the copter levels and holds its height without one; "rate": the stick is body rates and thrust, and without one thrust equals weight.',
    ),
  maxTiltDeg: parameter(5, 60, 25, 'Tilt at full command in degrees', 'degrees'),
  maxClimb: parameter(0.2, 10, 2, 'Rate of climb and descent at full command, in metres per second', 'm/s'),
  maxYawRateDeg: parameter(10, 720, 120, 'Turn at full command, in degrees per second', 'degrees/s'),
  friction,
  restitution,
});

export const VehicleSchema = z.discriminatedUnion('vehicle', [CarSchema, RoverSchema, QuadcopterSchema]);
export type Vehicle = z.output<typeof VehicleSchema>;
export type CarBody = z.output<typeof CarSchema>;
export type RoverBody = z.output<typeof RoverSchema>;
export type QuadcopterBody = z.output<typeof QuadcopterSchema>;
