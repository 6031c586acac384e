/**
 * Resolution: one variant of a scenario with every value written out. Pure: the same (scenario, split, variant) gives the same result everywhere.
 * The result is itself a valid scenario; parsing it gives it back.
 */
import { itemByName } from '../blocks/items.js';
import type { Palette } from '../voxels/palette.js';
import type { ReadFile } from './files.js';
import { type AnyFormula, formulasOfTask, visitFormula } from './formula-walk.js';
import { scenarioPalette } from './palette.js';
import { drawParameters, substitute } from './parameters.js';
import type { ResolvedScenario, Scenario, Split } from './schema.js';
import { expandedIds } from './selection.js';
import { assertVariant, hashLanesOf, scenarioHash, splitIndex } from './variants.js';

/** What the palette of a scenario with `.schem` structures needs; without, it is derived from the scenario alone. */
export interface ResolveContext {
  /** Reads structure files, to know their blocks. */
  readFile?: ReadFile | undefined;
  /** The palette, when the caller has it: `scenarioPalette(scenario)`. */
  palette?: Palette | undefined;
}

/**
 * Draws the parameters of a variant, writes them in, and expands counted entries to `id-0`, `id-1`, ...
 * @param variant integer in [0, variantCount(scenario)).
 * @throws ScenarioError for a split or variant that does not exist, or a structure file that cannot be read.
 */
export function resolveScenario(scenario: Scenario, split: Split, variant: number, context: ResolveContext = {}): ResolvedScenario {
  assertVariant(scenario, split, variant);
  const hash = scenario.resolved?.scenarioHash ?? scenarioHash(scenario);
  const palette = context.palette ?? scenarioPalette(scenario, context.readFile);
  const { low, high } = hashLanesOf(hash);
  const drawn = drawParameters(scenario.parameters, low, high, splitIndex(split), variant);
  const literal = substitute(scenario, drawn);
  const idsByEntry = new Map<string, string[]>();
  for (const entry of [...literal.agents, ...literal.props]) if (entry.count !== undefined) idsByEntry.set(entry.id, expandedIds(entry));
  for (const { formula } of formulasOfTask(literal.task)) normalise(formula, idsByEntry);
  for (const reward of literal.rewards) {
    reward.agents = expandSelector(reward.agents, idsByEntry);
    if (typeof reward.on === 'object') normalise(reward.on as AnyFormula, idsByEntry);
  }
  return {
    ...literal,
    parameters: {},
    agents: literal.agents.flatMap(expandEntry).map((agent) => ({ ...agent, inventory: canonicalInventory(agent.inventory) })),
    props: literal.props.flatMap(expandEntry),
    resolved: {
      split,
      variant,
      parameters: { ...scenario.resolved?.parameters, ...drawn },
      scenarioHash: hash,
      palette: [...palette.names],
    },
  };
}

/** One entry per agent or prop, without `count`. */
function expandEntry<T extends { id: string; count?: number | undefined }>(entry: T): Omit<T, 'count'>[] {
  return expandedIds(entry).map((id) => {
    const { count: _, ...rest } = entry;
    return { ...rest, id };
  });
}

/** Item names without aliases; an alias and its item add up. */
function canonicalInventory(inventory: Readonly<Record<string, number>>): Record<string, number> {
  const canonical: Record<string, number> = {};
  for (const [item, count] of Object.entries(inventory)) {
    const { name } = itemByName(item);
    canonical[name] = (canonical[name] ?? 0) + count;
  }
  return canonical;
}

/** Replaces counted entries by their ids, and item aliases by items, in every part of a formula. The formula is ours: `substitute` copied it. */
function normalise(root: AnyFormula, idsByEntry: ReadonlyMap<string, readonly string[]>): void {
  visitFormula(root, [], (formula, kind) => {
    const body = formula[kind];
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
    const fields = body as Record<string, unknown>;
    for (const key of ['agents', 'of', 'target', 'by', 'prop']) {
      const value = fields[key];
      if (typeof value === 'string' || (Array.isArray(value) && typeof value[0] === 'string'))
        fields[key] = expandSelector(value, idsByEntry);
    }
    if (typeof fields.item === 'string') fields.item = itemByName(fields.item).name;
  });
}

function expandSelector(selector: string | string[], idsByEntry: ReadonlyMap<string, readonly string[]>): string | string[] {
  if (typeof selector === 'string') return idsByEntry.has(selector) ? [...idsByEntry.get(selector)!] : selector;
  return [...new Set(selector.flatMap((name) => idsByEntry.get(name) ?? [name]))];
}
