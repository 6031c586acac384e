/**
 * The library of a body's moves, made by rolling out its own engine on a small patch. On the ground the controls are solved (`closure.ts`); through the air
 * a small controller steers, and the ground after it brings the body into the exact end. Each is kept only if the engine, fed with the recorded controls
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
import { ACTION_FIELDS, ACTION_WORD, AGENT_FLAG, INTERACT, INVENTORY_SLOTS } from '@kinovox/world';
import { closeAxis, createKeyTable, type KeyTable } from './closure.js';
import {
  BLOCK,
  type ClassSpeeds,
  DIRECTIONS,
  misses,
  type Primitive,
  type PrimitiveKind,
  REST,
  SweptCells,
  standingWords,
} from './primitives.js';
import { FIRST_ITEM, WALKER_WORDS, WalkerEngine } from './walker-engine.js';

export interface Library {
  readonly primitives: readonly Primitive[];
  readonly speeds: ClassSpeeds;
  /** Controls of the ground from anywhere in a cell, at any speed, to its middle at rest: Q16 offsets and stored speeds. Undefined where there are none. */
  settle(offsetX: number, offsetZ: number, velX: number, velZ: number): Float32Array | undefined;
  /** Candidates that were rolled out and did not end as they must. */
  readonly rejected: number;
}

/** Side and height of the patch, and where moves begin in it. */
const SIDE = 15;
const HEIGHT = 12;
const ORIGIN = [7, 6, 7] as const;
const MOST_TICKS = 24;
const MOST_AIR_TICKS = 40;
/** Closings that are rolled out after a flight. */
const MOST_LANDINGS = 4;
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

type Offset = readonly [number, number, number];

/** @returns undefined for a body or palette that has no moves here: no ordinary solid block, or draws of its own each episode. */
export function createLibrary(program: ScenarioProgram, slot: number): Library | undefined {
  const ground = ordinaryBlock(program);
  if (
    ground < 0 ||
    program.randomisation !== undefined ||
    (program.vehicles?.ofAgent[slot] !== undefined && program.vehicles.ofAgent[slot] >= 0)
  )
    return undefined;
  return new LibraryMaker(program, slot, ground).make();
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
  private readonly engine: WalkerEngine;
  private readonly voxels = new Uint8Array(SIDE * HEIGHT * SIDE);
  private readonly words = new Int32Array(WALKER_WORDS);
  private readonly alone: KeyTable;
  private readonly shared: KeyTable;
  private readonly turning: KeyTable;
  private readonly airPerKey: number;
  private readonly canJump: boolean;
  private readonly canPlace: boolean;
  private readonly item: number;
  private readonly speeds: [number, number][];

  constructor(
    program: ScenarioProgram,
    slot: number,
    private readonly ground: number,
  ) {
    this.engine = new WalkerEngine(program, slot, { size: [SIDE, HEIGHT, SIDE], voxels: this.voxels });
    const body = program.bodies.subarray(slot * BODY_WORDS, (slot + 1) * BODY_WORDS);
    const scaled = (accelerationQ18: number) => Math.round((accelerationQ18 * body[BODY_WORD.speedQ16]) / 65536);
    const sprint = scaled(SPRINT_ACCELERATION_Q18);
    this.alone = createKeyTable(sprint, 4096);
    this.shared = createKeyTable(sprint, SHARED_KEY);
    this.turning = createKeyTable(sprint, TURNING_KEY);
    this.airPerKey = (scaled(AIR_ACCELERATION_Q18) * 0.98) / 4;
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
    for (let ticks = 1; ticks <= MOST_TICKS; ticks++)
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

  /**
   * Off an edge, up a step, over a gap: every tick of jumping off and every speed of the ground before it are tried, plain and with the push that a
   * sprinting jump gives along the heading; the shortest that is certified is kept, for each end class.
   */
  private throughAir(kind: PrimitiveKind, isRunning: boolean, far: number, rise: number, jumpTicks: readonly number[]): void {
    const speeds = jumpTicks.length === 0 ? [0.14, 0.18, 0.22, 0.26] : [0.2];
    for (const endsRunning of [false, true]) {
      let best: AlongTick[] | undefined;
      for (const jumpTick of jumpTicks.length === 0 ? [-1] : jumpTicks)
        for (const boost of jumpTicks.length === 0 ? [false] : [false, true])
          for (const speed of speeds) {
            const ticks = this.fly(isRunning, endsRunning, far, rise, jumpTick, boost, speed * BLOCK);
            if (ticks !== undefined && (best === undefined || ticks.length < best.length)) best = ticks;
          }
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

  /** Rolls the controller along +x until the body stands on the far cell, and closes from there. */
  private fly(
    isRunning: boolean,
    endsRunning: boolean,
    far: number,
    rise: number,
    jumpTick: number,
    boost: boolean,
    speed: number,
  ): AlongTick[] | undefined {
    const { engine } = this;
    const from = isRunning ? 1 : REST;
    const solids: Offset[] = [
      [0, -1, 0],
      [far, rise - 1, 0],
    ];
    this.begin(from, solids);
    const ticks: AlongTick[] = [];
    const height = (ORIGIN[1] + rise) * BLOCK;
    const mostGround = this.alone.accelerations[this.alone.accelerations.length - 1];
    let turnedBack = true;
    let flew = false;
    for (let tick = 0; tick < MOST_AIR_TICKS; tick++) {
      const left = (ORIGIN[0] + far) * BLOCK + BLOCK / 2 - engine.word('posX');
      const grounded = (engine.word('flags') & AGENT_FLAG.onGround) !== 0;
      if (flew && grounded) {
        if (engine.word('posY') !== height || !turnedBack) return undefined;
        return this.land(ticks, left, engine.word('velX'), isRunning, endsRunning, [far, rise, 0], solids);
      }
      if (!grounded) flew = true;
      const jump = tick === jumpTick && grounded;
      const wanted =
        jump || (grounded && jumpTick >= 0)
          ? BLOCK
          : grounded
            ? speed
            : left / Math.max(1, airTicks(engine.word('posY'), engine.word('velY'), height));
      const perKey = (grounded ? mostGround : this.airPerKey) / 4096;
      const key = Math.max(-4096, Math.min(4096, Math.round((wanted - engine.word('velX')) / perKey)));
      const next: AlongTick = { key: jump && boost ? 4096 : key, jump, boost: jump && boost, turnBack: !turnedBack, sprint: grounded };
      turnedBack = !next.boost;
      ticks.push(next);
      engine.step(render([next], 0));
    }
    return undefined;
  }

  /** Adds the shortest closing on the ground to a flight, if all of it then ends exactly. */
  private land(
    flight: readonly AlongTick[],
    left: number,
    speed: number,
    isRunning: boolean,
    endsRunning: boolean,
    end: Offset,
    solids: readonly Offset[],
  ): AlongTick[] | undefined {
    const to = endsRunning ? 1 : REST;
    let tries = 0;
    for (let ticks = 1; ticks <= MOST_TICKS && tries < MOST_LANDINGS; ticks++) {
      const keys = closeAxis(this.alone, left, speed, this.speeds[to][0], ticks);
      if (keys === undefined) continue;
      tries++;
      const whole = [...flight, ...Array.from(keys, (key) => ({ key, jump: false, boost: false, turnBack: false, sprint: true }))];
      if (this.ends(isRunning ? 1 : REST, to, end, render(whole, 0), solids)) return whole;
    }
    return undefined;
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
    if (!this.ends(from, to, end, actions, placeTick < 0 ? solids : solids.slice(0, -1), swept, feet)) return false;
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
      solid: Int8Array.from(solids.flat()),
      placeTick,
    });
    return true;
  }

  private ends(
    from: number,
    to: number,
    end: Offset,
    actions: Float32Array,
    solids: readonly Offset[],
    swept?: SweptCells,
    feet?: Map<string, Offset>,
  ): boolean {
    const { engine } = this;
    this.begin(from, solids);
    for (let at = 0; at < actions.length; at += ACTION_FIELDS) {
      const [x, y, z] = [engine.word('posX'), engine.word('posY'), engine.word('posZ')];
      engine.step(actions.subarray(at, at + ACTION_FIELDS));
      const [atX, atY, atZ] = [engine.word('posX'), engine.word('posY'), engine.word('posZ')];
      swept?.add(x, y, z, atX, atY, atZ);
      const cell: Offset = [(atX >> 16) - ORIGIN[0], (atY >> 16) - ORIGIN[1], (atZ >> 16) - ORIGIN[2]];
      feet?.set(cell.join(), cell);
    }
    return misses(engine, ORIGIN[0] + end[0], ORIGIN[1] + end[1], ORIGIN[2] + end[2], this.speeds[to]) === undefined;
  }

  private begin(from: number, solids: readonly Offset[]): void {
    this.voxels.fill(0);
    for (const [x, y, z] of solids) this.voxels[((ORIGIN[1] + y) * SIDE + ORIGIN[2] + z) * SIDE + ORIGIN[0] + x] = this.ground;
    standingWords(this.words, ...ORIGIN, this.speeds[from]);
    this.words[FIRST_ITEM] = Math.max(0, this.item);
    this.words[FIRST_ITEM + INVENTORY_SLOTS] = this.item > 0 ? 1 : 0;
    this.engine.begin(this.words, this.voxels);
  }
}

/** One tick of a move along an axis. */
interface AlongTick {
  /** Along the way, Q12. */
  readonly key: number;
  readonly jump: boolean;
  /** Faces the way for this tick, for the push of a sprinting jump. */
  readonly boost: boolean;
  /** Faces 0 again. */
  readonly turnBack: boolean;
  readonly sprint: boolean;
}

/** Rows of actions of a move along direction d. */
function render(ticks: readonly AlongTick[], d: number): Float32Array {
  const [dx, dz] = DIRECTIONS[d];
  const rows = new Float32Array(ticks.length * ACTION_FIELDS);
  const turn = Math.round(headingOf(dx, dz) * 65536) / 65536;
  ticks.forEach(({ key, jump, boost, turnBack, sprint }, k) => {
    const row = rows.subarray(k * ACTION_FIELDS, (k + 1) * ACTION_FIELDS);
    row[ACTION_WORD.turn] = boost ? turn : turnBack ? 0 - turn : 0;
    row[ACTION_WORD.strafe] = boost ? 0 : (dx * key) / 4096;
    row[ACTION_WORD.forward] = boost ? key / 4096 : (0 - dz * key) / 4096;
    row[ACTION_WORD.jump] = jump ? 1 : 0;
    row[ACTION_WORD.sprint] = sprint ? 1 : 0;
  });
  return rows;
}

/** Ticks until a body in the air is at a height again, falling; Q16. */
function airTicks(y: number, vy: number, height: number): number {
  let at = y;
  let speed = vy;
  for (let ticks = 1; ticks < MOST_AIR_TICKS; ticks++) {
    at += speed;
    if (at <= height && speed < 0) return ticks;
    speed = (speed - 5243) * 0.98;
  }
  return MOST_AIR_TICKS;
}

/** Heading of a direction, radians: 0 is -z, positive counter-clockwise seen from above. */
function headingOf(dx: number, dz: number): number {
  return Math.atan2(0 - dx, 0 - dz);
}
