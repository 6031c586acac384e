/**
 * What an agent knows of the task: the formula of its team with the parameters that it knows.
 * An agent with visible goals knows the drawn parameters; others start with those of the parts that they are shown, and learn the rest from messages and
 * from what they see (clues).
 * Convention of messages: the symbol `name-value` states that the parameter of that name has that value (`column-3`: column is 3).
 */
import { type Formula, type ParameterValues, type ResolvedFormula, substitute, teamTask, visitParameterRefs } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { Box } from '../navigation/ground.js';
import { Clues } from './clues.js';

export class Beliefs {
  readonly #view: AgentView;
  /** Symbols that state a parameter. */
  readonly #meaning = new Map<string, { name: string; value: number | string }>();
  readonly #clues: Clues;
  #known: Record<string, number | string> = {};
  #read = 0;
  #formula: ResolvedFormula | undefined;
  #stale = true;
  #pending: string[] = [];

  constructor(view: AgentView) {
    this.#view = view;
    this.#clues = new Clues(view);
    const { parameters, messages } = view.rules;
    for (const symbol of messages.symbols) {
      for (const [name, parameter] of Object.entries(parameters)) {
        if (!symbol.startsWith(`${name}-`)) continue;
        const text = symbol.slice(name.length + 1);
        // No symbol is declared for each of thousands of reals.
        if ('real' in parameter) continue;
        const values: (number | string)[] = 'choice' in parameter ? parameter.choice : range(parameter.int);
        const value = values.find((one) => String(one) === text);
        if (value !== undefined) this.#meaning.set(symbol, { name, value });
      }
    }
  }

  reset(): void {
    this.#known = this.#view.knownParameters;
    this.#read = 0;
    this.#stale = true;
    this.#pending = [];
  }

  /** Reads the messages that came since the last call, and the clues in view. */
  listen(): void {
    if (!this.#knowsAll) this.#clues.read((name, value) => this.#learn(name, value));
    for (; this.#read < this.#view.numMessages; this.#read++) {
      const heard = this.#view.message(this.#read);
      if (heard === undefined) {
        // Not readable yet: wait for it; overwritten: gone.
        if (this.#read >= this.#view.numMessages - 16) return;
        continue;
      }
      const meaning = this.#meaning.get(heard.symbol);
      if (meaning !== undefined) this.#learn(meaning.name, meaning.value);
    }
  }

  #learn(name: string, value: number | string): void {
    if (this.#known[name] === value) return;
    this.#known[name] = value;
    this.#stale = true;
  }

  get #knowsAll(): boolean {
    return this.#view.roster[this.#view.slot].goals === 'visible';
  }

  /** Where to see what the task needs and nobody has told; undefined where the task is known, or nothing shows it. */
  get lookout(): Box | undefined {
    return this.formula === undefined ? this.#clues.placeToSee((name) => Object.hasOwn(this.#known, name)) : undefined;
  }

  /** The formula of this agent's team, or undefined while a parameter of it is unknown. */
  get formula(): ResolvedFormula | undefined {
    if (!this.#stale) return this.#formula;
    this.#stale = false;
    const task = ownTask(this.#view);
    this.#formula = task !== undefined && isKnown(task, this.#known) ? (substitute(task, this.#known) as ResolvedFormula) : undefined;
    return this.#formula;
  }

  /** The next symbol with which this agent tells others of its team what they are not shown, round and round; -1 for none. */
  nextStatement(): number {
    const { roster, slot, rules } = this.#view;
    const { team } = roster[slot];
    const listeners = roster.some((agent, other) => other !== slot && agent.goals !== 'visible' && agent.team === team);
    if (!listeners) return -1;
    if (this.#pending.length === 0)
      this.#pending = [...this.#meaning].filter(([, { name, value }]) => this.#known[name] === value).map(([symbol]) => symbol);
    const symbol = this.#pending.shift();
    return symbol === undefined ? -1 : rules.messages.symbols.indexOf(symbol);
  }
}

function ownTask({ rules, roster, slot }: AgentView): Formula | undefined {
  return teamTask(rules, roster[slot].team) as Formula | undefined;
}

function isKnown(task: Formula, known: ParameterValues): boolean {
  let all = true;
  visitParameterRefs(task, [], (ref) => {
    if (!Object.hasOwn(known, ref.param)) all = false;
  });
  return all;
}

function range([low, high]: readonly [number, number]): number[] {
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
}
