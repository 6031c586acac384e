/** f64 dynamics: steps by hand, rest, bounds, names, and in place. The reference solutions are held in validator-references.test.ts. */
import { angleDifference, createDynamics, DYNAMICS_NAMES, numControls, numStates } from '@kinovox/planning';
import { describe, expect, it } from 'vitest';

const step = (name: string, state: number[], control: number[]) => {
  const out = new Float64Array(state.length);
  createDynamics(name).stepInto(out, Float64Array.from(state), Float64Array.from(control));
  return [...out];
};

describe('dynamics', () => {
  it('move by hand-computed steps of explicit Euler', () => {
    expect(step('unicycle1_v0', [1, 2, Math.PI / 2], [0.5, 0.5])).toEqual([
      1 + 0.5 * Math.cos(Math.PI / 2) * 0.1,
      2.05,
      Math.PI / 2 + 0.05,
    ]);
    expect(step('unicycle2_v0', [0, 0, 0, 0.4, -0.2], [0.25, 0.25])).toEqual([
      0.04000000000000001, 0, -0.020000000000000004, 0.42500000000000004, -0.17500000000000002,
    ]);
    expect(step('integrator2_3d_v0', [0, 0, 0, 0.5, 0, -0.5], [0, 2, 0])).toEqual([0.05, 0, -0.05, 0.5, 0.2, -0.5]);
    expect(step('integrator1_2d_v0', [0, 1], [0.5, -0.5])).toEqual([0.05, 0.95]);
    const car = step('car1_v0', [0, 0, 0, -0.5], [0.5, 0.3]);
    expect(car[2]).toBeCloseTo(2 * Math.tan(0.3) * 0.1, 15);
    expect(car[3]).toBeCloseTo(-0.5 + Math.sin(0.5) * 0.1, 15);
    const quad = step('quad2d_v0', [0, 0, 0, 0, 0, 0], [1.1, 0.9]);
    expect(quad[4]).toBeCloseTo(0, 12);
    expect(quad[5]).toBeCloseTo(((0.1 * 0.034 * 9.81) / 2 / 1e-4) * 0.2 * 0.01, 12);
  });

  it('stay where they are under their neutral control when they can rest', () => {
    for (const name of DYNAMICS_NAMES) {
      const dynamics = createDynamics(name);
      const state = new Float64Array(numStates(dynamics));
      if (dynamics.quaternion !== undefined) state[dynamics.quaternion + 3] = 1;
      const out = new Float64Array(state.length);
      dynamics.stepInto(out, state, dynamics.neutral);
      const moved = Math.max(...out.map((value, i) => Math.abs(value - state[i])));
      expect([name, moved < 1e-15], name).toEqual([name, dynamics.canRest]);
    }
  });

  it('step the same in place, and keep a quaternion at length 1', () => {
    for (const name of DYNAMICS_NAMES) {
      const dynamics = createDynamics(name);
      const state = Float64Array.from({ length: numStates(dynamics) }, (_, i) => 0.1 + 0.07 * i);
      const control = Float64Array.from({ length: numControls(dynamics) }, (_, i) => 0.2 + 0.1 * i);
      const out = new Float64Array(state.length);
      dynamics.stepInto(out, state, control);
      dynamics.stepInto(state, state, control);
      expect([...state]).toEqual([...out]);
      const q = dynamics.quaternion;
      if (q !== undefined) expect(Math.hypot(...out.subarray(q, q + 4))).toBeCloseTo(1, 14);
    }
  });

  it('measure no distance from a state to itself, nor over a full turn', () => {
    for (const name of DYNAMICS_NAMES) {
      const dynamics = createDynamics(name);
      const a = Float64Array.from({ length: numStates(dynamics) }, (_, i) => Math.sin(i + 1));
      if (dynamics.quaternion === 3) a.set([0.5, 0.5, 0.5, 0.5], 3);
      const b = a.slice();
      for (const angle of dynamics.angles) b[angle] += 2 * Math.PI;
      expect(dynamics.distance(a, b)).toBeCloseTo(0, 12);
      b[0] += 0.25;
      expect(dynamics.distance(a, b)).toBeCloseTo(0.25, 12);
    }
  });

  it('place a trailer behind its car', () => {
    const dynamics = createDynamics('car_first_order_with_1_trailers_0');
    const place = new Float64Array(14);
    dynamics.placeInto(place, Float64Array.from([1, 2, 0, Math.PI / 2]));
    expect([...place.subarray(0, 3)]).toEqual([1, 2, 0]);
    expect(place[7]).toBeCloseTo(1, 12);
    expect(place[8]).toBeCloseTo(1.5, 12);
    expect(2 * Math.atan2(place[12], place[13])).toBeCloseTo(Math.PI / 2, 12);
  });

  it('are refused by a sentence where the name is unknown', () => {
    expect(() => createDynamics('unicycle1_v00')).toThrow(/got "unicycle1_v00"\. Did you mean "unicycle1_v0"\?/);
    expect(() => createDynamics('constructor')).toThrow(/Known: unicycle1_v0/);
  });

  it('takes angles the short way round', () => {
    expect(angleDifference(3.1, -3.1)).toBeCloseTo(6.2 - 2 * Math.PI, 12);
    expect(angleDifference(0.2, 0.1)).toBeCloseTo(0.1, 12);
  });
});
