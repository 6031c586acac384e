/**
 * Combinators of the task language: each reads the words of its parts at this tick and gives its own word, `progress << 2 | status`.
 * Called only while the node is neither violated nor satisfied for ever, so "at the first tick at which" needs no memory of its own.
 */
import { MONITOR_OP, type MonitorProgram, NODE_COLUMN, NODE_COLUMNS, NODE_FLAG, NODE_STATUS, PROGRESS_ONE } from './program.js';

const SATISFIED = (PROGRESS_ONE << 2) | NODE_STATUS.satisfied;
const VIOLATED = NODE_STATUS.violated;

/**
 * @param registers all worlds' registers; the world's begin at `base`.
 * @param row the node's row in the node table.
 * @param before the node's word at the last tick; a node that becomes violated keeps its progress.
 * @param tick of the episode, 1 at its first tick, up to maxTicks.
 */
export function evaluateCombinator(
  registers: Int32Array,
  base: number,
  program: MonitorProgram,
  constants: Int32Array,
  row: number,
  before: number,
  tick: number,
  maxTicks: number,
): number {
  const { nodes, lists } = program;
  const list = nodes[row + NODE_COLUMN.list];
  const size = nodes[row + NODE_COLUMN.size];
  const memory = base + nodes[row + NODE_COLUMN.memory];
  const at = nodes[row + NODE_COLUMN.constants];
  const violated = (before & ~3) | VIOLATED;
  switch (nodes[row]) {
    case MONITOR_OP.not:
      return (registers[base + lists[list]] & 3) === NODE_STATUS.satisfied ? 0 : SATISFIED;

    case MONITOR_OP.all: {
      // A mixture of parts waits for those that can be achieved; the invariants must only be unbroken.
      const pure = nodes[row + NODE_COLUMN.flags] & NODE_FLAG.invariant;
      let sum = 0;
      let counted = 0;
      let missing = 0;
      for (let i = list; i < list + size; i++) {
        const word = registers[base + lists[i]];
        if ((word & 3) === NODE_STATUS.violated) return violated;
        if (pure === 0 && isInvariant(nodes, lists[i])) continue;
        counted++;
        sum += word >> 2;
        if ((word & 3) !== NODE_STATUS.satisfied) missing++;
      }
      return missing === 0 ? SATISFIED : pending((sum / counted) | 0);
    }

    case MONITOR_OP.any: {
      let best = -1;
      for (let i = list; i < list + size; i++) {
        const word = registers[base + lists[i]];
        if ((word & 3) === NODE_STATUS.satisfied) return SATISFIED;
        if ((word & 3) !== NODE_STATUS.violated && word >> 2 > best) best = word >> 2;
      }
      return best < 0 ? violated : pending(best);
    }

    case MONITOR_OP.never:
      if ((registers[base + lists[list]] & 3) === NODE_STATUS.satisfied) return violated;
      // Bound: tick <= 100000, so tick * 2^14 < 2^31.
      return tick >= maxTicks ? SATISFIED : pending(((tick * PROGRESS_ONE) / maxTicks) | 0);

    case MONITOR_OP.sequence: {
      let step = registers[memory];
      let word = registers[base + lists[list + step]];
      if ((word & 3) === NODE_STATUS.violated) return violated;
      if ((word & 3) === NODE_STATUS.satisfied) {
        step++;
        registers[memory] = step;
        if (step === size) return SATISFIED;
        word = 0;
      }
      return pending(((step * PROGRESS_ONE + (word >> 2)) / size) | 0);
    }

    case MONITOR_OP.until: {
      const goal = registers[base + lists[list + 1]];
      if ((goal & 3) === NODE_STATUS.satisfied) return SATISFIED;
      const hold = registers[base + lists[list]] & 3;
      const holds = hold === NODE_STATUS.satisfied || (hold === NODE_STATUS.pending && isInvariant(nodes, lists[list]));
      return !holds || (goal & 3) === NODE_STATUS.violated ? violated : pending(goal >> 2);
    }

    case MONITOR_OP.before: {
      const first = registers[base + lists[list]];
      if ((first & 3) === NODE_STATUS.satisfied) return SATISFIED;
      const comesFirst = (registers[base + lists[list + 1]] & 3) === NODE_STATUS.satisfied;
      return comesFirst || (first & 3) === NODE_STATUS.violated ? violated : pending(first >> 2);
    }

    case MONITOR_OP.within: {
      const goal = registers[base + lists[list]];
      if (tick > constants[at] || (goal & 3) === NODE_STATUS.violated) return violated;
      return (goal & 3) === NODE_STATUS.satisfied ? SATISFIED : pending(goal >> 2);
    }

    default:
      return count(registers, base, nodes, lists, list, size, memory, constants[at], violated);
  }
}

/** Rising edges over all parts: satisfied now and not at the last tick, of which `memory + 1` holds a bit per part. */
function count(
  registers: Int32Array,
  base: number,
  nodes: Int32Array,
  lists: Int32Array,
  list: number,
  size: number,
  memory: number,
  atLeast: number,
  violated: number,
): number {
  let open = 0;
  let times = registers[memory];
  for (let i = 0; i < size; i++) {
    const status = registers[base + lists[list + i]] & 3;
    const word = memory + 1 + (i >> 5);
    const bit = 1 << (i & 31);
    if (status !== NODE_STATUS.satisfied) registers[word] &= ~bit;
    else if ((registers[word] & bit) === 0) {
      registers[word] |= bit;
      times++;
    }
    // A part that is satisfied for ever, or violated, cannot rise again.
    if (
      !(
        status === NODE_STATUS.violated ||
        (status === NODE_STATUS.satisfied && nodes[lists[list + i] * NODE_COLUMNS] >= MONITOR_OP.sequence)
      )
    )
      open++;
  }
  registers[memory] = times;
  if (times >= atLeast) return SATISFIED;
  return open === 0 ? violated : pending(((times * PROGRESS_ONE) / atLeast) | 0);
}

function isInvariant(nodes: Int32Array, node: number): boolean {
  return (nodes[node * NODE_COLUMNS + NODE_COLUMN.flags] & NODE_FLAG.invariant) !== 0;
}

/** Only what is satisfied has full progress. */
function pending(progress: number): number {
  return (progress < PROGRESS_ONE ? progress : PROGRESS_ONE - 1) << 2;
}
