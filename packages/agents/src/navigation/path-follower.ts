/**
 * Follows a path under the walker's real dynamics: closed loop on position and velocity every tick, one routine per kind of move.
 * It gives up (`lost`) as soon as the world or the body is not where the path says; whoever owns the path then plans again.
 */
import type { Controls } from '../skills/controls.js';
import { heldBlocks } from '../skills/inventory.js';
import { holdToolFor } from '../skills/tools.js';
import { jumpDistance } from './flight.js';
import type { Ground } from './ground.js';
import { climb, drop, glide, isAirborne, run, SPRINT_SPEED, stepUp, swim, towards, WALK_SPEED } from './motion.js';
import { MOVE, type PathStep } from './path-search.js';

export type FollowStatus = 'moving' | 'arrived' | 'lost';

/** Farther from the middle of its cell than this a body goes there before it passes an edge, metres. */
const OFF_CENTRE = 0.18;
const LOOK_AHEAD = 8;
/** Half the body's width with a little air. */
const BODY = 0.32;
/** Off the line of the path by more than this is lost, metres. */
const ASTRAY = 1.6;
/** Ticks without progress before a path is given up, by what is being done. */
const PATIENCE = 50;
const WORKING_PATIENCE = 140;
/** Within this distance of the centre of the last cell the path is done. */
const ARRIVED = 0.25;
/** Where a bridge builder stands: past the edge of its block, held by sneaking. */
const BRIDGE_STAND = 0.68;
const BRIDGE_LEAST = 0.58;

export class PathFollower {
  readonly #ground: Ground;
  #path: readonly PathStep[] = [];
  #from: PathStep = { x: 0, y: 0, z: 0, move: MOVE.start };
  #index = 0;
  #idleTicks = 0;
  #lastIndex = 0;
  /** A leap's run-up has begun. */
  #running = false;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** Steps that are still ahead. */
  get ahead(): readonly PathStep[] {
    return this.#path.slice(this.#index);
  }

  follow(from: readonly [number, number, number], path: readonly PathStep[]): void {
    this.#from = { x: from[0], y: from[1], z: from[2], move: MOVE.start };
    this.#path = path;
    this.#index = 0;
    this.#lastIndex = 0;
    this.#idleTicks = 0;
    this.#running = false;
  }

  /** Decides one tick. */
  step(c: Controls): FollowStatus {
    this.#advance(c);
    if (this.#index >= this.#path.length) {
      const last = this.#path.length > 0 ? this.#path[this.#path.length - 1] : this.#from;
      const error = this.#settle(c, last);
      return error < ARRIVED ? 'arrived' : 'moving';
    }
    const step = this.#path[this.#index];
    const before = this.#index > 0 ? this.#path[this.#index - 1] : this.#from;
    if (this.#isLost(c, before, step)) return 'lost';
    switch (step.move) {
      case MOVE.leap:
        this.#leap(c, before, step);
        break;
      case MOVE.step:
        stepUp(c, step);
        break;
      case MOVE.drop:
        drop(c, step);
        break;
      case MOVE.climb:
        climb(c, step);
        break;
      case MOVE.swim:
        swim(c, step);
        break;
      case MOVE.dig:
      case MOVE.digDown:
      case MOVE.digUp:
        this.#dig(c, before, step);
        break;
      case MOVE.bridge:
        return this.#bridge(c, before, step);
      case MOVE.pillar:
        return this.#pillar(c, before, step);
      default:
        this.#walk(c, before, step);
    }
    return 'moving';
  }

  /** Skips the steps that the body has made; a later cell of the next few counts too. */
  #advance(c: Controls): void {
    const { view } = c;
    if (!view.onGround && !view.onLadder && !view.inWater) return;
    const [x, y, z] = view.cellOf();
    const last = Math.min(this.#path.length, this.#index + LOOK_AHEAD);
    for (let i = last - 1; i >= this.#index; i--) {
      const step = this.#path[i];
      if (step.x !== x || step.y !== y || step.z !== z) continue;
      if ((step.move === MOVE.bridge || step.move === MOVE.pillar) && !this.#ground.isSolid(x, y - 1, z)) continue;
      this.#index = i + 1;
      this.#running = false;
      break;
    }
  }

  #isLost(c: Controls, before: PathStep, step: PathStep): boolean {
    const { view } = c;
    const ground = this.#ground;
    if (this.#index !== this.#lastIndex) {
      this.#lastIndex = this.#index;
      this.#idleTicks = 0;
    }
    const working = step.move === MOVE.bridge || step.move === MOVE.pillar || step.move === MOVE.leap || step.move === MOVE.swim;
    const digging = isDig(step.move)
      ? cellsToDig(before, step).reduce((sum, [x, y, z]) => sum + 2 * Math.max(0, ground.digTicks(x, y, z)), 0)
      : 0;
    if (++this.#idleTicks > (working ? WORKING_PATIENCE : PATIENCE) + digging) return true;
    const limit = Math.min(this.#path.length, this.#index + 3);
    for (let i = this.#index; i < limit; i++) {
      const { x, y, z, move } = this.#path[i];
      if (move === MOVE.bridge || move === MOVE.pillar || isDig(move)) break;
      if (!ground.isPlace(x, y, z)) return true;
    }
    if (!view.onGround) return false;
    // Distance from the segment between the two cells.
    const ax = before.x + 0.5;
    const az = before.z + 0.5;
    const bx = step.x - before.x;
    const bz = step.z - before.z;
    const px = view.x() - ax;
    const pz = view.z() - az;
    const length2 = bx * bx + bz * bz;
    const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, (px * bx + pz * bz) / length2));
    const ex = px - t * bx;
    const ez = pz - t * bz;
    const height = view.y();
    return ex * ex + ez * ez > ASTRAY * ASTRAY || height < Math.min(before.y, step.y) - 0.6 || height > Math.max(before.y, step.y) + 1.3;
  }

  #walk(c: Controls, before: PathStep, step: PathStep): void {
    if (isAirborne(c)) {
      glide(c, step);
      return;
    }
    c.levelView();
    if (!this.#isStraightTo(c, step)) {
      // Something juts in, or there is an edge: first to the middle of the cell that the body is in.
      const dx = before.x + 0.5 - c.view.x();
      const dz = before.z + 0.5 - c.view.z();
      if (before.y === step.y && dx * dx + dz * dz > OFF_CENTRE * OFF_CENTRE && dx * dx + dz * dz < 1) {
        towards(c, before.x + 0.5, before.z + 0.5, WALK_SPEED);
        return;
      }
    }
    let aim = this.#index;
    for (let i = aim + 1; i < Math.min(this.#path.length, this.#index + LOOK_AHEAD); i++) {
      const further = this.#path[i];
      if (further.move !== MOVE.walk || further.y !== step.y || !this.#isStraightTo(c, further)) break;
      aim = i;
    }
    const next = this.#path[aim + 1];
    const { x, z } = this.#path[aim];
    // Runs through a corner of the way; slows down where it ends or asks for care.
    if (next !== undefined && next.move === MOVE.walk && this.#path[aim + 1].y === step.y) run(c, x + 0.5, z + 0.5);
    else towards(c, x + 0.5, z + 0.5, next === undefined || next.move === MOVE.step ? SPRINT_SPEED : WALK_SPEED);
  }

  /** Whether a body can walk on level ground in a straight line to the centre of a cell. */
  #isStraightTo(c: Controls, step: PathStep): boolean {
    const { view } = c;
    const dx = step.x + 0.5 - view.x();
    const dz = step.z + 0.5 - view.z();
    const samples = Math.ceil(Math.sqrt(dx * dx + dz * dz) * 4);
    for (let k = 1; k <= samples; k++) {
      const x = view.x() + (dx * k) / samples;
      const z = view.z() + (dz * k) / samples;
      for (let corner = 0; corner < 4; corner++) {
        const cx = Math.floor(x + (corner & 1 ? BODY : -BODY));
        const cz = Math.floor(z + (corner & 2 ? BODY : -BODY));
        if (!this.#ground.isFooting(cx, step.y, cz)) return false;
      }
    }
    return true;
  }

  #settle(c: Controls, step: PathStep): number {
    const { view } = c;
    if (view.inWater) {
      swim(c, step);
      return Math.abs(view.x() - step.x - 0.5) + Math.abs(view.z() - step.z - 0.5) < 0.6 ? 0 : 1;
    }
    if (isAirborne(c)) {
      glide(c, step);
      return 1;
    }
    return towards(c, step.x + 0.5, step.z + 0.5, WALK_SPEED);
  }

  /** Aligns on the axis, runs up, jumps where the flight is foreseen to end on the far cell, and steers in the air. */
  #leap(c: Controls, before: PathStep, step: PathStep): void {
    const { view } = c;
    if (isAirborne(c)) {
      glide(c, step);
      return;
    }
    const far = Math.abs(step.x - before.x) + Math.abs(step.z - before.z);
    const ux = (step.x - before.x) / far;
    const uz = (step.z - before.z) / far;
    const px = view.x() - before.x - 0.5;
    const pz = view.z() - before.z - 0.5;
    const along = px * ux + pz * uz;
    const across = px * uz - pz * ux;
    const speed = view.vx() * ux + view.vz() * uz;
    const rise = step.y - before.y;
    const sprint = far - 1 + (rise > 0 ? 1 : 0) >= 2;
    const start = sprint ? -0.25 : -0.05;
    const yawLeft = c.turnTo(headingOf(ux, uz), 0.6);
    if (!this.#running) {
      const back = along - start;
      if (Math.abs(across) < 0.1 && Math.abs(yawLeft) < 0.02 && (back < 0.12 || !sprint)) this.#running = true;
      else {
        towards(c, before.x + 0.5 + ux * start, before.z + 0.5 + uz * start, WALK_SPEED, false);
        return;
      }
    }
    if (sprint) c.sprint();
    // Keeps on the axis with part of the keys and runs with the rest.
    c.accelerate(ux - uz * across * 0.8, uz + ux * across * 0.8);
    const reach = along + jumpDistance(speed, sprint, rise, c.speedScale);
    const lastChance = along + Math.max(0, speed) + 0.1 > 0.78;
    if (reach > far - 0.15 || lastChance) c.jump();
  }

  /** Digs what hides the rest first, then goes in. */
  #dig(c: Controls, before: PathStep, step: PathStep): void {
    const next = cellsToDig(before, step).find(([x, y, z]) => this.#ground.isSolid(x, y, z));
    if (next === undefined || isAirborne(c)) {
      if (step.move === MOVE.digDown) drop(c, step);
      else if (step.move === MOVE.digUp) stepUp(c, step);
      else this.#walk(c, before, step);
      return;
    }
    const [x, y, z] = next;
    const aimed = c.lookAt(x + 0.5, y + 0.5, z + 0.5);
    towards(c, before.x + 0.5, before.z + 0.5, WALK_SPEED, false);
    holdToolFor(c, c.view.blockAt(x, y, z));
    if (aimed) c.dig();
  }

  /** Sneaks past the edge, looks back at the side of its own block and places against it. */
  #bridge(c: Controls, before: PathStep, step: PathStep): FollowStatus {
    const { view } = c;
    const ground = this.#ground;
    if (ground.isSolid(step.x, step.y - 1, step.z)) {
      this.#walk(c, before, step);
      return 'moving';
    }
    const slot = heldBlocks(view);
    if (slot < 0) return 'lost';
    const ux = step.x - before.x;
    const uz = step.z - before.z;
    const px = view.x() - before.x - 0.5;
    const pz = view.z() - before.z - 0.5;
    const along = px * ux + pz * uz;
    c.sneak();
    const aimed = c.lookAt(before.x + 0.5 + ux * 0.495, step.y - 0.45, before.z + 0.5 + uz * 0.495);
    towards(c, before.x + 0.5 + ux * BRIDGE_STAND, before.z + 0.5 + uz * BRIDGE_STAND, WALK_SPEED, false);
    if (aimed && along > BRIDGE_LEAST && Math.abs(px * uz - pz * ux) < 0.3) c.place(slot);
    return 'moving';
  }

  /** Jumps and places under its own feet. */
  #pillar(c: Controls, before: PathStep, step: PathStep): FollowStatus {
    const { view } = c;
    const slot = heldBlocks(view);
    if (slot < 0 && !this.#ground.isSolid(before.x, before.y, before.z)) return 'lost';
    const distance = towards(c, step.x + 0.5, step.z + 0.5, WALK_SPEED, false);
    const down = c.lookDown();
    if (view.onGround && view.y() < step.y - 0.01) {
      if (distance < 0.15 && down) c.jump();
    } else if (slot >= 0 && down && view.y() > before.y + 0.5) c.place(slot);
    return 'moving';
  }
}

function isDig(move: number): boolean {
  return move === MOVE.dig || move === MOVE.digDown || move === MOVE.digUp;
}

/** Cells that a digging move needs free, in the order in which they come before the eye. */
function cellsToDig(before: PathStep, { x, y, z, move }: PathStep): readonly (readonly [number, number, number])[] {
  if (move === MOVE.digDown)
    return [
      [x, y + 2, z],
      [x, y + 1, z],
      [x, y, z],
    ];
  if (move === MOVE.digUp)
    return [
      [x, y, z],
      [before.x, y + 1, before.z],
      [x, y + 1, z],
    ];
  return [
    [x, y + 1, z],
    [x, y, z],
  ];
}

function headingOf(ux: number, uz: number): number {
  return uz < 0 ? 0 : uz > 0 ? -Math.PI : ux < 0 ? Math.PI / 2 : -Math.PI / 2;
}
