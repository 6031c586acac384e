/** Places that a scenario's task names, as regions that the viewer draws. One variant at a time, since parameters move them. */
import { formulaKind, type GoalRegion, type ResolvedFormula, type ResolvedScenario, selectAgents } from '@kinovox/world';
import { NEUTRAL_COLOR, PERIL_COLOR, teamColors } from './colors.js';

type Cell = readonly [number, number, number];
type Region = readonly [Cell, Cell];
type Fields = Record<string, unknown>;

/** Most regions that a level lists. */
const MAX_REGIONS = 256;

export function goalRegions(scenario: ResolvedScenario): GoalRegion[] {
  const colors = teamColors(scenario.agents);
  const found = new Map<string, GoalRegion>();
  const add = (region: Region, label: string, color: number) => {
    const low = region[0].map((value, axis) => Math.min(value, region[1][axis])) as [number, number, number];
    const high = region[0].map((value, axis) => Math.max(value, region[1][axis])) as [number, number, number];
    const key = JSON.stringify([low, high, label]);
    if (!found.has(key) && found.size < MAX_REGIONS) found.set(key, { region: [low, high], label: label.slice(0, 200), color });
  };
  const visit = (formula: ResolvedFormula, avoid: boolean, team: string | undefined): void => {
    const kind = formulaKind(formula);
    const body = (formula as unknown as Fields)[kind] as Fields;
    const inner = (part: unknown, isAvoided = avoid) => visit(part as ResolvedFormula, isAvoided, team);
    const parts = Array.isArray(body) ? (body as unknown[]) : undefined;
    if (parts !== undefined && (kind === 'all' || kind === 'any' || kind === 'sequence')) for (const part of parts) inner(part);
    else if (kind === 'count') for (const part of body.of as unknown[]) inner(part);
    else if (kind === 'until') {
      inner(body.hold);
      inner(body.goal);
    } else if (kind === 'before') {
      inner(body.first);
      inner(body.then);
    } else if (kind === 'within') inner(body.goal);
    else if (kind === 'never' || kind === 'not') inner(body, !avoid);
    else addPlaces(kind, body, formula.name, avoid, team);
  };
  const addPlaces = (kind: string, body: Fields, name: string | undefined, avoid: boolean, team: string | undefined): void => {
    const slots = body.agents === undefined ? [] : selectAgents(scenario.agents, body.agents as string | string[]);
    const teams = [...new Set(slots.map((slot) => scenario.agents[slot].team))];
    const owner = team ?? (teams.length === 1 ? teams[0] : undefined);
    const color = avoid ? PERIL_COLOR : ((owner === undefined ? undefined : colors.get(owner)) ?? NEUTRAL_COLOR);
    const label = (verb: string) => name ?? `${avoid ? 'keep out' : verb}${body.agents === undefined ? '' : `: ${nameOf(body.agents)}`}`;
    if (kind === 'reach') add(body.region as Region, label('reach'), color);
    else if (kind === 'built') add(boundsOf(body), label('build here'), color);
    else if (body.region !== undefined && (kind === 'propIn' || kind === 'inside'))
      add(body.region as Region, name ?? (avoid ? 'keep out' : `bring ${nameOf(body.prop)}`), color);
    else if (kind === 'near' && isCell(body.of)) add([body.of, body.of], label('come near'), color);
    else if (kind === 'sees' && isCell(body.target)) add([body.target, body.target], label('look at'), color);
    else if (kind === 'triggered')
      for (const cell of switchCells(scenario, body.mechanism as string, new Set()))
        add(cell, name ?? `switch: ${nameOf(body.mechanism)}`, color);
  };
  const { task } = scenario;
  if ('perTeam' in task)
    for (const [team, formula] of Object.entries(task.perTeam as Record<string, ResolvedFormula>)) visit(formula, false, team);
  else visit(task as ResolvedFormula, false, undefined);
  return [...found.values()];
}

function boundsOf(body: Fields): Region {
  if (body.pattern === undefined) return body.region as Region;
  const cells = (body.pattern as { at: Cell }[]).map((entry) => entry.at);
  const edge = (pick: (...values: number[]) => number) =>
    [0, 1, 2].map((axis) => pick(...cells.map((cell) => cell[axis]))) as unknown as Cell;
  return [edge(Math.min), edge(Math.max)];
}

function switchCells(scenario: ResolvedScenario, id: string, seen: Set<string>): Region[] {
  const mechanism = scenario.mechanisms.find((one) => one.id === id);
  if (mechanism === undefined || seen.has(id)) return [];
  seen.add(id);
  const triggers = 'all' in mechanism.when ? mechanism.when.all : mechanism.when.any;
  return triggers.flatMap((trigger): Region[] => {
    if ('plate' in trigger) return [[trigger.plate, trigger.plate]];
    if ('plates' in trigger) return [trigger.plates];
    if ('lever' in trigger) return [[trigger.lever, trigger.lever]];
    return 'clock' in trigger ? [] : switchCells(scenario, trigger.mechanism, seen);
  });
}

function isCell(value: unknown): value is Cell {
  return Array.isArray(value) && value.length === 3 && value.every((entry) => typeof entry === 'number');
}

function nameOf(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}
