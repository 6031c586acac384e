/**
 * Predicates about what agents have done under the rules of survival: whether each agent has, as the monitor counts it, and what that leaves to do.
 * Done is read from the monitor's tallies; jobs come from `Provision`, which is asked only where a job is wanted.
 */
import { blockByName, formulaKind, itemByName, type ResolvedFormula, selectAgents } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { countItems } from '../skills/inventory.js';
import type { Job } from './job.js';
import type { Provision } from './provision.js';

/** Bodies of these predicates: the keys that their kind has. */
export interface SurvivalBody {
  quantifier?: 'all' | 'any';
  item?: string;
  block?: string;
  mob?: string;
  from?: 'traders' | 'agents' | 'any';
  atLeast: number;
  ticks: number;
}

const KINDS = ['dug', 'crafted', 'slept', 'killed', 'traded', 'ate', 'placed', 'survived'] as const;
export type SurvivalKind = (typeof KINDS)[number];

export class SurvivalReader {
  readonly #view: AgentView;
  readonly #provision: Provision;
  #formula: ResolvedFormula | undefined;
  readonly #nodes = new Map<object, number>();

  constructor(view: AgentView, provision: Provision) {
    this.#view = view;
    this.#provision = provision;
  }

  reads(kind: string): kind is SurvivalKind {
    return (KINDS as readonly string[]).includes(kind);
  }

  /** The formula whose parts are asked about from now on. */
  begin(formula: ResolvedFormula): void {
    if (formula === this.#formula) return;
    this.#formula = formula;
    this.#nodes.clear();
    numberNodes(formula, this.#nodes);
    const last = this.#nodes.size - 1;
    for (const [node, number] of this.#nodes) this.#nodes.set(node, this.#view.taskNode - last + number);
  }

  /** Whether the agent at place k of the predicate's list has done it. */
  has(node: object, kind: SurvivalKind, body: SurvivalBody, k: number): boolean {
    return this.#view.tally(this.#nodes.get(node)!, k) >= (kind === 'survived' ? body.ticks : body.atLeast);
  }

  /** What this agent, which has not done it, should do next. */
  jobOf(kind: SurvivalKind, body: SurvivalBody): Job | undefined {
    const provision = this.#provision;
    const { palette } = this.#view;
    switch (kind) {
      case 'dug':
        return provision.jobToDig(palette.indexOfName(blockByName(body.block!).name));
      case 'crafted':
        return provision.jobToMake(itemByName(body.item!).id);
      case 'placed':
        return provision.jobToPlace(palette.indexOfName(blockByName(body.block!).name));
      case 'slept':
        return provision.jobToSleep();
      case 'ate':
        return provision.jobToEat(body.item === undefined ? undefined : itemByName(body.item).id);
      case 'killed':
        return body.mob === undefined ? undefined : provision.jobToKill(provision.mobKinds(body.mob));
      case 'traded':
        return body.from === 'agents' ? undefined : provision.jobToTrade(body.item === undefined ? undefined : itemByName(body.item).id);
      case 'survived':
        return undefined;
    }
  }

  /** What this agent should do so that another is given an item. */
  jobToSupply(slot: number, body: SurvivalBody): Job | undefined {
    if (body.item === undefined) return undefined;
    const item = itemByName(body.item).id;
    // Who is to eat of it too keeps one back.
    const kept = this.#isToEat(item) ? 1 : 0;
    if (countItems(this.#view, item) > kept) return { kind: 'give', slot, item };
    return this.#provision.jobFor(item, kept + body.atLeast);
  }

  #isToEat(item: number): boolean {
    for (const formula of this.#nodes.keys()) {
      if (!('ate' in formula)) continue;
      const body = formula.ate as SurvivalBody & { agents: string | string[] };
      const k = selectAgents(this.#view.roster, body.agents).indexOf(this.#view.slot);
      if (k >= 0 && body.item !== undefined && itemByName(body.item).id === item && !this.has(formula, 'ate', body, k)) return true;
    }
    return false;
  }
}

/** Numbers a formula's parts as the monitor does: those of a whole before it, in order. */
export function numberNodes(formula: ResolvedFormula, nodes: Map<object, number>): void {
  const kind = formulaKind(formula);
  const body = (formula as unknown as Record<string, unknown>)[kind] as Record<string, unknown>;
  for (const part of partsOf(kind, body)) numberNodes(part, nodes);
  nodes.set(formula, nodes.size);
}

function partsOf(kind: string, body: Record<string, unknown>): readonly ResolvedFormula[] {
  switch (kind) {
    case 'all':
    case 'any':
    case 'sequence':
      return body as unknown as ResolvedFormula[];
    case 'count':
      return body.of as ResolvedFormula[];
    case 'until':
      return [body.hold, body.goal] as ResolvedFormula[];
    case 'before':
      return [body.first, body.then] as ResolvedFormula[];
    case 'within':
      return [body.goal] as ResolvedFormula[];
    case 'never':
    case 'not':
      return [body as unknown as ResolvedFormula];
    default:
      return [];
  }
}
