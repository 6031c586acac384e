/**
 * Planner `voxel`: A* over certified moves of a walker (`library.ts`) in a level, costs in ticks of the engine. A node is a cell and a class of motion (at rest,
 * or running one of eight ways), so a jump that needs speed is only taken with it. The plan is then rolled out from the walker's own state in the level
 * itself: its states are what the engine will do, and a plan that does not end as foreseen is cut where it parts.
 * Digging comes before a move at rest; a block placed on the way is part of its move. Edits of a plan are counted on, but not searched through: what they
 * would spoil for a later move shows when the plan is rolled out.
 * When the budget ends, the best part of a way is chosen by rising weights of the cost so far, as Baritone does, and only if it gets somewhere.
 */
import type { ScenarioProgram } from '@kinovox/physics';
import { OpenList } from '../grid/open-list.js';
import { meetsBody, StandingBodies } from './bodies.js';
import { GoalDistance, isGoalCell, passesForbidden } from './goal-distance.js';
import { IMPOSSIBLE, LevelMap, MAX_LEVEL_CELLS } from './level-map.js';
import type { Library } from './library.js';
import { NUM_CLASSES, type Primitive, REST } from './primitives.js';
import { type ChosenMove, RollOut } from './roll-out.js';
import type { VoxelPlan, VoxelQuery } from './voxel-plan.js';
import { WalkerEngine, type WalkerLevel } from './walker-engine.js';

/** Weights of the way back to the start, from strict to lax (Baritone, MIT: `AbstractNodeCostSearch`), and how much of the way a part must cover. */
const WEIGHTS = [1.5, 2, 2.5, 3, 4, 5, 10];
const LEAST_PROGRESS_TICKS = 20;
/** Expansions between two looks at the clock. */
const LOOK = 64;
const NOTHING = new Float32Array(0);
/** Why a plan ends short though no budget ended. */
const NO_WAY_ON = 'No chain of moves leads on to the goal at the speeds that they need and past bodies.';

export class VoxelPlanner {
  readonly map: LevelMap;
  private readonly rollOut: RollOut;
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
  /** Number of the shape of each primitive. */
  private readonly shapeOf: number[] = [];

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

  constructor(program: ScenarioProgram, slot: number, level: WalkerLevel, library: Library) {
    this.map = new LevelMap(program, library, level);
    this.rollOut = new RollOut(program, new WalkerEngine(program, slot, level), this.map, library);
    const numNodes = this.map.numCells * NUM_CLASSES;
    this.open = new OpenList(numNodes);
    this.g = new Int32Array(numNodes);
    this.stamps = new Int32Array(numNodes);
    this.closed = new Int32Array(numNodes);
    this.parents = new Int32Array(numNodes);
    this.cameBy = new Int16Array(numNodes);
    this.placed = new Uint8Array(numNodes);
    for (const shape of this.map.shapes)
      for (const primitive of shape.primitives) {
        this.byClass[primitive.from].push({ shape: shape.id, primitive: this.primitives.push(primitive) - 1 });
        this.shapeOf.push(shape.id);
      }
  }

  /** Takes over the level as it is now. Bounds of the way to a goal stay as long as no way became shorter. */
  update(voxels: Uint8Array): void {
    if (this.map.update(voxels).opened) this.distance = undefined;
  }

  /** Bounds that were worked out for the same goal are used again. */
  plan(asked: VoxelQuery): VoxelPlan {
    const { map, rollOut } = this;
    const until = asked.ms === undefined ? Number.POSITIVE_INFINITY : performance.now() + asked.ms;
    const query = { ...asked, mayPlace: asked.mayPlace && rollOut.blocksOf(asked.words) > 0 };
    const key = JSON.stringify([query.box, query.near, query.keepOut, query.mayDig, query.mayPlace]);
    const bodies = new StandingBodies(query.bodies ?? []);
    const start = rollOut.approach(query.words, bodies);
    if (typeof start === 'string') return failure('infeasible', start);
    const [x, y, z] = start.cell;
    if (this.distance?.key !== key) this.distance = { key, field: new GoalDistance(map, query) };
    const { field } = this.distance;
    const before = field.expansions;
    if (field.from(x, y, z, until) === Number.POSITIVE_INFINITY) {
      const none =
        performance.now() >= until
          ? failure('timeout', 'The time was spent on the distances to the goal.')
          : failure('infeasible', `No chain of moves leads from ${start.cell.join(' ')} to the goal.`);
      return { ...none, goalExpansions: field.expansions - before };
    }
    const { end, expansions, arrives, isEmpty } = this.search(map.cellOf(x, y, z) * NUM_CLASSES + REST, query, bodies, field, until);
    const goalExpansions = field.expansions - before;
    if (end < 0)
      return {
        ...(isEmpty
          ? failure(
              'infeasible',
              `No chain of moves leads from ${start.cell.join(' ')} to the goal at the speeds that they need and past bodies.`,
            )
          : failure('timeout', `The budget ended after ${expansions} expansions, before any part of a way.`)),
        expansions,
        goalExpansions,
      };
    const plan = rollOut.play(query.words, start.actions, this.chainTo(end), arrives);
    const short = isEmpty ? { reason: plan.reason ?? NO_WAY_ON } : {};
    return { ...plan, ...short, expansions, goalExpansions };
  }

  private search(
    start: number,
    query: VoxelQuery,
    bodies: StandingBodies,
    field: GoalDistance,
    until: number,
  ): { end: number; expansions: number; arrives: boolean; isEmpty: boolean } {
    const { map, open, g, stamps, closed, parents, cameBy, placed, primitives, byClass } = this;
    const { expansions: most = Number.POSITIVE_INFINITY, ms } = query;
    const blocks = query.mayPlace ? this.rollOut.blocksOf(query.words) : 0;
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
    /** Without a way: the best part of one. */
    const ended = (isEmpty: boolean) => ({ end: bestNode.find((node) => node >= 0) ?? -1, expansions, arrives: false, isEmpty });
    while (open.pop()) {
      const node = open.id;
      const motion = node % NUM_CLASSES;
      const [x, y, z] = this.cellOf(node);
      if (motion === REST && isGoalCell(map, query, x, y, z)) return { end: node, expansions, arrives: true, isEmpty: false };
      if (expansions >= most || (ms !== undefined && expansions % LOOK === 0 && performance.now() >= until)) return ended(false);
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
      const close = bodies.near(map.cellOf(x, y, z), x, y, z);
      for (const { shape: shapeId, primitive: id } of byClass[motion]) {
        const shape = map.shapes[shapeId];
        const primitive = primitives[id];
        if (shape.places && placed[node] >= blocks) continue;
        const dig = map.cost(x, y, z, shape);
        if (dig === IMPOSSIBLE || (dig > 0 && (!query.mayDig || motion !== REST || primitive.to !== REST))) continue;
        const [nx, ny, nz] = [x + primitive.dx, y + primitive.dy, z + primitive.dz];
        if (nx < 0 || ny < 0 || nz < 0 || nx >= map.sizeX || ny >= map.sizeY || nz >= map.sizeZ) continue;
        if (passesForbidden(query.keepOut, primitive.feet, x, y, z)) continue;
        if (close.length > 0 && meetsBody(close, primitive, x, y, z)) continue;
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
    return ended(true);
  }

  /** The moves that lead to a node, in order. */
  private chainTo(end: number): ChosenMove[] {
    const chain: ChosenMove[] = [];
    for (let node = end; this.parents[node] >= 0; node = this.parents[node]) {
      const id = this.cameBy[node];
      chain.push({
        primitive: this.primitives[id],
        shape: this.map.shapes[this.shapeOf[id]],
        cell: this.cellOf(this.parents[node]),
        end: this.cellOf(node),
        foreseen: this.g[node],
      });
    }
    return chain.reverse();
  }

  private cellOf(node: number): [number, number, number] {
    const { sizeX, sizeZ } = this.map;
    const cell = Math.floor(node / NUM_CLASSES);
    return [cell % sizeX, Math.floor(cell / (sizeX * sizeZ)), Math.floor(cell / sizeX) % sizeZ];
  }
}

function failure(status: 'infeasible' | 'timeout', reason: string): VoxelPlan {
  return { status, reason, actions: NOTHING, states: new Int32Array(0), moves: [], expansions: 0, goalExpansions: 0, foreseen: 0 };
}
