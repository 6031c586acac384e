/**
 * Rovers or quadcopters of one world that move on reservations. Data flow: where each is sent -> a place for each; blocks, others -> room; both -> `ReservedTeam`
 * -> reference, tick by tick -> stick. Planned anew when goals, blocks or those who stand about change; that is paid for in ticks, by the nodes of its guides,
 * during which the team goes on as it was.
 */
import {
  createVehicleModel,
  modelStateInto,
  type PlannedVehicle,
  ReservedTeam,
  roomAround,
  type TeamPay,
  type TeamVehicle,
  trackingStick,
  type VehicleState,
} from '@kinovox/planning';
import { ACTION_FIELDS, ACTION_WORD, type AgentPlan } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { wrapAngle } from '../geometry/heading.js';
import { reservedPlans } from '../plans/reserved-plan.js';
import { Beliefs } from '../task/beliefs.js';
import { TaskReader } from '../task/task-reader.js';
import { roomOf } from './reserved-room.js';
import { type GridMember, SquadGrid } from './squad-grid.js';
import type { SquadKind } from './squad-kind.js';
import type { TeamSquad } from './team-policy.js';

interface Member extends GridMember {
  readonly body: PlannedVehicle;
  readonly beliefs: Beliefs;
  readonly reader: TaskReader;
  lastYaw: number;
  state: VehicleState;
}

/** A stick at its end, rad/tick. */
const FULL_TURN = Math.PI / 12;
const TICKS_PER_SECOND = 20;
/** Metres that are left of a rise when it is done, ticks after which it is not waited for any more, and the stick per metre. */
const RISEN = 0.05;
const RISE_TICKS = 60;
const RISE_RATE = 1.2;
/** Ticks before the next try where there is no room to plan in. */
const RETRY_TICKS = 20;

export class ReservedSquad implements TeamSquad {
  readonly #kind: SquadKind;
  readonly #pay: TeamPay;
  readonly #members: readonly Member[];
  readonly #grid: SquadGrid;
  readonly #others: readonly number[];
  #levelOfOthers: number | undefined;
  /** Who moves by the team, and what it was planned for. */
  #moving: readonly Member[] = [];
  #team: ReservedTeam | undefined;
  #planned = '';
  /** Planned, and followed once it is paid for. */
  #next: { team: ReservedTeam; members: readonly Member[] } | undefined;
  #readyAt = 0;
  #plans = 0;
  #numChanges = 0;
  #refusal = '';

  constructor(kind: SquadKind, views: readonly AgentView[], pay: TeamPay, others: readonly number[]) {
    this.#kind = kind;
    this.#pay = pay;
    this.#others = others;
    this.#grid = new SquadGrid(kind, views[0], others);
    this.#members = views.map((view) => ({
      view,
      body: view.roster[view.slot].body as PlannedVehicle,
      beliefs: new Beliefs(view),
      reader: new TaskReader(view, undefined),
      box: undefined,
      near: undefined,
      keepOut: [],
      lastYaw: 0,
      state: stateOf(view, view.yaw()),
    }));
  }

  reset(levelOfOthers: number | undefined): void {
    for (const member of this.#members) {
      member.beliefs.reset();
      member.reader.reset();
      member.box = undefined;
      member.near = undefined;
      member.keepOut = [];
      member.lastYaw = member.view.yaw();
    }
    this.#levelOfOthers = levelOfOthers;
    this.#grid.reset(levelOfOthers);
    this.#moving = [];
    this.#team = undefined;
    this.#next = undefined;
    this.#planned = '';
    this.#readyAt = 0;
    this.#plans = 0;
    this.#numChanges = 0;
    this.#refusal = '';
  }

  act(tick: number, out: Float32Array): void {
    for (const member of this.#members) {
      member.state = stateOf(member.view, member.lastYaw);
      member.lastYaw = member.view.yaw();
    }
    const key = this.#readTasks();
    if (key !== this.#planned && tick >= this.#readyAt) this.#plan(key, tick);
    const states = (members: readonly Member[]) => members.map(({ state }) => state);
    // Those that stand on a floor rise first, and so do those that came down on one.
    const isUp = this.#team !== undefined || tick >= this.#readyAt + RISE_TICKS || this.#members.every((member) => riseOf(member) <= RISEN);
    if (this.#next !== undefined && tick >= this.#readyAt && isUp) {
      const { team, members } = this.#next;
      team.begin(tick, states(members), this.#team);
      this.#team = team;
      this.#moving = members;
      this.#next = undefined;
    }
    const team = this.#team;
    team?.update(tick, states(this.#moving));
    for (const member of this.#members) {
      const { view, body, state } = member;
      if (!view.isAlive()) continue;
      const row = out.subarray((view.row * view.numAgents + view.slot) * ACTION_FIELDS);
      const i = team?.isReserved === true ? this.#moving.indexOf(member) : -1;
      if (i < 0) {
        // Wheels brake; a copter without a hand hovers.
        if (body.vehicle === 'rover') row[ACTION_WORD.sneak] = 1;
        else row[ACTION_WORD.look] = Math.max(0, Math.min(1, RISE_RATE * riseOf(member))) * FULL_TURN;
        continue;
      }
      const stick = trackingStick(body, (ticks) => team!.reference(i, ticks), state);
      row[ACTION_WORD.forward] = stick.forward;
      row[ACTION_WORD.strafe] = stick.strafe;
      row[ACTION_WORD.turn] = stick.turn * FULL_TURN;
      row[ACTION_WORD.look] = stick.climb * FULL_TURN;
    }
  }

  plans(tick: number, number: number): AgentPlan[] {
    return reservedPlans({
      number,
      tick,
      members: this.#members,
      moving: this.#moving,
      team: this.#team,
      plans: this.#plans,
      refusal: this.#refusal,
      waits: this.#next === undefined ? 0 : Math.max(0, this.#readyAt - tick),
    });
  }

  /** Where everybody is sent: a text that changes when a plan must. */
  #readTasks(): string {
    if (this.#grid.hasChanged()) this.#numChanges++;
    let key = `${this.#numChanges}`;
    for (const member of this.#members) {
      const { view, beliefs, reader } = member;
      if (!view.isAlive()) {
        key += '|-';
        continue;
      }
      beliefs.listen();
      const { formula } = beliefs;
      const orders = formula === undefined ? undefined : reader.read(formula);
      // One that has arrived is to stay, and not to be planned for anew.
      if (orders?.job?.kind === 'go') {
        member.box = orders.job.box;
        member.near = orders.job.near;
      }
      member.keepOut = orders?.keepOut ?? [];
      key += `|${member.box?.join() ?? ''}`;
    }
    return `${key}|${this.#grid.standing().join()}`;
  }

  #plan(key: string, tick: number): void {
    this.#planned = key;
    this.#plans++;
    this.#next = undefined;
    const members = this.#members.filter(({ view }) => view.isAlive());
    const problem = members.length === 0 ? undefined : this.#grid.problem(members);
    if (problem === undefined) {
      this.#refusal = 'There is no room to plan in.';
      this.#planned = '';
      this.#readyAt = tick + RETRY_TICKS;
      return;
    }
    this.#refusal = '';
    const { cell } = this.#grid.lattice;
    const vehicles = members.map(({ view, body, state }, i): TeamVehicle => {
      const [x, y, z] = problem.agents[i].goal.map((at) => (at + 0.5) * cell);
      const { id } = view.roster[view.slot];
      if (body.vehicle === 'quadcopter') return { name: id, body, goal: Float64Array.of(x, y, z, 0, 0, 0) };
      const model = createVehicleModel(id, body, 0);
      const goal = new Float64Array(model.stateNames.length);
      modelStateInto(goal, model, body.vehicle, state);
      const [dx, dz] = [x - goal[0], z - goal[1]];
      // It comes to rest with its nose where it came to.
      if (Math.hypot(dx, dz) > cell) goal[2] = Math.atan2(dz, dx);
      goal.set([x, z]);
      goal.fill(0, 3);
      return { name: id, body, goal };
    });
    const room = roomOf(this.#kind, members, this.#others, this.#levelOfOthers);
    const team = new ReservedTeam(
      vehicles,
      members.map(({ state }) => state),
      room,
      this.#pay,
      this.#plans,
    );
    this.#next = { team, members };
    this.#readyAt = tick + Math.ceil(team.nodes / this.#pay.nodesPerTick);
  }
}

/** How much higher a quadcopter must be for the ball around it to be clear of what it stands on, metres; 0 for rovers. */
function riseOf({ view, body }: Member): number {
  if (body.vehicle !== 'quadcopter') return 0;
  const reach = roomAround(body);
  const [x, y, z] = [view.x(), view.y(), view.z()];
  let top = 0;
  for (let cz = Math.floor(z - reach); cz <= Math.floor(z + reach); cz++)
    for (let cx = Math.floor(x - reach); cx <= Math.floor(x + reach); cx++)
      for (let cy = Math.floor(y); cy >= Math.floor(y - reach) && cy >= 0; cy--) if (view.solidAt(cx, cy, cz)) top = Math.max(top, cy + 1);
  return Math.max(0, top + reach - y);
}

function stateOf(view: AgentView, lastYaw: number): VehicleState {
  const yaw = view.yaw();
  return {
    position: [view.x(), view.y(), view.z()],
    velocity: [view.vx() * TICKS_PER_SECOND, view.vy() * TICKS_PER_SECOND, view.vz() * TICKS_PER_SECOND],
    yaw,
    yawRate: wrapAngle(yaw - lastYaw) * TICKS_PER_SECOND,
  };
}
