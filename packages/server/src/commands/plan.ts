/** `kinovox plan`: loads a problem of any format, plans, has the plan judged, and writes it; with `--check` judges a plan file. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WALK_PLANNER } from '@kinovox/agents';
import {
  type Budget,
  EXACT,
  type GridMoves,
  loadProblem,
  PLANNERS,
  PRINTED,
  PROBLEM_FORMATS,
  type Problem,
  parsePlan,
  planChecked,
  plannerNamed,
  validatePlan,
} from '@kinovox/planning';
import { didYouMean, SPLITS, type Split, UsageError } from '@kinovox/world';
import { Command } from 'commander';
import { choiceValue, integerValue } from '../cli/option-values.js';
import { readText } from '../cli/read-text.js';
import { assertWritable, reportCheck, reportPlan } from './plan-report.js';
import { checkScenarioPlan, planScenario, scenarioOf } from './plan-scenario.js';

interface PlanOptions {
  problem: string;
  planner?: string;
  agents?: number;
  moves?: string;
  budgetMs?: number;
  budgetExpansions?: number;
  seed?: number;
  split?: Split;
  out?: string;
  check?: string;
  json?: true;
}

const DEFAULT_BUDGET_MS = 10_000;
const PLANNER_NAMES = [WALK_PLANNER.name, ...PLANNERS.map((one) => one.name)];
const NAME_WIDTH = Math.max(...PLANNER_NAMES.map((name) => name.length));

export function planCommand(): Command {
  return new Command('plan')
    .description('Plan for the robots or agents of a problem file; every plan is judged by an independent validator.')
    .requiredOption('--problem <file>', `a scenario by id or file, or one of ${PROBLEM_FORMATS.join('; ')}`)
    .option('--planner <name>', `who plans: ${PLANNER_NAMES.join(', ')}`)
    .option('--agents <n>', 'the first n agents of the file (default: all; of single queries the first)', integerValue(1, 1_000_000))
    .option('--moves <n>', 'ways on a planar grid: 4, 8 or 32 (default: as the format means it)', choiceValue(['4', '8', '32']))
    .option(
      '--budget-ms <n>',
      `milliseconds (default: ${DEFAULT_BUDGET_MS}, or none with --budget-expansions)`,
      integerValue(1, 86_400_000),
    )
    .option('--budget-expansions <n>', 'nodes; with this budget alone the plan is the same on every machine', integerValue(1, 1e12))
    .option(
      '--seed <n>',
      'of a scenario the episode, which names the level; otherwise of planners that draw (default: 0)',
      integerValue(0, 2 ** 32 - 1),
    )
    .option('--split <name>', `levels of a scenario: ${SPLITS.join(', ')} (default: train)`, choiceValue(SPLITS))
    .option('--out <file>', 'writes the plan as JSON; nothing is written where there is none')
    .option('--check <file>', 'plans nothing and judges this plan: JSON as --out writes it, or a solution of dynobench or db-CBS')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Planners:
${[WALK_PLANNER, ...PLANNERS].map((one) => `  ${one.name.padEnd(NAME_WIDTH)}  ${one.description}`).join('\n')}

Examples:
  $ kinovox plan --problem random-32-32-10-random-1.scen --agents 50 --planner lacam --budget-ms 2000 --out plan.json
  $ kinovox plan --problem random-32-32-10-random-1.scen --agents 50 --check plan.json
  $ kinovox plan --problem reach-maze-v1 --split test --seed 3 --planner voxel --out plan.json
Exit code 1 when a plan is refused, 2 when a file or option is wrong. docs/planning.md has the formats.`,
    )
    .action(async (options: PlanOptions) => {
      const scenario = scenarioOf(options.problem);
      if (options.check !== undefined) assertNothingPlanned(options, scenario !== undefined);
      if (options.out !== undefined) assertWritable(options.out);
      if (scenario !== undefined) await ofScenario(scenario, options);
      else await ofProblemFile(options);
    });
}

async function ofScenario(path: string, options: PlanOptions): Promise<void> {
  const { seed = 0, split = 'train', agents, moves, check, out, json } = options;
  if (moves !== undefined)
    throw new UsageError('no-moves', `Moves are chosen for problem files; got --moves ${moves} for the scenario ${path}. Leave them out.`);
  const level = { seed, split, agents, json };
  if (check !== undefined) await checkScenarioPlan(path, check, readText(check), level);
  else await planScenario(path, plannerOf(options), budgetOf(options), { ...level, out });
}

async function ofProblemFile(options: PlanOptions): Promise<void> {
  const { split, check, seed = 0, out, json } = options;
  if (split !== undefined)
    throw new UsageError('no-split', `--split must stand with a scenario, whose levels it names; got ${options.problem}. Leave it out.`);
  const problem = readProblem(options);
  if (check !== undefined) {
    const { trajectories, printed } = parsePlan(readText(check), check, problem);
    const verdict = validatePlan(problem, trajectories, printed ? PRINTED : EXACT);
    reportCheck(problem, check, trajectories, verdict, { tolerances: printed ? 'printed' : 'exact', json });
    return;
  }
  const name = plannerOf(options);
  if (name === WALK_PLANNER.name)
    throw new UsageError(
      'unfit-planner',
      `The planner voxel must be given a scenario; got ${problem.name}. Use another planner (--help lists them).`,
    );
  const planner = plannerNamed(name);
  reportPlan(problem, planner.name, await planChecked(planner, problem, budgetOf(options), { seed }), { out, json });
}

function plannerOf({ planner }: PlanOptions): string {
  if (planner !== undefined) {
    if (PLANNER_NAMES.includes(planner)) return planner;
    throw new UsageError(
      'unknown-planner',
      `--planner must be one of ${PLANNER_NAMES.join(', ')}; got ${JSON.stringify(planner.slice(0, 80))}.${didYouMean(planner.slice(0, 80), PLANNER_NAMES)}`,
    );
  }
  throw new UsageError(
    'no-planner',
    `kinovox plan must be told --planner NAME, one of ${PLANNER_NAMES.join(', ')}, or --check PLAN; got neither.`,
  );
}

function budgetOf({ budgetMs, budgetExpansions }: PlanOptions): Budget {
  return { ms: budgetMs ?? (budgetExpansions === undefined ? DEFAULT_BUDGET_MS : undefined), expansions: budgetExpansions };
}

/** With `--check` nothing is planned: options of planning would say nothing. The seed of a scenario names its level. */
function assertNothingPlanned(options: PlanOptions, isScenario: boolean): void {
  const given = (
    [
      ['--planner', options.planner],
      ['--budget-ms', options.budgetMs],
      ['--budget-expansions', options.budgetExpansions],
      ['--seed', isScenario ? undefined : options.seed],
      ['--out', options.out],
    ] as const
  ).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (given.length > 0)
    throw new UsageError(
      'check-only',
      `--check must stand without options of planning, since it plans nothing; got ${given.join(', ')}. Leave out either.`,
    );
}

function readProblem({ problem: path, agents, moves }: PlanOptions): Problem {
  const folder = dirname(path);
  return loadProblem(readText(path), path, {
    agents,
    moves: moves === undefined ? undefined : (Number(moves) as GridMoves),
    // A name from a file never leads out of the problem's folder.
    readBeside: (name) => {
      const beside = join(folder, basename(name));
      return existsSync(beside) ? readText(beside) : undefined;
    },
  });
}
