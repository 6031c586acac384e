/**
 * The cells on which agents of one kind in one world plan together: walkers on cells of a metre, rovers and quadcopters on cells of two.
 * Data flow: blocks, others, where each member is sent -> free cells, a start and a goal for each -> grid problem.
 */
import { type Commitment, type GridProblem, type Lattice, type TeamMarch, VEHICLE_LATTICE, WALKER_LATTICE } from '@kinovox/planning';
import { invariant } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { Box, KeepOut } from '../navigation/ground.js';
import type { Claim, Claims } from './claims.js';
import type { Errand } from './errands.js';
import { makeRoom, type Seats } from './make-room.js';
import type { SquadKind } from './squad-kind.js';
import { SquadWalls } from './squad-walls.js';

/** An agent, and where its task sends it. */
export interface GridMember {
  readonly view: AgentView;
  /** Undefined: nowhere. */
  box: Box | undefined;
  near: Near | undefined;
  keepOut: KeepOut;
  /** What it is to fetch or bring, and where it has been sent for that. */
  errand?: Errand | undefined;
  claim?: Claim | undefined;
}

export type Near = { x: number; y: number; z: number; metres: number };

export type Cell = readonly [number, number, number];

export const STEPS = [
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

export class SquadGrid {
  readonly lattice: Lattice;
  /** Cells of the lattice along x, y, z; one along y where nobody flies. */
  readonly size: Cell;
  readonly #kind: SquadKind;
  readonly #view: AgentView;
  /** Slots of agents that are in no squad. */
  readonly #others: readonly number[];
  readonly #walls: SquadWalls;

  /** @param view of any member. @param others slots of agents whom others move: they are obstacles where they are. */
  constructor(kind: SquadKind, view: AgentView, others: readonly number[]) {
    this.#kind = kind;
    this.#view = view;
    this.lattice = kind === 'walker' ? WALKER_LATTICE : VEHICLE_LATTICE;
    const count = (blocks: number) => Math.floor(blocks / this.lattice.cell);
    this.size = [count(view.sizeX), kind === 'quadcopter' ? count(view.sizeY) : 1, count(view.sizeZ)];
    this.#others = others;
    this.#walls = new SquadWalls(kind, view, this.lattice, this.size);
  }

  get flies(): boolean {
    return this.size[1] > 1;
  }

  /** @param levelOfOthers as for `SquadWalls`. */
  reset(levelOfOthers: number | undefined): void {
    this.#walls.reset(levelOfOthers);
  }

  /** As for `SquadWalls`. */
  hasChanged(): boolean {
    return this.#walls.hasChanged();
  }

  /** Cells in which agents of no squad stand; those who move are looked at when a plan is made, and not each time they move. */
  standing(): number[] {
    const view = this.#view;
    return this.#others.flatMap((slot) => (Math.abs(view.vx(slot)) + Math.abs(view.vz(slot)) < STANDS ? this.#cellsOf(slot) : []));
  }

  /** Cells of the lattice that the body of an agent reaches into; none for one that is not there. */
  #cellsOf(slot: number): number[] {
    const view = this.#view;
    if (!view.isAlive(slot)) return [];
    const { cell } = this.lattice;
    const { body } = view.roster[slot];
    const half = 'vehicle' in body ? Math.max(body.size[0], body.size[2]) / 2 : HALF_WALKER;
    const height = 'vehicle' in body ? body.size[1] / 2 : WALKER_HEIGHT;
    const low = 'vehicle' in body ? view.y(slot) - height : view.y(slot);
    const cells: number[] = [];
    const [sizeX, sizeY, sizeZ] = this.size;
    const flat = sizeY === 1;
    for (let y = flat ? 0 : Math.floor(low / cell); y <= (flat ? 0 : Math.floor((view.y(slot) + height) / cell)); y++)
      for (let z = Math.floor((view.z(slot) - half) / cell); z <= Math.floor((view.z(slot) + half) / cell); z++)
        for (let x = Math.floor((view.x(slot) - half) / cell); x <= Math.floor((view.x(slot) + half) / cell); x++)
          if (x >= 0 && y >= 0 && z >= 0 && x < sizeX && y < sizeY && z < sizeZ) cells.push(this.indexOf([x, y, z]));
    return cells;
  }

  /** The free cells of the lattice as a grid, and a start and a goal for each; undefined where there is no room. */
  problem(members: readonly GridMember[]): GridProblem | undefined {
    return this.problemFrom(members, undefined)?.problem;
  }

  /**
   * As `problem`, for those who may be under way.
   * @param march that the plan takes over from: everybody starts where it is committed to go, and the commitments are given back too, if no two end in one cell.
   * @param claims of those on errands.
   */
  problemFrom(
    members: readonly GridMember[],
    march: TeamMarch | undefined,
    claims?: Claims,
  ): { problem: GridProblem; committed: Commitment[] | undefined } | undefined {
    const level = members[0].view.cellOf()[1];
    // What one of them must keep out of, all do: ways are for everybody.
    const blocked = this.#walls.read(
      level,
      members.flatMap(({ keepOut }) => keepOut),
    );
    for (const slot of this.#others) for (const cell of this.#cellsOf(slot)) blocked[cell] = 1;
    const committed = march?.commitments((x, y, z) => blocked[this.indexOf([x, y, z])] === 0);
    const ends = committed?.map(({ cells }): Cell => [cells[cells.length - 3], cells[cells.length - 2], cells[cells.length - 1]]);
    const areApart = ends !== undefined && new Set(ends.map((end) => this.indexOf(end))).size === ends.length;
    const starts = areApart ? ends : this.#startsOf(members, blocked);
    if (starts === undefined) return undefined;
    for (const start of starts) blocked[this.indexOf(start)] = 0;
    claims?.claim(members, this, starts, level, blocked);
    const goals = this.#assign(members, starts, level, blocked);
    const problem: GridProblem = {
      kind: 'grid',
      name: this.#kind,
      grid: { size: this.size, blocked },
      moves: this.flies ? 6 : 4,
      timing: 'steps',
      radius: 0,
      agents: members.map(({ view }, i) => ({ name: view.roster[view.slot].id, start: starts[i], goal: goals[i] })),
    };
    return { problem, committed: areApart ? committed : undefined };
  }

  /** The cells nearest to where everybody is, all different; undefined where there is no room. */
  #startsOf(members: readonly GridMember[], blocked: Uint8Array): Cell[] | undefined {
    // Where one is, one can be.
    const places = members.map(({ view }) => this.#cellOf(view));
    for (const place of places) if (place.every((at, axis) => at < this.size[axis])) blocked[this.indexOf(place)] = 0;
    const starts: Cell[] = [];
    const taken = new Set<number>();
    for (const { view } of members) {
      // Of two in one cell the second begins from the next one: it goes there first.
      const { cell } = this.lattice;
      const height = this.flies ? view.y() / cell - 0.5 : 0;
      const start = this.#nearest([view.x() / cell - 0.5, height, view.z() / cell - 0.5], blocked, taken);
      if (start === undefined) return undefined;
      taken.add(this.indexOf(start));
      starts.push(start);
    }
    return starts;
  }

  /** The first member that the problem sends elsewhere than its task does, since there was no way or no room; undefined where there is none. */
  astray(members: readonly GridMember[], { agents }: GridProblem): GridMember | undefined {
    const level = members[0].view.cellOf()[1];
    return members.find((member, i) => member.box !== undefined && !this.#suits(member, agents[i].goal, level));
  }

  indexOf([x, y, z]: Cell): number {
    return (y * this.size[2] + z) * this.size[0] + x;
  }

  #cellOf(view: AgentView): Cell {
    const { cell } = this.lattice;
    return [Math.floor(view.x() / cell), this.flies ? Math.floor(view.y() / cell) : 0, Math.floor(view.z() / cell)];
  }

  /**
   * A cell of its box for each, all different; whoever has the smallest box chooses first, and takes the cell with the shortest way; where that leaves
   * somebody none, others take another of theirs, so that as many as can be get one. Who is sent nowhere, or finds no way to a cell of its box, stays;
   * where somebody else is sent there, it takes the nearest cell that is left. Whoever has a claim goes where that is.
   */
  #assign(members: readonly GridMember[], starts: readonly Cell[], level: number, blocked: Uint8Array): Cell[] {
    const taken = new Set<number>();
    const goals: Cell[] = [...starts];
    const room = ({ box }: GridMember) => (box === undefined ? Number.POSITIVE_INFINITY : (box[3] - box[0] + 1) * (box[5] - box[2] + 1));
    const turn = members.map((_, i) => i).sort((a, b) => room(members[a]) - room(members[b]) || a - b);
    const staying: number[] = [];
    const without: number[] = [];
    const seats: Seats = { cells: new Map(), owners: new Map() };
    for (const [i, { claim }] of members.entries()) {
      if (claim === undefined) continue;
      taken.add(this.indexOf(claim.stand));
      goals[i] = claim.stand;
    }
    const claimed = new Set(taken);
    for (const i of turn) {
      const { claim, box, errand } = members[i];
      if (claim !== undefined) continue;
      if (box === undefined || errand !== undefined) staying.push(i);
      else {
        const cell = this.reachable(starts[i], blocked, taken, (at) => this.#suits(members[i], at, level));
        if (cell === undefined) without.push(i);
        else {
          taken.add(this.indexOf(cell));
          seats.cells.set(i, cell);
          seats.owners.set(this.indexOf(cell), i);
        }
      }
    }
    const suiting = new Map<number, Cell[]>();
    const cellsOf = (i: number): Cell[] => {
      let cells = suiting.get(i);
      if (cells === undefined)
        suiting.set(i, (cells = this.#allReachable(starts[i], blocked, claimed, (at) => this.#suits(members[i], at, level))));
      return cells;
    };
    for (const i of without) if (!makeRoom(i, cellsOf, (cell) => this.indexOf(cell), seats)) staying.push(i);
    for (const [i, cell] of seats.cells) {
      taken.add(this.indexOf(cell));
      goals[i] = cell;
    }
    // In the order of turns, as those who were sent somewhere are among them.
    staying.sort((a, b) => turn.indexOf(a) - turn.indexOf(b));
    for (const i of staying) {
      // There are as many cells as starts in each part of the ground, and nobody's goal is in another part, so one is left.
      const cell = this.reachable(starts[i], blocked, taken, () => true);
      invariant(cell !== undefined, 'A squad must find a cell for each of its members.');
      taken.add(this.indexOf(cell));
      goals[i] = cell;
    }
    return goals;
  }

  /** Whether the middle of a cell is where a member is sent. */
  #suits({ box, near }: GridMember, [x, y, z]: Cell, level: number): boolean {
    const { cell } = this.lattice;
    const at = [(x + 0.5) * cell, this.flies ? (y + 0.5) * cell : level, (z + 0.5) * cell];
    if (at.some((m, axis) => m < box![axis] || m >= box![axis + 3] + 1)) return false;
    return near === undefined || (at[0] - near.x) ** 2 + (at[1] - near.y) ** 2 + (at[2] - near.z) ** 2 <= near.metres ** 2;
  }

  /** Per cell a number of the part of the ground in which it lies, the same for cells between which a way leads; 0 where nobody starts. */
  partsFrom(starts: readonly Cell[], blocked: Uint8Array): Int32Array {
    const parts = new Int32Array(blocked.length);
    starts.forEach((start, i) => {
      if (parts[this.indexOf(start)] !== 0) return;
      this.reachable(start, blocked, new Set(), (cell) => {
        parts[this.indexOf(cell)] = i + 1;
        return false;
      });
    });
    return parts;
  }

  /** The nearest cell by its way, breadth first, that is not taken and suits. */
  reachable(from: Cell, blocked: Uint8Array, taken: ReadonlySet<number>, suits: (cell: Cell) => boolean): Cell | undefined {
    const [sizeX, sizeY, sizeZ] = this.size;
    const seen = blocked.slice();
    const queue: Cell[] = [from];
    seen[this.indexOf(from)] = 1;
    for (const cell of queue) {
      if (!taken.has(this.indexOf(cell)) && suits(cell)) return cell;
      for (const [dx, dy, dz] of STEPS) {
        const next = [cell[0] + dx, cell[1] + dy, cell[2] + dz] as const;
        if (next[0] < 0 || next[1] < 0 || next[2] < 0 || next[0] >= sizeX || next[1] >= sizeY || next[2] >= sizeZ) continue;
        const index = this.indexOf(next);
        if (seen[index] === 1) continue;
        seen[index] = 1;
        queue.push(next);
      }
    }
    return undefined;
  }

  /** All that `reachable` would give one after the other. */
  #allReachable(from: Cell, blocked: Uint8Array, taken: ReadonlySet<number>, suits: (cell: Cell) => boolean): Cell[] {
    const cells: Cell[] = [];
    this.reachable(from, blocked, taken, (cell) => {
      if (suits(cell)) cells.push(cell);
      return false;
    });
    return cells;
  }

  /** The nearest cell along the axes that is free and not taken. @param from in cells, not rounded. */
  #nearest(from: Cell, blocked: Uint8Array, taken: ReadonlySet<number>): Cell | undefined {
    const [sizeX, sizeY, sizeZ] = this.size;
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
}
