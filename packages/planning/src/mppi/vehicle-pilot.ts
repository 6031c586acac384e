/**
 * Drives a rover or flies a quadcopter by MPPI: towards a box of cells through a map, with a plan of two seconds that is improved every few ticks.
 * Data flow: map, goal -> way left -> rollout world; state -> MPPI -> plan -> what the model does in the next ticks -> stick of the vehicle.
 */
import {
  type CellRegion,
  createRolloutWorld,
  geodesicField,
  type RolloutCost,
  type RolloutState,
  type RolloutWorld,
  type SolidGrid,
  UNREACHED,
} from '@kinovox/physics';
import { createMppi, type Mppi, type MppiProblem } from './mppi.js';
import { type PreviewPoint, previewRollout } from './preview.js';
import { createPlainRunner, type RolloutRunner, type RolloutSettings } from './rollout-runner.js';
import { GLIDE_MOVES, type PlannedVehicle, ROLL_MOVES, rolloutBodyOf } from './vehicle-model.js';

export interface VehiclePilotOptions {
  numSequences?: number;
  /** Ticks of the horizon. */
  numTicks?: number;
  /** Ticks between improvements of the plan. */
  everyTicks?: number;
  seed?: number;
  /** Who rolls out; the plain reference by default. */
  createRunner?: (settings: RolloutSettings) => RolloutRunner;
}

/** Frozen; 4,096 sequences of 2 s. */
export const PILOT_DEFAULTS = Object.freeze({ numSequences: 4096, numTicks: 40, everyTicks: 2, seed: 0 });

/** SI, world axes. */
export interface VehicleState {
  /** Middle of the chassis. */
  position: readonly [number, number, number];
  velocity: readonly [number, number, number];
  yaw: number;
  yawRate: number;
}

/** Shares of the stick, each -1..1; strafe positive to the right, turn to the left, climb up. */
export interface VehicleStick {
  forward: number;
  strafe: number;
  turn: number;
  climb: number;
  brake: boolean;
}

/** What people are shown of a plan. */
export interface PilotPreview {
  /** Where the model goes from the last `decide` on. */
  readonly plan: readonly PreviewPoint[];
  /** Some of the ways that were tried in the last improvement. */
  readonly tried: readonly (readonly PreviewPoint[])[];
}

/** Ticks ahead at which the model's motion is what the stick asks for: about as long as wheels and rotors take to follow. */
const LEAD_TICKS = 3;
/** How far a start that stands in a solid cell is moved, metres, and in which steps. */
const MOST_NUDGE = 0.75;
const NUDGE = 0.05;
const TICK = 1 / 20;
const GRAVITY = 9.81;

export class VehiclePilot {
  readonly #vehicle: PlannedVehicle;
  readonly #mppi: Mppi;
  readonly #settings: RolloutSettings;
  readonly #runner: RolloutRunner;
  readonly #everyTicks: number;
  #grid: SolidGrid | undefined;
  #world: RolloutWorld | undefined;
  #cost: RolloutCost | undefined;
  /** Ticks since the plan was improved; undefined before there is one. */
  #sinceImproved: number | undefined;
  /** The way or the map has changed. */
  #mustImprove = true;
  #hasWay = false;
  /** State of the last `decide`, and start of the last improvement. */
  #state: VehicleState | undefined;
  #improvedFrom: RolloutState | undefined;

  /** @param size of the maps that it will be given. */
  constructor(vehicle: PlannedVehicle, size: SolidGrid['size'], options: VehiclePilotOptions = {}) {
    const { numSequences, numTicks, everyTicks, seed } = { ...PILOT_DEFAULTS, ...options };
    this.#vehicle = vehicle;
    this.#everyTicks = everyTicks;
    this.#settings = { body: rolloutBodyOf(vehicle), size, numSequences, numTicks, guided: true };
    this.#runner = (options.createRunner ?? createPlainRunner)(this.#settings);
    const deviation = vehicle.vehicle === 'rover' ? [0.5, 0.5] : [0.5, 0.5, 0.5];
    this.#mppi = createMppi(this.#runner, { ...this.#settings, deviation, seed });
  }

  /** Whether `decideSync` can be used. */
  get isSync(): boolean {
    return this.#runner.runSync !== undefined;
  }

  reset(episode: number): void {
    this.#mppi.reset(episode);
    this.#sinceImproved = undefined;
    this.#world = undefined;
    this.#state = undefined;
    this.#improvedFrom = undefined;
  }

  /**
   * Where it is to go, and through what. Call again when either changes.
   * @param goal inclusive cells. @returns whether anything can stand there; else it stays where it is.
   */
  aim(grid: SolidGrid, goal: CellRegion): boolean {
    const guide = geodesicField(grid, [goal], this.#vehicle.vehicle === 'rover' ? ROLL_MOVES : GLIDE_MOVES);
    const isRover = this.#vehicle.vehicle === 'rover';
    this.#grid = grid;
    this.#world = createRolloutWorld(grid, { level: isRover, guide });
    const [from, to] = goal;
    const base = isRover ? from[1] : (from[1] + to[1] + 1 - this.#settings.body.height) / 2;
    this.#cost = {
      goal: [(from[0] + to[0] + 1) / 2, base, (from[2] + to[2] + 1) / 2],
      goalWeight: 0.3,
      guideWeight: 1,
      obstacleWeight: isRover ? 2 : 4,
      clearance: isRover ? 1.3 : 1.2,
      effortWeight: 0.02,
      collisionWeight: 20,
      terminalWeight: 2,
      terminalGuideWeight: 10,
    };
    this.#mustImprove = true;
    this.#hasWay = guide.values.some((way) => way < UNREACHED);
    return this.#hasWay;
  }

  /** Every tick, once: the stick of this tick. */
  async decide(state: VehicleState): Promise<VehicleStick> {
    const problem = this.#begin(state);
    if (problem !== undefined) await this.#mppi.improve(problem);
    return this.#stick(state);
  }

  /** As `decide`, at once. */
  decideSync(state: VehicleState): VehicleStick {
    const problem = this.#begin(state);
    if (problem !== undefined) this.#mppi.improveSync(problem);
    return this.#stick(state);
  }

  /** For people; computed when asked. Undefined while there is no plan. @param every ticks between points. @param numTried at most so many ways. */
  preview(every: number, numTried: number): PilotPreview | undefined {
    if (this.#world === undefined || this.#cost === undefined || this.#state === undefined || this.#improvedFrom === undefined)
      return undefined;
    const start = this.#start(this.#state);
    if (start === undefined) return undefined;
    const { body, numSequences } = this.#settings;
    const roll = (from: RolloutState, controls: Float32Array) => previewRollout(body, this.#world!, from, this.#cost!, controls, every);
    const step = Math.max(1, Math.floor((numSequences - 2) / Math.max(1, numTried)));
    const tried: PreviewPoint[][] = [];
    // Sequences 0 and 1 are the plan itself and no control at all.
    for (let n = 2; n < numSequences && tried.length < numTried; n += step) tried.push(roll(this.#improvedFrom, this.#mppi.sequence(n)));
    return { plan: roll(start, this.#mppi.plan), tried };
  }

  destroy(): void {
    this.#runner.destroy();
  }

  /** Moves the plan on by a tick; what to improve it by, when it is time for that. */
  #begin(state: VehicleState): MppiProblem | undefined {
    this.#state = state;
    if (this.#sinceImproved !== undefined) {
      this.#mppi.advance(1);
      this.#sinceImproved++;
    }
    const isDue = this.#mustImprove || this.#sinceImproved === undefined || this.#sinceImproved >= this.#everyTicks;
    if (this.#world === undefined || !this.#hasWay || !isDue) return undefined;
    const start = this.#start(state);
    if (start === undefined) return undefined;
    this.#improvedFrom = start;
    this.#sinceImproved = 0;
    this.#mustImprove = false;
    return { world: this.#world, start, cost: this.#cost! };
  }

  /** The state as the model has it, moved out of solid cells that the model's wider box stands in; undefined where none is near. */
  #start({ position, velocity, yaw, yawRate }: VehicleState): RolloutState | undefined {
    const { height, width } = this.#settings.body;
    const at = [position[0], position[1] - height / 2, position[2]] as [number, number, number];
    for (let by = 0; by <= MOST_NUDGE; by += NUDGE)
      for (const [dx, dy, dz] of DIRECTIONS) {
        const moved = [at[0] + by * dx, at[1] + by * dy, at[2] + by * dz] as const;
        if (!this.#isFree(moved, width / 2, height)) continue;
        if (this.#vehicle.vehicle !== 'rover') return { position: moved, velocity };
        const ahead = -Math.sin(yaw) * velocity[0] - Math.cos(yaw) * velocity[2];
        return { position: moved, velocity: [ahead, 0, 0], yaw, yawRate };
      }
    return undefined;
  }

  #isFree([x, y, z]: readonly [number, number, number], half: number, height: number): boolean {
    const { size, solid } = this.#grid!;
    // Rollouts round to 1/65536 block.
    const room = 1 / 4096;
    for (let cy = Math.floor(y - room); cy <= Math.floor(y + height + room); cy++)
      for (let cz = Math.floor(z - half - room); cz <= Math.floor(z + half + room); cz++)
        for (let cx = Math.floor(x - half - room); cx <= Math.floor(x + half + room); cx++) {
          if (cx < 0 || cz < 0 || cy < 0 || cx >= size[0] || cz >= size[2]) return false;
          if (cy < size[1] && solid[(cy * size[2] + cz) * size[0] + cx] === 1) return false;
        }
    return true;
  }

  /** The stick that lets the vehicle move as the plan's model does over the next ticks. */
  #stick(state: VehicleState): VehicleStick {
    if (this.#world === undefined || !this.#hasWay)
      return { forward: 0, strafe: 0, turn: 0, climb: 0, brake: this.#vehicle.vehicle === 'rover' };
    return this.#vehicle.vehicle === 'rover' ? this.#roll(state) : this.#fly(state);
  }

  #roll({ velocity, yaw, yawRate }: VehicleState): VehicleStick {
    const { maxSpeed, maxReverse, maxAcceleration, maxTurnRate, maxTurnAcceleration } = this.#settings.body;
    const { plan } = this.#mppi;
    let speed = -Math.sin(yaw) * velocity[0] - Math.cos(yaw) * velocity[2];
    let rate = yawRate;
    for (let t = 0; t < LEAD_TICKS; t++) {
      speed = Math.max(-maxReverse, Math.min(maxSpeed, speed + plan[2 * t] * maxAcceleration * TICK));
      rate = Math.max(-maxTurnRate, Math.min(maxTurnRate, rate + plan[2 * t + 1] * maxTurnAcceleration * TICK));
    }
    return { forward: clampUnit(speed / maxSpeed), strafe: 0, turn: clampUnit(rate / maxTurnRate), climb: 0, brake: false };
  }

  #fly({ velocity, yaw }: VehicleState): VehicleStick {
    const { maxAcceleration, maxSpeed } = this.#settings.body;
    const { plan } = this.#mppi;
    const vehicle = this.#vehicle as Extract<PlannedVehicle, { vehicle: 'quadcopter' }>;
    const wanted = velocity.map((v, axis) => {
      let speed = v;
      for (let t = 0; t < LEAD_TICKS; t++)
        speed = Math.max(-maxSpeed, Math.min(maxSpeed, speed + plan[3 * t + axis] * maxAcceleration * TICK));
      return speed;
    });
    const ax = (wanted[0] - velocity[0]) / (LEAD_TICKS * TICK) + vehicle.drag * velocity[0];
    const az = (wanted[2] - velocity[2]) / (LEAD_TICKS * TICK) + vehicle.drag * velocity[2];
    const slope = GRAVITY * Math.tan((vehicle.maxTiltDeg * Math.PI) / 180);
    const [sin, cos] = [Math.sin(yaw), Math.cos(yaw)];
    return {
      forward: clampUnit((-sin * ax - cos * az) / slope),
      strafe: clampUnit((cos * ax - sin * az) / slope),
      turn: 0,
      climb: clampUnit(wanted[1] / vehicle.maxClimb),
      brake: false,
    };
  }
}

const DIRECTIONS = [
  [0, 1, 0],
  [1, 0, 0],
  [-1, 0, 0],
  [0, 0, 1],
  [0, 0, -1],
  [1, 0, 1],
  [1, 0, -1],
  [-1, 0, 1],
  [-1, 0, -1],
  [0, -1, 0],
] as const;

function clampUnit(value: number): number {
  return Math.max(-1, Math.min(1, value));
}
