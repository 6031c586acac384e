/**
 * Planner `voxel`: A* over certified moves of a walker (`library.ts`) in a level, costs in ticks of the engine. A node is a cell and a class of motion (at rest,
 * or running one of eight ways), so a jump that needs speed is only taken with it. The plan is then rolled out from the walker's own state in the level
 * itself: its states are what the engine will do, and a plan that does not end as foreseen is cut where it parts.
 * Digging comes before a move at rest; a block placed on the way is part of its move. Edits of a plan are counted on, but not searched through: what they
 * would spoil for a later move shows when the plan is rolled out.
 * When the budget ends, the best part of a way is chosen by rising weights of the cost so far, as Baritone does, and only if it gets somewhere.
 */
import type { ScenarioProgram } from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_WORD, AGENT_FLAG, INTERACT, INVENTORY_SLOTS } from '@kinovox/world';
import { OpenList } from '../grid/open-list.js';
import { GoalDistance, type GoalOptions, passesForbidden } from './goal-distance.js';
import { IMPOSSIBLE, LevelMap, MAX_LEVEL_CELLS } from './level-map.js';
import { isOrdinary, type Library } from './library.js';
import { BLOCK, HALF, misses, NUM_CLASSES, type Primitive, REST } from './primitives.js';
import { FIRST_ITEM, WALKER_WORDS, WalkerEngine, type WalkerLevel } from './walker-engine.js';

export interface VoxelQuery extends GoalOptions {
  /** Of the walker now, as `WalkerEngine` has them. */
  readonly words: Int32Array;
  /** Nodes that may be expanded; default no limit. Cells of the distances to the goal do not count: they are at most those of the level, once. */
  readonly expansions?: number | undefined;
  /** Milliseconds after which the search ends, distances included; what it finds then depends on the machine. Default no limit. */
  readonly ms?: number | undefined;
}

export interface PlannedMove {
  readonly primitive: Primitive;
  /** Feet cell where it begins. */
  readonly cell: readonly [number, number, number];
  /** First tick of its digging, and of itself. */
  readonly digTick: number;
  readonly tick: number;
}

export interface VoxelPlan {
  readonly status: 'solved' | 'partial' | 'infeasible' | 'timeout';
  /** Why there is no plan, or why it ends short. */
  readonly reason?: string;
  /** `[N, ACTION_FIELDS]` */
  readonly actions: Float32Array;
  /** `[N + 1, WALKER_WORDS]`: the walker before each tick, and after the last. */
  readonly states: Int32Array;
  readonly moves: readonly PlannedMove[];
  /** Nodes of the search, and cells of the distances to the goal that it asked for. */
  readonly expansions: number;
  readonly goalExpansions: number;
  /** Ticks of the moves as they were foreseen, without getting to the first cell's middle. */
  readonly foreseen: number;
}

/** Weights of the way back to the start, from strict to lax (Baritone, MIT: `AbstractNodeCostSearch`), and how much of the way a part must cover. */
const WEIGHTS = [1.5, 2, 2.5, 3, 4, 5, 10];
const LEAST_PROGRESS_TICKS = 20;
/** Ticks in which a falling walker must have come to the ground before it can plan. */
const MOST_FALL_TICKS = 60;
/** Expansions between two looks at the clock. */
const LOOK = 64;
const NOTHING = new Float32Array(0);

export class VoxelPlanner {
  readonly map: LevelMap;
  private readonly engine: WalkerEngine;
  private readonly open: OpenList;
  private readonly g: Int32Array;
  private readonly stamps: Int32Array;
  private readonly closed: Int32Array;
  private readonly parents: Int32Array;
  private readonly cameBy: Int16Array;
  private readonly placed: Uint8Array;
  private searches = 0;
  private distance: { key: string; field: GoalDistance } | undefined;
  private readonly primitives: Primitive[] = [];

  /** Moves of the primitives by the class in which they begin: number of the shape, number of the primitive. */
  private readonly byClass: { shape: number; primitive: number }[][] = Array.from({ length: NUM_CLASSES }, () => []);

  /** Why a walker's moves cannot be planned in this program and level; undefined where they can. */
  static refuses(program: ScenarioProgram, slot: number, level: WalkerLevel): string | undefined {
    const cells = level.size[0] * level.size[1] * level.size[2];
    if (cells > MAX_LEVEL_CELLS) return `A level must have at most ${MAX_LEVEL_CELLS} cells to be planned in; got ${cells}.`;
    if (program.randomisation !== undefined) return 'Moves cannot be certified for bodies that draw their speed and grip each episode.';
    if ((program.vehicles?.ofAgent[slot] ?? -1) >= 0) return 'Only walkers make the moves of the planner "voxel".';
    return undefined;
  }

  constructor(
    private readonly program: ScenarioProgram,
    slot: number,
    level: WalkerLevel,
    private readonly library: Library,
  ) {
    this.map = new LevelMap(program, library, level);
    this.engine = new WalkerEngine(program, slot, level);
    const numNodes = this.map.numCells * NUM_CLASSES;
    this.open = new OpenList(numNodes);
    this.g = new Int32Array(numNodes);
    this.stamps = new Int32Array(numNodes);
    this.closed = new Int32Array(numNodes);
    this.parents = new Int32Array(numNodes);
    this.cameBy = new Int16Array(numNodes);
    this.placed = new Uint8Array(numNodes);
    for (const shape of this.map.shapes)
      for (const primitive of shape.primitives)
        this.byClass[primitive.from].push({ shape: shape.id, primitive: this.primitives.push(primitive) - 1 });
  }

  /** Takes over the level as it is now. Bounds of the way to a goal stay as long as no way became shorter. */
  update(voxels: Uint8Array): void {
    if (this.map.update(voxels).opened) this.distance = undefined;
  }

  /** @param goal names the goal: bounds that were worked out for it are used again. */
  plan(asked: VoxelQuery, goal: string): VoxelPlan {
    const { map } = this;
    const until = asked.ms === undefined ? Number.POSITIVE_INFINITY : performance.now() + asked.ms;
    const query = { ...asked, mayPlace: asked.mayPlace && this.blocksOf(asked.words) > 0 };
    const key = `${goal} ${query.mayDig} ${query.mayPlace}`;
    const start = this.approach(query);
    if (typeof start === 'string') return failure('infeasible', start);
    const [x, y, z] = start.cell;
    if (this.distance?.key !== key) this.distance = { key, field: new GoalDistance(map, query) };
    const { field } = this.distance;
    const before = field.expansions;
    if (field.from(x, y, z, until) === Number.POSITIVE_INFINITY) {
      const none =
        performance.now() >= until
          ? failure('timeout', `The budget of ${asked.ms} ms was spent on the distances to the goal.`)
          : failure('infeasible', `No chain of moves leads from ${start.cell.join(' ')} to the goal.`);
      return { ...none, goalExpansions: field.expansions - before };
    }
    const { end, expansions, isGoal } = this.search(map.cellOf(x, y, z) * NUM_CLASSES + REST, query, field, until);
    const goalExpansions = field.expansions - before;
    if (end < 0)
      return {
        ...failure('timeout', `The budget ended after ${expansions} expansions, before any part of a way.`),
        expansions,
        goalExpansions,
      };
    return { ...this.rollOut(query, start.actions, end, isGoal), expansions, goalExpansions };
  }

  /** Whether what is left of a plan from a tick on comes about as foreseen in a level as it is now. */
  holds({ actions, states }: VoxelPlan, fromTick: number, voxels: Uint8Array): boolean {
    const { engine } = this;
    const words = states.slice(fromTick * WALKER_WORDS, (fromTick + 1) * WALKER_WORDS);
    engine.begin(words, voxels);
    for (let tick = fromTick; tick < actions.length / ACTION_FIELDS; tick++) {
      engine.step(actions.subarray(tick * ACTION_FIELDS, (tick + 1) * ACTION_FIELDS));
      engine.readInto(words);
      for (let k = 0; k < WALKER_WORDS; k++) if (words[k] !== states[(tick + 1) * WALKER_WORDS + k]) return false;
    }
    return true;
  }

  private search(
    start: number,
    query: VoxelQuery,
    field: GoalDistance,
    until: number,
  ): { end: number; expansions: number; isGoal: boolean } {
    const { map, open, g, stamps, closed, parents, cameBy, placed, primitives, byClass } = this;
    const { expansions: most = Number.POSITIVE_INFINITY, ms } = query;
    const blocks = query.mayPlace ? this.blocksOf(query.words) : 0;
    const stamp = ++this.searches;
    const bestOf = new Float64Array(WEIGHTS.length).fill(Number.POSITIVE_INFINITY);
    const bestNode = new Int32Array(WEIGHTS.length).fill(-1);
    open.clear();
    stamps[start] = stamp;
    g[start] = 0;
    parents[start] = -1;
    placed[start] = 0;
    const [sx, sy, sz] = this.cellOf(start);
    const whole = field.from(sx, sy, sz);
    open.push(start, whole, 0);
    let expansions = 0;
    while (open.pop()) {
      const node = open.id;
      const motion = node % NUM_CLASSES;
      const [x, y, z] = this.cellOf(node);
      if (motion === REST && query.isGoal(x, y, z)) return { end: node, expansions, isGoal: true };
      if (expansions >= most || (ms !== undefined && expansions % LOOK === 0 && performance.now() >= until)) break;
      expansions++;
      closed[node] = stamp;
      const h = open.f - open.g;
      if (motion === REST && whole - h >= LEAST_PROGRESS_TICKS)
        for (let k = 0; k < WEIGHTS.length; k++) {
          const value = h + open.g / WEIGHTS[k];
          if (value >= bestOf[k]) continue;
          bestOf[k] = value;
          bestNode[k] = node;
        }
      for (const { shape: shapeId, primitive: id } of byClass[motion]) {
        const shape = map.shapes[shapeId];
        const primitive = primitives[id];
        if (shape.places && placed[node] >= blocks) continue;
        const dig = map.cost(x, y, z, shape);
        if (dig === IMPOSSIBLE || (dig > 0 && (!query.mayDig || motion !== REST || primitive.to !== REST))) continue;
        const [nx, ny, nz] = [x + primitive.dx, y + primitive.dy, z + primitive.dz];
        if (nx < 0 || ny < 0 || nz < 0 || nx >= map.sizeX || ny >= map.sizeY || nz >= map.sizeZ) continue;
        if (passesForbidden(query, primitive.feet, x, y, z)) continue;
        const next = map.cellOf(nx, ny, nz) * NUM_CLASSES + primitive.to;
        const ticks = g[node] + primitive.ticks + dig;
        const known = stamps[next] === stamp;
        if (known && (closed[next] === stamp || g[next] <= ticks)) continue;
        const rest = known ? 0 : field.from(nx, ny, nz, until);
        if (rest === Number.POSITIVE_INFINITY) continue;
        stamps[next] = stamp;
        g[next] = ticks;
        parents[next] = node;
        cameBy[next] = id;
        placed[next] = placed[node] + (shape.places ? 1 : 0);
        if (known) open.decrease(next, ticks);
        else open.push(next, ticks + rest, ticks);
      }
    }
    return { end: bestNode.find((node) => node >= 0) ?? -1, expansions, isGoal: false };
  }

  private cellOf(node: number): [number, number, number] {
    const { sizeX, sizeZ } = this.map;
    const cell = Math.floor(node / NUM_CLASSES);
    return [cell % sizeX, Math.floor(cell / (sizeX * sizeZ)), Math.floor(cell / sizeX) % sizeZ];
  }

  /** Controls from where the walker is to the middle of a cell, facing 0, at rest; or why it cannot plan from here. */
  private approach({ words }: VoxelQuery): { actions: Float32Array; cell: readonly [number, number, number] } | string {
    const { engine, map } = this;
    const rows: number[] = [];
    engine.begin(words, map.cells);
    const idle = new Float32Array(ACTION_FIELDS);
    for (let tick = 0; (engine.word('flags') & AGENT_FLAG.onGround) === 0; tick++) {
      if (tick === MOST_FALL_TICKS || (engine.word('flags') & (AGENT_FLAG.inWater | AGENT_FLAG.inLava | AGENT_FLAG.onLadder)) !== 0)
        return 'The walker must stand on the ground to plan.';
      engine.step(idle);
      rows.push(...idle);
    }
    const [px, py, pz] = [engine.word('posX'), engine.word('posY'), engine.word('posZ')];
    const y = py >> 16;
    if ((py & 65535) !== 0) return 'The walker must stand on the ground to plan.';
    let best: readonly [number, number, number] | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let z = (pz >> 16) - 1; z <= (pz >> 16) + 1; z++)
      for (let x = (px >> 16) - 1; x <= (px >> 16) + 1; x++) {
        const distance = Math.abs(px - x * BLOCK - HALF) + Math.abs(pz - z * BLOCK - HALF);
        if (distance >= least || !map.isFooting(x, y, z)) continue;
        least = distance;
        best = [x, y, z];
      }
    if (best === undefined) return 'The walker must stand on ordinary ground to plan.';
    const [cx, , cz] = best;
    const turn = Math.max(-Math.PI, Math.min(Math.PI, 0 - (engine.word('yaw') / 2 ** 32) * 2 * Math.PI));
    const look = 0 - (engine.word('pitch') / 2 ** 32) * 2 * Math.PI;
    const [velX, velZ] = [engine.word('velX'), engine.word('velZ')];
    const offsets = [px - cx * BLOCK - HALF, pz - cz * BLOCK - HALF];
    const still = offsets[0] === 0 && offsets[1] === 0 && velX === 0 && velZ === 0;
    const settle = still
      ? Math.abs(turn) + Math.abs(look) < 1e-4
        ? NOTHING
        : new Float32Array(ACTION_FIELDS)
      : this.library.settle(offsets[0], offsets[1], velX, velZ);
    if (settle === undefined) return 'The walker is too fast to be brought to the middle of its cell.';
    const actions = Float32Array.from([...rows, ...settle]);
    if (settle.length > 0) {
      actions[rows.length + ACTION_WORD.turn] = turn;
      actions[rows.length + ACTION_WORD.look] = look;
    }
    return { actions, cell: best };
  }

  /** Strings the moves together and plays them in the level; what does not end as foreseen is cut off. */
  private rollOut(
    query: VoxelQuery,
    approach: Float32Array,
    end: number,
    isGoal: boolean,
  ): Omit<VoxelPlan, 'expansions' | 'goalExpansions'> {
    const { engine, map } = this;
    const chain: number[] = [];
    for (let node = end; this.parents[node] >= 0; node = this.parents[node]) chain.push(node);
    chain.reverse();
    engine.begin(query.words, map.cells);
    const states: Int32Array[] = [query.words.slice()];
    const rows: Float32Array[] = [];
    const play = (actions: Float32Array) => {
      for (let at = 0; at < actions.length; at += ACTION_FIELDS) {
        const row = actions.slice(at, at + ACTION_FIELDS);
        engine.step(row);
        rows.push(row);
        const words = new Int32Array(WALKER_WORDS);
        engine.readInto(words);
        states.push(words);
      }
    };
    play(approach);
    const moves: PlannedMove[] = [];
    let kept = rows.length;
    let foreseen = 0;
    let reason: string | undefined;
    const health = engine.word('health');
    for (const node of chain) {
      const primitive = this.primitives[this.cameBy[node]];
      const cell = this.cellOf(this.parents[node]);
      const { shape } = this.byClass[primitive.from].find((one) => one.primitive === this.cameBy[node]) ?? { shape: 0 };
      const digTick = rows.length;
      play(this.digActions(cell, map.cellsToDig(...cell, map.shapes[shape])));
      const tick = rows.length;
      play(this.withBlock(primitive));
      const [x, y, z] = this.cellOf(node);
      const wrong = misses(engine, x, y, z, this.library.speeds[primitive.to], health);
      if (wrong !== undefined) {
        reason = `The ${primitive.kind} from ${cell.join(' ')} does not end as foreseen in this level (${wrong}).`;
        break;
      }
      moves.push({ primitive, cell, digTick, tick });
      foreseen = this.g[node];
      kept = rows.length;
    }
    // A part must end at rest, so that nobody runs on without a plan.
    while (reason !== undefined && moves.length > 0 && moves[moves.length - 1].primitive.to !== REST) kept = moves.pop()!.digTick;
    const actions = new Float32Array(kept * ACTION_FIELDS);
    for (let k = 0; k < kept; k++) actions.set(rows[k], k * ACTION_FIELDS);
    const words = new Int32Array((kept + 1) * WALKER_WORDS);
    for (let k = 0; k <= kept; k++) words.set(states[k], k * WALKER_WORDS);
    const status = reason === undefined && isGoal ? 'solved' : 'partial';
    return { status, ...(reason === undefined ? {} : { reason }), actions, states: words, moves, foreseen };
  }

  /** Looks at each cell in turn until it is dug, and faces 0 again. */
  private digActions([x, y, z]: readonly [number, number, number], cells: readonly number[]): Float32Array {
    const rows: number[] = [];
    let yaw = 0;
    let pitch = 0;
    for (let k = 0; k < cells.length; k += 3) {
      const [dx, dy, dz] = [cells[k] - x, cells[k + 1] + 0.5 - y - 1.62, cells[k + 2] - z];
      const level = Math.sqrt(dx * dx + dz * dz);
      const [toYaw, toPitch] = [level === 0 ? yaw : asWord(Math.atan2(0 - dx, 0 - dz)), asWord(Math.atan2(dy, level))];
      for (let tick = 0; tick < Math.max(1, this.map.digTicksAt(cells[k], cells[k + 1], cells[k + 2])); tick++) {
        const row = new Float32Array(ACTION_FIELDS);
        if (tick === 0) {
          row[ACTION_WORD.turn] = toYaw - yaw;
          row[ACTION_WORD.look] = toPitch - pitch;
        }
        row[ACTION_WORD.interact] = INTERACT.dig;
        rows.push(...row);
      }
      yaw = toYaw;
      pitch = toPitch;
    }
    if (yaw !== 0 || pitch !== 0) {
      const row = new Float32Array(ACTION_FIELDS);
      row[ACTION_WORD.turn] = 0 - yaw;
      row[ACTION_WORD.look] = 0 - pitch;
      rows.push(...row);
    }
    return Float32Array.from(rows);
  }

  /** The actions of a move, with the slot of a block that can be placed. */
  private withBlock({ actions, placeTick }: Primitive): Float32Array {
    if (placeTick < 0) return actions;
    const words = new Int32Array(WALKER_WORDS);
    this.engine.readInto(words);
    const slot = this.slotOf(words);
    const own = actions.slice();
    own[placeTick * ACTION_FIELDS + ACTION_WORD.slot] = slot + 1;
    return own;
  }

  private slotOf(words: Int32Array): number {
    for (let k = 0; k < INVENTORY_SLOTS; k++) if (this.isBlock(words, k)) return k;
    return -1;
  }

  private blocksOf(words: Int32Array): number {
    let count = 0;
    for (let k = 0; k < INVENTORY_SLOTS; k++) if (this.isBlock(words, k)) count += words[FIRST_ITEM + INVENTORY_SLOTS + k];
    return Math.min(255, count);
  }

  private isBlock(words: Int32Array, k: number): boolean {
    const placed = this.program.placedByItem[words[FIRST_ITEM + k]] ?? 0;
    return words[FIRST_ITEM + INVENTORY_SLOTS + k] > 0 && placed > 0 && isOrdinary(this.program, placed);
  }
}

function failure(status: 'infeasible' | 'timeout', reason: string): VoxelPlan {
  return { status, reason, actions: NOTHING, states: new Int32Array(0), moves: [], expansions: 0, goalExpansions: 0, foreseen: 0 };
}

/** Radians that a column of the actions holds exactly. */
function asWord(radians: number): number {
  return Math.round(radians * 65536) / 65536;
}
