/**
 * `planner:mppi`: drives rovers and flies quadcopters by MPPI. The task reader says where to go, MPPI how: it sees walls and props on the way, which the
 * scripted pilot does not. Data flow: task -> box; voxels, props, other agents -> map; both, and the vehicle's motion -> stick.
 * Props and other agents are solid where they are now, for the whole horizon: a plan is made anew every other tick.
 */
import { isPlannedVehicle, VehiclePilot, type VehiclePilotOptions, type VehicleStick } from '@kinovox/planning';
import { ACTION_WORD, type AgentPlan, PLAN_LIMITS, UsageError } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { wrapAngle } from '../geometry/heading.js';
import { type Box, Ground } from '../navigation/ground.js';
import { rounded } from '../plans/way.js';
import type { Policy, PolicyFactory } from '../policy.js';
import { Beliefs } from '../task/beliefs.js';
import { TaskReader } from '../task/task-reader.js';

/** A stick at its end, rad/tick. */
const FULL_TURN = Math.PI / 12;
const TICKS_PER_SECOND = 20;
/** Ticks between the points of a way that people are shown. */
const PREVIEW_TICKS = 3;
const STAY: VehicleStick = { forward: 0, strafe: 0, turn: 0, climb: 0, brake: true };

/** @param options of its pilots; with a runner on gpu.js whose answers must be awaited, call `think` before `act`. */
export function createMppiFactory(options: VehiclePilotOptions = {}): PolicyFactory {
  return { name: 'planner:mppi', create: () => new MppiPolicy(options) };
}

class MppiPolicy implements Policy {
  readonly #options: VehiclePilotOptions;
  #driver: Driver | undefined;

  constructor(options: VehiclePilotOptions) {
    this.#options = options;
  }

  reset(view: AgentView): void {
    if (this.#driver?.view !== view) this.#driver = new Driver(view, this.#options);
    this.#driver.reset();
  }

  async think(view: AgentView): Promise<void> {
    await this.#of(view).think();
  }

  act(view: AgentView, out: Float32Array): void {
    this.#of(view).act(out);
  }

  plan(view: AgentView): AgentPlan {
    return this.#of(view).plan();
  }

  #of(view: AgentView): Driver {
    if (this.#driver?.view !== view) this.reset(view);
    return this.#driver!;
  }
}

class Driver {
  readonly view: AgentView;
  readonly #pilot: VehiclePilot;
  readonly #beliefs: Beliefs;
  readonly #reader: TaskReader;
  readonly #flies: boolean;
  readonly #ground: Ground;
  readonly #solid: Uint8Array;
  /** Box and map of the present plan. */
  #aimed = '';
  #lastYaw = 0;
  #isGoing = false;
  /** Ticks of the last decision, and of the last change of goal or map. */
  #decidedAt = 0;
  #mappedAt = -1;
  #thought: { tick: number; stick: VehicleStick } | undefined;

  constructor(view: AgentView, options: VehiclePilotOptions) {
    const { body, id } = view.roster[view.slot];
    if (!('vehicle' in body) || !isPlannedVehicle(body))
      throw new UsageError(
        'planner-body',
        `planner:mppi must be given a rover or a quadcopter; got ${'vehicle' in body ? `a ${body.vehicle}` : `a ${body.type}`} at agents "${id}" of ${view.rules.id}. The scripted policy plays it.`,
      );
    this.view = view;
    this.#beliefs = new Beliefs(view);
    this.#reader = new TaskReader(view, undefined);
    this.#flies = body.vehicle === 'quadcopter';
    this.#ground = new Ground(view);
    this.#solid = new Uint8Array(view.sizeX * view.sizeY * view.sizeZ);
    this.#pilot = new VehiclePilot(body, [view.sizeX, view.sizeY, view.sizeZ], options);
  }

  reset(): void {
    this.#beliefs.reset();
    this.#reader.reset();
    this.#pilot.reset(this.view.seed[0]);
    this.#aimed = '';
    this.#lastYaw = this.view.yaw();
    this.#thought = undefined;
  }

  async think(): Promise<void> {
    if (this.#pilot.isSync) return;
    const stick = this.#aim() ? await this.#pilot.decide(this.#state()) : STAY;
    this.#thought = { tick: this.view.tick, stick };
  }

  act(out: Float32Array): void {
    if (this.#pilot.isSync) write(out, this.#aim() ? this.#pilot.decideSync(this.#state()) : STAY);
    else if (this.#thought?.tick === this.view.tick) write(out, this.#thought.stick);
    else
      throw new UsageError(
        'policy-thinks',
        'planner:mppi on a GPU must be awaited; got act without think. Await PolicyRun.think() in every tick, or use the plain runner.',
      );
  }

  /** What the model would do by the plan, and some of what was tried for it. */
  plan(): AgentPlan {
    const head = { slot: this.view.slot, planner: 'mppi', exact: false, cells: [] };
    const seen = this.#isGoing ? this.#pilot.preview(PREVIEW_TICKS, PLAN_LIMITS.rollouts) : undefined;
    if (seen === undefined)
      return {
        ...head,
        status: this.#isGoing ? 'Finds no room or no way, and stays.' : 'Is sent nowhere, and stays.',
        path: [],
        rollouts: [],
      };
    const { plan, tried } = seen;
    return {
      ...head,
      status: `A plan of ${plan.at(-1)!.ticks} ticks, improved as it goes; goal, blocks or others changed ${this.#decidedAt - this.#mappedAt} ticks ago.`,
      path: plan.map(({ x, y, z, ticks }) => [rounded(x), rounded(y), rounded(z), this.#decidedAt + ticks]),
      rollouts: tried.map((way) => way.slice(0, PLAN_LIMITS.rolloutPoints).map(({ x, y, z }) => [rounded(x), rounded(y), rounded(z)])),
    };
  }

  /** Follows the task. Returns whether there is somewhere to go. */
  #aim(): boolean {
    this.#beliefs.listen();
    const { formula } = this.#beliefs;
    const orders = formula === undefined ? undefined : this.#reader.read(formula);
    const job = orders?.job;
    this.#isGoing = job?.kind === 'go';
    this.#decidedAt = this.view.tick;
    if (job?.kind !== 'go') return false;
    this.#ground.keepOut = orders!.keepOut;
    const blockers = this.#blockers();
    const key = `${job.box.join()} ${this.view.mapVersion} ${blockers.join()}`;
    if (key !== this.#aimed) {
      this.#aimed = key;
      this.#mappedAt = this.view.tick;
      this.#pilot.aim({ size: [this.view.sizeX, this.view.sizeY, this.view.sizeZ], solid: this.#map(blockers) }, regionOf(job.box));
    }
    return true;
  }

  #state() {
    const { view } = this;
    const yaw = view.yaw();
    const yawRate = wrapAngle(yaw - this.#lastYaw) * TICKS_PER_SECOND;
    this.#lastYaw = yaw;
    return {
      position: [view.x(), view.y(), view.z()] as const,
      velocity: [view.vx() * TICKS_PER_SECOND, view.vy() * TICKS_PER_SECOND, view.vz() * TICKS_PER_SECOND] as const,
      yaw,
      yawRate,
    };
  }

  /** Cells that props and other agents are in, by the boxes of their unturned shapes. */
  #blockers(): number[] {
    const { view } = this;
    const cells: number[] = [];
    const add = (x: number, y: number, z: number, hx: number, hy: number, hz: number) => {
      for (let cy = Math.max(0, Math.floor(y - hy)); cy <= Math.min(view.sizeY - 1, Math.floor(y + hy)); cy++)
        for (let cz = Math.max(0, Math.floor(z - hz)); cz <= Math.min(view.sizeZ - 1, Math.floor(z + hz)); cz++)
          for (let cx = Math.max(0, Math.floor(x - hx)); cx <= Math.min(view.sizeX - 1, Math.floor(x + hx)); cx++)
            cells.push((cy * view.sizeZ + cz) * view.sizeX + cx);
    };
    for (let p = 0; p < view.numProps; p++) {
      const { x, y, z } = view.prop(p);
      const [hx, hy, hz] = view.propHalf(p);
      add(x, y, z, hx, hy, hz);
    }
    for (let slot = 0; slot < view.numAgents; slot++) {
      if (slot === view.slot || !view.isAlive(slot)) continue;
      const { body } = view.roster[slot];
      if ('vehicle' in body) add(view.x(slot), view.y(slot), view.z(slot), body.size[0] / 2, body.size[1] / 2, body.size[2] / 2);
      else add(view.x(slot), view.y(slot) + 0.9, view.z(slot), 0.3, 0.9, 0.3);
    }
    return cells;
  }

  #map(blockers: readonly number[]): Uint8Array {
    const { view } = this;
    for (let i = 0; i < this.#solid.length; i++) this.#solid[i] = view.blocks.solid[view.voxels[i]];
    for (const cell of blockers) this.#solid[cell] = 1;
    // Below a rover nothing is filled in: what it must not fall into would become ground.
    const lowest = this.#flies ? 0 : view.cellOf()[1];
    if (this.#ground.keepOut.length > 0)
      for (let y = lowest, i = lowest * view.sizeZ * view.sizeX; y < view.sizeY; y++)
        for (let z = 0; z < view.sizeZ; z++)
          for (let x = 0; x < view.sizeX; x++, i++) if (this.#ground.isKeptOut(x, y, z)) this.#solid[i] = 1;
    return this.#solid;
  }
}

function regionOf(box: Box) {
  return [
    [box[0], box[1], box[2]],
    [box[3], box[4], box[5]],
  ] as const;
}

function write(out: Float32Array, { forward, strafe, turn, climb, brake }: VehicleStick): void {
  out[ACTION_WORD.forward] = forward;
  out[ACTION_WORD.strafe] = strafe;
  out[ACTION_WORD.turn] = turn * FULL_TURN;
  out[ACTION_WORD.look] = climb * FULL_TURN;
  out[ACTION_WORD.sneak] = brake ? 1 : 0;
}
