/**
 * Agents of one kind in one world that move by one plan: walkers on cells of a metre, rovers and quadcopters on cells of two.
 * Data flow: where each is sent -> a cell for each -> plan -> order of visits -> march -> waypoint -> keys or stick.
 * Planned anew when goals or blocks change, or when somebody is stuck. Planning is paid for in ticks, by its expansions.
 */
import {
  type CellPath,
  findRing,
  type GridProblem,
  type Lattice,
  orderOfVisits,
  planSquad,
  TeamMarch,
  VEHICLE_LATTICE,
  WALKER_LATTICE,
  type Waypoint,
} from '@kinovox/planning';
import { ACTION_FIELDS, invariant, type Vehicle } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { type Box, Ground, type KeepOut } from '../navigation/ground.js';
import { towards, WALK_SPEED } from '../navigation/motion.js';
import { Controls } from '../skills/controls.js';
import { Pilot } from '../skills/pilot.js';
import { Beliefs } from '../task/beliefs.js';
import { TaskReader } from '../task/task-reader.js';

export type SquadKind = 'walker' | 'rover' | 'quadcopter';

export interface SquadSettings {
  expansions: number;
  expansionsPerTick: number;
}

const STEPS = [
  [1, 0, 0],
  [-1, 0, 0],
  [0, 0, 1],
  [0, 0, -1],
  [0, 1, 0],
  [0, -1, 0],
] as const;
/** Metres per tick below which an agent stands. */
const STANDS = 0.005;
const HALF_WALKER = 0.3;
const WALKER_HEIGHT = 1.8;
/** Ticks after a plan that could not be made, before the next try. */
const RETRY_TICKS = 20;

interface Member {
  view: AgentView;
  beliefs: Beliefs;
  reader: TaskReader;
  pilot: Pilot | undefined;
  /** Where the task sent it last. */
  box: Box | undefined;
  near: Near | undefined;
  keepOut: KeepOut;
}

type Near = { x: number; y: number; z: number; metres: number };

type Cell = readonly [number, number, number];

export class Squad {
  readonly #kind: SquadKind;
  readonly #settings: SquadSettings;
  readonly #lattice: Lattice;
  readonly #members: Member[];
  readonly #ground: Ground;
  /** Cells of the lattice along x, y, z; one along y where nobody flies. */
  readonly #size: Cell;
  /** Slots of agents that are in no squad. */
  readonly #others: readonly number[];
  /** Layer of the lattice that is left to rovers; -1: none. */
  #layerOfOthers = -1;
  readonly #positions: Float64Array;
  readonly #waypoint: Waypoint = { x: 0, y: 0, z: 0, holds: true };
  #march: TeamMarch | undefined;
  /** Members of the march: those that lived when it was planned. */
  #marching: readonly Member[] = [];
  /** Goals and blocks for which it was planned. */
  #planned = '';
  /** Tick from which the plan is followed, or is made anew where there is none. */
  #readyAt = 0;
  #plans = 0;

  /** @param others slots of agents whom others move: they are obstacles where they are. */
  constructor(kind: SquadKind, views: readonly AgentView[], settings: SquadSettings, others: readonly number[]) {
    this.#kind = kind;
    this.#settings = settings;
    this.#lattice = kind === 'walker' ? WALKER_LATTICE : VEHICLE_LATTICE;
    this.#members = views.map((view) => {
      const { body } = view.roster[view.slot];
      const pilot = kind === 'walker' ? undefined : new Pilot(view, body as Vehicle);
      return {
        view,
        beliefs: new Beliefs(view),
        reader: new TaskReader(view, undefined),
        pilot,
        box: undefined,
        near: undefined,
        keepOut: [],
      };
    });
    const [{ sizeX, sizeY, sizeZ }] = views;
    this.#ground = new Ground(views[0]);
    const { cell } = this.#lattice;
    const count = (blocks: number) => Math.floor(blocks / cell);
    this.#size = [count(sizeX), kind === 'quadcopter' ? count(sizeY) : 1, count(sizeZ)];
    this.#others = others;
    this.#positions = new Float64Array(3 * views.length);
  }

  /**
   * An episode begins, or time has jumped.
   * @param levelOfOthers of quadcopters: height in blocks at which rovers drive, or undefined.
   */
  reset(levelOfOthers: number | undefined): void {
    for (const member of this.#members) {
      member.beliefs.reset();
      member.reader.reset();
      member.pilot?.reset();
      member.box = undefined;
      member.near = undefined;
      member.keepOut = [];
    }
    this.#layerOfOthers = levelOfOthers === undefined ? -1 : Math.floor(levelOfOthers / this.#lattice.cell);
    this.#march = undefined;
    this.#planned = '';
    this.#readyAt = 0;
    this.#plans = 0;
  }

  /** Writes the rows of its members. @param out `[B, A, F]`, given as zeros. */
  act(tick: number, out: Float32Array): void {
    const key = this.#readTasks();
    if ((key !== this.#planned || this.#isStuck()) && tick >= this.#readyAt) this.#plan(key, tick);
    if (this.#march !== undefined && tick >= this.#readyAt) this.#follow(this.#march, out);
    else for (const member of this.#members) member.pilot?.stay(rowOf(out, member.view));
  }

  /** Where everybody is sent: a text that changes when a plan must. */
  #readTasks(): string {
    let key = `${this.#members[0].view.mapVersion}`;
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
    return `${key}|${this.#standing().join()}`;
  }

  /** Cells in which agents of no squad stand; those who move are looked at when a plan is made, and not each time they move. */
  #standing(): number[] {
    const { view } = this.#members[0];
    return this.#others.flatMap((slot) => (Math.abs(view.vx(slot)) + Math.abs(view.vz(slot)) < STANDS ? this.#cellsOf(slot) : []));
  }

  /** Cells of the lattice that the body of an agent reaches into; none for one that is not there. */
  #cellsOf(slot: number): number[] {
    const { view } = this.#members[0];
    if (!view.isAlive(slot)) return [];
    const { cell } = this.#lattice;
    const { body } = view.roster[slot];
    const half = 'vehicle' in body ? Math.max(body.size[0], body.size[2]) / 2 : HALF_WALKER;
    const height = 'vehicle' in body ? body.size[1] / 2 : WALKER_HEIGHT;
    const low = 'vehicle' in body ? view.y(slot) - height : view.y(slot);
    const cells: number[] = [];
    const [sizeX, sizeY, sizeZ] = this.#size;
    const flat = sizeY === 1;
    for (let y = flat ? 0 : Math.floor(low / cell); y <= (flat ? 0 : Math.floor((view.y(slot) + height) / cell)); y++)
      for (let z = Math.floor((view.z(slot) - half) / cell); z <= Math.floor((view.z(slot) + half) / cell); z++)
        for (let x = Math.floor((view.x(slot) - half) / cell); x <= Math.floor((view.x(slot) + half) / cell); x++)
          if (x >= 0 && y >= 0 && z >= 0 && x < sizeX && y < sizeY && z < sizeZ) cells.push(this.#indexOf([x, y, z]));
    return cells;
  }

  #isStuck(): boolean {
    const march = this.#march;
    return march !== undefined && this.#marching.some((_, i) => march.isStuck(i));
  }

  #plan(key: string, tick: number): void {
    this.#planned = key;
    this.#march = undefined;
    const there = this.#members.filter(({ view }) => view.isAlive());
    // Of walkers on two levels, those on the level of the first go, and the others stand.
    const members = this.#kind === 'walker' ? there.filter(({ view }) => view.cellOf()[1] === there[0].view.cellOf()[1]) : there;
    const problem = members.length === 0 ? undefined : this.#problem(members);
    if (problem === undefined) {
      this.#planned = '';
      this.#readyAt = tick + 1;
      return;
    }
    const result = planSquad(problem, { expansions: this.#settings.expansions }, { seed: this.#plans++ });
    const paid = Math.ceil(result.stats.expansions / this.#settings.expansionsPerTick);
    this.#readyAt = tick + paid;
    if (result.status !== 'solved') {
      this.#planned = '';
      this.#readyAt = tick + Math.max(paid, RETRY_TICKS);
      return;
    }
    const order = orderOfVisits(result.trajectories as readonly CellPath[]);
    invariant(findRing(order) === undefined, 'A plan for a squad must have no ring.');
    this.#march = new TeamMarch(order, this.#lattice);
    this.#marching = members;
  }

  /** The free cells of the lattice as a grid, and a start and a goal for each; undefined where there is no room. */
  #problem(members: readonly Member[]): GridProblem | undefined {
    const [sizeX, sizeY, sizeZ] = this.#size;
    const level = members[0].view.cellOf()[1];
    const blocked = new Uint8Array(sizeX * sizeY * sizeZ);
    // What one of them must keep out of, all do: ways are for everybody.
    this.#ground.keepOut = members.flatMap(({ keepOut }) => keepOut);
    for (let y = 0, i = 0; y < sizeY; y++)
      for (let z = 0; z < sizeZ; z++) for (let x = 0; x < sizeX; x++, i++) blocked[i] = this.#isFree(x, y, z, level) ? 0 : 1;
    for (const slot of this.#others) for (const cell of this.#cellsOf(slot)) blocked[cell] = 1;
    // Where one is, one can be.
    const places = members.map(({ view }) => this.#cellOf(view));
    for (const place of places) if (place.every((at, axis) => at < this.#size[axis])) blocked[this.#indexOf(place)] = 0;
    const starts: Cell[] = [];
    const taken = new Set<number>();
    for (const { view } of members) {
      // Of two in one cell the second begins from the next one: it goes there first.
      const { cell } = this.#lattice;
      const height = this.#size[1] > 1 ? view.y() / cell - 0.5 : 0;
      const start = this.#nearest([view.x() / cell - 0.5, height, view.z() / cell - 0.5], blocked, taken);
      if (start === undefined) return undefined;
      taken.add(this.#indexOf(start));
      starts.push(start);
    }
    const goals = this.#assign(members, starts, level, blocked);
    return {
      kind: 'grid',
      name: this.#kind,
      grid: { size: this.#size, blocked },
      moves: sizeY > 1 ? 6 : 4,
      timing: 'steps',
      radius: 0,
      agents: members.map(({ view }, i) => ({ name: view.roster[view.slot].id, start: starts[i], goal: goals[i] })),
    };
  }

  #indexOf([x, y, z]: Cell): number {
    return (y * this.#size[2] + z) * this.#size[0] + x;
  }

  #cellOf(view: AgentView): Cell {
    const { cell } = this.#lattice;
    return [Math.floor(view.x() / cell), this.#size[1] > 1 ? Math.floor(view.y() / cell) : 0, Math.floor(view.z() / cell)];
  }

  /** Whether all blocks of a cell leave room, and on the ground hold a body up. */
  #isFree(x: number, y: number, z: number, level: number): boolean {
    const { cell } = this.#lattice;
    const flies = this.#kind === 'quadcopter';
    if (flies && this.#layerOfOthers === y) return false;
    for (let dz = 0; dz < cell; dz++)
      for (let dx = 0; dx < cell; dx++) {
        const [bx, bz] = [x * cell + dx, z * cell + dz];
        if (this.#kind === 'walker' && !this.#ground.isFooting(bx, level, bz)) return false;
        if (
          this.#kind === 'rover' &&
          (this.#ground.isKeptOut(bx, level, bz) || !this.#ground.isFree(bx, level, bz) || !this.#ground.isSolid(bx, level - 1, bz))
        )
          return false;
        for (let by = y * cell; flies && by < (y + 1) * cell; by++)
          if (!this.#ground.isFree(bx, by, bz) || this.#ground.isKeptOut(bx, by, bz)) return false;
      }
    return true;
  }

  /**
   * A cell of its box for each, all different; whoever has the smallest box chooses first, and takes the cell with the shortest way. Who is sent nowhere,
   * or finds no way to a cell of its box, stays; where somebody else is sent there, it takes the nearest cell that is left.
   */
  #assign(members: readonly Member[], starts: readonly Cell[], level: number, blocked: Uint8Array): Cell[] {
    const taken = new Set<number>();
    const goals: Cell[] = [...starts];
    const room = ({ box }: Member) => (box === undefined ? Number.POSITIVE_INFINITY : (box[3] - box[0] + 1) * (box[5] - box[2] + 1));
    const turn = members.map((_, i) => i).sort((a, b) => room(members[a]) - room(members[b]) || a - b);
    const staying: number[] = [];
    for (const i of turn) {
      const cell =
        members[i].box === undefined ? undefined : this.#reachable(starts[i], blocked, taken, (at) => this.#suits(members[i], at, level));
      if (cell === undefined) staying.push(i);
      else {
        taken.add(this.#indexOf(cell));
        goals[i] = cell;
      }
    }
    for (const i of staying) {
      // There are as many cells as starts in each part of the ground, so one is left.
      const cell = this.#reachable(starts[i], blocked, taken, () => true);
      invariant(cell !== undefined, 'A squad must find a cell for each of its members.');
      taken.add(this.#indexOf(cell));
      goals[i] = cell;
    }
    return goals;
  }

  /** Whether the middle of a cell is where a member is sent. */
  #suits({ box, near }: Member, [x, y, z]: Cell, level: number): boolean {
    const { cell } = this.#lattice;
    const at = [(x + 0.5) * cell, this.#size[1] > 1 ? (y + 0.5) * cell : level, (z + 0.5) * cell];
    if (at.some((m, axis) => m < box![axis] || m >= box![axis + 3] + 1)) return false;
    return near === undefined || (at[0] - near.x) ** 2 + (at[1] - near.y) ** 2 + (at[2] - near.z) ** 2 <= near.metres ** 2;
  }

  /** The nearest cell by its way, breadth first, that is not taken and suits. */
  #reachable(from: Cell, blocked: Uint8Array, taken: ReadonlySet<number>, suits: (cell: Cell) => boolean): Cell | undefined {
    const [sizeX, sizeY, sizeZ] = this.#size;
    const seen = blocked.slice();
    const queue: Cell[] = [from];
    seen[this.#indexOf(from)] = 1;
    for (const cell of queue) {
      if (!taken.has(this.#indexOf(cell)) && suits(cell)) return cell;
      for (const [dx, dy, dz] of STEPS) {
        const next = [cell[0] + dx, cell[1] + dy, cell[2] + dz] as const;
        if (next[0] < 0 || next[1] < 0 || next[2] < 0 || next[0] >= sizeX || next[1] >= sizeY || next[2] >= sizeZ) continue;
        const index = this.#indexOf(next);
        if (seen[index] === 1) continue;
        seen[index] = 1;
        queue.push(next);
      }
    }
    return undefined;
  }

  /** The nearest cell along the axes that is free and not taken. @param from in cells, not rounded. */
  #nearest(from: Cell, blocked: Uint8Array, taken: ReadonlySet<number>): Cell | undefined {
    const [sizeX, sizeY, sizeZ] = this.#size;
    let best: Cell | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let y = 0, i = 0; y < sizeY; y++)
      for (let z = 0; z < sizeZ; z++)
        for (let x = 0; x < sizeX; x++, i++) {
          const way = Math.abs(x - from[0]) + Math.abs(y - from[1]) + Math.abs(z - from[2]);
          if (way >= least || blocked[i] === 1 || taken.has(i)) continue;
          least = way;
          best = [x, y, z];
        }
    return best;
  }

  #follow(march: TeamMarch, out: Float32Array): void {
    this.#marching.forEach(({ view }, i) => {
      this.#positions.set([view.x(), view.y(), view.z()], 3 * i);
    });
    march.update(this.#positions.subarray(0, 3 * this.#marching.length));
    const waypoint = this.#waypoint;
    this.#marching.forEach(({ view, pilot }, i) => {
      if (!view.isAlive()) return;
      const row = rowOf(out, view);
      march.waypoint(i, waypoint);
      const { x, y, z, holds } = waypoint;
      if (pilot === undefined) towards(new Controls(view, row), x, z, WALK_SPEED, !holds);
      else pilot.steer(row, { x, y: this.#size[1] > 1 ? y : view.y(), z, last: true });
    });
  }
}

function rowOf(out: Float32Array, view: AgentView): Float32Array {
  const at = (view.row * view.numAgents + view.slot) * ACTION_FIELDS;
  return out.subarray(at, at + ACTION_FIELDS);
}
