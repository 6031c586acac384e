/** What a watcher is told of a scenario and of a level: names, colours, the parts of the task, goal regions, props. */
import type { CompiledScenario } from '@kinovox/env';
import { FIRST_COMBINATOR, MONITOR_OP, type MonitorProgram, NODE_COLUMN, NODE_COLUMNS } from '@kinovox/physics';
import type { BlockInfo, LevelInfo, NodeInfo, PropInfo, ResolvedScenario, ScenarioInfo, Split } from '@kinovox/world';
import { parseColor, teamColors } from './colors.js';
import { goalRegions } from './goal-regions.js';

/** Parts of the task that frames carry: enough to follow it, few enough to read. */
const MAX_NODES = 32;
const MAX_DEPTH = 3;
/** Colour of props that name none. */
const PROP_COLOR = 0xb58a56;

export function describeScenario(compiled: CompiledScenario): ScenarioInfo {
  const { scenario, program, base } = compiled;
  const colors = teamColors(base.agents);
  return {
    id: scenario.id,
    title: scenario.title,
    description: scenario.description ?? '',
    size: [...program.size] as [number, number, number],
    maxTicks: program.maxTicks,
    teams: [...colors].map(([id, color]) => ({ id, color })),
    agents: base.agents.map((agent) => ({
      id: agent.id,
      team: agent.team,
      color: agent.color === undefined ? colors.get(agent.team)! : parseColor(agent.color),
      ...(agent.role === undefined ? {} : { role: agent.role }),
    })),
    taskNames: program.taskNames,
    nodes: shownNodes(program.monitor),
    nodeNames: program.monitor.names,
    mechanismNames: program.mechanisms.names,
    symbols: scenario.messages.symbols,
    rewardNames: program.rewards.map((term) => term.name),
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
  if ('ball' in shape) return { id, color: own, shape: { kind: 'ball', radius: shape.ball } };
  return { id, color: own, shape: { kind: 'capsule', ...shape.capsule } };
}

/** The upper part of each task's tree, in reading order. */
function shownNodes(monitor: MonitorProgram): NodeInfo[] {
  const shown: NodeInfo[] = [];
  const visit = (node: number, task: number, depth: number): void => {
    if (shown.length >= MAX_NODES) return;
    shown.push({ name: monitor.names[node].slice(0, 2000), task, depth, node });
    if (depth < MAX_DEPTH) for (const child of childrenOf(monitor, node)) visit(child, task, depth + 1);
  };
  for (let task = 0; task < monitor.numTasks; task++) visit(monitor.roots[task], task, 0);
  return shown;
}

/** Parts of a combinator. What stands under `never` and `not` is hoped against, and a bar of its progress would mislead. */
function childrenOf(monitor: MonitorProgram, node: number): Int32Array {
  const at = node * NODE_COLUMNS;
  const op = monitor.nodes[at + NODE_COLUMN.op];
  if (op < FIRST_COMBINATOR || op === MONITOR_OP.not || op === MONITOR_OP.never) return new Int32Array(0);
  const list = monitor.nodes[at + NODE_COLUMN.list];
  return monitor.lists.subarray(list, list + monitor.nodes[at + NODE_COLUMN.size]);
}
