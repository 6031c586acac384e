/**
 * A team of vehicles on reservations in continuous time. Data flow of a tick: where bodies are -> who is off its reservation, who is stuck -> round of
 * `createDynamicTeam`, one round ahead of the bodies -> reference states, tick by tick. A round is thought about while the one before it is carried out, with no
 * more expansions than that pays for; whoever gets none goes on as reserved, and that ends at rest. Reservations are as much larger than bodies as those are off.
 * Steps of models are ticks.
 */
import { numStates } from '../dynamics/dynamics.js';
import { createSpending } from '../mapf/spending.js';
import type { PlannedVehicle } from '../mppi/vehicle-model.js';
import type { VehicleState } from '../mppi/vehicle-pilot.js';
import {
  createDynamicTeam,
  createGuidance,
  createGuideAmong,
  createLattices,
  type DynamicTeam,
  type Guidance,
  ROUND,
} from '../pibt-dynamic/dynamic-team.js';
import type { Lattice } from '../pibt-dynamic/guide.js';
import type { Reservation } from '../pibt-dynamic/reservation.js';
import type { ContinuousProblem, Obstacle } from '../problem/problem.js';
import { createVehicleModel, modelStateInto, TRACKING_ERROR, trackingError } from './vehicle-tracking.js';

export interface TeamVehicle {
  readonly name: string;
  readonly body: PlannedVehicle;
  /** State of its model, at rest. */
  readonly goal: Float64Array;
}

export interface TeamRoom {
  readonly space: 2 | 3;
  readonly min: readonly [number, number, number];
  readonly max: readonly [number, number, number];
  readonly obstacles: readonly Obstacle[];
}

/** What a tick pays for: moves of a round, nodes of guides. */
export interface TeamPay {
  readonly expansionsPerTick: number;
  readonly nodesPerTick: number;
}

/** Shares of the tracking error by which reservations are larger than bodies: where bodies are too near for the first, the next; the last is for bodies that lean on something. */
const ROOM_SHARES = [1, 0.5, 0, -0.5, -1] as const;
/** Ticks without a shorter way for the team as a whole, after which it is stuck and draws preferences. */
const STUCK_TICKS = 100;
/** Seconds of all ways together by which they must become shorter. */
const PROGRESS = 0.2;
/** Seconds of its way by which somebody is driven back before it is guided anew. */
const DRIVEN_BACK = 1;
/** Ticks between tries to reserve more around bodies that were near to each other. */
const WIDEN_TICKS = 40;
/** Ticks between tries of a team whose bodies are too near to each other for any reservation. */
const RETRY_TICKS = 10;

export class ReservedTeam {
  readonly vehicles: readonly TeamVehicle[];
  /** Nodes of all guides: what planning took before the first round. */
  readonly nodes: number;
  readonly #problems: readonly ContinuousProblem[];
  readonly #lattices: ReadonlyMap<string, Lattice>;
  readonly #pay: TeamPay;
  #guidance: Guidance;
  /** Who is guided first: the others keep out of its way. */
  readonly #order: number[];
  /** Ticks for guides that are not paid yet. */
  #owed = 0;
  /** `[vehicles]` seconds that were left when it was nearest, by its present guide. */
  readonly #nearest: Float64Array;
  #team: DynamicTeam | undefined;
  #share = 0;
  /** Tick at which step 0 of the team was, and the one of the last `update`. */
  #base = 0;
  #tick = 0;
  /** Reference states of the last rounds, `[steps + 1, numStates]` by vehicle, each from its first step on. */
  #windows: { from: number; states: readonly Float64Array[] }[] = [];
  #retryAt = 0;
  #seed = 0;
  #best = Number.POSITIVE_INFINITY;
  #bestAt = 0;
  #cause = 'it set out';
  /** For measurements: times that somebody was off its reservation, that the team was stuck, and that somebody was driven back. */
  numOff = 0;
  numStuck = 0;
  numDrivenBack = 0;

  /** @param states by vehicle, for guides. @param seed of what a stuck team draws. */
  constructor(vehicles: readonly TeamVehicle[], states: readonly VehicleState[], room: TeamRoom, pay: TeamPay, seed: number) {
    this.vehicles = vehicles;
    this.#pay = pay;
    this.#seed = seed;
    this.#problems = ROOM_SHARES.map((share) => problemOf(vehicles, room, share));
    this.#nearest = new Float64Array(vehicles.length).fill(Number.POSITIVE_INFINITY);
    this.#lattices = createLattices(this.#problems[0], createSpending({}))!;
    this.#order = Array.from(vehicles.keys());
    this.#guidance = this.#guide(vehicles.map(({ body }, i) => this.#modelOf(i, body, states[i])));
    this.nodes = this.#guideNodes() + [...this.#lattices.values()].reduce((sum, { blocked }) => sum + blocked.length, 0);
  }

  /** Sets out from where everybody is. @param before the team whose members they were: they go on from its references. */
  begin(tick: number, states: readonly VehicleState[], before: ReservedTeam | undefined): void {
    this.#tick = tick;
    this.#best = Number.POSITIVE_INFINITY;
    this.#bestAt = tick;
    this.#nearest.fill(Number.POSITIVE_INFINITY);
    this.#gather(
      states,
      this.vehicles.map(({ name }, i) => {
        const j = before === undefined ? -1 : before.vehicles.findIndex((one) => one.name === name);
        return j < 0 || before!.#isOff(j, states[i]) ? undefined : before!.reference(j, 0).slice();
      }),
      'it set out',
    );
  }

  /** A tick: `reference` then tells where everybody is to be. @param states by vehicle. */
  update(tick: number, states: readonly VehicleState[]): void {
    this.#tick = tick;
    if (this.#team === undefined) {
      if (tick >= this.#retryAt) this.#gather(states, [], 'bodies were too near to each other');
      return;
    }
    const off = this.vehicles.map((_, i) => this.#isOff(i, states[i]));
    if (off.includes(true)) {
      this.numOff++;
      const name = this.vehicles[off.indexOf(true)].name;
      this.#gather(
        states,
        off.map((isOff, i) => (isOff ? undefined : this.reference(i, 0).slice())),
        `${name} was off its reservation`,
      );
    } else if (this.#isStuck()) {
      this.numStuck++;
      this.#seed++;
      this.#bestAt = tick;
      const known = off.map((_, i) => this.reference(i, 0).slice());
      // Another one has the shortest way next time.
      this.#order.push(this.#order.shift()!);
      this.#guidance = this.#guide(known);
      this.#nearest.fill(Number.POSITIVE_INFINITY);
      this.#owed += this.#guideNodes() / this.#pay.nodesPerTick;
      this.#gather(states, known, 'nobody came any further');
    } else if (this.#share > 0 && tick >= this.#retryAt) {
      this.#retryAt = tick + WIDEN_TICKS;
      const known = off.map((_, i) => this.reference(i, 0).slice());
      if (this.#tryGather(states, known, this.#problems.slice(0, this.#share))) this.#cause = 'there was room again';
    }
    this.#think();
  }

  /** Whether there are reservations to follow; otherwise all brake. */
  get isReserved(): boolean {
    return this.#team !== undefined;
  }

  /** Why reservations were begun anew the last time. */
  get cause(): string {
    return this.#cause;
  }

  /** How much larger than its body a reservation is, metres. */
  roomOf(i: number): number {
    return ROOM_SHARES[this.#share] * TRACKING_ERROR[this.vehicles[i].body.vehicle];
  }

  /** The state of the model of vehicle i so many ticks from the last `update`, up to a round ahead. Borrowed. */
  reference(i: number, ticks: number): Float64Array {
    const step = this.#tick - this.#base + ticks;
    const window = this.#windows.find(({ from }) => step <= from + ROUND) ?? this.#windows[this.#windows.length - 1];
    const states = window.states[i];
    const row = Math.max(0, Math.min(ROUND, step - window.from));
    const nx = states.length / (ROUND + 1);
    return states.subarray(row * nx, (row + 1) * nx);
  }

  /** What vehicle i has reserved, and the tick at which it begins; undefined where nobody has. */
  reservation(i: number): { reservation: Reservation; tick: number } | undefined {
    const reservation = this.#team?.reservations[i];
    return reservation && { reservation, tick: this.#base + reservation.from };
  }

  #modelOf(i: number, { vehicle }: PlannedVehicle, state: VehicleState): Float64Array {
    const { dynamics } = this.#problems[0].robots[i];
    const model = new Float64Array(numStates(dynamics));
    modelStateInto(model, dynamics, vehicle, state);
    return model;
  }

  #guide(starts: readonly Float64Array[]): Guidance {
    const [problem] = this.#problems;
    const robots = problem.robots.map((robot, i) => ({ ...robot, start: starts[i] }));
    return createGuidance({ ...problem, robots }, this.#lattices, this.#order, createSpending({}))!;
  }

  #guideNodes(): number {
    return this.#problems[0].robots.reduce((sum, { dynamics }) => sum + this.#lattices.get(dynamics.name)!.blocked.length, 0);
  }

  #isOff(i: number, state: VehicleState): boolean {
    const { body } = this.vehicles[i];
    return this.#team === undefined || trackingError(body, this.reference(i, 0), state) > TRACKING_ERROR[body.vehicle];
  }

  /** New reservations for all, which begin by braking. @param known states of the models; undefined: where the body is. */
  #gather(states: readonly VehicleState[], known: readonly (Float64Array | undefined)[], cause: string): void {
    if (this.#tryGather(states, known, this.#problems)) {
      this.#cause = cause;
      return;
    }
    this.#team = undefined;
    this.#retryAt = this.#tick + RETRY_TICKS;
  }

  /** @returns false where bodies are too near to each other for each of the problems; then all stays as it is. */
  #tryGather(
    states: readonly VehicleState[],
    known: readonly (Float64Array | undefined)[],
    problems: readonly ContinuousProblem[],
  ): boolean {
    for (const [share, problem] of problems.entries()) {
      const robots = problem.robots.map((robot, i) => {
        const start = known[i] ?? this.#modelOf(i, this.vehicles[i].body, states[i]);
        return { ...robot, start };
      });
      const team = createDynamicTeam({ ...problem, robots }, this.#guidance, createSpending({}), this.#seed);
      if (typeof team === 'string') continue;
      this.#base = this.#tick;
      this.#team = team;
      this.#share = share;
      this.#windows = [];
      team.hold();
      this.#note(team);
      return true;
    }
    return false;
  }

  /** Decides the round after the one that begins now. */
  #think(): void {
    const team = this.#team;
    if (team === undefined || (this.#tick - this.#base) % ROUND !== 0) return;
    this.#guideAnew(team);
    const paid = Math.min(ROUND, this.#owed);
    this.#owed -= paid;
    team.round(createSpending({ expansions: Math.floor((ROUND - paid) * this.#pay.expansionsPerTick) }));
    this.#note(team);
  }

  /** Where somebody is driven back, whoever is nearest drives it: that one gets another guide, around the way of the one that it drives. One at a time. */
  #guideAnew(team: DynamicTeam): void {
    const [problem] = this.#problems;
    const back = this.vehicles.map((_, i) => {
      const now = this.#guidance.guides[i].of(this.reference(i, 0));
      this.#nearest[i] = Math.min(this.#nearest[i], now);
      return now - this.#nearest[i];
    });
    const i = back.indexOf(Math.max(...back));
    if (back[i] < DRIVEN_BACK || this.vehicles.length === 1) return;
    const far = this.vehicles.map((_, j) => (j === i ? Number.POSITIVE_INFINITY : this.#distance(i, j)));
    const driver = far.indexOf(Math.min(...far));
    const ways = new Map<number, Float64Array>();
    for (const j of this.vehicles.keys()) if (j !== driver) ways.set(j, this.#guidance.guides[j].wayFrom(this.reference(j, 0)));
    const guides = this.#guidance.guides.slice();
    guides[driver] = createGuideAmong(problem, this.#lattices, driver, ways, createSpending({}))!;
    this.#guidance = { ...this.#guidance, guides };
    team.follow(guides);
    this.#nearest[i] += back[i];
    this.#nearest[driver] = Number.POSITIVE_INFINITY;
    this.#owed += this.#lattices.get(problem.robots[driver].dynamics.name)!.blocked.length / this.#pay.nodesPerTick;
    this.numDrivenBack++;
  }

  #distance(i: number, j: number): number {
    const [a, b] = [this.reference(i, 0), this.reference(j, 0)];
    let square = 0;
    for (let axis = 0; axis < this.#problems[0].space; axis++) square += (a[axis] - b[axis]) ** 2;
    return Math.sqrt(square);
  }

  /** Copies the references of the round that was decided last. */
  #note(team: DynamicTeam): void {
    const from = team.step - ROUND;
    const states = team.reservations.map((own) => {
      const nx = own.states.length / (own.steps + 1);
      const rows = new Float64Array((ROUND + 1) * nx);
      for (let k = 0; k <= ROUND; k++) {
        const row = Math.min(own.steps, from + k - own.from);
        rows.set(own.states.subarray(row * nx, (row + 1) * nx), k * nx);
      }
      return rows;
    });
    this.#windows = [...this.#windows.slice(-2), { from, states }];
  }

  #isStuck(): boolean {
    const team = this.#team!;
    if (team.numAtGoal === this.vehicles.length) return false;
    const left = this.vehicles.reduce((sum, _, i) => sum + this.#guidance.guides[i].of(this.reference(i, 0)), 0);
    if (left < this.#best - PROGRESS) {
      this.#best = left;
      this.#bestAt = this.#tick;
    }
    return this.#tick - this.#bestAt > STUCK_TICKS;
  }
}

function problemOf(vehicles: readonly TeamVehicle[], room: TeamRoom, share: number): ContinuousProblem {
  const models = new Map<string, ReturnType<typeof createVehicleModel>>();
  return {
    kind: 'continuous',
    name: 'team',
    ...room,
    robots: vehicles.map(({ name, body, goal }) => {
      // Bodies alike share what is known of the room.
      const key = JSON.stringify(body);
      const dynamics = models.get(key) ?? createVehicleModel(key, body, share * TRACKING_ERROR[body.vehicle]);
      models.set(key, dynamics);
      return { name, dynamics, start: goal, goal };
    }),
  };
}
