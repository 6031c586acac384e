/**
 * Rapier's casts of upright boxes against props, and contacts with them, with the library's own vectors and shapes kept: a call of `Collider.castShape` makes eight
 * objects of its memory and frees them again, which takes longer than the cast, and leaves garbage for the collector. These are its steps, with the same numbers.
 * Limits: one hit at a time, valid until the next call; after a trap what is kept may count as in use, see `renew`.
 */
import type { Cuboid, RigidBody } from '@dimforge/rapier3d';
import type { Rapier } from './rapier.js';
import type { RigidWorld } from './rigid-world.js';

type RawVector = ReturnType<Rapier['VectorOps']['intoRaw']>;
type RawTurn = ReturnType<Rapier['RotationOps']['intoRaw']>;
type RawShape = ReturnType<Cuboid['intoRaw']>;

export interface Vector {
  x: number;
  y: number;
  z: number;
}

/** What is kept in the library's memory. */
interface Kept {
  still: RawVector;
  place: RawVector;
  motion: RawVector;
  propMotion: RawVector;
  propPlace: RawVector;
  noTurn: RawTurn;
  boxes: RawShape[];
  /** By prop, made when first needed. */
  props: (RawShape | undefined)[];
}

export class Casts {
  /** Of the last hit: its time, in parts of the motion, or its distance; negative where shapes overlap. */
  reach = 0;
  /** Of the last hit: the normal, of a cast on the prop, of a contact from the box to the prop. */
  readonly normal: Vector = { x: 0, y: 0, z: 0 };
  readonly #rapier: Rapier;
  readonly #halves: readonly Vector[];
  #kept: Kept | undefined;
  readonly #hit = new Float32Array(13);

  /** @param halves half extents of the boxes, metres. */
  constructor(rapier: Rapier, halves: readonly Vector[]) {
    this.#rapier = rapier;
    this.#halves = halves;
    this.#kept = this.#make();
  }

  /**
   * Whether box `box` at `place` and prop p come within `skin` in the time 0..1 in which they move by `motion` and `propMotion` (default: it stays), metres.
   * Those that are within at the start and part do not meet.
   */
  meets(world: RigidWorld, p: number, box: number, place: Vector, motion: Vector, skin: number, propMotion?: Vector): boolean {
    const kept = this.#kept!;
    const drift = propMotion === undefined ? kept.still : put(kept.propMotion, propMotion);
    const hit = world.colliders.raw.coCastShape(
      world.props[p].collider(0).handle,
      drift,
      kept.boxes[box],
      put(kept.place, place),
      kept.noTurn,
      put(kept.motion, motion),
      skin,
      1,
      false,
    );
    if (hit === undefined) return false;
    hit.getComponents(this.#hit);
    hit.free();
    // Time, a point on each, a normal of each: the second is that of the prop.
    this.#note(10);
    return true;
  }

  /** Whether box `box` at `place` touches or overlaps prop p, which stands at `propPlace`. */
  touches(prop: RigidBody, p: number, box: number, place: Vector, propPlace: Vector): boolean {
    const kept = this.#kept!;
    const shape = kept.props[p] ?? prop.collider(0).shape.intoRaw();
    kept.props[p] = shape;
    // A turn cannot be changed, only made.
    const turn = this.#rapier.RotationOps.intoRaw(prop.rotation());
    const hit = kept.boxes[box].contactShape(put(kept.place, place), kept.noTurn, shape, put(kept.propPlace, propPlace), turn, 0);
    turn.free();
    if (hit === undefined) return false;
    hit.getComponents(this.#hit);
    hit.free();
    this.#note(7);
    return true;
  }

  /** After a trap: what was lent to the call that trapped is never given back, so others take its place. The collector frees it. */
  renew(): void {
    this.#kept = this.#make();
  }

  free(): void {
    if (this.#kept === undefined) return;
    const { boxes, props, ...rest } = this.#kept;
    for (const one of [...Object.values(rest), ...boxes, ...props]) one?.free();
    this.#kept = undefined;
  }

  #note(normal: number): void {
    this.reach = this.#hit[0];
    this.normal.x = this.#hit[normal];
    this.normal.y = this.#hit[normal + 1];
    this.normal.z = this.#hit[normal + 2];
  }

  #make(): Kept {
    const { VectorOps, RotationOps, Cuboid } = this.#rapier;
    const vector = () => VectorOps.intoRaw({ x: 0, y: 0, z: 0 });
    return {
      still: vector(),
      place: vector(),
      motion: vector(),
      propMotion: vector(),
      propPlace: vector(),
      noTurn: RotationOps.intoRaw({ x: 0, y: 0, z: 0, w: 1 }),
      boxes: this.#halves.map(({ x, y, z }) => new Cuboid(x, y, z).intoRaw()),
      props: [],
    };
  }
}

function put(raw: RawVector, { x, y, z }: Vector): RawVector {
  raw.x = x;
  raw.y = y;
  raw.z = z;
  return raw;
}
