/** Libraries of motion primitives: made by rolling out the dynamics, read from dynobench's files, and searched with gaps. */
import {
  type ContinuousProblem,
  createDynamics,
  createGapPlanner,
  createPrimitiveSource,
  generatePrimitives,
  loadProblem,
  type PlanResult,
  parsePrimitives,
  rolledOut,
  validatePlan,
} from '@kinovox/planning';
import { describe, expect, it } from 'vitest';

const NAMES = ['unicycle1_v0', 'unicycle2_v0', 'car1_v0', 'integrator2_2d_v0', 'integrator2_3d_v0'];

describe('generatePrimitives', () => {
  it.each(NAMES)('makes motions of %s within bounds that begin at position 0 and are steps of the dynamics', (name) => {
    const dynamics = createDynamics(name);
    const { motions } = generatePrimitives(dynamics, 50, 7);
    expect(motions).toHaveLength(50);
    const nx = dynamics.stateNames.length;
    for (const { states, controls } of motions) {
      const start = states.slice(0, nx);
      expect([...start.slice(0, dynamics.space)].every((value) => value === 0)).toBe(true);
      expect(rolledOut(dynamics, start, controls)).toEqual(states);
      expect(controls.every((value, at) => value >= dynamics.controlLow[at % 2] && value <= dynamics.controlHigh[at % 2])).toBe(true);
      const beyond = states.some(
        (value, at) =>
          at % nx >= dynamics.space && (value < dynamics.stateLow[at % nx] - 1e-9 || value > dynamics.stateHigh[at % nx] + 1e-9),
      );
      expect(beyond).toBe(false);
    }
    const ends = new Set(motions.map(({ states }) => states.slice(-nx).join()));
    expect(ends.size).toBe(50);
  });

  it('makes the same with the same seed, another library with another, and a smaller one as the first part of a larger', () => {
    const dynamics = createDynamics('unicycle2_v0');
    const { motions } = generatePrimitives(dynamics, 30, 1);
    expect(generatePrimitives(dynamics, 10, 1).motions).toEqual(motions.slice(0, 10));
    expect(generatePrimitives(dynamics, 30, 2).motions).not.toEqual(motions);
  });

  it('is made as far as it is asked for, ends when the time is up, and goes on to the same library', () => {
    const dynamics = createDynamics('unicycle2_v0');
    const source = createPrimitiveSource(30);
    let draws = 0;
    const first = source(dynamics, 20, () => ++draws > 5).motions;
    expect(draws).toBe(6);
    expect(first.length).toBeLessThanOrEqual(5);
    const ten = source(dynamics, 10).motions;
    expect(ten.slice(0, first.length)).toEqual(first);
    expect(source(dynamics, 100).motions).toEqual(generatePrimitives(dynamics, 30, 1).motions);
    expect(source(dynamics, 10).motions).toEqual(ten);
  });
});

/** MessagePack of `{ data: [{ actions, states }] }`, numbers as f64. */
function packed(motions: readonly { actions: number[][]; states: number[][] }[]): Uint8Array {
  const bytes: number[] = [];
  const text = (value: string): void => void bytes.push(0xa0 | value.length, ...new TextEncoder().encode(value));
  const number = (value: number): void => void bytes.push(0xcb, ...new Uint8Array(new Float64Array([value]).buffer).reverse());
  const rows = (value: number[][]): void => {
    bytes.push(0xdc, value.length >> 8, value.length & 255);
    for (const row of value) {
      bytes.push(0x90 | row.length);
      row.forEach(number);
    }
  };
  bytes.push(0x81);
  text('data');
  bytes.push(0x90 | motions.length);
  for (const { actions, states } of motions) {
    bytes.push(0x82);
    text('actions');
    rows(actions);
    text('states');
    rows(states);
  }
  return Uint8Array.from(bytes);
}

describe('parsePrimitives', () => {
  const dynamics = createDynamics('unicycle1_v0');
  const straight = {
    actions: [[0.5, 0]],
    states: [
      [0, 0, 0],
      [0.05, 0, 0],
    ],
  }; // prettier-ignore

  it('reads motions and rolls their states out again', () => {
    const { motions } = parsePrimitives(packed([straight, straight]), dynamics, 'lib.msgpack');
    expect(motions).toHaveLength(2);
    expect([...motions[0].states]).toEqual([0, 0, 0, 0.05, 0, 0]);
    expect([...motions[0].controls]).toEqual([0.5, 0]);
  });

  it.each([
    ['bytes cut off', packed([straight]).slice(0, 40), /an end after 40 bytes|an array of/],
    ['bytes after the end', Uint8Array.from([...packed([straight]), 0]), /1 bytes after the end/],
    ['another kind of value', Uint8Array.of(0xc1), /byte 0xc1 at offset 0/],
    ['a map without motions', Uint8Array.of(0x80), /at data/],
    ['a length beyond the file', Uint8Array.of(0xdd, 255, 255, 255, 255), /an array of 4294967295/],
    ['states that do not fit the actions', packed([{ ...straight, states: [[0, 0, 0]] }]), /1 states and 1 actions at data\.0/],
    ['rows of another body', packed([{ ...straight, actions: [[0.5]] }]), /rows of another length/],
    [
      'states that the body does not reach',
      packed([
        {
          ...straight,
          states: [
            [0, 0, 0],
            [0.07, 0, 0],
          ],
        },
      ]),
      /do not reach at data\.0\.states\.1/,
    ], // prettier-ignore
  ])('refuses %s with a sentence', (_, bytes, sentence) => {
    expect(() => parsePrimitives(bytes, dynamics, 'lib.msgpack')).toThrow(sentence);
    expect(() => parsePrimitives(bytes, dynamics, 'lib.msgpack')).toThrow(
      /^lib\.msgpack must be a library of motion primitives of unicycle1_v0/,
    );
  });
});

describe('db-astar-gaps', () => {
  it('closes the gaps: the plan is one of the dynamics, and the same again', () => {
    const problem = loadProblem(
      'environment:\n  min: [0, 0]\n  max: [4, 3]\n  obstacles: [{type: box, center: [2, 2.2], size: [0.4, 1.6]}]\nrobots:\n  - {type: unicycle1_v0, start: [1, 1.2, 0], goal: [3, 1.2, 0]}\n',
      'room.yaml',
      { readBeside: () => undefined },
    ) as ContinuousProblem;
    const result = createGapPlanner().plan(problem, { expansions: 600 }) as PlanResult;
    expect(result.status).toBe('solved');
    expect(validatePlan(problem, result.trajectories)).toEqual({ valid: true });
    expect(createGapPlanner().plan(problem, { expansions: 600 })).toMatchObject({ trajectories: result.trajectories });
  });
});
