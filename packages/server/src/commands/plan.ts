/** `kinovox plan`: loads a problem of any format, plans, has the plan judged, and writes it; with `--check` judges a plan file. */
import { accessSync, constants, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  arrivalTimes,
  EXACT,
  type GridMoves,
  loadProblem,
  MAX_FILE_LENGTH,
  PLANNERS,
  PRINTED,
  PROBLEM_FORMATS,
  type Problem,
  parsePlan,
  planChecked,
  plannerNamed,
  toPlanFile,
  validatePlan,
} from '@kinovox/planning';
import { UsageError } from '@kinovox/world';
import { Command } from 'commander';
import { colors } from '../cli/colors.js';
import { EXIT } from '../cli/failure.js';
import { choiceValue, integerValue } from '../cli/option-values.js';
import { formatCount, printFacts, printJson, printLine } from '../cli/print.js';

interface PlanOptions {
  problem: string;
  planner?: string;
  agents?: number;
  moves?: string;
  budgetMs?: number;
  budgetExpansions?: number;
  seed?: number;
  out?: string;
  check?: string;
  json?: true;
}

const DEFAULT_BUDGET_MS = 10_000;

export function planCommand(): Command {
  return new Command('plan')
    .description('Plan for the robots or agents of a problem file; every plan is judged by an independent validator.')
    .requiredOption('--problem <file>', `one of ${PROBLEM_FORMATS.join('; ')}`)
    .option('--planner <name>', `who plans: ${PLANNERS.map((one) => one.name).join(', ')}`)
    .option('--agents <n>', 'the first n agents of the file (default: all; of single queries the first)', integerValue(1, 1_000_000))
    .option('--moves <n>', 'ways on a planar grid: 4, 8 or 32 (default: as the format means it)', choiceValue(['4', '8', '32']))
    .option(
      '--budget-ms <n>',
      `milliseconds (default: ${DEFAULT_BUDGET_MS}, or none with --budget-expansions)`,
      integerValue(1, 86_400_000),
    )
    .option('--budget-expansions <n>', 'nodes; with this budget alone the plan is the same on every machine', integerValue(1, 1e12))
    .option('--seed <n>', 'seed of planners that draw (default: 0)', integerValue(0, 2 ** 32 - 1))
    .option('--out <file>', 'writes the plan as JSON; nothing is written where there is none')
    .option('--check <file>', 'plans nothing and judges this plan: JSON as --out writes it, or a solution of dynobench or db-CBS')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Planners:
${PLANNERS.map((one) => `  ${one.name.padEnd(8)}  ${one.description}`).join('\n')}
Examples:
  $ kinovox plan --problem random-32-32-10-random-1.scen --agents 50 --planner lacam --budget-ms 2000 --out plan.json
  $ kinovox plan --problem random-32-32-10-random-1.scen --agents 50 --check plan.json
Exit code 1 when a plan is refused, 2 when a file or option is wrong. docs/planning.md has the formats.`,
    )
    .action(async (options: PlanOptions) => {
      if (options.check !== undefined) assertNothingPlanned(options);
      if (options.out !== undefined) assertWritable(options.out);
      const problem = readProblem(options);
      if (options.check !== undefined) checkPlanFile(problem, options.check, options);
      else await plan(problem, options);
    });
}

/** With `--check` nothing is planned: options of planning would say nothing. */
function assertNothingPlanned(options: PlanOptions): void {
  const given = (
    [
      ['--planner', options.planner],
      ['--budget-ms', options.budgetMs],
      ['--budget-expansions', options.budgetExpansions],
      ['--seed', options.seed],
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

function readText(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_LENGTH)
      throw new UsageError(
        'huge-file',
        `A file must have at most ${formatCount(MAX_FILE_LENGTH)} bytes; got ${formatCount(size)} at ${path}. Give a smaller one.`,
      );
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError('unreadable', `A file must be readable; got ${(error as Error).message}. Check the path.`, { cause: error });
  }
}

function checkPlanFile(problem: Problem, path: string, { json }: PlanOptions): void {
  const { trajectories, printed } = parsePlan(readText(path), path, problem);
  const verdict = validatePlan(problem, trajectories, printed ? PRINTED : EXACT);
  const tolerances = printed ? 'printed' : 'exact';
  const arrivals = verdict.valid ? arrivalTimes(problem, trajectories) : undefined;
  const makespan = arrivals === undefined ? null : arrivals.reduce((a, b) => Math.max(a, b), 0);
  const sumOfCosts = arrivals === undefined ? null : sum(arrivals);
  process.exitCode = verdict.valid ? EXIT.done : EXIT.ours;
  if (json === true) {
    printJson({ problem: problem.name, plan: path, agents: trajectories.length, tolerances, makespan, sumOfCosts, verdict });
    return;
  }
  if (verdict.valid)
    printLine(
      `${colors.green('valid')}    ${path}  ${colors.dim(`makespan ${unit(problem, makespan)}, sum of costs ${unit(problem, sumOfCosts)}`)}`,
    );
  else printLine(`${colors.red('refused')}  ${path}\n         ${verdict.violation.constraint}: ${verdict.violation.sentence}`);
}

async function plan(problem: Problem, options: PlanOptions): Promise<void> {
  if (options.planner === undefined)
    throw new UsageError(
      'no-planner',
      `kinovox plan must be told --planner NAME, one of ${PLANNERS.map((one) => one.name).join(', ')}, or --check PLAN; got neither.`,
    );
  const planner = plannerNamed(options.planner);
  const ms = options.budgetMs ?? (options.budgetExpansions === undefined ? DEFAULT_BUDGET_MS : undefined);
  const result = await planChecked(planner, problem, { ms, expansions: options.budgetExpansions }, { seed: options.seed ?? 0 });
  const { status, trajectories, stats, verdict } = result;
  const arrivals = trajectories.length > 0 ? arrivalTimes(problem, trajectories) : undefined;
  const makespan = arrivals === undefined ? null : arrivals.reduce((a, b) => Math.max(a, b), 0);
  const sumOfCosts = arrivals === undefined ? null : sum(arrivals);
  const written = options.out !== undefined && trajectories.length > 0 ? options.out : undefined;
  if (written !== undefined) writeWhole(written, `${JSON.stringify(toPlanFile(problem, trajectories))}\n`);
  process.exitCode = status === 'refused' ? EXIT.ours : EXIT.done;
  const agents = problem.kind === 'grid' ? problem.agents.length : problem.robots.length;
  if (options.json === true) {
    printJson({
      problem: problem.name,
      planner: planner.name,
      agents,
      status,
      makespan,
      sumOfCosts,
      expansions: stats.expansions,
      ms: stats.ms,
      verdict,
      ...(result.reason === undefined ? {} : { reason: result.reason }),
      ...(stats.more === undefined ? {} : { more: stats.more }),
      ...(written === undefined ? {} : { out: written }),
    });
    return;
  }
  const good = status === 'solved' || status === 'partial';
  printLine(
    `${good ? colors.green(status) : colors.red(status)}  ${problem.name}  ${colors.dim(`${planner.name}, ${agents} ${agents === 1 ? 'agent' : 'agents'}`)}`,
  );
  if (result.reason !== undefined) printLine(result.reason);
  printFacts([
    ['makespan', unit(problem, makespan)],
    ['sum of costs', unit(problem, sumOfCosts)],
    ['expansions', formatCount(stats.expansions)],
    ['time', `${stats.ms.toFixed(0)} ms`],
    ['verdict', verdict === null ? 'no plan to judge' : verdict.valid ? 'valid' : verdict.violation.sentence],
    ...(options.out === undefined ? [] : ([['written', written ?? 'nothing: there is no plan']] as const)),
  ]);
}

/** Looked at before planning, which may take long. A plan replaces no pipe and no device. */
function assertWritable(path: string): void {
  const refuse = (got: string, next: string): never => {
    throw new UsageError('unwritable', `--out must be a file that can be written, in a folder that exists; got ${path}, ${got}. ${next}`);
  };
  const folder = statSync(dirname(path), { throwIfNoEntry: false });
  if (folder === undefined || !folder.isDirectory()) refuse('which lies in no folder', `Make ${dirname(path)}, or choose another path.`);
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch {
    refuse('whose folder cannot be written to', 'Choose another path.');
  }
  const target = statSync(path, { throwIfNoEntry: false });
  if (target !== undefined && !target.isFile()) refuse('which is there and no regular file', 'Choose another path.');
}

/** A file is there whole or not at all. */
function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new UsageError(
      'unwritable',
      `--out must be a file that can be written; got ${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}). Choose another path.`,
      {
        cause: error,
      },
    );
  }
}

function unit(problem: Problem, value: number | null): string {
  if (value === null) return '-';
  const rounded = `${Number(value.toFixed(3))}`;
  return problem.kind === 'continuous' ? `${rounded} s` : problem.timing === 'steps' ? `${rounded} steps` : rounded;
}

function sum(values: readonly number[]): number {
  return Number(values.reduce((total, value) => total + value, 0).toFixed(9));
}
