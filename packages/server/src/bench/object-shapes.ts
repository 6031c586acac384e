/** Vectors and boxes of the object-style rules: new ones for every result, as such code makes them. */

/** Of a walker, metres. */
export const HALF_WIDTH = 0.3;
const HEIGHT = 1.8;

export class Vec3 {
  constructor(
    public x = 0,
    public y = 0,
    public z = 0,
  ) {}
  clone(): Vec3 {
    return new Vec3(this.x, this.y, this.z);
  }
  offset(dx: number, dy: number, dz: number): Vec3 {
    return new Vec3(this.x + dx, this.y + dy, this.z + dz);
  }
  minus(other: Vec3): Vec3 {
    return new Vec3(this.x - other.x, this.y - other.y, this.z - other.z);
  }
  floored(): Vec3 {
    return new Vec3(Math.floor(this.x), Math.floor(this.y), Math.floor(this.z));
  }
  norm(): number {
    return Math.sqrt(this.x * this.x + this.y * this.y + this.z * this.z);
  }
}

export class Box {
  constructor(
    readonly min: Vec3,
    readonly max: Vec3,
  ) {}
  static ofPlayer(position: Vec3): Box {
    return new Box(position.offset(-HALF_WIDTH, 0, -HALF_WIDTH), position.offset(HALF_WIDTH, HEIGHT, HALF_WIDTH));
  }
  moved(dx: number, dy: number, dz: number): Box {
    return new Box(this.min.offset(dx, dy, dz), this.max.offset(dx, dy, dz));
  }
  extended(dx: number, dy: number, dz: number): Box {
    return new Box(
      this.min.offset(Math.min(dx, 0), Math.min(dy, 0), Math.min(dz, 0)),
      this.max.offset(Math.max(dx, 0), Math.max(dy, 0), Math.max(dz, 0)),
    );
  }
  intersects(other: Box): boolean {
    return (
      this.min.x < other.max.x &&
      this.max.x > other.min.x &&
      this.min.y < other.max.y &&
      this.max.y > other.min.y &&
      this.min.z < other.max.z &&
      this.max.z > other.min.z
    );
  }
  limitX(other: Box, dx: number): number {
    if (other.max.y > this.min.y && other.min.y < this.max.y && other.max.z > this.min.z && other.min.z < this.max.z) {
      if (dx > 0 && other.max.x <= this.min.x) return Math.min(this.min.x - other.max.x, dx);
      if (dx < 0 && other.min.x >= this.max.x) return Math.max(this.max.x - other.min.x, dx);
    }
    return dx;
  }
  limitY(other: Box, dy: number): number {
    if (other.max.x > this.min.x && other.min.x < this.max.x && other.max.z > this.min.z && other.min.z < this.max.z) {
      if (dy > 0 && other.max.y <= this.min.y) return Math.min(this.min.y - other.max.y, dy);
      if (dy < 0 && other.min.y >= this.max.y) return Math.max(this.max.y - other.min.y, dy);
    }
    return dy;
  }
  limitZ(other: Box, dz: number): number {
    if (other.max.x > this.min.x && other.min.x < this.max.x && other.max.y > this.min.y && other.min.y < this.max.y) {
      if (dz > 0 && other.max.z <= this.min.z) return Math.min(this.min.z - other.max.z, dz);
      if (dz < 0 && other.min.z >= this.max.z) return Math.max(this.max.z - other.min.z, dz);
    }
    return dz;
  }
}
