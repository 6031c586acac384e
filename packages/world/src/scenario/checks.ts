/**
 * Checks of a whole scenario that a shape cannot express: names that must exist, regions that must lie in the world, limits after expansion.
 * They run on a scenario with its parameters written in, once per extreme assignment.
 */
import { ITEM_ALIASES, ITEM_BY_NAME } from '../blocks/items.js';
import { BLOCK_BY_NAME } from '../blocks/registry.js';
import { didYouMean, ScenarioError, type ScenarioIssue } from '../errors.js';
import { INVENTORY_SLOTS } from '../spec/state.js';
import { assertTerrainFits } from '../terrain/generate.js';
import { MAX_AGENTS } from './agent-schema.js';
import { type AnyFormula, formulasOfTask, visitFormula } from './formula-walk.js';
import { MAX_PROPS } from './interaction-schema.js';
import { createIssue } from './issues.js';
import type { Scenario } from './schema.js';
import type { PathKey } from './schema-walk.js';
import { ALL, ambiguousNames, createAgentIndex, createPropIndex, expandedIds } from './selection.js';
import { fileProblem } from './files.js';
import { MAX_FORMULA_DEPTH, MAX_FORMULA_NODES } from './task-schema.js';
import { type Literal, MAX_NAME_LENGTH } from './values.js';

type LiteralScenario = Literal<Scenario>;
type Cell = readonly [number, number, number];
type Region = readonly [Cell, Cell];
type Path = PathKey[];

/** Most parameters of a scenario. */
const MAX_PARAMETERS = 32;

/** @param where file name or other origin, named in every message. */
export function checkScenario(scenario: LiteralScenario, where: string): ScenarioIssue[] {
  const check = new Checker(scenario, where);
  check.parameters();
  check.world();
  check.agents();
  check.props();
  check.mechanisms();
  check.messages();
  check.task();
  check.rewards();
  return check.issues;
}

class Checker {
  readonly issues: ScenarioIssue[] = [];
  readonly #scenario: LiteralScenario;
  readonly #where: string;
  readonly #size: readonly number[];
  readonly #agentNames: ReadonlyMap<string, number[]>;
  readonly #propNames: ReadonlyMap<string, number[]>;
  readonly #mechanismIds: readonly string[];

  constructor(scenario: LiteralScenario, where: string) {
    this.#scenario = scenario;
    this.#where = where;
    this.#size = scenario.world.size;
    this.#agentNames = createAgentIndex(scenario.agents);
    this.#propNames = createPropIndex(scenario.props);
    this.#mechanismIds = scenario.mechanisms.map((mechanism) => mechanism.id);
  }

  parameters(): void {
    const count = Object.keys(this.#scenario.parameters).length;
    if (count > MAX_PARAMETERS) this.#add('limit', ['parameters'], `must have at most ${MAX_PARAMETERS} entries`, count);
  }

  world(): void {
    const { world } = this.#scenario;
    this.#terrain();
    for (const [i, structure] of world.structures.entries()) {
      const path: Path = ['world', 'structures', i];
      this.#cell(structure.at, [...path, 'at']);
      if ('file' in structure) {
        const problem = fileProblem(structure.file);
        if (problem !== undefined) this.#add('file-path', [...path, 'file'], problem, structure.file, 'Put the file beside the scenario or in a folder below it.');
      }
      if ('wall' in structure) {
        this.#block(structure.wall, [...path, 'wall']);
        this.#block(structure.floor, [...path, 'floor']);
      }
      if ('layers' in structure) this.#layers(structure, path);
    }
    for (const [i, edit] of world.edits.entries()) this.#edit(edit, ['world', 'edits', i]);
    for (const [i, region] of world.protect.entries()) this.#region(region, ['world', 'protect', i]);
    for (const [i, region] of (world.buildable ?? []).entries()) this.#region(region, ['world', 'buildable', i]);
    if (typeof world.diggable !== 'string') for (const [i, block] of world.diggable.entries()) this.#block(block, ['world', 'diggable', i]);
  }

  agents(): void {
    const { agents, props } = this.#scenario;
    this.#unique(agents.flatMap(expandedIds), ['agents'], 'agent id');
    const total = agents.reduce((sum, agent) => sum + (agent.count ?? 1), 0);
    if (total > MAX_AGENTS) this.#add('limit', ['agents'], `must have at most ${MAX_AGENTS} agents after counted entries are expanded`, total);
    for (const [i, agent] of agents.entries()) {
      const path: Path = ['agents', i];
      for (const key of ['id', 'team', 'role'] as const) if (agent[key] === ALL) this.#add('reserved-name', [...path, key], 'must not be "all", which selects every agent', ALL);
      if (agent.count !== undefined && agent.count > 1 && !('region' in agent.spawn)) {
        this.#add('spawn', [...path, 'spawn'], 'must be a region, because the entry stands for several agents', agent.spawn, 'Write {"region": [[x0, y0, z0], [x1, y1, z1]]}.');
      }
      this.#idLength(agent, path);
      this.#spawn(agent.spawn, [...path, 'spawn']);
      this.#inventory(agent.inventory, [...path, 'inventory']);
    }
    for (const name of ambiguousNames(agents, props)) {
      this.#add('ambiguous-name', ['agents'], 'must use each name for one thing: an id, a counted entry, a team, a role or a prop', name, 'Rename one of them.');
    }
  }

  props(): void {
    const { props } = this.#scenario;
    this.#unique(props.flatMap(expandedIds), ['props'], 'prop id');
    const total = props.reduce((sum, prop) => sum + (prop.count ?? 1), 0);
    if (total > MAX_PROPS) this.#add('limit', ['props'], `must have at most ${MAX_PROPS} props after counted entries are expanded`, total);
    for (const [i, prop] of props.entries()) {
      const path: Path = ['props', i];
      this.#idLength(prop, path);
      this.#spawn(prop.spawn, [...path, 'spawn']);
      if (prop.count !== undefined && prop.count > 1 && !('region' in prop.spawn)) {
        this.#add('spawn', [...path, 'spawn'], 'must be a region, because the entry stands for several props', prop.spawn, 'Write {"region": [[x0, y0, z0], [x1, y1, z1]]}.');
      }
      if (prop.team !== undefined) this.#team(prop.team, [...path, 'team']);
      if ('capsule' in prop.shape && prop.shape.capsule.height < 2 * prop.shape.capsule.radius) {
        this.#add('capsule', [...path, 'shape', 'capsule', 'height'], 'must be at least twice the radius', prop.shape.capsule.height);
      }
    }
  }

  mechanisms(): void {
    const { mechanisms } = this.#scenario;
    this.#unique(this.#mechanismIds, ['mechanisms'], 'mechanism id');
    for (const [i, mechanism] of mechanisms.entries()) {
      const key = 'all' in mechanism.when ? 'all' : 'any';
      const triggers = 'all' in mechanism.when ? mechanism.when.all : mechanism.when.any;
      for (const [j, trigger] of triggers.entries()) {
        const path: Path = ['mechanisms', i, 'when', key, j];
        if ('plate' in trigger) this.#cell(trigger.plate, [...path, 'plate']);
        else if ('plates' in trigger) this.#region(trigger.plates, [...path, 'plates']);
        else if ('lever' in trigger) this.#cell(trigger.lever, [...path, 'lever']);
        else {
          this.#mechanism(trigger.mechanism, [...path, 'mechanism']);
          if (trigger.mechanism === mechanism.id) this.#add('self-trigger', [...path, 'mechanism'], 'must be another mechanism', trigger.mechanism, 'Use mode "latch" to keep it active.');
        }
      }
      for (const [j, effect] of mechanism.effects.entries()) {
        const path: Path = ['mechanisms', i, 'effects', j];
        this.#region(effect.region, [...path, 'region']);
        this.#block(effect.on, [...path, 'on']);
        this.#block(effect.off, [...path, 'off']);
      }
    }
  }

  messages(): void {
    const { messages } = this.#scenario;
    this.#unique(messages.symbols, ['messages', 'symbols'], 'symbol');
    if (messages.enabled && messages.symbols.length === 0 && messages.maxLength === 0) {
      this.#add('no-message', ['messages'], 'must declare a symbol or allow free text', messages.symbols, 'Add "symbols", set "maxLength" above 0, or set "enabled" to false.');
    }
  }

  task(): void {
    const formulas = formulasOfTask(this.#scenario.task);
    if (formulas.length === 0) this.#add('empty-task', ['task', 'perTeam'], 'must have a formula for at least one team', {});
    for (const { team, formula, path } of formulas) {
      if (team !== undefined) this.#team(team, path);
      this.#formula(formula, path);
    }
  }

  rewards(): void {
    for (const [i, reward] of this.#scenario.rewards.entries()) {
      const path: Path = ['rewards', i];
      this.#selector(reward.agents, [...path, 'agents']);
      if (typeof reward.on === 'object') this.#formula(reward.on as AnyFormula, [...path, 'on']);
    }
  }

  #formula(root: AnyFormula, rootPath: Path): void {
    let numNodes = 0;
    let deepest = 0;
    visitFormula(root, rootPath, (formula, kind, path, depth) => {
      numNodes++;
      deepest = Math.max(deepest, depth);
      this.#node(formula, kind, [...path, kind]);
    });
    if (deepest > MAX_FORMULA_DEPTH) this.#add('limit', rootPath, `must be at most ${MAX_FORMULA_DEPTH} levels deep`, deepest);
    if (numNodes > MAX_FORMULA_NODES) this.#add('limit', rootPath, `must have at most ${MAX_FORMULA_NODES} parts`, numNodes);
  }

  #node(formula: AnyFormula, kind: string, path: Path): void {
    const body = formula[kind] as Record<string, unknown>;
    const has = (key: string) => typeof body === 'object' && body !== null && !Array.isArray(body) && body[key] !== undefined;
    if (kind === 'not' || kind === 'never' || kind === 'all' || kind === 'any' || kind === 'sequence') return;
    if (has('agents')) this.#selector(body.agents as string | string[], [...path, 'agents']);
    if (has('region')) this.#region(body.region as Region, [...path, 'region']);
    if (has('item')) this.#item(body.item as string, [...path, 'item']);
    if (has('block')) this.#block(body.block as string, [...path, 'block']);
    if (kind === 'triggered') this.#mechanism(body.mechanism as string, [...path, 'mechanism']);
    if (kind === 'propIn') this.#names(body.prop as string | string[], this.#propNames, [...path, 'prop'], 'must be the id of a prop');
    if (kind === 'said') this.#symbol(body.symbol as string, [...path, 'symbol']);
    for (const key of ['of', 'target', 'by']) if (has(key) && kind !== 'count') this.#target(body[key] as string | string[] | Cell, [...path, key]);
    if (kind === 'built' && has('pattern')) {
      for (const [i, entry] of (body.pattern as { at: Cell; block: string }[]).entries()) {
        this.#cell(entry.at, [...path, 'pattern', i, 'at']);
        this.#block(entry.block, [...path, 'pattern', i, 'block']);
      }
    }
    if (kind === 'count') {
      const { of, atLeast } = body as { of: unknown[]; atLeast: number };
      if (atLeast > of.length) this.#add('count', [...path, 'atLeast'], `must be at most ${of.length}, the number of parts`, atLeast);
    }
  }

  #target(target: string | readonly string[] | Cell, path: Path): void {
    if (typeof target !== 'string' && typeof target[0] === 'number') this.#cell(target as Cell, path);
    else this.#names(target as string | readonly string[], new Map([...this.#agentNames, ...this.#propNames]), path, 'must be an agent, team, role or prop');
  }

  #selector(selector: string | readonly string[], path: Path): void {
    this.#names(selector, this.#agentNames, path, 'must be an agent, counted entry, team, role or "all"');
  }

  #team(team: string, path: Path): void {
    const teams = new Set(this.#scenario.agents.map((agent) => agent.team));
    if (!teams.has(team)) this.#add('unknown-team', path, 'must name a team of an agent', team, hint(team, teams));
  }

  #mechanism(id: string, path: Path): void {
    if (!this.#mechanismIds.includes(id)) this.#add('unknown-mechanism', path, 'must be the id of a mechanism', id, hint(id, this.#mechanismIds));
  }

  #symbol(symbol: string, path: Path): void {
    const { enabled, symbols } = this.#scenario.messages;
    if (!enabled) this.#add('messages-off', path, 'must not be asked for while messages are off', symbol, 'Set "messages.enabled" to true and declare the symbol.');
    else if (!symbols.includes(symbol)) this.#add('unknown-symbol', path, 'must be one of "messages.symbols"', symbol, hint(symbol, symbols));
  }

  #names(names: string | readonly string[], known: ReadonlyMap<string, unknown>, path: Path, requirement: string): void {
    if (typeof names === 'string') this.#name(names, known, path, requirement);
    else for (const [i, name] of names.entries()) this.#name(name, known, [...path, i], requirement);
  }

  #name(name: string, names: ReadonlyMap<string, unknown>, path: Path, requirement: string): void {
    if (!names.has(name)) this.#add('unknown-name', path, requirement, name, hint(name, names.keys()));
  }

  #block(name: string, path: Path): void {
    if (!BLOCK_BY_NAME.has(name)) this.#add('unknown-block', path, 'must be a block of the registry', name, hint(name, BLOCK_BY_NAME.keys()));
  }

  #item(name: string, path: Path): void {
    if (ITEM_BY_NAME.has(name) || Object.hasOwn(ITEM_ALIASES, name)) return;
    this.#add('unknown-item', path, 'must be an item of the registry', name, hint(name, [...ITEM_BY_NAME.keys(), ...Object.keys(ITEM_ALIASES)]));
  }

  #inventory(inventory: Readonly<Record<string, number>>, path: Path): void {
    for (const item of Object.keys(inventory)) this.#item(item, [...path, item]);
    const known = Object.entries(inventory).flatMap(([name, count]) => {
      const item = ITEM_BY_NAME.get(Object.hasOwn(ITEM_ALIASES, name) ? ITEM_ALIASES[name] : name);
      return item === undefined ? [] : [Math.ceil(count / item.stack)];
    });
    const slots = known.reduce((sum, stacks) => sum + stacks, 0);
    if (slots > INVENTORY_SLOTS) this.#add('limit', path, `must fit ${INVENTORY_SLOTS} slots, a stack in each`, `${slots} stacks`);
  }

  #terrain(): void {
    const { terrain, size } = this.#scenario.world;
    if (terrain.generator === 'empty') return;
    const before = this.issues.length;
    for (const key of ['top', 'body', 'wall', 'floor']) if (key in terrain) this.#block((terrain as unknown as Record<string, string>)[key], ['world', 'terrain', key]);
    if (this.issues.length > before) return;
    try {
      assertTerrainFits(terrain, size[0], size[1], size[2]);
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      for (const issue of error.issues) this.issues.push({ ...issue, message: `${issue.path} does not fit at ${this.#where}. ${issue.message}` });
    }
  }

  #cell(cell: Cell, path: Path): void {
    if (cell.some((value, axis) => value < 0 || value >= this.#size[axis])) {
      this.#add('outside-world', path, `must lie in the world of size [${this.#size}]`, cell, `Use [0, 0, 0]..[${this.#size.map((n) => n - 1).join(', ')}].`);
    }
  }

  #region(region: Region, path: Path): void {
    this.#cell(region[0], [...path, 0]);
    this.#cell(region[1], [...path, 1]);
    if (region[0].some((value, axis) => value > region[1][axis])) this.#add('region-order', path, 'must have its lower corner first', region);
  }

  #spawn(spawn: LiteralScenario['agents'][number]['spawn'], path: Path): void {
    if ('at' in spawn) this.#cell(spawn.at, [...path, 'at']);
    else if ('region' in spawn) this.#region(spawn.region, [...path, 'region']);
    else if (spawn.atMetres.some((value, axis) => value > this.#size[axis])) {
      this.#add('outside-world', [...path, 'atMetres'], `must lie in the world of size [${this.#size}]`, spawn.atMetres);
    }
  }

  #edit(edit: LiteralScenario['world']['edits'][number], path: Path): void {
    if ('fill' in edit) this.#block(edit.fill, [...path, 'fill']);
    if ('hollow' in edit) {
      this.#block(edit.hollow, [...path, 'hollow']);
      if (edit.inside !== undefined) this.#block(edit.inside, [...path, 'inside']);
    }
    if ('set' in edit) this.#block(edit.set, [...path, 'set']);
    if ('at' in edit) this.#cell(edit.at, [...path, 'at']);
    if ('cells' in edit) for (const [i, cell] of edit.cells.entries()) this.#cell(cell, [...path, 'cells', i]);
    if ('to' in edit) {
      this.#cell(edit.from, [...path, 'from']);
      this.#cell(edit.to, [...path, 'to']);
      if (edit.from.some((value, axis) => value > edit.to[axis])) this.#add('region-order', path, 'must have "from" at most "to" on every axis', [edit.from, edit.to]);
    }
    if ('size' in edit && edit.size.every((extent) => extent > 0)) {
      this.#cell(edit.from, [...path, 'from']);
      if (edit.size.some((extent, axis) => edit.from[axis] + extent > this.#size[axis])) {
        this.#add('outside-world', [...path, 'size'], `must end in the world of size [${this.#size}] when it begins at [${edit.from}]`, edit.size);
      }
    }
  }

  #layers(structure: { layers: string[][]; palette: Record<string, string> }, path: Path): void {
    const [rows, characters] = [structure.layers[0].length, structure.layers[0][0].length];
    for (const [character, block] of Object.entries(structure.palette)) this.#block(block, [...path, 'palette', character]);
    for (const [y, layer] of structure.layers.entries()) {
      if (layer.length !== rows) this.#add('layer-shape', [...path, 'layers', y], `must have ${rows} rows like the first layer`, layer.length);
      for (const [z, row] of layer.entries()) {
        if (row.length !== characters) this.#add('layer-shape', [...path, 'layers', y, z], `must have ${characters} characters like the first row`, row);
        for (const character of new Set(row)) {
          if (character === '.' || Object.hasOwn(structure.palette, character)) continue;
          this.#add('unknown-character', [...path, 'layers', y, z], 'must use characters of its "palette"', character, hint(character, Object.keys(structure.palette)));
        }
      }
    }
  }

  /** A counted entry's longest id must be a name too. */
  #idLength(entry: { id: string; count?: number | undefined }, path: Path): void {
    const ids = expandedIds(entry);
    if (ids[ids.length - 1].length > MAX_NAME_LENGTH) this.#add('limit', [...path, 'id'], `must leave room for its number within ${MAX_NAME_LENGTH} characters`, entry.id, 'Shorten it.');
  }

  #unique(names: readonly string[], path: Path, what: string): void {
    const seen = new Set<string>();
    const reported = new Set<string>();
    for (const name of names) {
      if (seen.has(name) && !reported.has(name)) {
        reported.add(name);
        this.#add('duplicate-name', path, `must have each ${what} once`, name, 'Rename one of them.');
      }
      seen.add(name);
    }
  }

  #add(code: string, path: Path, requirement: string, got: unknown, next = ''): void {
    this.issues.push(createIssue(code, path, requirement, got, this.#where, next));
  }
}

/** The nearest name, or all of them when they are few. */
function hint(got: string, names: Iterable<string>): string {
  const known = [...names];
  const near = didYouMean(got, known);
  if (near !== '') return near;
  if (known.length === 0) return 'There is none to choose from.';
  return known.length <= 20 ? `Choose one of ${known.map((name) => `"${name}"`).join(', ')}.` : 'docs/blocks.md lists them all.';
}
