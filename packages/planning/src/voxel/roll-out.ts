/**
 * Plays the moves that a search has chosen in the level itself, from the walker's own state: what comes about is the plan, and it is cut where it parts from
 * what was foreseen. Digging comes before the move for which it makes way; a block is placed from the first slot that holds one.
 */
import type { ScenarioProgram } from '@kinovox/physics';
import { ACTION_FIELDS, ACTION_WORD, AGENT_FLAG, INTERACT, INVENTORY_SLOTS } from '@kinovox/world';
import type { StandingBodies } from './bodies.js';
import type { LevelMap, Shape } from './level-map.js';
import { isOrdinary, type Library } from './library.js';
import { BLOCK, HALF, misses, type Primitive, REST } from './primitives.js';
import type { PlannedMove, VoxelPlan } from './voxel-plan.js';
import { FIRST_ITEM, WALKER_WORDS, type WalkerEngine } from './walker-engine.js';

/** A move that a search has chosen. */
export interface ChosenMove {
  readonly primitive: Primitive;
  readonly shape: Shape;
  /** Feet cells where it begins and ends. */
  readonly cell: readonly [number, number, number];
  readonly end: readonly [number, number, number];
  /** Ticks to its end as the search foresaw them. */
  readonly foreseen: number;
}

/** Ticks in which a falling walker must have come to the ground before it can plan. */
const MOST_FALL_TICKS = 60;
/** Added to the way to a crowded cell: more than any of those nearby can be off. */
const CROWDED = 8 * BLOCK;
const NOTHING = new Float32Array(0);

export class RollOut {
  constructor(
    private readonly program: ScenarioProgram,
    private readonly engine: WalkerEngine,
    private readonly map: LevelMap,
    private readonly library: Library,
  ) {}

  /**
   * Controls from where the walker is to the middle of a cell, facing 0, at rest; or why it cannot plan from here. Cells whose middle bodies leave no room
   * for are taken where there is no other.
   * @param words `[WALKER_WORDS]`
   */
  approach(words: Int32Array, bodies: StandingBodies): { actions: Float32Array; cell: readonly [number, number, number] } | string {
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
        const cost = distance + (bodies.touch(x, y, z) ? CROWDED : 0);
        if (cost >= least || !map.isFooting(x, y, z)) continue;
        least = cost;
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

  /**
   * Strings the moves together and plays them; what does not end as foreseen is cut off.
   * @param words of the walker. @param approach as `approach` gives it. @param isGoal whether the last move ends at the goal.
   */
  play(
    words: Int32Array,
    approach: Float32Array,
    chosen: readonly ChosenMove[],
    isGoal: boolean,
  ): Omit<VoxelPlan, 'expansions' | 'goalExpansions'> {
    const { engine, map } = this;
    engine.begin(words, map.cells);
    const states: Int32Array[] = [words.slice()];
    const rows: Float32Array[] = [];
    const play = (actions: Float32Array) => {
      for (let at = 0; at < actions.length; at += ACTION_FIELDS) {
        const row = actions.slice(at, at + ACTION_FIELDS);
        engine.step(row);
        rows.push(row);
        const next = new Int32Array(WALKER_WORDS);
        engine.readInto(next);
        states.push(next);
      }
    };
    play(approach);
    const moves: PlannedMove[] = [];
    let kept = rows.length;
    let foreseen = 0;
    let reason: string | undefined;
    const health = engine.word('health');
    for (const { primitive, shape, cell, end, foreseen: ticks } of chosen) {
      const digTick = rows.length;
      play(this.digActions(cell, map.cellsToDig(...cell, shape)));
      const tick = rows.length;
      play(this.withBlock(primitive));
      const wrong = misses(engine, ...end, this.library.speeds[primitive.to], health);
      if (wrong !== undefined) {
        reason = `The ${primitive.kind} from ${cell.join(' ')} does not end as foreseen in this level (${wrong}).`;
        break;
      }
      moves.push({ primitive, cell, digTick, tick });
      foreseen = ticks;
      kept = rows.length;
    }
    // A part must end at rest, so that nobody runs on without a plan.
    while (reason !== undefined && moves.length > 0 && moves[moves.length - 1].primitive.to !== REST) kept = moves.pop()!.digTick;
    const actions = new Float32Array(kept * ACTION_FIELDS);
    for (let k = 0; k < kept; k++) actions.set(rows[k], k * ACTION_FIELDS);
    const keptStates = new Int32Array((kept + 1) * WALKER_WORDS);
    for (let k = 0; k <= kept; k++) keptStates.set(states[k], k * WALKER_WORDS);
    const status = reason === undefined && isGoal ? 'solved' : 'partial';
    return { status, ...(reason === undefined ? {} : { reason }), actions, states: keptStates, moves, foreseen };
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

  /** Blocks that a walker carries and can place on a bridge, at most 255. */
  blocksOf(words: Int32Array): number {
    let count = 0;
    for (let k = 0; k < INVENTORY_SLOTS; k++) if (this.isBlock(words, k)) count += words[FIRST_ITEM + INVENTORY_SLOTS + k];
    return Math.min(255, count);
  }

  private isBlock(words: Int32Array, k: number): boolean {
    const placed = this.program.placedByItem[words[FIRST_ITEM + k]] ?? 0;
    return words[FIRST_ITEM + INVENTORY_SLOTS + k] > 0 && placed > 0 && isOrdinary(this.program, placed);
  }
}

/** Radians that a column of the actions holds exactly. */
function asWord(radians: number): number {
  return Math.round(radians * 65536) / 65536;
}
