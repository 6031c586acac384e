/**
 * Who goes where first when doors hang on plates and levers: a joint plan of a team, found by breadth-first search over who stands where.
 * Every member computes the same plan from the same state, so nobody has to be told; the first action of the plan is what happens next.
 * Abstraction: the world falls into zones that closed doors separate; an agent is in a zone, on a plate, or at its destination.
 * Limit: sixteen plates and levers; a lever is used at most once per plan step; toggled mechanisms count as held ones. Blocks that a clock
 *   moves are no doors: they are taken as they are now.
 */
import type { Mechanism } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { type Box, Ground, isIn } from '../navigation/ground.js';
import { labelZones, visitNeighbours } from '../navigation/zones.js';
import type { Goal } from './job.js';

type Cell = readonly [number, number, number];

/** What an agent is to do: stand on a plate, use a lever, or go to its destination. */
export type DoorAction = { kind: 'plate' | 'lever'; cell: Cell } | { kind: 'goal' };

export interface DoorPlan {
  /** Who acts now. */
  slot: number;
  action: DoorAction;
}

interface Door {
  mechanism: number;
  /** Zones that its blocks separate. */
  zones: number[];
  cells: Cell[];
  /** Whether it lets pass while the mechanism is active, or while it is not. */
  opensWhenActive: boolean;
}

interface Spot {
  kind: 'plate' | 'lever';
  cell: Cell;
  zones: number[];
}

/** A state of the search: place of each agent (zone, or numZones + spot, or AT_GOAL), levers on, mechanisms latched. */
interface State {
  places: number[];
  zones: number[];
  levers: number;
  latched: number;
}

const MAX_STATES = 6000;
const AT_GOAL = 1 << 20;

export class DoorPlanner {
  readonly #view: AgentView;
  #mechanisms: readonly Mechanism[] = [];
  #ground: Ground;
  #zones: Int32Array = new Int32Array(0);
  #numZones = 0;
  #doors: Door[] = [];
  #spots: Spot[] = [];
  /** Plans of this episode by state: they depend on nothing else. */
  readonly #plans = new Map<string, DoorPlan | undefined>();

  constructor(view: AgentView) {
    this.#view = view;
    this.#ground = new Ground(view);
  }

  /** Whether anything here can be opened. */
  get hasDoors(): boolean {
    return this.#doors.length > 0;
  }

  /** Reads the level anew: zones with every door closed, plates and levers. */
  reset(): void {
    const { level } = this.#view;
    // Whoever's goals are hidden does not know where the plates of this level are.
    const mechanisms = (level?.mechanisms ?? []) as readonly Mechanism[];
    this.#mechanisms = mechanisms;
    const ground = new Ground(this.#view);
    this.#ground = ground;
    this.#doors = [];
    this.#spots = [];
    this.#plans.clear();
    if (mechanisms.length === 0) return;
    const closed = new Map<number, number>();
    const solid = (name: unknown) => this.#view.blocks.solid[this.#view.palette.indexOfName(name as string)] === 1;
    mechanisms.forEach((mechanism, index) => {
      if (triggersOf(mechanism).some((trigger) => 'clock' in trigger)) return;
      for (const { region, on, off } of mechanism.effects) {
        if (solid(on) === solid(off)) continue;
        const door: Door = { mechanism: index, zones: [], cells: [], opensWhenActive: solid(off) };
        eachCell(region as unknown as [Cell, Cell], (cell) => {
          door.cells.push(cell);
          closed.set(ground.cell(...cell), 1);
        });
        this.#doors.push(door);
      }
    });
    ground.assumed = closed;
    const { zones, numZones } = labelZones(ground);
    this.#zones = zones;
    this.#numZones = numZones;
    const open = new Ground(this.#view);
    open.assumed = new Map([...closed.keys()].map((cell) => [cell, 0]));
    for (const door of this.#doors) door.zones = this.#zonesAround(open, door.cells);
    for (const mechanism of mechanisms)
      for (const trigger of triggersOf(mechanism)) this.#addSpots(trigger as unknown as Record<string, unknown>);
  }

  /** The first action of a shortest plan that brings every agent to its goal; undefined when none is known or nobody has to act. */
  next(goals: readonly Goal[]): DoorPlan | undefined {
    const agents = goals.filter(({ slot }) => this.#view.isAlive(slot));
    if (agents.length === 0) return undefined;
    const start = this.#present(agents);
    const key = `${keyOf(start)}/${agents.map(({ slot, box }) => `${slot}:${box.join()}`).join()}`;
    if (!this.#plans.has(key)) this.#plans.set(key, this.#plan(agents, start));
    return this.#plans.get(key);
  }

  #plan(agents: readonly Goal[], start: State): DoorPlan | undefined {
    const seen = new Set([keyOf(start)]);
    const queue: { state: State; first: DoorPlan | undefined }[] = [{ state: start, first: undefined }];
    for (let head = 0; head < queue.length && queue.length < MAX_STATES; head++) {
      const { state, first } = queue[head];
      if (agents.every((goal, i) => this.#isAtGoal(state, i, goal.box))) return first;
      for (let i = 0; i < agents.length; i++) {
        this.#expand(agents, state, i, (next, action) => {
          const key = keyOf(next);
          if (seen.has(key)) return;
          seen.add(key);
          queue.push({ state: next, first: first ?? { slot: agents[i].slot, action } });
        });
      }
    }
    return undefined;
  }

  /** Plate under an agent, or undefined. */
  plateUnder(slot: number): Cell | undefined {
    const [x, y, z] = this.#view.cellOf(slot);
    return this.#spots.find((spot) => spot.kind === 'plate' && spot.cell[0] === x && spot.cell[1] === y && spot.cell[2] === z)?.cell;
  }

  /** Whether a cell is in the way of a door. */
  isDoorCell(x: number, y: number, z: number): boolean {
    return this.#doors.some((door) => door.cells.some((cell) => cell[0] === x && cell[2] === z && Math.abs(cell[1] - y) <= 1));
  }

  #expand(agents: readonly Goal[], state: State, i: number, add: (next: State, action: DoorAction) => void): void {
    const reachable = this.#reachable(state, i);
    const move = (place: number, zone: number, action: DoorAction, levers = state.levers) => {
      const places = [...state.places];
      const zones = [...state.zones];
      places[i] = place;
      zones[i] = zone;
      add(this.#settle({ places, zones, levers, latched: state.latched }), action);
    };
    if (state.places[i] !== AT_GOAL) {
      const zone = this.#goalZones(agents[i].box).find((one) => reachable.has(one));
      if (zone !== undefined) move(AT_GOAL, zone, { kind: 'goal' });
    }
    this.#spots.forEach((spot, s) => {
      const zone = spot.zones.find((one) => reachable.has(one));
      if (zone === undefined) return;
      if (spot.kind === 'lever') move(zone, zone, { kind: 'lever', cell: spot.cell }, state.levers ^ (1 << s));
      else if (!state.places.includes(this.#numZones + s)) move(this.#numZones + s, zone, { kind: 'plate', cell: spot.cell });
    });
  }

  /** Zones that agent i can walk to once it has left its plate. */
  #reachable(state: State, i: number): Set<number> {
    const without = { ...state, places: state.places.map((place, k) => (k === i ? -1 : place)) };
    const active = this.#activeMask(without);
    const zones = new Set([state.zones[i]]);
    for (let grew = true; grew; ) {
      grew = false;
      for (const door of this.#doors) {
        if ((((active >> door.mechanism) & 1) === 1) !== door.opensWhenActive || !door.zones.some((zone) => zones.has(zone))) continue;
        for (const zone of door.zones) {
          if (zones.has(zone)) continue;
          zones.add(zone);
          grew = true;
        }
      }
    }
    return zones;
  }

  /** Latches what the state makes active. */
  #settle(state: State): State {
    const active = this.#activeMask(state);
    this.#mechanisms.forEach((mechanism, m) => {
      if (mechanism.mode === 'latch' && ((active >> m) & 1) === 1) state.latched |= 1 << m;
    });
    return state;
  }

  #activeMask(state: State): number {
    let mask = state.latched;
    // Mechanisms that hang on others settle within as many rounds as there are mechanisms.
    for (let round = 0; round < this.#mechanisms.length; round++) {
      let next = state.latched;
      this.#mechanisms.forEach((mechanism, m) => {
        const triggers = triggersOf(mechanism);
        const isOn = (trigger: object) => this.#isOn(trigger as Record<string, unknown>, state, mask);
        if ('all' in mechanism.when ? triggers.every(isOn) : triggers.some(isOn)) next |= 1 << m;
      });
      if (next === mask) break;
      mask = next;
    }
    return mask;
  }

  #isOn(trigger: Record<string, unknown>, state: State, mask: number): boolean {
    if ('mechanism' in trigger) return ((mask >> this.#mechanisms.findIndex((one) => one.id === trigger.mechanism)) & 1) === 1;
    if ('clock' in trigger) return false;
    return this.#spots.some((spot, s) => {
      if ('lever' in trigger) return spot.kind === 'lever' && isSame(spot.cell, trigger.lever as Cell) && ((state.levers >> s) & 1) === 1;
      const box = plateBox(trigger);
      return spot.kind === 'plate' && isIn(box, ...spot.cell) && state.places.includes(this.#numZones + s);
    });
  }

  /** Where everybody is now. */
  #present(agents: readonly Goal[]): State {
    const view = this.#view;
    const places: number[] = [];
    const zones: number[] = [];
    for (const { slot, box } of agents) {
      const [x, y, z] = view.cellOf(slot);
      const zone = this.#zoneNear(x, y, z);
      const spot = this.#spots.findIndex((one) => one.kind === 'plate' && isSame(one.cell, [x, y, z]));
      zones.push(zone);
      places.push(spot >= 0 ? this.#numZones + spot : isIn(box, x, y, z) ? AT_GOAL : zone);
    }
    let levers = 0;
    this.#spots.forEach((spot, s) => {
      if (spot.kind === 'lever' && view.blocks.signal[view.blockAt(...spot.cell)] === 1) levers |= 1 << s;
    });
    let latched = 0;
    this.#mechanisms.forEach((mechanism, m) => {
      if (mechanism.mode === 'latch' && view.isActive(m)) latched |= 1 << m;
    });
    return { places, zones, levers, latched };
  }

  #isAtGoal(state: State, i: number, box: Box): boolean {
    const place = state.places[i];
    return place === AT_GOAL || (place >= this.#numZones && isIn(box, ...this.#spots[place - this.#numZones].cell));
  }

  #goalZones(box: Box): number[] {
    const found = new Set<number>();
    for (let y = box[1]; y <= box[4]; y++) {
      for (let z = box[2]; z <= box[5]; z++) {
        for (let x = box[0]; x <= box[3]; x++) {
          const zone = this.#ground.isInside(x, y, z) ? this.#zones[this.#ground.cell(x, y, z)] : -1;
          if (zone >= 0) found.add(zone);
        }
      }
    }
    return [...found];
  }

  /** Zone of a cell; in a doorway or the air, that of the nearest cell around. */
  #zoneNear(x: number, y: number, z: number): number {
    for (let reach = 0; reach <= 2; reach++) {
      for (let dy = 1; dy >= -2; dy--) {
        for (let dz = -reach; dz <= reach; dz++) {
          for (let dx = -reach; dx <= reach; dx++) {
            if (!this.#ground.isInside(x + dx, y + dy, z + dz)) continue;
            const zone = this.#zones[this.#ground.cell(x + dx, y + dy, z + dz)];
            if (zone >= 0) return zone;
          }
        }
      }
    }
    return -1;
  }

  #zonesAround(open: Ground, cells: readonly Cell[]): number[] {
    const found = new Set<number>();
    for (const [x, y, z] of cells) {
      if (!open.isPlace(x, y, z)) continue;
      visitNeighbours(open, x, y, z, (nx, ny, nz) => {
        const zone = this.#zones[this.#ground.cell(nx, ny, nz)];
        if (zone >= 0) found.add(zone);
      });
    }
    return [...found].sort((a, b) => a - b);
  }

  #addSpots(trigger: Record<string, unknown>): void {
    const add = (kind: 'plate' | 'lever', cell: Cell, zones: number[]) => {
      if (!this.#spots.some((spot) => isSame(spot.cell, cell))) this.#spots.push({ kind, cell, zones });
    };
    const zoneAt = (x: number, y: number, z: number) => (this.#ground.isInside(x, y, z) ? this.#zones[this.#ground.cell(x, y, z)] : -1);
    if ('lever' in trigger) {
      const [x, y, z] = trigger.lever as Cell;
      const zones = new Set<number>();
      for (let dy = -2; dy <= 1; dy++)
        for (const [dx, dz] of [
          [0, 0],
          [1, 0],
          [-1, 0],
          [0, 1],
          [0, -1],
        ])
          if (zoneAt(x + dx, y + dy, z + dz) >= 0) zones.add(zoneAt(x + dx, y + dy, z + dz));
      add('lever', [x, y, z], [...zones]);
    } else if (!('mechanism' in trigger || 'clock' in trigger)) {
      const [x0, y0, z0, x1, y1, z1] = plateBox(trigger);
      eachCell(
        [
          [x0, y0, z0],
          [x1, y1, z1],
        ],
        (cell) => {
          if (this.#view.blocks.plate[this.#view.blockAt(...cell)] === 1 && zoneAt(...cell) >= 0) add('plate', cell, [zoneAt(...cell)]);
        },
      );
    }
  }
}

export function triggersOf(mechanism: Mechanism): readonly object[] {
  return 'all' in mechanism.when ? mechanism.when.all : mechanism.when.any;
}

/** Cells of a plate trigger. */
export function plateBox(trigger: object): Box {
  const { plate, plates } = trigger as { plate?: Cell; plates?: readonly [Cell, Cell] };
  const [from, to] = plates ?? [plate!, plate!];
  return [from[0], from[1], from[2], to[0], to[1], to[2]];
}

function eachCell([from, to]: readonly [Cell, Cell], visit: (cell: Cell) => void): void {
  for (let y = from[1]; y <= to[1]; y++) for (let z = from[2]; z <= to[2]; z++) for (let x = from[0]; x <= to[0]; x++) visit([x, y, z]);
}

function isSame(a: Cell, b: Cell): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}

function keyOf({ places, zones, levers, latched }: State): string {
  return `${places.join()}/${zones.join()}/${levers}/${latched}`;
}
