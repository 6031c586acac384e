/** What `kinovox plan` prints and writes: the report of a plan, of a check, and the plan file. */
import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  arrivalTimes,
  type CheckedResult,
  MAX_FILE_LENGTH,
  type Problem,
  type Trajectory,
  toPlanFile,
  type Verdict,
} from '@kinovox/planning';
import { UsageError } from '@kinovox/world';
import { colors } from '../cli/colors.js';
import { EXIT } from '../cli/failure.js';
import { formatCount, printFacts, printJson, printLine } from '../cli/print.js';

interface Costs {
  makespan: number | null;
  sumOfCosts: number | null;
}

/** Writes the plan to `out`, prints the report, and sets the exit code. */
export function reportPlan(
  problem: Problem,
  planner: string,
  result: CheckedResult,
  { out, json }: { out?: string | undefined; json?: true | undefined },
): void {
  const { status, trajectories, stats, verdict, reason } = result;
  const costs = costsOf(problem, trajectories);
  const written = out !== undefined && trajectories.length > 0 ? out : undefined;
  if (written !== undefined) writePlan(written, problem, trajectories);
  process.exitCode = status === 'refused' ? EXIT.ours : EXIT.done;
  const agents = problem.kind === 'grid' ? problem.agents.length : problem.robots.length;
  if (json === true) {
    printJson({
      problem: problem.name,
      planner,
      agents,
      status,
      ...costs,
      expansions: stats.expansions,
      ms: stats.ms,
      verdict,
      ...(reason === undefined ? {} : { reason }),
      ...(stats.more === undefined ? {} : { more: stats.more }),
      ...(written === undefined ? {} : { out: written }),
    });
    return;
  }
  const good = status === 'solved' || status === 'partial';
  printLine(
    `${good ? colors.green(status) : colors.red(status)}  ${problem.name}  ${colors.dim(`${planner}, ${agents} ${agents === 1 ? 'agent' : 'agents'}`)}`,
  );
  if (reason !== undefined) printLine(reason);
  printFacts([
    ['makespan', unit(problem, costs.makespan)],
    ['sum of costs', unit(problem, costs.sumOfCosts)],
    ['expansions', formatCount(stats.expansions)],
    ['time', `${stats.ms.toFixed(0)} ms`],
    ['verdict', verdict === null ? 'no plan to judge' : verdict.valid ? 'valid' : verdict.violation.sentence],
    ...(out === undefined ? [] : ([['written', written ?? 'nothing: there is no plan']] as const)),
  ]);
}

/** Prints the verdict on the plan of a file, and sets the exit code. */
export function reportCheck(
  problem: Problem,
  path: string,
  trajectories: readonly Trajectory[],
  verdict: Verdict,
  { tolerances, json }: { tolerances: 'printed' | 'exact'; json?: true | undefined },
): void {
  const costs = costsOf(problem, verdict.valid ? trajectories : []);
  process.exitCode = verdict.valid ? EXIT.done : EXIT.ours;
  if (json === true) printJson({ problem: problem.name, plan: path, agents: trajectories.length, tolerances, ...costs, verdict });
  else if (verdict.valid)
    printLine(
      `${colors.green('valid')}    ${path}  ${colors.dim(`makespan ${unit(problem, costs.makespan)}, sum of costs ${unit(problem, costs.sumOfCosts)}`)}`,
    );
  else printLine(`${colors.red('refused')}  ${path}\n         ${verdict.violation.constraint}: ${verdict.violation.sentence}`);
}

function costsOf(problem: Problem, trajectories: readonly Trajectory[]): Costs {
  if (trajectories.length === 0) return { makespan: null, sumOfCosts: null };
  const arrivals = arrivalTimes(problem, trajectories);
  return { makespan: arrivals.reduce((a, b) => Math.max(a, b), 0), sumOfCosts: sum(arrivals) };
}

/** Looked at before planning, which may take long. A plan replaces no pipe and no device. */
export function assertWritable(path: string): void {
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

/** A file is there whole or not at all. What `--check` would not read is not written. */
function writePlan(path: string, problem: Problem, trajectories: readonly Trajectory[]): void {
  const file = toPlanFile(problem, trajectories);
  const robots = file.robots.map((robot) => JSON.stringify(robot));
  const length = robots.reduce((total, robot) => total + Buffer.byteLength(robot) + 1, 32);
  if (length > MAX_FILE_LENGTH)
    throw new UsageError(
      'huge-plan',
      `A plan file must have at most ${formatCount(MAX_FILE_LENGTH)} bytes, which is what --check reads; got ${formatCount(length)} for ${path}. Plan for fewer agents (--agents), or leave --out out.`,
    );
  const text = `{"dt":${JSON.stringify(file.dt)},"robots":[${robots.join(',')}]}\n`;
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
