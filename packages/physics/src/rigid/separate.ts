/**
 * After Rapier's tick: walkers are put out of props that ended up in them. The contact stage lets no walker into a prop that stays, but a prop that moves, turns
 * or is wedged between a walker and something else may end a tick in one.
 * The walker gives way along the contact normal, as far as voxels let it; of what is left the prop gives way. So both end a tick within `OVERLAP` of touching,
 * whatever wedged them, and no velocity changes: nobody gains by it.
 */
import { HEIGHT_Q16 } from '../bodies/walker.js';
import type { TickContext } from '../stages/context.js';
import { moveX, moveY, moveZ } from '../stages/move-axis.js';
import type { Casts } from './casts.js';
import type { PropHull } from './prop-shapes.js';
import type { RigidWorld } from './rigid-world.js';
import { walks } from './vehicles/walks.js';
import { WALKER_BOX } from './walker-contacts.js';

/** Overlap that is left alone, metres: what walkers at rest and props have of each other by rounding. */
const OVERLAP = 1 / 512;
/** Way out beyond the overlap, metres. */
const GAP = 1 / 1024;
/** Times that the props of a walker are looked at: leaving one may lead into another. */
const ROUNDS = 4;
/** Rounds after these in which walkers and props share the way. */
const SHARED_ROUNDS = 8;
/** From this round on a prop gives way too. */
const PROP_ROUND = 2;

const METRE = 1 / 65536;
/** No less than from the middle of a walker's box to its corners, metres, with room for rounding. */
const WALKER_REACH = 1;

export class Separation {
  readonly #casts: Casts;
  readonly #hulls: readonly PropHull[];
  /** What a prop's place is read into. */
  readonly #place = { x: 0, y: 0, z: 0 };

  /** @param casts of `WALKER_BOXES`. */
  constructor(casts: Casts, hulls: readonly PropHull[]) {
    this.#casts = casts;
    this.#hulls = hulls;
  }

  /** World w, between Rapier's tick and the quantising of poses. */
  run(c: TickContext, w: number, world: RigidWorld): void {
    const { numAgents } = c;
    let gaveWay = false;
    for (let i = w * numAgents; i < (w + 1) * numAgents; i++) {
      if (!walks(c, i)) continue;
      for (let round = 0; round < ROUNDS && this.#round(c, w, i, world, round); round++) gaveWay ||= round >= PROP_ROUND;
    }
    // A prop that gave way to one walker may have gone into another, and a walker between two props goes to and fro: both give way by half.
    for (let round = 0; round < SHARED_ROUNDS && gaveWay; round++) {
      gaveWay = false;
      for (let i = w * numAgents; i < (w + 1) * numAgents; i++) if (walks(c, i) && this.#round(c, w, i, world, ROUNDS)) gaveWay = true;
    }
  }

  /** @returns whether anything overlapped. */
  #round(c: TickContext, w: number, i: number, world: RigidWorld, round: number): boolean {
    const { state } = c;
    let overlapped = false;
    for (let p = 0; p < world.props.length; p++) {
      const prop = world.props[p];
      const place = prop.translation(this.#place);
      const middle = { x: state.posX[i] * METRE, y: (state.posY[i] + HEIGHT_Q16 / 2) * METRE, z: state.posZ[i] * METRE };
      const far = this.#hulls[p].reach + WALKER_REACH;
      const [awayX, awayY, awayZ] = [place.x - middle.x, place.y - middle.y, place.z - middle.z];
      if (!(awayX * awayX + awayY * awayY + awayZ * awayZ < far * far)) continue;
      if (!this.#casts.touches(prop, p, WALKER_BOX.full, middle, place) || !(this.#casts.reach < -OVERLAP)) continue;
      overlapped = true;
      const way = GAP - this.#casts.reach;
      // The normal leads from the walker to the prop.
      const { x, y, z } = this.#casts.normal;
      const share = round < ROUNDS ? way : way / 2;
      const left = leave(c, w, i, x * share, y * share, z * share) + way - share;
      if (round < PROP_ROUND || left <= OVERLAP) continue;
      prop.setTranslation({ x: place.x + x * left, y: place.y + y * left, z: place.z + z * left }, true);
    }
    return overlapped;
  }
}

/** Moves walker i by (-x, -y, -z) metres as far as voxels let it. @returns how much of the way is left, metres. */
function leave(c: TickContext, w: number, i: number, x: number, y: number, z: number): number {
  const { state } = c;
  const base = w * state.rowsPerWorld;
  const want = [outwards(x), outwards(y), outwards(z)];
  const dy = want[1] === 0 ? 0 : moveY(c, state.rows, base, state.posX[i], state.posY[i], state.posZ[i], want[1]);
  state.posY[i] += dy;
  const dx = want[0] === 0 ? 0 : moveX(c, state.rows, base, state.posX[i], state.posY[i], state.posZ[i], want[0]);
  state.posX[i] += dx;
  const dz = want[2] === 0 ? 0 : moveZ(c, state.rows, base, state.posX[i], state.posY[i], state.posZ[i], want[2]);
  state.posZ[i] += dz;
  const [rx, ry, rz] = [want[0] - dx, want[1] - dy, want[2] - dz];
  return Math.sqrt(rx * rx + ry * ry + rz * rz) * METRE;
}

/** The opposite of a way in metres, Q16, rounded away from 0. */
function outwards(metres: number): number {
  return metres > 0 ? 0 - Math.ceil(metres * 65536) : Math.ceil((0 - metres) * 65536);
}
