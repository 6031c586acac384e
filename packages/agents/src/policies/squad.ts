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
import { type Box, Ground } from '../navigation/ground.js';
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

/** Ticks after a plan that could not be made, before the next try. */
const RETRY_TICKS = 20;

interface Member {
  view: AgentView;
  beliefs: Beliefs;
  reader: TaskReader;
  pilot: Pilot | undefined;
  /** Where the task sent it last. */
  box: Box | undefined;
}

type Cell = readonly [number, number, number];

export class Squad {
  readonly #kind: SquadKind;
  readonly #settings: SquadSettings;
  readonly #lattice: Lattice;
  readonly #members: Member[];
  readonly #ground: Ground;
  /** Cells of the lattice along x, y, z; one along y where nobody flies. */
  readonly #size: Cell;
  /** Layers of the lattice that are left to others. */
  readonly #layersOfOthers: ReadonlySet<number>;
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

  /** @param levelOfOthers of quadcopters: height in blocks at which rovers drive, or undefined. */
  constructor(kind: SquadKind, views: readonly AgentView[], settings: SquadSettings, levelOfOthers: number | undefined) {
    this.#kind = kind;
    this.#settings = settings;
    this.#lattice = kind === 'walker' ? WALKER_LATTICE : VEHICLE_LATTICE;
    this.#members = views.map((view) => {
      const { body } = view.roster[view.slot];
      const pilot = kind === 'walker' ? undefined : new Pilot(view, body as Vehicle);
      return { view, beliefs: new Beliefs(view), reader: new TaskReader(view, undefined), pilot, box: undefined };
    });
    const [{ sizeX, sizeY, sizeZ }] = views;
    this.#ground = new Ground(views[0]);
    const { cell } = this.#lattice;
    const count = (blocks: number) => Math.floor(blocks / cell);
    this.#size = [count(sizeX), kind === 'quadcopter' ? count(sizeY) : 1, count(sizeZ)];
    this.#layersOfOthers = new Set(levelOfOthers === undefined ? [] : [Math.floor(levelOfOthers / cell)]);
    this.#positions = new Float64Array(3 * views.length);
  }

  /** An episode begins, or time has jumped. */
  reset(): void {
    for (const member of this.#members) {
      member.beliefs.reset();
      member.reader.reset();
      member.pilot?.reset();
      member.box = undefined;
    }
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
      const job = formula === undefined ? undefined : reader.read(formula).job;
      // One that has arrived is to stay, and not to be planned for anew.
      if (job?.kind === 'go') member.box = job.box;
      key += `|${member.box?.join() ?? ''}`;
    }
    return key;
  }

  #isStuck(): boolean {
    const march = this.#march;
    return march !== undefined && this.#marching.some((_, i) => march.isStuck(i));
  }

  #plan(key: string, tick: number): void {
    this.#planned = key;
    this.#march = undefined;
    const members = this.#members.filter(({ view }) => view.isAlive());
    const problem = members.length === 0 ? undefined : this.#problem(members);
    if (problem === undefined) {
      // Somebody is in the air: look again when that has changed.
      this.#planned = '';
      this.#readyAt = tick + 1;
      return;
    }
    const result = planSquad(problem, { expansions: this.#settings.expansions }, { seed: this.#plans++ });
    this.#readyAt = tick + Math.ceil(result.stats.expansions / this.#settings.expansionsPerTick);
    if (result.status !== 'solved') {
      this.#planned = '';
      this.#readyAt = tick + RETRY_TICKS;
      return;
    }
    const order = orderOfVisits(result.trajectories as readonly CellPath[]);
    invariant(findRing(order) === undefined, 'A plan for a squad must have no ring.');
    this.#march = new TeamMarch(order, this.#lattice);
    this.#marching = members;
  }

  /** The free cells of the lattice as a grid, and a start and a goal for each; undefined while a walker is not on the others' level, or there is no room. */
  #problem(members: readonly Member[]): GridProblem | undefined {
    const [sizeX, sizeY, sizeZ] = this.#size;
    const level = members[0].view.cellOf()[1];
    const blocked = new Uint8Array(sizeX * sizeY * sizeZ);
    for (let y = 0, i = 0; y < sizeY; y++)
      for (let z = 0; z < sizeZ; z++) for (let x = 0; x < sizeX; x++, i++) blocked[i] = this.#isFree(x, y, z, level) ? 0 : 1;
    // Where one is, one can be.
    const places = members.map(({ view }) => this.#cellOf(view));
    for (const place of places) if (place.every((at, axis) => at < this.#size[axis])) blocked[this.#indexOf(place)] = 0;
    const starts: Cell[] = [];
    const taken = new Set<number>();
    for (const { view } of members) {
      if (this.#kind === 'walker' && view.cellOf()[1] !== level) return undefined;
      // Of two in one cell the second begins from the next one: it goes there first.
      const { cell } = this.#lattice;
      const height = this.#size[1] > 1 ? view.y() / cell - 0.5 : 0;
      const start = this.#nearest([view.x() / cell - 0.5, height, view.z() / cell - 0.5], level, blocked, taken);
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
    if (flies && this.#layersOfOthers.has(y)) return false;
    for (let dz = 0; dz < cell; dz++)
      for (let dx = 0; dx < cell; dx++) {
        const [bx, bz] = [x * cell + dx, z * cell + dz];
        if (this.#kind === 'walker' && !this.#ground.isFooting(bx, level, bz)) return false;
        if (this.#kind === 'rover' && (!this.#ground.isFree(bx, level, bz) || !this.#ground.isSolid(bx, level - 1, bz))) return false;
        for (let dy = 0; flies && dy < cell; dy++) if (!this.#ground.isFree(bx, y * cell + dy, bz)) return false;
      }
    return true;
  }

  /**
   * A cell of its box for each, all different; whoever has the smallest box chooses first, and takes the cell with the shortest way along the axes. Who is
   * sent nowhere, or finds its box full, stays, unless somebody else is sent there: then it takes the nearest cell that is left.
   */
  #assign(members: readonly Member[], starts: readonly Cell[], level: number, blocked: Uint8Array): Cell[] {
    const taken = new Set<number>();
    const goals: Cell[] = [...starts];
    const room = ({ box }: Member) => (box === undefined ? Number.POSITIVE_INFINITY : (box[3] - box[0] + 1) * (box[5] - box[2] + 1));
    const turn = members.map((_, i) => i).sort((a, b) => room(members[a]) - room(members[b]) || a - b);
    for (const i of turn) {
      const { box } = members[i];
      const cell = (box && this.#nearest(starts[i], level, blocked, taken, box)) ?? this.#nearest(starts[i], level, blocked, taken);
      invariant(cell !== undefined, 'A squad must find a cell for each of its members.');
      taken.add(this.#indexOf(cell));
      goals[i] = cell;
    }
    return goals;
  }

  /** The nearest cell that is free and not taken, with its middle in the box. @param from in cells, not rounded. */
  #nearest(from: Cell, level: number, blocked: Uint8Array, taken: ReadonlySet<number>, box?: Box): Cell | undefined {
    const { cell } = this.#lattice;
    const [sizeX, sizeY, sizeZ] = this.#size;
    const middle = (at: number) => (at + 0.5) * cell;
    let best: Cell | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let y = 0, i = 0; y < sizeY; y++)
      for (let z = 0; z < sizeZ; z++)
        for (let x = 0; x < sizeX; x++, i++) {
          const way = Math.abs(x - from[0]) + Math.abs(y - from[1]) + Math.abs(z - from[2]);
          if (way >= least || blocked[i] === 1 || taken.has(i)) continue;
          const at = [middle(x), sizeY > 1 ? middle(y) : level, middle(z)];
          if (box !== undefined && at.some((m, axis) => m < box[axis] || m >= box[axis + 3] + 1)) continue;
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
