/**
 * One sentence on how an episode ended: which part of the task, at which tick, by whom. Read from the registers of the monitor alone,
 * so a recording, a forked row and a running batch give the same sentence.
 */
import { MONITOR_OP, NODE_COLUMN, NODE_COLUMNS, NODE_FLAG, NODE_STATUS, PROGRESS_ONE, type ScenarioProgram } from '@kinovox/physics';

/** What is left of an episode when it is explained. */
export interface OutcomeSnapshot {
  /** `[numRegisters]` registers of the world after its last tick. */
  registers: ArrayLike<number>;
  /** Its last tick. */
  tick: number;
  /** Which task root; default 0, whose verdict is the episode's. */
  task?: number;
  /** Names of the nodes with this variant's numbers (`describeNodes`); default those of the base variant. */
  names?: readonly string[];
}

/** Most open parts that a sentence lists. */
const MAX_LISTED = 3;

/** `Failed at tick 212: "never below y 4" was broken by bob.` */
export function explainOutcome(program: Pick<ScenarioProgram, 'monitor' | 'agentIds' | 'maxTicks'>, snapshot: OutcomeSnapshot): string {
  const reader = new OutcomeReader(program, snapshot);
  const root = program.monitor.roots[snapshot.task ?? 0];
  const { tick } = snapshot;
  switch (reader.status(root)) {
    case NODE_STATUS.satisfied:
      return `Succeeded at tick ${tick}: ${reader.quote(root)}.`;
    case NODE_STATUS.violated:
      return `Failed at tick ${reader.violationTick(root)}: ${reader.violation(root)}.`;
    default: {
      const progress = (Math.floor((reader.progress(root) * 100) / PROGRESS_ONE) / 100).toFixed(2);
      const end = tick >= program.maxTicks ? 'Out of time' : 'Ended early';
      return `${end} at tick ${tick}: ${reader.open(root)} still open; progress ${progress}.`;
    }
  }
}

class OutcomeReader {
  readonly #program: Pick<ScenarioProgram, 'monitor' | 'agentIds'>;
  readonly #snapshot: OutcomeSnapshot;

  constructor(program: Pick<ScenarioProgram, 'monitor' | 'agentIds'>, snapshot: OutcomeSnapshot) {
    this.#program = program;
    this.#snapshot = snapshot;
  }

  status(node: number): number {
    return this.#snapshot.registers[node] & 3;
  }

  progress(node: number): number {
    return this.#snapshot.registers[node] >> 2;
  }

  quote(node: number): string {
    return `"${(this.#snapshot.names ?? this.#program.monitor.names)[node]}"`;
  }

  violationTick(node: number): number {
    const register = this.#column(node, NODE_COLUMN.violation);
    return register < 0 ? 0 : this.#snapshot.registers[register];
  }

  /** Why a violated node is violated: the deepest part that broke at its tick. */
  violation(node: number): string {
    const tick = this.violationTick(node);
    const broken = this.#parts(node).filter((part) => this.status(part) === NODE_STATUS.violated);
    const cause = broken.find((part) => this.violationTick(part) === tick) ?? this.#latest(broken);
    const [first, second] = this.#parts(node);
    const op = this.#column(node, NODE_COLUMN.op);
    const by = this.#culprit(node);
    switch (op) {
      case MONITOR_OP.never:
        return `${this.quote(node)} was broken${by}`;
      case MONITOR_OP.until:
        if (cause !== undefined) return this.violation(cause);
        return `${this.quote(first)} did not last until ${this.quote(second)}${by === '' ? '' : `; it was broken${by}`}`;
      case MONITOR_OP.before:
        if (cause === first) return this.violation(first);
        return `${this.quote(second)} came before ${this.quote(first)}${by === '' ? '' : `, done${by}`}`;
      case MONITOR_OP.within:
        return cause === undefined ? `${this.quote(first)} was not achieved by tick ${tick - 1}` : this.violation(cause);
      case MONITOR_OP.sequence: {
        const step = this.#snapshot.registers[this.#column(node, NODE_COLUMN.memory)];
        return `step ${step + 1} of ${this.#parts(node).length} can no longer be done, as ${this.violation(this.#parts(node)[step])}`;
      }
      case MONITOR_OP.any:
        return `every alternative of ${this.quote(node)} is lost, the last as ${this.violation(cause!)}`;
      case MONITOR_OP.count:
        return `${this.quote(node)} can no longer happen often enough`;
      default:
        return this.violation(cause!);
    }
  }

  /** What of a pending node was missing, with its verb. */
  open(node: number): string {
    const parts = this.#parts(node);
    const op = this.#column(node, NODE_COLUMN.op);
    const memory = this.#column(node, NODE_COLUMN.memory);
    switch (op) {
      case MONITOR_OP.all: {
        const wanted = parts.filter((part) => !this.#isInvariant(part));
        const open = wanted.filter((part) => this.status(part) !== NODE_STATUS.satisfied);
        if (open.length === 0) return `${this.quote(node)} was`;
        if (open.length === 1) return this.open(open[0]);
        const listed = open.slice(0, MAX_LISTED).map((part) => this.quote(part));
        if (open.length > MAX_LISTED) listed.push(`${open.length - MAX_LISTED} more`);
        return `${open.length} of ${wanted.length} parts (${listed.join(', ')}) were`;
      }
      case MONITOR_OP.sequence: {
        const step = this.#snapshot.registers[memory];
        return `step ${step + 1} of ${parts.length} (${this.quote(parts[step])}) was`;
      }
      case MONITOR_OP.count:
        return `${this.quote(node)}, which had happened ${times(this.#snapshot.registers[memory])}, was`;
      case MONITOR_OP.until:
        return this.open(parts[1]);
      case MONITOR_OP.before:
      case MONITOR_OP.within:
        return this.open(parts[0]);
      default:
        return `${this.quote(node)} was`;
    }
  }

  #culprit(node: number): string {
    const slot = this.#snapshot.registers[this.#column(node, NODE_COLUMN.violation) + 1] - 1;
    return slot < 0 ? '' : ` by ${this.#program.agentIds[slot]}`;
  }

  #latest(nodes: readonly number[]): number | undefined {
    let latest: number | undefined;
    for (const node of nodes) if (latest === undefined || this.violationTick(node) > this.violationTick(latest)) latest = node;
    return latest;
  }

  /** Children of a combinator; none of a predicate. */
  #parts(node: number): number[] {
    if (this.#column(node, NODE_COLUMN.op) < MONITOR_OP.not) return [];
    const list = this.#column(node, NODE_COLUMN.list);
    return [...this.#program.monitor.lists.subarray(list, list + this.#column(node, NODE_COLUMN.size))];
  }

  #isInvariant(node: number): boolean {
    return (this.#column(node, NODE_COLUMN.flags) & NODE_FLAG.invariant) !== 0;
  }

  #column(node: number, column: number): number {
    return this.#program.monitor.nodes[node * NODE_COLUMNS + column];
  }
}

function times(n: number): string {
  return n === 1 ? 'once' : `${n} times`;
}
