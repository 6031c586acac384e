/**
 * The same rules written the way most voxel games are: an object per world, player, vector and box, floats, and lists made on demand.
 * It exists for one purpose: to stand beside the engines in `kinovox bench`, so that the gain of the flat layout is measured and not claimed.
 * Scope: what the benchmark scenario uses: walking, jumping, sneaking, pushing, falling, digging, placing, a goal region, the success reward, resets, observations.
 * A test holds its walkers against the engine's: most worlds agree within a hundredth of a block after 100 ticks.
 *
 * Where it does less than the engine, so that the ratio errs on the low side: no state hash, event log, edit list or recorded violations; no liquids,
 * ladders, ice, slime, levers, messages or damage but from falls; one stack of items instead of nine; no walking over gaps; spawns from a formula instead
 * of the seed's stream, two of which may coincide; observations of 34 numbers instead of 39.
 * Where it does more: actions become a record of keys by name, and observations an object of arrays per player, as such code does.
 * Digging that one of two agents loses in the same tick is decided by order, not by the rule of the least slot; paths part there.
 */
import type { ScenarioProgram, VariantSource } from '@kinovox/physics';
import { ACTION_FIELDS, fromAngle, fromQ16 } from '@kinovox/world';
import { type Hit, type Keys, ObjectPlayer } from './object-player.js';
import { Box, Vec3 } from './object-shapes.js';

interface Block {
  position: Vec3;
  index: number;
  solid: boolean;
}

/** One world with its players. */
export class ObjectWorld {
  blocks = new Uint8Array(0);
  players: ObjectPlayer[] = [];
  tick = 0;
  episodes = 0;
  edits = 0;

  constructor(
    readonly program: ScenarioProgram,
    readonly variants: VariantSource,
    readonly goal: { min: Vec3; max: Vec3 },
    private variant: number,
    firstTick = 0,
  ) {
    this.reset();
    this.tick = firstTick;
  }

  reset(): void {
    const level = this.variants.get(this.variant);
    this.variant = (this.variant * 31 + 7) % this.program.numVariants;
    this.blocks = level.voxels.slice();
    this.tick = 0;
    this.players = this.program.agentIds.map((_, slot) => {
      const player = new ObjectPlayer(this, slot);
      const first = level.spawnFirst[slot];
      const at = 3 * (first + ((this.variant * 13 + slot * 5) % (level.spawnFirst[slot + 1] - first)));
      const [x, y, z] = level.spawnPoints.subarray(at, at + 3);
      player.position = new Vec3(fromQ16(x), fromQ16(y), fromQ16(z));
      player.yaw = fromAngle(level.spawnYaw[slot]);
      player.item = this.program.startItems[slot * 9];
      player.count = this.program.startCounts[slot * 9];
      return player;
    });
  }

  contains(at: Vec3): boolean {
    const [x, y, z] = this.program.size;
    return at.x >= 0 && at.y >= 0 && at.z >= 0 && at.x < x && at.y < y && at.z < z;
  }

  getBlock(at: Vec3): Block {
    if (!this.contains(at)) return { position: at, index: 0, solid: at.y < this.program.size[1] };
    const index = this.blocks[(at.y * this.program.size[2] + at.z) * this.program.size[0] + at.x];
    return { position: at, index, solid: this.program.blocks.solid[index] === 1 };
  }

  setBlock(at: Vec3, index: number): void {
    this.blocks[(at.y * this.program.size[2] + at.z) * this.program.size[0] + at.x] = index;
    this.edits++;
  }

  /** Solid blocks that a box could touch, one layer below included. */
  blocksAround(box: Box): Block[] {
    const found: Block[] = [];
    for (let y = Math.floor(box.min.y) - 1; y <= Math.floor(box.max.y); y++) {
      for (let z = Math.floor(box.min.z); z <= Math.floor(box.max.z); z++) {
        for (let x = Math.floor(box.min.x); x <= Math.floor(box.max.x); x++) {
          const block = this.getBlock(new Vec3(x, y, z));
          if (block.solid) found.push(block);
        }
      }
    }
    return found;
  }

  /** Grid traversal (Amanatides & Woo). */
  raycast(from: Vec3, direction: Vec3, range: number): Hit | null {
    const cell = from.floored();
    const step = new Vec3(Math.sign(direction.x), Math.sign(direction.y), Math.sign(direction.z));
    const delta = new Vec3(Math.abs(1 / direction.x), Math.abs(1 / direction.y), Math.abs(1 / direction.z));
    const next = new Vec3(
      direction.x === 0 ? Infinity : (direction.x > 0 ? cell.x + 1 - from.x : from.x - cell.x) * delta.x,
      direction.y === 0 ? Infinity : (direction.y > 0 ? cell.y + 1 - from.y : from.y - cell.y) * delta.y,
      direction.z === 0 ? Infinity : (direction.z > 0 ? cell.z + 1 - from.z : from.z - cell.z) * delta.z,
    );
    for (;;) {
      let normal: Vec3;
      const distance = Math.min(next.x, next.y, next.z);
      if (distance > range) return null;
      if (next.x === distance) {
        cell.x += step.x;
        next.x += delta.x;
        normal = new Vec3(-step.x, 0, 0);
      } else if (next.y === distance) {
        cell.y += step.y;
        next.y += delta.y;
        normal = new Vec3(0, -step.y, 0);
      } else {
        cell.z += step.z;
        next.z += delta.z;
        normal = new Vec3(0, 0, -step.z);
      }
      if (this.contains(cell) && this.program.blocks.targetable[this.getBlock(cell).index] === 1) return { position: cell.clone(), normal };
    }
  }

  /** The keys of its players in `[B, A, F]` actions, as world `w` of a batch. */
  keysOf(actions: Float32Array, w: number): Keys[] {
    return this.players.map((_, slot) => readKeys(actions, (w * this.players.length + slot) * ACTION_FIELDS));
  }

  /** One tick; returns rewards and whether the episode ended. */
  step(keys: Keys[]): { rewards: number[]; ended: boolean } {
    this.tick++;
    const alive = this.players.filter((player) => player.alive);
    for (const player of alive) player.accelerate(keys[player.slot]);
    this.push(alive);
    for (const player of alive) player.move(keys[player.slot].sneak > 0);
    for (const player of alive) if (player.alive) player.interact(keys[player.slot]);
    const done = this.players.every((player) => player.alive && this.atGoal(player));
    const ended = done || this.tick >= this.program.maxTicks || this.players.every((player) => !player.alive);
    const rewards = this.players.map(() => (done ? 1 : 0));
    return { rewards, ended };
  }

  atGoal(player: ObjectPlayer): boolean {
    const cell = player.position.floored();
    const { min, max } = this.goal;
    return cell.x >= min.x && cell.y >= min.y && cell.z >= min.z && cell.x <= max.x && cell.y <= max.y && cell.z <= max.z;
  }

  private push(alive: ObjectPlayer[]): void {
    for (const a of alive) {
      for (const b of alive) {
        if (a === b || !Box.ofPlayer(a.position).intersects(Box.ofPlayer(b.position))) continue;
        const apart = a.position.minus(b.position);
        const far = Math.max(Math.abs(apart.x), Math.abs(apart.z));
        if (far < 0.01) continue;
        a.velocity.x += (0.05 * apart.x) / Math.sqrt(far);
        a.velocity.z += (0.05 * apart.z) / Math.sqrt(far);
      }
    }
  }

  /** State, nearest agent and goal of each player, as an object of arrays. */
  observe(): { self: number[]; other: number[]; goal: number[] }[] {
    const centre = new Vec3((this.goal.min.x + this.goal.max.x + 1) / 2, this.goal.min.y, (this.goal.min.z + this.goal.max.z + 1) / 2);
    return this.players.map((player) => {
      const p = player.position;
      const v = player.velocity;
      const toGoal = centre.minus(p);
      const nearest = this.players
        .filter((other) => other !== player && other.alive)
        .sort((a, b) => a.position.minus(p).norm() - b.position.minus(p).norm())[0];
      return {
        self: [
          p.x,
          p.y,
          p.z,
          v.x * 20,
          v.y * 20,
          v.z * 20,
          Math.sin(player.yaw),
          Math.cos(player.yaw),
          player.pitch,
          player.onGround ? 1 : 0,
          0,
          0,
          player.collided ? 1 : 0,
          0,
          player.health / 20,
          player.digTicks,
          player.item,
          player.count,
          1 - this.tick / this.program.maxTicks,
          player.alive ? 1 : 0,
        ],
        other: nearest ? [...Object.values(nearest.position.minus(p)), ...Object.values(nearest.velocity.minus(v))] : [0, 0, 0, 0, 0, 0],
        goal: [1, toGoal.x, toGoal.y, toGoal.z, toGoal.norm(), 1, (this.program.maxTicks - this.tick) / 20, this.atGoal(player) ? 1 : 0],
      };
    });
  }
}

/** Many worlds stepped in a loop, with resets and observations: what the engine is compared with. */
export class ObjectBatch {
  readonly worlds: ObjectWorld[];
  episodes = 0;
  observations: ReturnType<ObjectWorld['observe']>[] = [];

  constructor(program: ScenarioProgram, variants: VariantSource, goal: { min: Vec3; max: Vec3 }, numWorlds: number) {
    // Worlds begin at different ticks of their first episode: the few ticks of a measurement then hold as many resets as a long run does.
    this.worlds = Array.from(
      { length: numWorlds },
      (_, w) => new ObjectWorld(program, variants, goal, w % program.numVariants, (w * 37) % program.maxTicks),
    );
  }

  /** One step of all worlds; `actions` as the engines take them. */
  step(actions: Float32Array): number {
    let total = 0;
    this.observations = this.worlds.map((world, w) => {
      const { rewards, ended } = world.step(world.keysOf(actions, w));
      for (const reward of rewards) total += reward;
      if (ended) {
        this.episodes++;
        world.reset();
      }
      return world.observe();
    });
    return total;
  }
}

function readKeys(actions: Float32Array, at: number): Keys {
  return {
    forward: actions[at],
    strafe: actions[at + 1],
    jump: actions[at + 2],
    sprint: actions[at + 3],
    sneak: actions[at + 4],
    turn: actions[at + 5],
    look: actions[at + 6],
    interact: Math.round(actions[at + 7]),
    slot: actions[at + 8],
    message: actions[at + 9],
    argument: actions[at + 10],
  };
}
