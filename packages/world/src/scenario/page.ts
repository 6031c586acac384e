/** The documentation page of a scenario, every sentence derived from its data. */
import { ACTION_SPEC, DISCRETE_ACTIONS } from '../spec/action.js';
import { type Mob, mobsOf } from '../survival/mob-entries.js';
import { recipesOf, type SurvivalSettings } from '../survival/schema.js';
import { describeFormula, describeSelector, formatCell, formatNumber, formatRegion, formatTicks, joinWords } from './describe-formula.js';
import { formulasOfTask } from './formula-walk.js';
import { type Clock, DEFAULT_OBSERVED_MOBS } from './interaction-schema.js';
import type { Scenario } from './schema.js';
import { expandedIds } from './selection.js';
import { UNBOUNDED_VARIANTS, variantCount } from './variants.js';
import { bodyWord, sticksOf } from './vehicle-page.js';

/** Markdown with the fixed headings Description, Actions, Observations, Reward, Start, End, Parameters, Versions. */
export function renderScenarioPage(scenario: Scenario): string {
  const sections: [string, string[]][] = [
    ['Description', description(scenario)],
    ['Actions', actions(scenario)],
    ['Observations', observations(scenario)],
    ['Reward', reward(scenario)],
    ['Start', start(scenario)],
    ['End', end(scenario)],
    ['Parameters', parameters(scenario)],
    ['Versions', versions(scenario)],
  ];
  const body = sections.map(([heading, lines]) => `## ${heading}\n\n${lines.join('\n')}\n`).join('\n');
  return `# ${scenario.title}\n\n\`${scenario.id}\`${scenario.tags.length > 0 ? ` - ${scenario.tags.join(', ')}` : ''}\n\n${body}`;
}

function description(scenario: Scenario): string[] {
  const { world, task } = scenario;
  const lines = scenario.description === undefined ? [] : [scenario.description, ''];
  lines.push(`The world is ${world.size.join(' x ')} blocks (x, y, z); its terrain is \`${world.terrain.generator}\`.`);
  for (const { team, formula } of formulasOfTask(task)) {
    lines.push(
      '',
      team === undefined
        ? `The task is achieved once ${describeFormula(formula)}.`
        : `Team ${team} achieves its task once ${describeFormula(formula)}.`,
    );
  }
  for (const mechanism of scenario.mechanisms) lines.push('', mechanismSentence(mechanism));
  const { carrying } = scenario;
  if (carrying !== undefined)
    lines.push(
      '',
      `Props of up to ${carrying.maxMassKg} kg within ${carrying.reachMetres} m are picked up and put down with \`interact\` 3, and thrown with 4 (docs/props.md).`,
    );
  const blueprints = Object.keys(world.blueprints ?? {});
  if (blueprints.length > 0) lines.push('', `Agents know blueprints: ${blueprints.map((name) => `\`${name}\``).join(', ')}.`);
  if (world.protect.length > 0) lines.push('', `Nothing can be dug or built in ${joinWords(world.protect.map(formatRegion), 'or')}.`);
  if (world.buildable !== undefined)
    lines.push(
      '',
      world.buildable.length === 0
        ? 'Nothing can be built.'
        : `Blocks can be placed only in ${joinWords(world.buildable.map(formatRegion), 'and')}.`,
    );
  if (world.diggable !== 'all') {
    const blocks =
      world.diggable === 'none'
        ? undefined
        : joinWords(
            world.diggable.map((block) => (typeof block === 'string' ? block : `{${block.param}}`)),
            'and',
          );
    lines.push('', blocks === undefined ? 'Nothing can be dug.' : `Only ${blocks} can be dug.`);
  }
  if (scenario.survival !== undefined) lines.push('', survivalSentence(scenario.survival));
  for (const mob of mobsOf(scenario.survival ?? {})) lines.push('', mobSentence(mob));
  if (scenario.credits.length > 0) lines.push('', `Credits: ${scenario.credits.join('; ')}.`);
  return lines;
}

function survivalSentence(survival: SurvivalSettings): string {
  const { day, hunger, respawn } = survival;
  const recipes = recipesOf(survival);
  const parts = [
    `${recipes.length} ${recipes.length === 1 ? 'recipe' : 'recipes'}${recipes.length <= 8 ? ` (${recipes.map(({ name }) => `\`${name}\``).join(', ')})` : ''}`,
    day.lengthTicks === 0 ? 'no night' : `a day of ${formatTicks(day.lengthTicks)}`,
    hunger.everyTicks === 0 ? 'no hunger' : `a food point lost every ${formatTicks(hunger.everyTicks)}`,
    respawn === 'none' ? 'death for good' : 'return after death',
  ];
  return `Rules of survival hold (docs/survival.md): ${joinWords(parts, 'and')}.`;
}

/** `Mobs: 2 'zombie' at the start, one more every 100 ticks (5 s) in light 0..7 up to 4; hostile, 10 hearts, attacks agents for 1.5 hearts, burns by day.` */
function mobSentence(mob: Mob): string {
  const { spawn, name, kind, behaviour, count, max } = mob;
  const what = `\`${name}\`${name === kind ? '' : ` (${kind})`}`;
  const where = spawn.region === undefined ? '' : ` in ${formatRegion(spawn.region)}`;
  const light = spawn.light[0] === 0 && spawn.light[1] === 15 ? '' : ` in light ${spawn.light[0]}..${spawn.light[1]}`;
  const more = spawn.everyTicks === 0 ? '' : `, one more every ${formatTicks(spawn.everyTicks)}${light} up to ${max}`;
  const enemies = joinWords(
    mob.enemies.map((enemy) => (enemy === 'agents' ? 'agents' : 'hostile mobs')),
    'and',
  );
  const deeds = [
    ...(mob.damage > 0 ? [`attacks ${enemies} for ${mob.damage / 2} hearts`] : []),
    ...(mob.friends === undefined ? [] : [`spares team ${mob.friends}`]),
    ...(mob.byDay === 'burn' ? ['burns by day'] : mob.byDay === 'hide' ? ['hides by day'] : []),
    ...mob.trades.map((trade) => `gives ${trade.givesCount} ${trade.gives} for ${trade.wantsCount} ${trade.wants}`),
    ...(mob.drops.length > 0 ? [`drops ${joinWords([...new Set(mob.drops.map(({ item }) => item))], 'and')}`] : []),
  ];
  const start = `${count} ${what}${where} at the start${more}`;
  return `Mobs: ${start}; ${[`${behaviour}, ${mob.health / 2} hearts`, ...deeds].join(', ')}.`;
}

function mechanismSentence(mechanism: Scenario['mechanisms'][number]): string {
  const isAll = 'all' in mechanism.when;
  const triggers = 'all' in mechanism.when ? mechanism.when.all : mechanism.when.any;
  const words = triggers.map((trigger) => {
    if ('plate' in trigger) return `the plate at ${formatCell(trigger.plate)} is pressed`;
    if ('plates' in trigger) return `a plate in ${formatRegion(trigger.plates)} is pressed`;
    if ('lever' in trigger) return `the lever at ${formatCell(trigger.lever)} is on`;
    if ('clock' in trigger) return clockWords(trigger.clock);
    return `mechanism ${typeof trigger.mechanism === 'string' ? trigger.mechanism : `{${trigger.mechanism.param}}`} is active`;
  });
  const mode = { hold: 'while', latch: 'for good once', toggle: 'and no longer, in turn, each time' }[mechanism.mode];
  const regions = joinWords(
    mechanism.effects.map((effect) => `${nameOf(effect.on)} instead of ${nameOf(effect.off)} in ${formatRegion(effect.region)}`),
    'and',
  );
  const delay = mechanism.delayTicks === 0 ? '' : `, ${formatTicks(mechanism.delayTicks)} later`;
  return `Mechanism ${mechanism.id} puts ${regions} ${mode} ${joinWords(words, isAll ? 'and' : 'or')}${delay}.`;
}

function clockWords({ everyTicks, onTicks, fromTick }: Clock): string {
  const first = fromTick === 0 ? '' : `, from tick ${formatNumber(fromTick)} on`;
  return `a clock is on, ${formatTicks(onTicks)} of every ${formatTicks(everyTicks)}${first}`;
}

function actions(scenario: Scenario): string[] {
  const cannot = scenario.agents.flatMap((agent) => {
    const denied = Object.entries(agent.can).filter(([, may]) => !may);
    return denied.length === 0
      ? []
      : [
          `\`${agent.id}\` cannot ${joinWords(
            denied.map(([ability]) => ability),
            'or',
          )}.`,
        ];
  });
  const profile = fieldsOf(scenario);
  return cannot.length === 0 ? profile : [...profile, '', ...cannot];
}

function fieldsOf(scenario: Scenario): string[] {
  const { profile } = scenario.actions;
  const sticks = sticksOf(scenario);
  const walks = scenario.agents.some(walksOnFeet);
  const lines: string[] = [];
  if (profile === 'discrete') lines.push(...discreteChoices(sticks, walks));
  else if (profile !== 'native') lines.push(PROFILE_SENTENCES[profile]);
  else if (walks) lines.push(...fieldTable(ACTION_SPEC.map(({ name, description }) => [name, description])));
  for (const { heading, rows } of sticks) {
    if (lines.length > 0) lines.push('');
    lines.push(`What the fields are to a ${heading}; it takes no others:`, '', ...fieldTable(rows));
  }
  return lines;
}

/** All choices where somebody walks; of vehicles those that do something that a shorter choice does not. */
function discreteChoices(sticks: ReturnType<typeof sticksOf>, walks: boolean): string[] {
  const names = (choices: readonly { name: string }[]) => choices.map(({ name }) => `\`${name}\``).join(', ');
  const lines = walks ? [`One of ${DISCRETE_ACTIONS.length} choices per tick: ${names(DISCRETE_ACTIONS)}.`] : [];
  for (const { heading, rows } of sticks) {
    const taken = new Set<string>(rows.map(([field]) => field));
    const choices = DISCRETE_ACTIONS.filter(({ columns }) => Object.keys(columns).every((field) => taken.has(field)));
    lines.push(
      `To a ${heading} ${choices.length} of the ${DISCRETE_ACTIONS.length} choices per tick are moves of their own: ${names(choices)}.`,
    );
  }
  return lines;
}

function walksOnFeet({ body }: Scenario['agents'][number]): boolean {
  return !('vehicle' in body);
}

function fieldTable(rows: readonly (readonly [string, string])[]): string[] {
  const meanings = new Map(rows);
  const lines = ACTION_SPEC.flatMap(({ name, min, max, unit, kind }) => {
    const meaning = meanings.get(name);
    return meaning === undefined ? [] : [`| \`${name}\` | ${shorten(min)}..${shorten(max)} | ${unit === '' ? kind : unit} | ${meaning} |`];
  });
  return ['| field | range | unit | meaning |', '| --- | --- | --- | --- |', ...lines];
}

const PROFILE_SENTENCES = {
  minerl: "MineRL's action dictionary, by its names.",
  waypoint: 'A place in world coordinates and the time until the body shall be there, each tick.',
} as const;

function observations(scenario: Scenario): string[] {
  const { observation, messages } = scenario;
  const walks = scenario.agents.some(walksOnFeet);
  const ofWalkers = scenario.agents.every(walksOnFeet) ? ', health, held item' : walks ? '; of a walker also health and held item' : '';
  const lines = [`- own state: position, velocity, heading${ofWalkers}`];
  if (scenario.agents.some(({ body }) => 'vehicle' in body))
    lines.push(
      "- of a vehicle, in its own frame: where down is, velocity, rates of turning; steering, and each wheel's contact and speed or rotor's thrust",
    );
  if (observation.nearestAgents > 0) lines.push(`- the ${observation.nearestAgents} nearest other agents`);
  if (observation.crop > 0)
    lines.push(`- a cube of ${observation.crop} x ${observation.crop} x ${observation.crop} voxels around the agent`);
  const { camera, lidar, guidance, rivalGuidance } = observation;
  if (camera !== undefined)
    lines.push(`- pictures of ${camera.width} x ${camera.height} pixels through its eyes: ${camera.channels.join(', ')}`);
  if (lidar !== undefined) lines.push(`- a lidar of ${lidar.ringsDeg.length} x ${lidar.beams} beams`);
  lines.push(`- up to ${observation.goals} goals with priority, deadline and progress`);
  if (guidance !== undefined)
    lines.push(`- how far the way to the goal is, and the cell ${guidance} ${guidance === 1 ? 'step' : 'steps'} along it`);
  if (rivalGuidance !== undefined)
    lines.push(
      `- how far the way to the nearest agent of another team is, and the cell ${rivalGuidance} ${rivalGuidance === 1 ? 'step' : 'steps'} along it`,
    );
  if (observation.inventory && walks) lines.push('- the inventory');
  if (scenario.survival !== undefined) lines.push('- food, breath, light and time of day, and which recipes can be made now');
  if (scenario.survival !== undefined) lines.push('- the nearest crafting table, furnace and bed');
  const nearestMobs = (scenario.survival?.mobs ?? []).length === 0 ? 0 : (observation.mobs ?? DEFAULT_OBSERVED_MOBS);
  if (nearestMobs > 0) lines.push(`- the ${nearestMobs} nearest mobs`);
  if (observation.props !== undefined) lines.push(`- the ${observation.props} nearest props`);
  if (messages.enabled && observation.messages > 0) lines.push(`- the last ${observation.messages} messages heard`);
  if (messages.teamPlans === false) lines.push('- not the ways that others of the team mean to go');
  else if (messages.teamPlans === true) lines.push('- the ways that others of the team mean to go, where they plan any');
  const blind = scenario.agents.filter((agent) => agent.goals === 'hidden').map((agent) => `\`${agent.id}\``);
  if (blind.length > 0) lines.push('', `The goals are hidden from ${joinWords(blind, 'and')}.`);
  for (const { id, goals } of scenario.agents)
    if (typeof goals === 'object')
      lines.push('', `\`${id}\` is shown of the task: ${joinWords(goals, 'and')}; it knows the parameters in it and no others.`);
  if (messages.enabled) {
    const text = messages.maxLength > 0 ? ` and up to ${messages.maxLength} characters of free text` : '';
    const reach = messages.rangeMetres >= 512 ? 'everywhere' : `within ${messages.rangeMetres} m`;
    const limits = [
      messages.everyTicks > 0 ? `at most one per ${formatTicks(messages.everyTicks)} and agent` : '',
      messages.delayTicks > 0 ? `${formatTicks(messages.delayTicks)} late` : '',
      messages.loss > 0 ? `lost with probability ${messages.loss}` : '',
    ].filter((limit) => limit !== '');
    lines.push(
      '',
      `Messages carry ${messages.symbols.length} symbols${text}, are heard ${reach}${messages.scope === 'team' ? ' by the team of the sender' : ''}${limits.length > 0 ? `, ${limits.join(', ')}` : ''}.`,
    );
  }
  return lines;
}

function reward(scenario: Scenario): string[] {
  return scenario.rewards.map((term) => {
    const when =
      term.on === 'success' || term.on === 'failure'
        ? `at ${term.on}`
        : term.on === 'progress'
          ? 'times the growth of progress (0..1)'
          : `each time ${describeFormula(term.on)}`;
    return `- \`${term.name}\`: ${term.value} to ${describeSelector(term.agents)} ${when}`;
  });
}

function start(scenario: Scenario): string[] {
  const lines = ['| agents | team | body | start | inventory |', '| --- | --- | --- | --- | --- |'];
  for (const agent of scenario.agents) {
    const ids = expandedIds(agent);
    const items = Object.entries(agent.inventory).map(([item, count]) => `${count} ${item}`);
    const role = agent.role === undefined ? '' : ` (${agent.role})`;
    lines.push(
      `| ${ids.length === 1 ? ids[0] : `${ids[0]}..${ids[ids.length - 1]}`} | ${agent.team}${role} | ${bodyWord(agent.body)} | ${place(agent.spawn)} | ${items.join(', ') || (walksOnFeet(agent) ? 'none' : '-')} |`,
    );
  }
  for (const prop of scenario.props)
    lines.push(
      '',
      `Prop \`${prop.id}\`${prop.count === undefined ? '' : ` x ${prop.count}`}: a ${Object.keys(prop.shape)[0]} of ${prop.massKg} kg, ${place(prop.spawn)}.`,
    );
  return lines;
}

function place(spawn: Scenario['agents'][number]['spawn'] | Scenario['props'][number]['spawn']): string {
  const yaw = spawn.yawDeg === 0 ? '' : `, heading ${spawn.yawDeg} degrees`;
  if ('at' in spawn) return `at ${formatCell(spawn.at)}${yaw}`;
  if ('atMetres' in spawn) return `at ${formatCell(spawn.atMetres)} m${yaw}`;
  return `in ${formatRegion(spawn.region)}${yaw}`;
}

function end(scenario: Scenario): string[] {
  const success =
    'perTeam' in scenario.task
      ? 'when the task of a team is achieved or can no longer be'
      : 'when the task is achieved or can no longer be';
  return [`It is terminated ${success}, and truncated after ${formatTicks(scenario.episode.maxTicks)}.`];
}

function parameters(scenario: Scenario): string[] {
  const names = Object.keys(scenario.parameters);
  const count = variantCount(scenario);
  const levels =
    count === UNBOUNDED_VARIANTS
      ? 'Each episode has a level of its own.'
      : `Each split has ${count} ${count === 1 ? 'variant' : 'variants'}.`;
  const drawn = randomised(scenario);
  if (names.length === 0) return drawn.length === 0 ? [`None are drawn. ${levels}`] : [levels, ...drawn];
  const rows = names.map((name) => {
    const parameter = scenario.parameters[name];
    return `| \`${name}\` | ${valuesOf(parameter)} |`;
  });
  return ['| parameter | values |', '| --- | --- |', ...rows, '', levels, ...drawn];
}

/** What is drawn anew in each episode. */
function randomised({ randomisation }: Scenario): string[] {
  const drawn = Object.entries(randomisation ?? {}).filter(([, range]) => range !== undefined);
  if (drawn.length === 0) return [];
  return [
    '',
    'Drawn anew in each episode:',
    '',
    '| what | range |',
    '| --- | --- |',
    ...drawn.map(([name, [low, high]]) => `| \`${name}\` | ${low}..${high} |`),
  ];
}

function versions(scenario: Scenario): string[] {
  const version = scenario.id.slice(scenario.id.lastIndexOf('-v') + 2);
  return [`\`${scenario.id}\` is version ${version}; a published id never changes meaning.`];
}

function nameOf(block: unknown): string {
  return typeof block === 'string' ? block : formatNumber(block);
}

/** A bound of an action field, with at most three decimals. */
function shorten(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

function valuesOf(parameter: Scenario['parameters'][string]): string {
  if ('choice' in parameter) return parameter.choice.join(', ');
  return 'int' in parameter ? `${parameter.int[0]}..${parameter.int[1]}` : `${parameter.real[0]}..${parameter.real[1]}, real`;
}
