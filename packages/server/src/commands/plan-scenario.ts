/** `kinovox plan --problem SCENARIO`: the planning problem is a level of a scenario, named by seed and split as elsewhere. */
import { existsSync, statSync } from 'node:fs';
import { gridOfLevel, judgeWalk, openLevel, planWalk, type ScenarioLevel, WALK_PLANNER, walkerOf } from '@kinovox/agents';
import {
  type Budget,
  type CheckedResult,
  EXACT,
  firstOfPlan,
  type GridProblem,
  isScenarioText,
  numStates,
  type PlanContent,
  type Planner,
  type Problem,
  planChecked,
  planFor,
  plannerNamed,
  planSquad,
  readPlanFile,
  validatePlan,
  WALKER_DYNAMICS_NAME,
  WALKER_STATE_NAMES,
} from '@kinovox/planning';
import { didYouMean, SCENARIO_SUFFIX, type Split, UsageError } from '@kinovox/world';
import { findScenario, shippedIds } from '../catalog.js';
import { readText } from '../cli/read-text.js';
import { reportCheck, reportPlan } from './plan-report.js';

interface LevelOptions {
  seed: number;
  split: Split;
  agents?: number | undefined;
  json?: true | undefined;
}

/** Path of the scenario that `--problem` means; undefined where it means a problem file. @throws UsageError for a name that is neither. */
export function scenarioOf(name: string): string | undefined {
  const ids = shippedIds();
  if (ids.includes(name) || existsSync(`${name}${SCENARIO_SUFFIX}`)) return findScenario(name);
  if (isFile(name)) {
    if (name.endsWith(SCENARIO_SUFFIX)) return name;
    return name.endsWith('.json') && isScenarioText(readText(name)) ? name : undefined;
  }
  if (/^[\w-]+$/.test(name))
    throw new UsageError(
      'unknown-problem',
      `--problem must be a file, or the id of a shipped scenario; got "${name.slice(0, 80)}".${didYouMean(name.slice(0, 80), ids) || ' "kinovox scenarios" lists the ids.'}`,
    );
  return undefined;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Nothing there, or a name that no file can have: whoever reads it says what is wrong.
    return false;
  }
}

/** Plans for a level, has the plan judged, prints and writes it. */
export async function planScenario(
  path: string,
  planner: string,
  budget: Budget,
  { seed, split, agents, json, out }: LevelOptions & { out?: string | undefined },
): Promise<void> {
  const level = await openLevel(path, { seed, split });
  try {
    if (planner === WALK_PLANNER.name) {
      assertOneAgent(agents);
      const shell = walkProblem(level);
      reportPlan(shell, planner, await planWalkChecked(level, budget), { out, json });
      return;
    }
    const { problem, reason } = gridOfLevel(level, agents);
    const shown = problem ?? emptyGrid(level.name);
    const result: CheckedResult =
      problem === undefined || reason !== undefined
        ? {
            status: 'infeasible',
            trajectories: [],
            stats: { expansions: 0, ms: 0, makespan: null, sumOfCosts: null },
            reason: reason ?? 'There are no cells.',
            verdict: null,
          }
        : await planChecked(gridPlanner(planner), problem, budget, { seed: 0 });
    reportPlan(shown, planner, result, { out, json });
  } finally {
    level.env.close();
  }
}

/** Judges the plan of a file: of a walker by playing it in the world, of cells as on every grid. */
export async function checkScenarioPlan(
  path: string,
  planPath: string,
  text: string,
  { seed, split, agents, json }: LevelOptions,
): Promise<void> {
  const level = await openLevel(path, { seed, split });
  try {
    const content = readPlanFile(text, planPath);
    if (isOfWalker(content, level)) {
      assertOneAgent(agents);
      const shell = walkProblem(level);
      const { trajectories } = planFor(content, planPath, shell);
      reportCheck(shell, planPath, trajectories, await judgeWalk(level, trajectories), { tolerances: 'exact', json });
      return;
    }
    const { problem, reason } = gridOfLevel(level, agents);
    if (problem === undefined || reason !== undefined)
      throw new UsageError(
        'no-plan',
        `A plan that is judged must belong to a level that has one; got ${level.name}: ${reason} Check --seed, --split and --agents.`,
      );
    const { trajectories } = planFor(content, planPath, problem);
    reportCheck(problem, planPath, trajectories, validatePlan(problem, trajectories, EXACT), { tolerances: 'exact', json });
  } finally {
    level.env.close();
  }
}

/** A plan says by its type whose it is, or by the length of its states; one that says neither is the walker's where the level has one walker alone. */
function isOfWalker(content: PlanContent, { agents }: ScenarioLevel): boolean {
  const { type, width } = firstOfPlan(content);
  if (type === WALKER_DYNAMICS_NAME || type === 'cell') return type !== 'cell';
  if (width === WALKER_STATE_NAMES.length) return true;
  const [{ view }] = agents;
  return width !== 2 && width !== 3 && agents.length === 1 && view.roster[view.slot].body.type === WALKER_DYNAMICS_NAME;
}

/** For bodies: LaCAM without turns in a ring, whose plans they can follow; the other planners of grids as they are. */
function gridPlanner(name: string): Planner<never> {
  const planner = plannerNamed(name);
  return name === 'lacam' ? ({ ...planner, plan: planSquad } satisfies Planner<GridProblem> as Planner<never>) : planner;
}

async function planWalkChecked(level: ScenarioLevel, budget: Budget): Promise<CheckedResult> {
  const result = await planWalk(level, budget);
  if (result.status !== 'solved' && result.status !== 'partial') return { ...result, verdict: null };
  const verdict = await judgeWalk(level, result.trajectories);
  if (verdict.valid) return { ...result, verdict };
  // A part of a way ends short of the goal; all else is judged.
  const rest =
    result.status === 'partial' && verdict.violation.constraint === 'goal'
      ? await judgeWalk(level, result.trajectories, ['goal'])
      : verdict;
  if (rest.valid) return { ...result, verdict };
  return {
    status: 'refused',
    trajectories: [],
    stats: result.stats,
    reason: `The planner voxel made a plan that the world refuses: ${rest.violation.sentence} The plan is not handed out.`,
    verdict: rest,
  };
}

/** The level's walker as a problem of states, for reading and writing plans. Its goal is a region of cells, which the world judges: no state stands for it. */
function walkProblem(level: ScenarioLevel): Problem {
  const dynamics = walkerOf(level);
  const { size } = level.env.compiled.program;
  const unsaid = () => new Float64Array(numStates(dynamics)).fill(Number.NaN);
  const [{ view }] = level.agents;
  const robots = [{ name: view.roster[0].id, dynamics, start: unsaid(), goal: unsaid() }];
  return { kind: 'continuous', name: level.name, space: 3, min: [0, 0, 0], max: size, obstacles: [], robots };
}

function emptyGrid(name: string): Problem {
  return { kind: 'grid', name, grid: { size: [0, 0, 0], blocked: new Uint8Array(0) }, moves: 4, agents: [], timing: 'steps', radius: 0 };
}

function assertOneAgent(agents: number | undefined): void {
  if (agents !== undefined && agents !== 1)
    throw new UsageError(
      'unfit-planner',
      `The planner voxel must plan for one agent; got --agents ${agents}. Leave it out, or use --planner lacam.`,
    );
}
