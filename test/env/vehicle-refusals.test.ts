/** Vehicles that cannot be are refused at load, with the path and the next step. */
import { compileScenario } from '@kinovox/env';
import { parseScenario } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { type BodyInput, CAR, driver, field } from '../physics/vehicle-worlds.js';

const levelOf = (body: unknown, feet?: [number, number, number]) => {
  const scenario = field([driver(body as BodyInput, feet)]);
  return compileScenario(parseScenario(scenario, scenario.id)).variantSource('train').get(0);
};

describe('a vehicle', () => {
  it('is taken as it is by default', () => {
    expect(levelOf(CAR).spawnPoints).toHaveLength(3);
  });

  it.each([
    ['rigid', /agents\[0\]\.body .*"vehicle": "car" \| "rover" \| "quadcopter"/],
    ['rover', /"rover" are not simulated yet/],
    [{ type: 'rigid', vehicle: 'boat' }, /agents\[0\]\.body\.vehicle .*got "boat".*Choose "car", "rover" or "quadcopter"/],
    [{ type: 'rigid', vehicle: 'car', massKg: 0 }, /agents\[0\]\.body\.massKg must be at least 5; got 0/],
    [{ type: 'rigid', vehicle: 'car', track: 2 }, /agents\[0\]\.body\.track must be at most the width/],
    [{ type: 'rigid', vehicle: 'rover', stiffness: 5 }, /agents\[0\]\.body\.stiffness must be more than/],
    [{ type: 'rigid', vehicle: 'quadcopter', maxThrust: 2 }, /agents\[0\]\.body\.maxThrust must be more than/],
  ])('is refused as %j', (body, sentence) => {
    expect(() => levelOf(body)).toThrow(sentence);
  });

  it('is refused where it would stand in a wall', () => {
    expect(() => levelOf(CAR, [0.5, 4, 32])).toThrow(/A car must have room where it starts/);
  });
});
