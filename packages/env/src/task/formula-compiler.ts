/**
 * Formulas to rows of the monitor's node table, parts before the whole. Numbers, cells, blocks, items, symbols and mechanisms go to the constants,
 * so that variants may differ in them; who is asked and how parts are joined is structure and must be the same in all variants.
 */
import { MONITOR_OP, type MonitorProgram, NODE_COLUMN, NODE_COLUMNS, NODE_FLAG } from '@kinovox/physics';
import { BLOCK_BY_ID, describeFormula, formulaKind, invariant, type Palette, PREDICATE_NAMES, type ResolvedFormula } from '@kinovox/world';
import type { ConstantPool } from '../constant-pool.js';
import { PredicateCompiler, type PredicateScope } from './predicate-compiler.js';

interface Node {
  op: number;
  constants: number;
  /** Children, or subjects followed by targets. */
  list: readonly number[];
  size: number;
  numTargets: number;
  flags: number;
  violable: boolean;
  /** Registers of its own. */
  memory: number;
  name: string;
}

/** Where a formula stands in its task. */
interface Place {
  /** Its gains become events. */
  reported: boolean;
  /** It lies on the way to success, not under `never`, `not`, `hold` or `then`. */
  inside: boolean;
  root: boolean;
}

export class FormulaCompiler {
  readonly #nodes: Node[] = [];
  readonly #palette: Palette;
  readonly #constants: ConstantPool;
  readonly #predicates: PredicateCompiler;

  constructor(scope: PredicateScope, palette: Palette, constants: ConstantPool) {
    this.#palette = palette;
    this.#constants = constants;
    this.#predicates = new PredicateCompiler(scope, palette, constants);
  }

  /** Node of each formula compiled so far. */
  readonly nodeOf = new Map<object, number>();

  /**
   * Compiles a formula and returns its node.
   * @param followed whether people follow it: gains of its parts, and of the steps of its sequences, become events.
   * @throws ScenarioError when it asks for what is not simulated, or for cells outside the world.
   */
  compile(formula: ResolvedFormula, path: string, followed: boolean): number {
    const isPredicate = (PREDICATE_NAMES as readonly string[]).includes(formulaKind(formula));
    return this.#compile(formula, path, { reported: followed && isPredicate, inside: followed, root: true });
  }

  /** The table of everything compiled; `roots` are nodes, `achievements` formulas. */
  finish(roots: readonly number[], numTasks: number, achievements: readonly object[]): MonitorProgram {
    const lists: number[] = [];
    const rows: number[] = [];
    let nextRegister = this.#nodes.length;
    const allocate = (words: number) => {
      if (words === 0) return -1;
      nextRegister += words;
      return nextRegister - words;
    };
    for (const node of this.#nodes) {
      const row = new Array<number>(NODE_COLUMNS).fill(0);
      row[NODE_COLUMN.op] = node.op;
      row[NODE_COLUMN.constants] = node.constants;
      row[NODE_COLUMN.numTargets] = node.numTargets;
      row[NODE_COLUMN.list] = lists.length;
      row[NODE_COLUMN.size] = node.size;
      row[NODE_COLUMN.flags] = node.flags;
      row[NODE_COLUMN.violation] = allocate(node.violable ? 2 : 0);
      row[NODE_COLUMN.memory] = allocate(node.memory);
      lists.push(...node.list);
      rows.push(...row);
    }
    return {
      nodes: Int32Array.from(rows),
      numNodes: this.#nodes.length,
      lists: Int32Array.from(lists),
      numRegisters: nextRegister,
      roots: Int32Array.from(roots),
      numTasks,
      achievements: Int32Array.from(achievements, (formula) => this.nodeOf.get(formula)!),
      names: this.#nodes.map((node) => node.name),
      opaque: Uint8Array.from(this.#palette.registryIds, (id) => (BLOCK_BY_ID.get(id)!.opaque ? 1 : 0)),
    };
  }

  #compile(formula: ResolvedFormula, path: string, place: Place): number {
    const kind = formulaKind(formula);
    const at = `${path}.${kind}`;
    const body = (formula as Record<string, unknown>)[kind];
    const part = (value: unknown, key: string, wanted: boolean) => {
      const inside = wanted && place.inside;
      return this.#compile(value as ResolvedFormula, `${at}${key}`, {
        inside,
        reported: inside && (place.root || kind === 'sequence'),
        root: false,
      });
    };
    const parts = (value: unknown, key = '') => (value as unknown[]).map((one, i) => part(one, `${key}[${i}]`, true));
    const fields = body as Record<string, unknown>;
    const everyInvariant = (list: readonly number[]) =>
      list.every((child) => (this.#nodes[child].flags & NODE_FLAG.invariant) !== 0) ? NODE_FLAG.invariant : 0;
    const violable = (child: number) => this.#nodes[child].violable;
    const add = (op: number, list: readonly number[], rest: Partial<Node> = {}) =>
      this.#add(formula, place.reported, { op, list, ...rest });
    switch (kind) {
      case 'all': {
        const list = parts(body);
        return add(MONITOR_OP.all, list, { flags: everyInvariant(list), violable: list.some(violable) });
      }
      case 'any': {
        const list = parts(body);
        return add(MONITOR_OP.any, list, { flags: everyInvariant(list), violable: list.every(violable) });
      }
      case 'sequence': {
        const list = parts(body);
        return add(MONITOR_OP.sequence, list, { violable: list.some(violable), memory: 1 });
      }
      case 'until':
        return add(MONITOR_OP.until, [part(fields.hold, '.hold', false), part(fields.goal, '.goal', true)], { violable: true });
      case 'before':
        return add(MONITOR_OP.before, [part(fields.first, '.first', true), part(fields.then, '.then', false)], { violable: true });
      case 'within':
        return add(MONITOR_OP.within, [part(fields.goal, '.goal', true)], {
          violable: true,
          constants: this.#constants.add([fields.ticks as number]),
        });
      case 'never':
        return add(MONITOR_OP.never, [part(body, '', false)], { flags: NODE_FLAG.invariant | NODE_FLAG.timed, violable: true });
      case 'not':
        return add(MONITOR_OP.not, [part(body, '', false)]);
      case 'count': {
        const list = parts(fields.of, '.of');
        const memory = 1 + ((list.length + 31) >> 5);
        return add(MONITOR_OP.count, list, { violable: true, memory, constants: this.#constants.add([fields.atLeast as number]) });
      }
      default:
        return this.#add(formula, place.reported, this.#predicates.compile(formula, at));
    }
  }

  #add(formula: ResolvedFormula, reported: boolean, partial: Partial<Node> & { op: number; list: readonly number[] }): number {
    const node: Node = {
      constants: 0,
      size: partial.list.length - (partial.numTargets ?? 0),
      numTargets: 0,
      violable: false,
      memory: 0,
      name: formulaName(formula),
      ...partial,
      flags: partial.flags ?? 0,
    };
    if (partial.op >= MONITOR_OP.not && partial.list.some((child) => (this.#nodes[child].flags & NODE_FLAG.timed) !== 0))
      node.flags |= NODE_FLAG.timed;
    if (reported && (node.flags & NODE_FLAG.invariant) === 0) node.flags |= NODE_FLAG.report;
    this.#nodes.push(node);
    const index = this.#nodes.length - 1;
    invariant(!this.nodeOf.has(formula), 'A formula was compiled twice.');
    this.nodeOf.set(formula, index);
    return index;
  }
}

/** What people call a part of a task: its name, its goal, or its description. */
export function formulaName(formula: ResolvedFormula): string {
  if (formula.name !== undefined) return formula.name;
  if (formula.goal === undefined && 'never' in formula) return `never: ${describeFormula(formula.never)}`;
  return describeFormula(formula);
}
