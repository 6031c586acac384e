/**
 * The library of a body's moves, made by rolling out its own engine on a small patch. On the ground the controls are solved (`closure.ts`); for the
 * way through the air see `flights.ts`. Each is kept only if the engine, fed with the recorded controls
 * from the exact start, ends in the exact end.
 */
import {
  AIR_ACCELERATION_Q18,
  BODY_WORD,
  BODY_WORDS,
  EYE_Q16,
  GROUND_DRAG_Q14,
  type ScenarioProgram,
  SPRINT_ACCELERATION_Q18,
} from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_WORD, INTERACT } from '@kinovox/world';
import { closeAxis, createKeyTable, type KeyTable, MOST_CLOSING_TICKS } from './closure.js';
import { type FlightKeys, render, shortestFlight } from './flights.js';
import { MovePatch, type Offset, ORIGIN } from './move-patch.js';
import { BLOCK, type ClassSpeeds, DIRECTIONS, headingOf, type Primitive, type PrimitiveKind, REST, SweptCells } from './primitives.js';

export interface Library {
  readonly primitives: readonly Primitive[];
  readonly speeds: ClassSpeeds;
  /** Controls of the ground from anywhere in a cell, at any speed, to its middle at rest: Q16 offsets and stored speeds. Undefined where there are none. */
  settle(offsetX: number, offsetZ: number, velX: number, velZ: number): Float32Array | undefined;
  /** Candidates that were rolled out and did not end as they must. */
  readonly rejected: number;
}

/** Where a builder leans over an edge, from the middle of its block: 0.06 are still on it. */
const LEAN = 48500;
/** Key of each axis when both may be pressed: their length stays 1. */
const SHARED_KEY = 2896;
/** Key that brakes one axis while the other drives. */
const TURNING_KEY = 1500;
const LONGEST_KEYS = 4096 * 4096;
/** Share of the highest speed at which a body runs, so that it can still correct. */
const RESERVE = 0.98;
const DRAG = GROUND_DRAG_Q14 / 16384;

/** @returns undefined where there are no moves: see `hasMoves`. */
export function createLibrary(program: ScenarioProgram, slot: number): Library | undefined {
  return hasMoves(program, slot) ? new LibraryMaker(program, slot, ordinaryBlock(program)).make() : undefined;
}

/** Whether a body in a palette has moves here: not without an ordinary solid block, nor with draws of its own each episode, and no vehicle has any. */
export function hasMoves(program: ScenarioProgram, slot: number): boolean {
  return ordinaryBlock(program) >= 0 && program.randomisation === undefined && (program.vehicles?.ofAgent[slot] ?? -1) < 0;
}

/** Whether palette entries are ground like any other: no ice, no slime. */
export function isOrdinary({ blocks }: ScenarioProgram, entry: number): boolean {
  return (
    blocks.solid[entry] === 1 &&
    blocks.groundDragQ14[entry] === GROUND_DRAG_Q14 &&
    blocks.groundGripQ14[entry] === 16384 &&
    blocks.bouncy[entry] === 0
  );
}

function ordinaryBlock(program: ScenarioProgram): number {
  const placed = program.placedByItem.find((entry) => entry > 0 && isOrdinary(program, entry));
  if (placed !== undefined) return placed;
  for (let entry = 0; entry < program.blocks.solid.length; entry++) if (isOrdinary(program, entry)) return entry;
  return -1;
}

class LibraryMaker {
  private readonly primitives: Primitive[] = [];
  private rejected = 0;
  private readonly patch: MovePatch;
  private readonly flightKeys: FlightKeys;
  private readonly alone: KeyTable;
  private readonly shared: KeyTable;
  private readonly turning: KeyTable;
  private readonly canJump: boolean;
  private readonly canPlace: boolean;
  private readonly item: number;
  private readonly speeds: [number, number][];

  constructor(program: ScenarioProgram, slot: number, ground: number) {
    const body = program.bodies.subarray(slot * BODY_WORDS, (slot + 1) * BODY_WORDS);
    const scaled = (accelerationQ18: number) => Math.round((accelerationQ18 * body[BODY_WORD.speedQ16]) / 65536);
    const sprint = scaled(SPRINT_ACCELERATION_Q18);
    this.alone = createKeyTable(sprint, 4096);
    this.shared = createKeyTable(sprint, SHARED_KEY);
    this.turning = createKeyTable(sprint, TURNING_KEY);
    this.canJump = body[BODY_WORD.canJump] !== 0;
    this.canPlace = body[BODY_WORD.canPlace] !== 0;
    this.item = program.placedByItem.indexOf(ground);
    this.speeds = [[0, 0]];
    for (const [dx, dz] of DIRECTIONS) {
      const table = dx !== 0 && dz !== 0 ? this.shared : this.alone;
      const highest = table.accelerations[table.accelerations.length - 1] / (1 - DRAG);
      const ticks = Math.ceil(BLOCK / (RESERVE * highest));
      const speed = Math.round(Math.round(BLOCK / ticks) * DRAG);
      this.speeds.push([dx * speed, dz * speed]);
    }
    const { alone, item, speeds } = this;
    this.patch = new MovePatch(program, slot, ground, item, speeds);
    this.flightKeys = { alone, airPerKey: (scaled(AIR_ACCELERATION_Q18) * 0.98) / 4, speeds };
  }

  make(): Library {
    for (let d = 0; d < DIRECTIONS.length; d++) {
      const [dx, dz] = DIRECTIONS[d];
      const running = 1 + d;
      const floor: Offset[] = [
        [0, -1, 0],
        [dx, -1, dz],
      ];
      this.onGround('walk', REST, REST, dx, dz, floor);
      this.onGround('start', REST, running, dx, dz, floor);
      this.onGround('run', running, running, dx, dz, floor);
      this.onGround('stop', running, REST, dx, dz, floor);
      for (const turn of [-2, -1, 1, 2]) {
        const before = 1 + ((d + turn + 8) % 8);
        this.onGround('turn', before, running, dx, dz, floor);
      }
      if (d % 2 === 1) continue;
      if (this.canPlace && this.item > 0) this.bridge(d);
    }
    for (const isRunning of [false, true]) {
      for (const depth of [1, 2, 3]) this.throughAir('drop', isRunning, 1, -depth, []);
      if (!this.canJump) continue;
      this.throughAir('step-up', isRunning, 1, 1, [0, 1, 2, 3]);
      for (const gap of [1, 2, 3]) for (const rise of [1, 0, -1]) this.throughAir('jump', isRunning, gap + 1, rise, [0, 1, 2, 3, 4, 5, 6]);
    }
    const { primitives, speeds, rejected } = this;
    return { primitives, speeds, rejected, settle: (x, z, vx, vz) => this.settle(x, z, vx, vz) };
  }

  private onGround(kind: PrimitiveKind, from: number, to: number, dx: number, dz: number, floor: readonly Offset[]): void {
    const actions = this.close(dx * BLOCK, dz * BLOCK, this.speeds[from], this.speeds[to], (candidate) =>
      this.certify(kind, from, to, [dx, 0, dz], candidate, floor),
    );
    if (actions === undefined) this.rejected++;
  }

  /** Shortest controls on the ground that meet both ends and that `accept` takes. */
  private close(
    distanceX: number,
    distanceZ: number,
    from: readonly [number, number],
    to: readonly [number, number],
    accept: (actions: Float32Array) => boolean,
  ): Float32Array | undefined {
    for (let ticks = 1; ticks <= MOST_CLOSING_TICKS; ticks++)
      for (const [tableX, tableZ] of [
        [this.alone, this.alone],
        [this.shared, this.shared],
        [this.alone, this.turning],
        [this.turning, this.alone],
      ]) {
        const x = closeAxis(tableX, distanceX, from[0], to[0], ticks);
        const z = x === undefined ? undefined : closeAxis(tableZ, distanceZ, from[1], to[1], ticks);
        // Keys that are longer together than one alone would be shortened: neither axis would do what was solved for it.
        if (x === undefined || z === undefined || x.some((key, k) => key * key + z[k] * z[k] > LONGEST_KEYS)) continue;
        const actions = new Float32Array(ticks * ACTION_FIELDS);
        for (let k = 0; k < ticks; k++) this.pressInto(actions, k, x[k], z[k]);
        if (accept(actions)) return actions;
      }
    return undefined;
  }

  private settle(offsetX: number, offsetZ: number, velX: number, velZ: number): Float32Array | undefined {
    return this.close(0 - offsetX, 0 - offsetZ, [velX, velZ], [0, 0], () => true);
  }

  /** Keys of both axes, Q12, sprinting: forward is -z, strafe +x, at heading 0. */
  private pressInto(actions: Float32Array, tick: number, x: number, z: number): void {
    const at = tick * ACTION_FIELDS;
    actions[at + ACTION_WORD.strafe] = x / 4096;
    actions[at + ACTION_WORD.forward] = (0 - z) / 4096;
    actions[at + ACTION_WORD.sprint] = 1;
  }

  /** Off an edge, up a step, over a gap: the shortest flight that is certified is kept, for each end class. */
  private throughAir(kind: PrimitiveKind, isRunning: boolean, far: number, rise: number, jumpTicks: readonly number[]): void {
    for (const endsRunning of [false, true]) {
      const best = shortestFlight(this.patch, this.flightKeys, { isRunning, endsRunning, far, rise }, jumpTicks);
      // What holds along +x holds along every axis; each is rolled out all the same.
      for (let d = 0; d < DIRECTIONS.length; d += 2) {
        const [dx, dz] = DIRECTIONS[d];
        const end: Offset = [dx * far, rise, dz * far];
        const solids: Offset[] = [
          [0, -1, 0],
          [end[0], rise - 1, end[2]],
        ];
        const [from, to] = [isRunning ? 1 + d : REST, endsRunning ? 1 + d : REST];
        if (best === undefined || !this.certify(kind, from, to, end, render(best, d), solids)) this.rejected++;
      }
    }
  }

  /** Leans over the edge, places against the side of the block it stands on, and goes on to the middle of the new one. */
  private bridge(d: number): void {
    const [dx, dz] = DIRECTIONS[d];
    const rest: readonly [number, number] = [0, 0];
    const out = this.close(dx * LEAN, dz * LEAN, rest, rest, () => true);
    const on = this.close(dx * (BLOCK - LEAN), dz * (BLOCK - LEAN), rest, rest, () => true);
    if (out === undefined || on === undefined) return;
    const place = new Float32Array(ACTION_FIELDS);
    const turn = Math.round(headingOf(0 - dx, 0 - dz) * 65536) / 65536;
    // The side is half a block before the leaning body's middle less what it leans over; its middle lies half a block below the feet.
    const look = Math.round(Math.atan2(0 - (EYE_Q16 + 0.45 * BLOCK), LEAN - BLOCK / 2) * 65536) / 65536;
    place[ACTION_WORD.turn] = turn;
    place[ACTION_WORD.look] = look;
    place[ACTION_WORD.interact] = INTERACT.place;
    const whole = new Float32Array(out.length + place.length + on.length);
    whole.set(out);
    whole.set(place, out.length);
    whole.set(on, out.length + place.length);
    whole[out.length + place.length + ACTION_WORD.turn] = 0 - turn;
    whole[out.length + place.length + ACTION_WORD.look] = 0 - look;
    const floor: Offset[] = [
      [0, -1, 0],
      [dx, -1, dz],
    ];
    if (!this.certify('bridge', REST, REST, [dx, 0, dz], whole, floor, out.length / ACTION_FIELDS)) this.rejected++;
  }

  /** Rolls recorded controls from the exact start; keeps them as a move if they end exactly. */
  private certify(
    kind: PrimitiveKind,
    from: number,
    to: number,
    end: Offset,
    actions: Float32Array,
    solids: readonly Offset[],
    placeTick = -1,
  ): boolean {
    const swept = new SweptCells(...ORIGIN);
    const feet = new Map<string, Offset>();
    const path = new Int32Array((3 * actions.length) / ACTION_FIELDS);
    if (!this.patch.ends(from, to, end, actions, placeTick < 0 ? solids : solids.slice(0, -1), { swept, feet, path })) return false;
    feet.delete('0,0,0');
    this.primitives.push({
      kind,
      from,
      to,
      dx: end[0],
      dy: end[1],
      dz: end[2],
      ticks: actions.length / ACTION_FIELDS,
      actions,
      free: swept.offsets(),
      feet: Int8Array.from([...feet.values()].flat()),
      path,
      solid: Int8Array.from(solids.flat()),
      placeTick,
    });
    return true;
  }
}
