/** One player of the object-style rules: its motion, and what it does to blocks. See `object-engine.ts`. */
import type { ACTION_SPEC } from '@kinovox/world';
import type { ObjectWorld } from './object-engine.js';
import { Box, HALF_WIDTH, Vec3 } from './object-shapes.js';

const EYE = 1.62;
const REACH = 4.5;

/** An action, as a record of keys by name. */
export type Keys = Record<(typeof ACTION_SPEC)[number]['name'], number>;

/** What a view ray meets. */
export interface Hit {
  position: Vec3;
  normal: Vec3;
}

/** One walker. */
export class ObjectPlayer {
  position = new Vec3();
  velocity = new Vec3();
  yaw = 0;
  pitch = 0;
  onGround = false;
  collided = false;
  jumpTicks = 0;
  useTicks = 0;
  fallDistance = 0;
  health = 20;
  alive = true;
  digging: Vec3 | null = null;
  digTicks = 0;
  item = 0;
  count = 0;

  constructor(
    readonly world: ObjectWorld,
    readonly slot: number,
  ) {}

  /** Turn, jump and input: velocities. */
  accelerate(keys: Keys): void {
    this.yaw += keys.turn;
    this.pitch = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, this.pitch + keys.look));
    const v = this.velocity;
    if (Math.abs(v.x) < 0.003) v.x = 0;
    if (Math.abs(v.y) < 0.003) v.y = 0;
    if (Math.abs(v.z) < 0.003) v.z = 0;
    if (keys.jump) {
      if (this.jumpTicks > 0) this.jumpTicks--;
      if (this.onGround && this.jumpTicks === 0) {
        v.y = 0.42;
        if (keys.sprint) {
          v.x -= Math.sin(this.yaw) * 0.2;
          v.z -= Math.cos(this.yaw) * 0.2;
        }
        this.jumpTicks = 10;
      }
    } else this.jumpTicks = 0;
    let forward = keys.forward * 0.98;
    let strafe = keys.strafe * 0.98;
    if (keys.sneak) {
      forward *= 0.3;
      strafe *= 0.3;
    }
    const length = Math.sqrt(forward * forward + strafe * strafe);
    if (length < 0.01) return;
    const acceleration = (this.onGround ? (keys.sprint ? 0.13 : 0.1) : keys.sprint ? 0.026 : 0.02) / Math.max(length, 1);
    const sin = Math.sin(this.yaw);
    const cos = Math.cos(this.yaw);
    v.x += (strafe * cos - forward * sin) * acceleration;
    v.z += (-forward * cos - strafe * sin) * acceleration;
  }

  /** Moves against the blocks around, then gravity and drag. */
  move(sneaking: boolean): void {
    const v = this.velocity;
    const drag = this.onGround ? 0.546 : 0.91;
    let wantX = v.x;
    let wantZ = v.z;
    if (sneaking && this.onGround) {
      const unsupported = (dx: number, dz: number) => this.world.blocksAround(Box.ofPlayer(this.position).moved(dx, 0, dz)).length === 0;
      const less = (d: number) => (d > 0.05 ? d - 0.05 : d < -0.05 ? d + 0.05 : 0);
      while (wantX !== 0 && unsupported(wantX, 0)) wantX = less(wantX);
      while (wantZ !== 0 && unsupported(0, wantZ)) wantZ = less(wantZ);
      while (wantX !== 0 && wantZ !== 0 && unsupported(wantX, wantZ)) {
        wantX = less(wantX);
        wantZ = less(wantZ);
      }
    }
    let box = Box.ofPlayer(this.position);
    const blocks = this.world
      .blocksAround(box.extended(wantX, v.y, wantZ))
      .map((block) => new Box(block.position, block.position.offset(1, 1, 1)));
    let dy = v.y;
    for (const block of blocks) dy = block.limitY(box, dy);
    box = box.moved(0, dy, 0);
    let dx = wantX;
    for (const block of blocks) dx = block.limitX(box, dx);
    box = box.moved(dx, 0, 0);
    let dz = wantZ;
    for (const block of blocks) dz = block.limitZ(box, dz);
    box = box.moved(0, 0, dz);
    this.position = new Vec3(box.min.x + HALF_WIDTH, box.min.y, box.min.z + HALF_WIDTH);
    this.collided = dx !== wantX || dz !== wantZ;
    this.onGround = dy !== v.y && v.y < 0;
    if (dy < 0) this.fallDistance -= dy;
    if (dx !== wantX) v.x = 0;
    if (dz !== wantZ) v.z = 0;
    if (dy !== v.y) v.y = 0;
    v.y = (v.y - 0.08) * 0.98;
    v.x *= drag;
    v.z *= drag;
    if (this.onGround) {
      if (this.fallDistance > 3) this.health -= Math.ceil(this.fallDistance - 3);
      if (this.health <= 0) this.alive = false;
      this.fallDistance = 0;
    }
  }

  /** Digs or places at the block looked at. */
  interact(keys: Keys): void {
    if (keys.interact !== 1) this.digging = null;
    if (keys.interact !== 2) this.useTicks = 0;
    else if (this.useTicks > 0) {
      this.useTicks--;
      return;
    }
    if (keys.interact === 0) return;
    const hit = this.world.raycast(this.position.offset(0, EYE, 0), this.lookDirection(), REACH);
    if (hit === null) {
      this.digging = null;
      return;
    }
    if (keys.interact === 1) this.dig(hit);
    else if (keys.interact === 2) this.place(hit);
  }

  lookDirection(): Vec3 {
    return new Vec3(-Math.sin(this.yaw) * Math.cos(this.pitch), Math.sin(this.pitch), -Math.cos(this.yaw) * Math.cos(this.pitch));
  }

  private dig(hit: Hit): void {
    const ticks = this.world.program.blocks.digTicks[this.world.getBlock(hit.position).index];
    if (ticks < 0) {
      this.digging = null;
      return;
    }
    if (this.digging === null || this.digging.minus(hit.position).norm() > 0) {
      this.digging = hit.position;
      this.digTicks = 0;
    }
    if (++this.digTicks < ticks) return;
    this.item = this.world.program.blocks.dropItem[this.world.getBlock(hit.position).index];
    this.count++;
    this.world.setBlock(hit.position, 0);
    this.digging = null;
  }

  private place(hit: Hit): void {
    if (this.count === 0) return;
    const at = hit.position.offset(hit.normal.x, hit.normal.y, hit.normal.z);
    const block = new Box(at, at.offset(1, 1, 1));
    if (
      !this.world.contains(at) ||
      this.world.getBlock(at).solid ||
      this.world.players.some((player) => player.alive && Box.ofPlayer(player.position).intersects(block))
    )
      return;
    this.world.setBlock(at, this.world.program.placedByItem[this.item]);
    this.count--;
    this.useTicks = 4;
  }
}
