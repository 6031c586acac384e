/** What a watcher is told of a scenario and of a level: names, colours, the parts of the task, goal regions, props. */
import type { CompiledScenario } from '@kinovox/env';
import type { MonitorProgram, SurvivalTables } from '@kinovox/physics';
import {
  type BlockInfo,
  type LevelInfo,
  mobsOf,
  type NodeInfo,
  type PropInfo,
  propExtent,
  type ResolvedScenario,
  type ScenarioInfo,
  type Split,
  type SurvivalInfo,
} from '@kinovox/world';
import { achievementGoals } from './achievements.js';
import { agentColors, parseColor, teamColors } from './colors.js';
import { goalRegions } from './goal-regions.js';
import { partsOf } from './monitor-parts.js';
import { describeVehicle } from './vehicle-info.js';

/** Parts of the task that frames carry: enough to follow it, few enough to read. */
const MAX_NODES = 32;
/** The same where the parts are achievements, which take a line or less. */
const MAX_ACHIEVEMENTS = 96;
const MAX_DEPTH = 3;
/** Colour of props that name none. */
const PROP_COLOR = 0xb58a56;

export function describeScenario(compiled: CompiledScenario): ScenarioInfo {
  const { scenario, program, base } = compiled;
  const colors = teamColors(base.agents);
  const own = agentColors(base.agents);
  const survival = program.survival === undefined ? undefined : describeSurvival(compiled, program.survival);
  return {
    id: scenario.id,
    title: scenario.title,
    description: scenario.description ?? '',
    size: [...program.size] as [number, number, number],
    maxTicks: program.maxTicks,
    teams: [...colors].map(([id, color]) => ({ id, color })),
    agents: base.agents.map((agent, slot) => ({
      id: agent.id,
      team: agent.team,
      color: own[slot],
      ...(agent.role === undefined ? {} : { role: agent.role }),
      ...('vehicle' in agent.body ? { vehicle: describeVehicle(agent.body) } : {}),
    })),
    taskNames: program.taskNames,
    nodes: shownNodes(program.monitor, achievementGoals(base.task, program.monitor)),
    nodeNames: program.monitor.names,
    mechanismNames: program.mechanisms.names,
    symbols: scenario.messages.symbols,
    rewardNames: program.rewards.map((term) => term.name),
    ...(survival === undefined ? {} : { survival }),
  };
}

function describeSurvival({ base, program }: CompiledScenario, tables: SurvivalTables): SurvivalInfo {
  const mobs = mobsOf(base.survival ?? {});
  return {
    mostFood: tables.maxFood,
    hunger: tables.hungerTicks > 0,
    recipes: tables.recipeNames,
    mobKinds: mobs.map(({ name, kind, health }) => ({ name, kind, health })),
    mobKindBySlot: Array.from(program.survival?.mobs?.kindOf ?? []),
  };
}

export function describePalette(compiled: CompiledScenario): BlockInfo[] {
  return compiled.palette.names.map((name, index) => ({ id: compiled.palette.registryIds[index], name }));
}

/** Describes levels, keeping what it found for the last few variants. */
export function createLevelDescriber(compiled: CompiledScenario, split: Split): (variant: number, seed: string) => LevelInfo {
  const known = new Map<number, Omit<LevelInfo, 'seed'>>();
  return (variant, seed) => {
    let info = known.get(variant);
    if (info === undefined) {
      const resolved = compiled.resolve(split, variant);
      info = {
        size: [...compiled.program.size] as [number, number, number],
        variant,
        split,
        goalRegions: goalRegions(resolved),
        props: resolved.props.map(describeProp),
      };
      if (known.size >= KEPT_LEVELS) known.clear();
      known.set(variant, info);
    }
    return { ...info, seed };
  };
}

const KEPT_LEVELS = 256;

function describeProp({ id, shape, color }: ResolvedScenario['props'][number]): PropInfo {
  const own = color === undefined ? PROP_COLOR : parseColor(color);
  if ('box' in shape) return { id, color: own, shape: { kind: 'box', size: [...shape.box] } };
  if ('ramp' in shape) return { id, color: own, shape: { kind: 'ramp', size: [...shape.ramp] } };
  if ('container' in shape) return { id, color: own, shape: { kind: 'container', ...shape.container, size: [...shape.container.size] } };
  if ('plank' in shape) return { id, color: own, shape: { kind: 'box', size: [...propExtent(shape)] } };
  if ('ball' in shape) return { id, color: own, shape: { kind: 'ball', radius: shape.ball } };
  return { id, color: own, shape: { kind: 'capsule', ...shape.capsule } };
}

/** The upper part of each task's tree, in reading order. */
function shownNodes(monitor: MonitorProgram, goals: ReadonlyMap<number, string>): NodeInfo[] {
  const shown: NodeInfo[] = [];
  const most = goals.size > 0 ? MAX_ACHIEVEMENTS : MAX_NODES;
  const visit = (node: number, task: number, depth: number): void => {
    if (shown.length >= most) return;
    const goal = goals.get(node);
    shown.push({
      name: monitor.names[node].slice(0, 2000),
      task,
      depth,
      node,
      ...(goal === undefined ? {} : { goal: goal.slice(0, 2000) }),
    });
    // The parts of an achievement are its own affair.
    if (depth < MAX_DEPTH && goal === undefined) for (const child of partsOf(monitor, node)) visit(child, task, depth + 1);
  };
  for (let task = 0; task < monitor.numTasks; task++) visit(monitor.roots[task], task, 0);
  return shown;
}
