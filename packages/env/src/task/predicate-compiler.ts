/** Predicates to node rows: selectors become lists of slots, values become constants. */
import { MONITOR_OP, NODE_FLAG, PACE_WORDS, START_WORDS, TRADE_SOURCE } from '@kinovox/physics';
import {
  blockByName,
  cosQ14,
  itemByName,
  mobsOf,
  type Palette,
  type ResolvedFormula,
  type ResolvedScenario,
  selectAgents,
  sinQ14,
  toQ16,
} from '@kinovox/world';
import type { ConstantPool } from '../constant-pool.js';
import { taskError } from './task-error.js';

/** What names in a formula refer to. */
export type PredicateScope = Pick<ResolvedScenario, 'agents' | 'props' | 'mechanisms' | 'messages' | 'world' | 'survival'>;

export interface CompiledPredicate {
  op: number;
  list: readonly number[];
  numTargets?: number;
  constants?: number;
  size?: number;
  flags?: number;
  memory?: number;
}

type Cell = readonly [number, number, number];
type Region = readonly [Cell, Cell];
/** A predicate's body: the keys that its kind has. */
interface Body {
  agents: string | string[];
  quantifier?: 'all' | 'any';
  region: Region;
  each: boolean;
  of: string | string[] | Cell;
  target: string | string[] | Cell;
  by: string | string[];
  prop: string | string[];
  container?: string;
  props: string[];
  order: 'given' | 'any';
  tiltDeg: number;
  metresPerSecond: number;
  metres: number;
  rangeMetres: number;
  item?: string;
  block: string;
  atLeast: number;
  y: number;
  health: number;
  mechanism: string;
  symbol: string;
  mob?: string;
  from: 'traders' | 'agents' | 'any';
  ticks: number;
  pattern?: readonly { at: Cell; block: string }[];
}

/** What a predicate is aimed at. */
export type Target =
  | { kind: 'place'; pointQ16: readonly [number, number, number] }
  | { kind: 'agents' | 'props'; slots: readonly number[] };

export class PredicateCompiler {
  readonly #scope: PredicateScope;
  readonly #palette: Palette;
  readonly #constants: ConstantPool;

  constructor(scope: PredicateScope, palette: Palette, constants: ConstantPool) {
    this.#scope = scope;
    this.#palette = palette;
    this.#constants = constants;
  }

  /** @param path of the predicate in the scenario, for errors. */
  compile(formula: ResolvedFormula, path: string): CompiledPredicate {
    const kind = path.slice(path.lastIndexOf('.') + 1);
    const body = (formula as unknown as Record<string, Body>)[kind];
    const add = (...words: number[]) => this.#constants.add(words);
    const quantifier = body.quantifier === 'any' ? NODE_FLAG.any : 0;
    const about = (op: number, rest: Partial<CompiledPredicate>): CompiledPredicate => {
      const list = this.#agents(body.agents, `${path}.agents`);
      return { op, list, ...rest, flags: quantifier | (rest.flags ?? 0) };
    };
    switch (kind) {
      case 'reach': {
        const reach = about(MONITOR_OP.reach, { constants: add(...regionWords(body.region)), flags: body.each ? NODE_FLAG.each : 0 });
        return body.each ? { ...reach, memory: (reach.list.length + 31) >> 5 } : reach;
      }
      case 'near': {
        const target = this.target(body.of, 'floor', `${path}.of`);
        return this.#aimed(
          about(
            target.kind === 'place' ? MONITOR_OP.nearPlace : target.kind === 'agents' ? MONITOR_OP.nearAgents : MONITOR_OP.nearProps,
            {},
          ),
          target,
          body.metres,
        );
      }
      case 'sees': {
        const target = this.target(body.target, 'centre', `${path}.target`);
        return this.#aimed(
          about(
            target.kind === 'place' ? MONITOR_OP.seesPlace : target.kind === 'agents' ? MONITOR_OP.seesAgents : MONITOR_OP.seesProps,
            {},
          ),
          target,
          body.rangeMetres,
        );
      }
      case 'touched': {
        const target = this.target(body.by, 'centre', `${path}.by`);
        return this.#aimed(about(target.kind === 'props' ? MONITOR_OP.touchedProps : MONITOR_OP.touchedAgents, {}), target, 0);
      }
      case 'holds':
        return about(MONITOR_OP.holds, { constants: add(this.#item(body.item, path), body.atLeast) });
      case 'below':
        return about(MONITOR_OP.below, { constants: add(toQ16(body.y)) });
      case 'alive':
        return about(MONITOR_OP.alive, {});
      case 'healthBelow':
        // Health is an integer: below 2.5 is below 3.
        return about(MONITOR_OP.healthBelow, { constants: add(Math.ceil(body.health)) });
      case 'said':
        return about(MONITOR_OP.said, { constants: add(this.#symbol(body.symbol, `${path}.symbol`)) });
      case 'dug':
      case 'placed':
        return this.#counted(about(MONITOR_OP[kind], { constants: add(body.atLeast, blockByName(body.block, `${path}.block`).id) }));
      case 'crafted':
      case 'ate':
        this.#assertSurvival(kind, path);
        return this.#counted(about(MONITOR_OP[kind], { constants: add(body.atLeast, this.#item(body.item, path)) }));
      case 'slept':
        this.#assertSurvival(kind, path);
        return this.#counted(about(MONITOR_OP.slept, { constants: add(body.atLeast) }));
      case 'killed': {
        this.#assertSurvival(kind, path);
        const asked = body.mob === undefined ? [] : [this.#mob(body.mob, `${path}.mob`)];
        const op = body.mob === undefined ? MONITOR_OP.killed : MONITOR_OP.killedMobs;
        return this.#counted(about(op, { constants: add(body.atLeast, ...asked) }));
      }
      case 'traded':
        this.#assertSurvival(kind, path);
        return this.#counted(
          about(MONITOR_OP.traded, { constants: add(body.atLeast, this.#item(body.item, path), TRADE_SOURCE[body.from]) }),
        );
      case 'survived':
        this.#assertSurvival(kind, path);
        return this.#counted(about(MONITOR_OP.survived, { flags: NODE_FLAG.timed, constants: add(body.ticks) }));
      case 'built':
        return this.#built(body, path);
      case 'triggered':
        return { op: MONITOR_OP.triggered, list: [], constants: add(this.#mechanism(body.mechanism, `${path}.mechanism`)) };
      case 'propIn': {
        return { op: MONITOR_OP.propIn, list: this.#props(kind, body.prop, `${path}.prop`), constants: add(...regionWords(body.region)) };
      }
      case 'moved': {
        const list = this.#props(kind, body.prop, `${path}.prop`);
        const constants = add(Math.round(body.metres * 64));
        return { op: MONITOR_OP.moved, list, flags: quantifier, constants, memory: START_WORDS * list.length };
      }
      case 'stacked': {
        const list = body.props.flatMap((id, i) => this.#props(kind, id, `${path}.props[${i}]`));
        return { op: MONITOR_OP.stacked, list, flags: body.order === 'any' ? NODE_FLAG.anyOrder : 0 };
      }
      case 'inside': {
        const list = this.#props(kind, body.prop, `${path}.prop`);
        if (body.container === undefined)
          return { op: MONITOR_OP.insideRegion, list, flags: quantifier, constants: add(...regionWords(body.region)) };
        const [container] = this.#props(kind, body.container, `${path}.container`);
        return { op: MONITOR_OP.insideProp, list: [...list, container], numTargets: 1, flags: quantifier };
      }
      case 'upright': {
        const angle = Math.round((body.tiltDeg / 360) * 4294967296) | 0;
        const list = this.#props(kind, body.prop, `${path}.prop`);
        return { op: MONITOR_OP.upright, list, flags: quantifier, constants: add(sinQ14(angle), cosQ14(angle)) };
      }
      case 'speedBelow': {
        const { kind: of, ...target } = this.target(body.of, 'floor', `${path}.of`);
        const list = 'slots' in target ? target.slots : [];
        // Q16 and Q12 block per tick: 20 ticks are a second.
        if (of === 'props')
          return { op: MONITOR_OP.speedBelowProps, list, flags: quantifier, constants: add(Math.round(body.metresPerSecond * 3276.8)) };
        const limit = Math.round(body.metresPerSecond * 204.8);
        return {
          op: MONITOR_OP.speedBelowAgents,
          list,
          flags: quantifier,
          constants: add(limit * limit),
          memory: PACE_WORDS * list.length,
        };
      }
      default:
        return { op: MONITOR_OP.elapsed, list: [], flags: NODE_FLAG.timed, constants: add(body.ticks) };
    }
  }

  /** A place, agents or props by what a formula calls them. `part` says which point of a cell is meant. */
  target(target: string | readonly string[] | Cell, part: 'floor' | 'centre', path: string): Target {
    if (typeof target !== 'string' && typeof target[0] === 'number') {
      const [x, y, z] = target as Cell;
      return { kind: 'place', pointQ16: [toQ16(x + 0.5), toQ16(part === 'floor' ? y : y + 0.5), toQ16(z + 0.5)] };
    }
    const names = (typeof target === 'string' ? [target] : target) as string[];
    const { agents, props } = this.#scope;
    const slots = selectAgents(agents, names);
    const propSlots = props.flatMap((prop, i) => (names.includes(prop.id) ? [i] : []));
    if (slots.length > 0 === propSlots.length > 0) {
      throw taskError(
        'target',
        path,
        `A target must name agents, or props, and not both; got ${JSON.stringify(target)} at ${path}. Use "any" of two predicates for a mixture.`,
      );
    }
    return slots.length > 0 ? { kind: 'agents', slots } : { kind: 'props', slots: propSlots };
  }

  /** A register per agent. */
  #counted(predicate: CompiledPredicate): CompiledPredicate {
    return { ...predicate, memory: predicate.list.length };
  }

  #aimed(predicate: CompiledPredicate, target: Target, metres: number): CompiledPredicate {
    // Distances compare as squares of 1/64 block: at most (512 * 64)^2 = 2^30.
    const q6 = Math.round(metres * 64);
    if (target.kind === 'place') return { ...predicate, constants: this.#constants.add([q6 * q6, ...target.pointQ16]) };
    return {
      ...predicate,
      list: [...predicate.list, ...target.slots],
      numTargets: target.slots.length,
      constants: this.#constants.add([q6 * q6]),
    };
  }

  #built(body: Body, path: string): CompiledPredicate {
    const block = (name: string) => this.#palette.indexOfId(blockByName(name, path).id);
    if (body.pattern === undefined) {
      for (const cell of body.region) this.#assertInside(cell, `${path}.region`);
      return {
        op: MONITOR_OP.builtRegion,
        list: [],
        memory: 1,
        constants: this.#constants.add([...regionWords(body.region), block(body.block), body.atLeast]),
      };
    }
    for (const [i, { at }] of body.pattern.entries()) this.#assertInside(at, `${path}.pattern[${i}].at`);
    const words = body.pattern.flatMap((cell) => [...cell.at, block(cell.block)]);
    return { op: MONITOR_OP.builtPattern, list: [], size: body.pattern.length, memory: 1, constants: this.#constants.add(words) };
  }

  #agents(selector: string | string[], path: string): number[] {
    const slots = selectAgents(this.#scope.agents, selector);
    if (slots.length === 0)
      throw taskError(
        'unknown-agent',
        path,
        `A selector must select agents; got ${JSON.stringify(selector)} at ${path}. Use an id, a team, a role or "all".`,
      );
    return slots;
  }

  #props(kind: string, selector: string | string[], path: string): readonly number[] {
    const names = [selector].flat();
    const slots = this.#scope.props.flatMap((prop, i) => (names.includes(prop.id) ? [i] : []));
    if (slots.length === 0)
      throw taskError(
        'unknown-prop',
        path,
        `A "${kind}" must name props; got ${JSON.stringify(selector)} at ${path}. Declare it under "props".`,
      );
    return slots;
  }

  /** Item id; 0, which is no item, where any will do. */
  #item(name: string | undefined, path: string): number {
    return name === undefined ? 0 : itemByName(name, `${path}.item`).id;
  }

  #mob(name: string, path: string): number {
    const index = mobsOf(this.#scope.survival ?? {}).findIndex((mob) => mob.name === name);
    if (index < 0)
      throw taskError(
        'unknown-mob',
        path,
        `A "killed" must name mobs of the scenario; got "${name}" at ${path}. Add them to survival.mobs.`,
      );
    return index;
  }

  #mechanism(id: string, path: string): number {
    const index = this.#scope.mechanisms.findIndex((mechanism) => mechanism.id === id);
    if (index < 0)
      throw taskError(
        'unknown-mechanism',
        path,
        `A "triggered" must name a mechanism; got "${id}" at ${path}. Declare it under "mechanisms".`,
      );
    return index;
  }

  #assertSurvival(kind: string, path: string): void {
    if (this.#scope.survival !== undefined) return;
    throw taskError(
      'survival-off',
      path,
      `A "${kind}" must stand in a scenario with survival; got none at ${path}. Add "survival": {} to turn its rules on.`,
    );
  }

  #symbol(symbol: string, path: string): number {
    const index = this.#scope.messages.symbols.indexOf(symbol);
    if (index < 0)
      throw taskError(
        'unknown-symbol',
        path,
        `A "said" must name a declared symbol; got "${symbol}" at ${path}. Declare it under messages.symbols.`,
      );
    return index;
  }

  #assertInside(cell: Cell, path: string): void {
    const { size } = this.#scope.world;
    if (cell.every((value, axis) => value >= 0 && value < size[axis])) return;
    throw taskError(
      'cell-outside',
      path,
      `A cell that is built on must lie in the world of ${size.join(' x ')} blocks; got [${cell.join(', ')}] at ${path}. Move it inside.`,
    );
  }
}

/** Six words: the lower corner, then the upper, both inclusive block cells. */
function regionWords([from, to]: Region): number[] {
  return [...from, ...to];
}
