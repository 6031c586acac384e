/**
 * PIBT for bodies with dynamics. Time goes in rounds of a few steps. Each robot owns a reservation: what it will do until it rests. In every round robots decide
 * by priority: among controls held for a round and then braked to rest, and the way straight to the goal, the first that keeps clear of all others' reservations
 * takes the place of the old one. Where a reservation of a robot that has not decided is in the way, that robot decides first; if it finds nothing, all
 * that hung on it is taken back. Going on with the old reservation is always possible, so no two reservations ever meet, and stopping at any step is safe.
 * @source Okumura, Machida, Defago, Tamura, Artificial Intelligence 310, 2022 (PIBT); Moldagalieva et al.: db-LaCAM, 2025 (primitives as moves). Differs: robots end
 * every move at rest for certain, and one move may push several.
 */
import { drawU32, randomStream } from '@kinovox/world';
import { angleDifference } from '../dynamics/angles.js';
import { numControls, numStates } from '../dynamics/dynamics.js';
import type { Spending } from '../mapf/spending.js';
import type { ContinuousProblem, Robot } from '../problem/problem.js';
import { type BodyMotions, createBodyMotions, isAtGoal } from './body-motions.js';
import { createGuide, createLattice, type Guide, type Lattice } from './guide.js';
import { bodyRadius, createReservation, meet, obstacleReservations, type Reservation } from './reservation.js';
import { addWay, createTraffic } from './traffic.js';

/** Steps of a round. */
export const ROUND = 5;
/** Robots that one move may push. */
const MAX_PUSHED = 3;
/** Robots that are pushed, again and again, until one has decided. */
const MAX_PUSHES = 100;
/** The way straight to the goal is looked at where the guide says less than so many seconds, and taken where it lasts less than the second number. */
const NEAR_GOAL = 12;
const LAST_WAY = 30;
/** Between the nodes of a coarse guide there are places from which no control leads on. A robot at rest that has come no nearer for so many rounds goes so far
 * along its guide's way at once, metres; nearer is so many seconds less. */
const STUCK_ROUNDS = 4;
const STRIDE = 1;
const NEARER = 0.05;
/** Seconds that a drawn preference weighs at most. */
const WHIM = 0.4;
/** Rounds for which it stays. */
const WHIM_ROUNDS = 4;

export interface DynamicTeam {
  /** Steps that were carried out. */
  readonly step: number;
  /** Per robot what it does from its last decision on. */
  readonly reservations: readonly Reservation[];
  readonly numAtGoal: number;
  /**
   * One round: everybody decides, and `ROUND` steps are carried out.
   * @param within what this round may spend, where that is bounded: whoever has not decided by then goes on as reserved.
   */
  round(within?: Spending): void;
  /** A round in which nobody decides: all go on as reserved. */
  hold(): void;
  /** Other guides from now on, by robot. */
  follow(guides: readonly Guide[]): void;
  /** Per robot all it did, and then its reservation to the end: `[N + 1, numStates]` and `[N, numControls]`. */
  plan(): { states: Float64Array; controls: Float64Array }[];
}

export interface Guidance {
  readonly bodies: readonly BodyMotions[];
  readonly guides: readonly Guide[];
  readonly obstacles: readonly Reservation[];
}

/** Lattices of all kinds of robots; undefined where the budget was spent meanwhile. */
export function createLattices(problem: ContinuousProblem, spending: Spending): ReadonlyMap<string, Lattice> | undefined {
  const lattices = new Map<string, Lattice>();
  for (const { dynamics } of problem.robots) {
    const lattice = lattices.get(dynamics.name) ?? createLattice(problem, dynamics, spending);
    if (lattice === undefined) return undefined;
    lattices.set(dynamics.name, lattice);
  }
  return lattices;
}

/**
 * Guides of all robots, one after the other in `order`: each keeps out of the way of all others' ways, those that are known by then as they are, the rest as they
 * would be alone.
 * @returns undefined where the budget was spent meanwhile.
 */
export function createGuidance(
  problem: ContinuousProblem,
  lattices: ReadonlyMap<string, Lattice>,
  order: readonly number[],
  spending: Spending,
): Guidance | undefined {
  const { robots } = problem;
  const guides: Guide[] = [];
  const ways = new Map<number, Float64Array>();
  for (const i of order) {
    const guide = createGuideAmong(problem, lattices, i, ways, spending);
    if (guide === undefined) return undefined;
    guides[i] = guide;
    ways.set(i, guide.wayFrom(robots[i].start));
  }
  const bodies = robots.map(({ dynamics }) => createBodyMotions(dynamics) as BodyMotions);
  return { bodies, guides, obstacles: obstacleReservations(problem) };
}

/**
 * The guide of robot i out of the way of all others.
 * @param ways of those that are known, as `Guide.wayFrom` gives them; the rest count at their starts and goals.
 * @returns undefined where the budget was spent meanwhile.
 */
export function createGuideAmong(
  { robots, space }: ContinuousProblem,
  lattices: ReadonlyMap<string, Lattice>,
  i: number,
  ways: ReadonlyMap<number, Float64Array>,
  spending: Spending,
): Guide | undefined {
  const lattice = lattices.get(robots[i].dynamics.name) as Lattice;
  const traffic = createTraffic(lattice);
  for (const [j, { start, goal, dynamics }] of robots.entries()) {
    if (j === i) continue;
    if (spending.look()) return undefined;
    const reach = 0.05 + [dynamics, robots[i].dynamics].reduce((sum, { parts }) => sum + bodyRadius(parts[0]), 0);
    const place = (state: Float64Array): number[] => [0, 1, 2].map((axis) => (axis < space ? state[axis] : 0));
    addWay(traffic, lattice, ways.get(j) ?? Float64Array.from([...place(start), ...place(start)]), reach);
    if (!ways.has(j)) addWay(traffic, lattice, Float64Array.from([...place(goal), ...place(goal)]), reach);
  }
  return createGuide(lattice, robots[i].goal, spending, traffic);
}

interface Move {
  readonly reservation: Reservation;
  /** Least first. */
  readonly key: number;
  /** Whether it meets no obstacle; undefined until it is asked. */
  free?: boolean;
  /** The way straight to the goal is long: nobody is pushed for it. */
  readonly last?: true;
}

/**
 * @param seed 0 follows the guides; others mix drawn preferences into them.
 * @returns a sentence where the braking ways of the starts are not clear of each other and of obstacles.
 */
export function createDynamicTeam(problem: ContinuousProblem, guidance: Guidance, spending: Spending, seed: number): DynamicTeam | string {
  const { robots, space } = problem;
  const { bodies, obstacles } = guidance;
  let { guides } = guidance;
  let step = 0;
  let round = 0;
  let pushes = 0;
  let bounded: Spending | undefined;
  const rollers = robots.map((_, i) => createRoller(problem, i, bodies[i]));
  const owned: Reservation[] = [];
  for (const [i, { name, start }] of robots.entries()) {
    const braking = rollers[i](0, start, []);
    if (braking === undefined) return `${name} cannot brake within its bounds from its start.`;
    if (obstacles.some((one) => meet(one, braking, 0, space))) return `${name} cannot brake from its start before it meets an obstacle.`;
    const other = owned.findIndex((one) => meet(one, braking, 0, space));
    if (other >= 0) return `${robots[other].name} and ${name} meet when they brake from their starts.`;
    owned.push(braking);
  }
  const current = robots.map(({ start }) => start.slice());
  const done = robots.map(() => ({ states: [] as Float64Array[], controls: [] as Float64Array[] }));
  // Rounds since a robot was at its goal; ties by the way it had at the start, as a share below one round.
  const elapsed = robots.map(({ start }, i) => Math.min(0.999, guides[i].of(start) / 1e4));
  // The least time to the goal that a robot has had, and when.
  const progress = robots.map(() => ({ least: Infinity, round: 0 }));
  const decided = new Uint8Array(robots.length);
  const moves: (Move[] | undefined)[] = robots.map(() => undefined);
  const taken: { robot: number; before: Reservation }[] = [];
  const endOf = (i: number, { states }: Reservation): Float64Array => states.subarray(states.length - numStates(robots[i].dynamics));
  const whim = (i: number, index: number): number =>
    seed === 0 ? 0 : (WHIM * drawU32(randomStream(seed, 0, Math.floor(round / WHIM_ROUNDS), i, 0), index)) / 2 ** 32;

  const movesOf = (i: number): Move[] => {
    const state = current[i];
    const known = owned[i];
    const dt = robots[i].dynamics.dt;
    const left = Math.max(0, known.from + known.steps - step);
    const resting = endOf(i, known);
    const list: Move[] = [
      { reservation: known, key: isAtGoal(resting, robots[i]) ? -1 / (1 + left) : guides[i].of(resting) + whim(i, 0), free: true },
    ];
    for (const [index, control] of bodies[i].choices(state, ROUND).entries()) {
      const reservation = rollers[i](
        step,
        state,
        Array.from({ length: ROUND }, () => control),
      );
      if (reservation === undefined) continue;
      list.push({ reservation, key: guides[i].of(endOf(i, reservation)) + whim(i, index + 1) });
    }
    if (guides[i].of(state) < NEAR_GOAL && !isAtGoal(resting, robots[i])) {
      const braking = bodies[i].brake(state);
      const rest = rollers[i](step, state, braking);
      if (rest !== undefined) {
        const way = rollers[i](step, state, [...braking, ...bodies[i].goTo(endOf(i, rest), robots[i].goal)]);
        if (way !== undefined && way.steps * dt < LAST_WAY && isAtGoal(endOf(i, way), robots[i]))
          list.push({ reservation: way, key: -1 / (2 + way.steps), last: true });
      }
    }
    if (left === 0 && round - progress[i].round >= STUCK_ROUNDS && !isAtGoal(resting, robots[i])) {
      const way = rollers[i](step, state, bodies[i].goTo(state, stride(robots[i], guides[i], state)));
      if (way !== undefined && way.steps > 0) list.push({ reservation: way, key: Math.min(...list.map(({ key }) => key)) - 1e-6 });
    }
    return list.sort((a, b) => a.key - b.key);
  };

  const takeBack = (mark: number): void => {
    while (taken.length > mark) {
      const { robot, before } = taken.pop() as { robot: number; before: Reservation };
      owned[robot] = before;
      decided[robot] = 0;
    }
  };

  const decide = (i: number): boolean => {
    decided[i] = 1;
    const before = owned[i];
    moves[i] ??= movesOf(i);
    const pushed: number[] = [];
    for (const move of moves[i]) {
      if (bounded?.spent === true) return false;
      (bounded ?? spending).expand();
      const { reservation } = move;
      move.free ??= !obstacles.some((one) => meet(one, reservation, step, space));
      if (!move.free) continue;
      pushed.length = 0;
      let possible = true;
      for (let j = 0; j < owned.length && possible; j++) {
        if (j === i || !meet(owned[j], reservation, step, space)) continue;
        if (decided[j] === 1 || pushed.length === MAX_PUSHED || move.last === true || pushes >= MAX_PUSHES) possible = false;
        else pushed.push(j);
      }
      if (!possible) continue;
      const mark = taken.length;
      owned[i] = reservation;
      const all = pushed.every((j) => {
        // One that was pushed before may have moved it on.
        if (!meet(owned[j], reservation, step, space)) return true;
        if (decided[j] === 1) return false;
        pushes++;
        if (decide(j)) return true;
        // Another move may leave it more room.
        decided[j] = 0;
        return false;
      });
      if (all) {
        taken.push({ robot: i, before });
        return true;
      }
      takeBack(mark);
      owned[i] = before;
    }
    return false;
  };

  const carryOut = (): void => {
    for (const [i, robot] of robots.entries()) {
      const { from, steps, states, controls } = owned[i];
      const nx = numStates(robot.dynamics);
      const nu = numControls(robot.dynamics);
      for (let k = step; k < step + ROUND; k++) {
        const row = Math.min(k - from, steps);
        done[i].states.push(states.subarray(row * nx, (row + 1) * nx));
        done[i].controls.push(row < steps ? controls.subarray(row * nu, (row + 1) * nu) : REST.subarray(0, nu));
      }
      const row = Math.min(step + ROUND - from, steps);
      current[i].set(states.subarray(row * nx, (row + 1) * nx));
      elapsed[i] = isAtGoal(current[i], robot) ? elapsed[i] % 1 : elapsed[i] + 1;
      const toGoal = guides[i].of(current[i]);
      if (toGoal < progress[i].least - NEARER) progress[i] = { least: toGoal, round };
    }
    step += ROUND;
    round++;
  };

  return {
    get step() {
      return step;
    },
    reservations: owned,
    get numAtGoal() {
      return current.reduce((count, state, i) => count + (isAtGoal(state, robots[i]) && step >= owned[i].from + owned[i].steps ? 1 : 0), 0);
    },
    round(within) {
      bounded = within;
      decided.fill(0);
      moves.fill(undefined);
      const order = Array.from(robots.keys()).sort((a, b) => elapsed[b] - elapsed[a] || a - b);
      for (const i of order) {
        taken.length = 0;
        pushes = 0;
        if (decided[i] === 1) continue;
        // Nothing is better than to go on to the goal.
        if (isAtGoal(endOf(i, owned[i]), robots[i])) decided[i] = 1;
        else decide(i);
      }
      carryOut();
    },
    hold: carryOut,
    follow(others) {
      guides = others;
      for (const one of progress) one.least = Infinity;
    },
    plan() {
      return robots.map(({ dynamics }, i) => {
        const { from, steps, states, controls } = owned[i];
        const row = Math.min(step - from, steps);
        const rest = { states: states.subarray(row * numStates(dynamics)), controls: controls.subarray(row * numControls(dynamics)) };
        return { states: joined([...done[i].states, rest.states]), controls: joined([...done[i].controls, rest.controls]) };
      });
    },
  };
}

const REST = new Float64Array(8);

/** The first place on the guide's way, a stride ahead or more, from which less time is left than from here: forwards or backwards, as the body stands. */
function stride({ dynamics, goal }: Robot, guide: Guide, state: Float64Array): Float64Array {
  const { space } = dynamics;
  const way = guide.wayFrom(state);
  const left = guide.of(state) - NEARER;
  for (let at = 0; at < way.length; at += 3) {
    const ahead = Array.from({ length: space }, (_, axis) => way[at + axis] - state[axis]);
    if (Math.hypot(...ahead) < STRIDE) continue;
    const target = new Float64Array(state.length);
    for (let axis = 0; axis < space; axis++) target[axis] = way[at + axis];
    if (dynamics.angles.length > 0) {
      const turn = angleDifference(Math.atan2(ahead[1], ahead[0]), state[space]);
      target[space] = state[space] + (Math.abs(turn) > Math.PI / 2 ? turn - Math.sign(turn) * Math.PI : turn);
    }
    if (guide.of(target) < left) return target;
  }
  return goal;
}

/** Rolls controls out by the dynamics and brakes to rest; undefined where a state leaves its bounds. */
function createRoller({ min, max, space, robots }: ContinuousProblem, index: number, body: BodyMotions) {
  const { dynamics } = robots[index];
  const nx = numStates(dynamics);
  const nu = numControls(dynamics);
  const low = dynamics.stateLow.map((bound, i) => (i < space ? min[i] : bound) - 5e-10);
  const high = dynamics.stateHigh.map((bound, i) => (i < space ? max[i] : bound) + 5e-10);
  return (from: number, start: Float64Array, controls: readonly Float64Array[]): Reservation | undefined => {
    const state = start.slice();
    const states = [state.slice()];
    const apply = (control: Float64Array): boolean => {
      dynamics.stepInto(state, state, control);
      states.push(state.slice());
      return state.every((value, i) => value >= low[i] && value <= high[i]);
    };
    if (!controls.every(apply)) return undefined;
    const braking = body.brake(state);
    if (!braking.every(apply)) return undefined;
    const all = new Float64Array((controls.length + braking.length) * nu);
    for (const [k, control] of [...controls, ...braking].entries()) all.set(control, k * nu);
    return createReservation(dynamics, from, joined(states, nx), all);
  };
}

function joined(rows: readonly Float64Array[], width?: number): Float64Array {
  const length = width === undefined ? rows.reduce((sum, row) => sum + row.length, 0) : rows.length * width;
  const all = new Float64Array(length);
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}
