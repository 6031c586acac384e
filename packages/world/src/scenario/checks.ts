/**
 * Checks of a whole scenario that a shape cannot express: names that must exist, regions that must lie in the world, limits after expansion.
 * They run on a scenario with its parameters written in, once per extreme assignment.
 */
import { ITEM_ALIASES, ITEM_BY_NAME } from '../blocks/items.js';
import { ScenarioError, type ScenarioIssue } from '../errors.js';
import { INVENTORY_SLOTS } from '../spec/state.js';
import { assertTerrainFits } from '../terrain/generate.js';
import { MAX_AGENTS } from './agent-schema.js';
import { CheckContext, hint, type LiteralScenario, type Path } from './check-context.js';
import { fileProblem } from './files.js';
import { checkRewards, checkTask } from './formula-checks.js';
import { MAX_PROPS } from './interaction-schema.js';
import { checkProps } from './prop-checks.js';
import { MAX_DRIVE } from './randomisation-schema.js';
import { ALL, ambiguousNames, expandedIds } from './selection.js';
import { partNames, teamTask } from './shown-goals.js';
import { checkSurvival } from './survival-checks.js';

/** Most parameters of a scenario. */
const MAX_PARAMETERS = 32;

/** @param where file name or other origin, named in every message. */
export function checkScenario(scenario: LiteralScenario, where: string): ScenarioIssue[] {
  const check = new CheckContext(scenario, where);
  checkParameters(check);
  checkWorld(check);
  checkAgents(check);
  checkPropEntries(check);
  checkProps(check);
  checkMechanisms(check);
  checkMessages(check);
  checkSurvival(check);
  checkRandomisation(check);
  checkTask(check);
  checkRewards(check);
  return check.issues;
}

function checkParameters(check: CheckContext): void {
  const count = Object.keys(check.scenario.parameters).length;
  if (count > MAX_PARAMETERS) check.add('limit', ['parameters'], `must have at most ${MAX_PARAMETERS} entries`, count);
}

function checkRandomisation(check: CheckContext): void {
  const { randomisation, agents } = check.scenario;
  if (randomisation === undefined) return;
  const { speed = [1, 1], friction = [1, 1] } = randomisation;
  const scale = Math.max(...agents.map(({ body }) => (body.type === 'walker' ? body.speedScale : 1)));
  const drive = scale * speed[1] * friction[1];
  if (drive > MAX_DRIVE)
    check.add(
      'limit',
      ['randomisation'],
      `must have its highest speed and friction come to at most ${MAX_DRIVE} with the largest speedScale, ${scale}`,
      Math.round(drive * 1000) / 1000,
    );
}

function checkWorld(check: CheckContext): void {
  const { world } = check.scenario;
  checkTerrain(check);
  for (const [i, structure] of world.structures.entries()) {
    const path: Path = ['world', 'structures', i];
    check.cell(structure.at, [...path, 'at']);
    if ('file' in structure) checkFile(check, structure.file, path);
    if ('wall' in structure) {
      check.block(structure.wall, [...path, 'wall']);
      check.block(structure.floor, [...path, 'floor']);
    }
    if ('layers' in structure) checkLayers(check, structure, path);
  }
  for (const [name, blueprint] of Object.entries(world.blueprints ?? {})) {
    const path: Path = ['world', 'blueprints', name];
    if (blueprint.at !== undefined) check.cell(blueprint.at, [...path, 'at']);
    if ('layers' in blueprint) checkLayers(check, blueprint, path);
    else checkFile(check, blueprint.file, path);
  }
  for (const [i, edit] of world.edits.entries()) checkEdit(check, edit, ['world', 'edits', i]);
  for (const [i, region] of world.protect.entries()) check.region(region, ['world', 'protect', i]);
  for (const [i, region] of (world.buildable ?? []).entries()) check.region(region, ['world', 'buildable', i]);
  if (typeof world.diggable !== 'string') for (const [i, block] of world.diggable.entries()) check.block(block, ['world', 'diggable', i]);
}

function checkFile(check: CheckContext, file: string, path: Path): void {
  const problem = fileProblem(file);
  if (problem !== undefined)
    check.add('file-path', [...path, 'file'], problem, file, 'Put the file beside the scenario or in a folder below it.');
}

function checkTerrain(check: CheckContext): void {
  const { terrain, size } = check.scenario.world;
  if (terrain.generator === 'empty') return;
  const before = check.issues.length;
  for (const key of ['top', 'body', 'rock', 'shore', 'wall', 'floor']) {
    const block = (terrain as unknown as Record<string, string | undefined>)[key];
    if (block !== undefined) check.block(block, ['world', 'terrain', key]);
  }
  if (check.issues.length > before) return;
  try {
    assertTerrainFits(terrain, size[0], size[1], size[2]);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    for (const issue of error.issues)
      check.issues.push({ ...issue, message: `${issue.path} does not fit at ${check.where}. ${issue.message}` });
  }
}

function checkEdit(check: CheckContext, edit: LiteralScenario['world']['edits'][number], path: Path): void {
  if ('fill' in edit) check.block(edit.fill, [...path, 'fill']);
  if ('hollow' in edit) {
    check.block(edit.hollow, [...path, 'hollow']);
    if (edit.inside !== undefined) check.block(edit.inside, [...path, 'inside']);
  }
  if ('set' in edit) check.block(edit.set, [...path, 'set']);
  if ('scatter' in edit) {
    check.block(edit.scatter, [...path, 'scatter']);
    check.block(edit.in, [...path, 'in']);
    if (edit.on !== undefined) check.block(edit.on, [...path, 'on']);
  }
  if ('at' in edit) check.cell(edit.at, [...path, 'at']);
  if ('cells' in edit) for (const [i, cell] of edit.cells.entries()) check.cell(cell, [...path, 'cells', i]);
  if ('to' in edit) {
    check.cell(edit.from, [...path, 'from']);
    check.cell(edit.to, [...path, 'to']);
    if (edit.from.some((value, axis) => value > edit.to[axis]))
      check.add('region-order', path, 'must have "from" at most "to" on every axis', [edit.from, edit.to]);
  }
  if ('size' in edit && edit.size.every((extent) => extent > 0)) {
    check.cell(edit.from, [...path, 'from']);
    if (edit.size.some((extent, axis) => edit.from[axis] + extent > check.size[axis])) {
      check.add(
        'outside-world',
        [...path, 'size'],
        `must end in the world of size [${check.size}] when it begins at [${edit.from}]`,
        edit.size,
      );
    }
  }
}

function checkLayers(check: CheckContext, structure: { layers: string[][]; palette: Record<string, string> }, path: Path): void {
  const [rows, characters] = [structure.layers[0].length, structure.layers[0][0].length];
  for (const [character, block] of Object.entries(structure.palette)) check.block(block, [...path, 'palette', character]);
  for (const [y, layer] of structure.layers.entries()) {
    if (layer.length !== rows)
      check.add('layer-shape', [...path, 'layers', y], `must have ${rows} rows like the first layer`, layer.length);
    for (const [z, row] of layer.entries()) {
      if (row.length !== characters)
        check.add('layer-shape', [...path, 'layers', y, z], `must have ${characters} characters like the first row`, row);
      for (const character of new Set(row)) {
        if (character === '.' || Object.hasOwn(structure.palette, character)) continue;
        check.add(
          'unknown-character',
          [...path, 'layers', y, z],
          'must use characters of its "palette"',
          character,
          hint(character, Object.keys(structure.palette)),
        );
      }
    }
  }
}

function checkAgents(check: CheckContext): void {
  const { agents, props } = check.scenario;
  check.unique(agents.flatMap(expandedIds), ['agents'], 'agent id');
  const total = agents.reduce((sum, agent) => sum + (agent.count ?? 1), 0);
  if (total > MAX_AGENTS)
    check.add('limit', ['agents'], `must have at most ${MAX_AGENTS} agents after counted entries are expanded`, total);
  for (const [i, agent] of agents.entries()) {
    const path: Path = ['agents', i];
    for (const key of ['id', 'team', 'role'] as const)
      if (agent[key] === ALL) check.add('reserved-name', [...path, key], 'must not be "all", which selects every agent', ALL);
    if (agent.count !== undefined && agent.count > 1 && !('region' in agent.spawn)) {
      check.add(
        'spawn',
        [...path, 'spawn'],
        'must be a region, because the entry stands for several agents',
        agent.spawn,
        'Write {"region": [[x0, y0, z0], [x1, y1, z1]]}.',
      );
    }
    check.idLength(agent, path);
    check.spawn(agent.spawn, [...path, 'spawn']);
    checkShownGoals(check, agent, [...path, 'goals']);
    checkInventory(check, agent.inventory, [...path, 'inventory']);
  }
  for (const name of ambiguousNames(agents, props)) {
    check.add(
      'ambiguous-name',
      ['agents'],
      'must use each name for one thing: an id, a counted entry, a team, a role or a prop',
      name,
      'Rename one of them.',
    );
  }
}

/** Parts of the task that are shown to an agent must be there. */
function checkShownGoals(check: CheckContext, { goals, team }: LiteralScenario['agents'][number], path: Path): void {
  if (typeof goals === 'string') return;
  const task = teamTask(check.scenario as Parameters<typeof teamTask>[0], team);
  const known = task === undefined ? [] : partNames(task);
  for (const [i, name] of goals.entries())
    if (!known.includes(name))
      check.add(
        'unknown-name',
        [...path, i],
        "must be the name of a part of the team's task",
        name,
        hint(name, known) || 'Give a part that name.',
      );
}

function checkInventory(check: CheckContext, inventory: Readonly<Record<string, number>>, path: Path): void {
  for (const item of Object.keys(inventory)) check.item(item, [...path, item]);
  const known = Object.entries(inventory).flatMap(([name, count]) => {
    const item = ITEM_BY_NAME.get(Object.hasOwn(ITEM_ALIASES, name) ? ITEM_ALIASES[name] : name);
    return item === undefined ? [] : [Math.ceil(count / item.stack)];
  });
  const slots = known.reduce((sum, stacks) => sum + stacks, 0);
  if (slots > INVENTORY_SLOTS) check.add('limit', path, `must fit ${INVENTORY_SLOTS} slots, a stack in each`, `${slots} stacks`);
}

function checkPropEntries(check: CheckContext): void {
  const { agents, props, carrying, observation } = check.scenario;
  if (carrying !== undefined && props.length === 0)
    check.add('no-props', ['carrying'], 'must stand in a scenario with "props"', carrying, 'Add props, or leave "carrying" out.');
  if (carrying !== undefined && !agents.some(({ body }) => body.type === 'walker'))
    check.add(
      'no-hands',
      ['carrying'],
      'must be left out where no agent is a walker, since vehicles have no hands',
      carrying,
      'Add a walker, or leave "carrying" out.',
    );
  else if (carrying !== undefined && !agents.some(({ body, can }) => body.type === 'walker' && can.use))
    check.add(
      'no-hands',
      ['carrying'],
      'must stand where a walker may use its hands, since "interact" 3 picks props up',
      carrying,
      'Leave "use": false out of the "can" of a walker, or leave "carrying" out.',
    );
  if (observation.props !== undefined && props.length === 0)
    check.add(
      'no-props',
      ['observation', 'props'],
      'must be left out of a scenario without "props"',
      observation.props,
      'Add props, or leave it out.',
    );
  check.unique(props.flatMap(expandedIds), ['props'], 'prop id');
  const total = props.reduce((sum, prop) => sum + (prop.count ?? 1), 0);
  if (total > MAX_PROPS) check.add('limit', ['props'], `must have at most ${MAX_PROPS} props after counted entries are expanded`, total);
  for (const [i, prop] of props.entries()) {
    const path: Path = ['props', i];
    check.idLength(prop, path);
    check.spawn(prop.spawn, [...path, 'spawn']);
    if (prop.count !== undefined && prop.count > 1 && !('region' in prop.spawn)) {
      check.add(
        'spawn',
        [...path, 'spawn'],
        'must be a region, because the entry stands for several props',
        prop.spawn,
        'Write {"region": [[x0, y0, z0], [x1, y1, z1]]}.',
      );
    }
    if (prop.team !== undefined) check.team(prop.team, [...path, 'team']);
    if ('capsule' in prop.shape && prop.shape.capsule.height < 2 * prop.shape.capsule.radius) {
      check.add('capsule', [...path, 'shape', 'capsule', 'height'], 'must be at least twice the radius', prop.shape.capsule.height);
    }
    if ('container' in prop.shape) {
      const { size, wall } = prop.shape.container;
      if (2 * wall >= Math.min(size[0], size[2]) || wall >= size[1])
        check.add(
          'container-wall',
          [...path, 'shape', 'container', 'wall'],
          `must leave room inside: less than half of the narrower side and less than the height of [${size}]`,
          wall,
          'Make it thinner, or write a box.',
        );
    }
  }
}

function checkMechanisms(check: CheckContext): void {
  const { mechanisms } = check.scenario;
  check.unique(check.mechanismIds, ['mechanisms'], 'mechanism id');
  for (const [i, mechanism] of mechanisms.entries()) {
    const key = 'all' in mechanism.when ? 'all' : 'any';
    const triggers = 'all' in mechanism.when ? mechanism.when.all : mechanism.when.any;
    for (const [j, trigger] of triggers.entries()) {
      const path: Path = ['mechanisms', i, 'when', key, j];
      if ('plate' in trigger) check.cell(trigger.plate, [...path, 'plate']);
      else if ('plates' in trigger) check.region(trigger.plates, [...path, 'plates']);
      else if ('lever' in trigger) check.cell(trigger.lever, [...path, 'lever']);
      else if ('clock' in trigger) checkClock(check, trigger.clock, [...path, 'clock']);
      else {
        check.mechanism(trigger.mechanism, [...path, 'mechanism']);
        if (trigger.mechanism === mechanism.id)
          check.add(
            'self-trigger',
            [...path, 'mechanism'],
            'must be another mechanism',
            trigger.mechanism,
            'Use mode "latch" to keep it active.',
          );
      }
    }
    for (const [j, effect] of mechanism.effects.entries()) {
      const path: Path = ['mechanisms', i, 'effects', j];
      check.region(effect.region, [...path, 'region']);
      check.block(effect.on, [...path, 'on']);
      check.block(effect.off, [...path, 'off']);
    }
  }
}

function checkClock(check: CheckContext, clock: { everyTicks: number; onTicks: number }, path: Path): void {
  if (clock.onTicks < clock.everyTicks) return;
  check.add(
    'clock-always-on',
    [...path, 'onTicks'],
    `must be fewer than everyTicks, ${clock.everyTicks}`,
    clock.onTicks,
    'A clock that is always on changes nothing: write its blocks as an edit.',
  );
}

function checkMessages(check: CheckContext): void {
  const { messages } = check.scenario;
  check.unique(messages.symbols, ['messages', 'symbols'], 'symbol');
  if (messages.enabled && messages.symbols.length === 0 && messages.maxLength === 0) {
    check.add(
      'no-message',
      ['messages'],
      'must declare a symbol or allow free text',
      messages.symbols,
      'Add "symbols", set "maxLength" above 0, or set "enabled" to false.',
    );
  }
}
