/** `kinovox eval`: contestants over a suite, as a table, JSON, and files for papers and people. */
import {
  type Contestant,
  compareTiers,
  type EvaluateOptions,
  type EvaluationReport,
  evaluate,
  LANGUAGE_SUITES,
  LanguageMeter,
  type TierReport,
} from '@kinovox/agents';
import { SPLITS, type Split, UsageError } from '@kinovox/world';
import { Command } from 'commander';
import { EXIT } from '../cli/failure.js';
import { choiceValue, integerValue } from '../cli/option-values.js';
import { printFacts, printJson } from '../cli/print.js';
import { createProgress, type Progress } from '../cli/progress.js';
import { takeDownBars } from '../cli/standing-bars.js';
import { type EvaluationFiles, reportFiles, tableFiles } from '../run/evaluation-files.js';
import { suiteOf, withoutProps } from '../run/evaluation-suite.js';
import { printEvaluation } from '../run/evaluation-text.js';
import { asksModel, describeLanguage } from '../run/language-agents.js';
import { describePolicies, isReplay, isTeam, loadAssignment, teamParts } from '../run/policy-driver.js';

interface EvalOptions {
  policy?: string[];
  suite: string;
  split: Split;
  seeds: number;
  firstSeed: number;
  pairings?: true;
  idleProps?: number;
  out?: string;
  report?: string;
  record?: number;
  json?: true;
}

const MAX_SEED = 2 ** 52;
/** Episodes that --report records of each policy and scenario. */
const RECORDED = 3;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export function evalCommand(): Command {
  return new Command('eval')
    .description('Evaluate policies over a suite of scenarios: scores with intervals, normalised between random (0) and scripted (1).')
    .option(
      '-p, --policy <spec...>',
      'who is judged, beside random and scripted: a policy, or name=policy, or name=agent=policy,agent=policy; several of one name are runs of one method',
    )
    .option('--suite <names>', 'all, or ids, tags and files of scenarios with commas between, or suites such as language-solo', 'all')
    .option('--split <name>', `levels to draw from: ${SPLITS.join(', ')}`, choiceValue(SPLITS), 'test')
    .option('--seeds <n>', 'episodes per run and scenario', integerValue(1, 100_000), 100)
    .option('--first-seed <n>', 'episode i plays seed first + i', integerValue(0, MAX_SEED), 0)
    .option('--pairings', 'also mix teams from two contestants each (cross-play), and rate competitions')
    .option(
      '--idle-props <n>',
      'also play everything on the rigid tier with so many props out of the way, 1..16, and hold the scores of both tiers together',
      integerValue(1, 16),
    )
    .option('--out <folder>', 'write evaluation.{json,csv,tex,html}, and decisions of language agents, to a new folder')
    .option('--report <file>', 'write one HTML page with charts and every episode to a new file')
    .option(
      '--record <n>',
      'episodes of each policy and scenario to record for the replays of --report (default: 3)',
      integerValue(0, 1000),
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Policies:
${describePolicies()}

Suites for language agents (language is all of them):
${Object.entries(LANGUAGE_SUITES)
  .map(([name, { title }]) => `  ${name.padEnd(22)}${title}.`)
  .join('\n')}

Examples:
  $ kinovox eval --policy greedy --suite reach --seeds 200
  $ kinovox eval --policy mine=llm:mine.json planner:voxel --suite language-solo --seeds 10 --report mine.html
  $ kinovox eval --policy mixed=ada=llm:mine.json,default=scripted --suite bridge-gap-v1
  $ kinovox eval --policy greedy --suite tag-v1,plates-and-door-v1 --pairings --out tables
  $ kinovox eval --policy learned:policy.json --suite reach-flat-v1 --idle-props 4
The suite's hash is in every table: figures under different hashes are of different tasks.`,
    )
    .action(runEval);
}

async function runEval(options: EvalOptions): Promise<void> {
  const { seeds, split, firstSeed, json, idleProps } = options;
  const tables = options.out === undefined ? undefined : tableFiles(options.out);
  const { record = RECORDED } = options;
  if (options.report === undefined && options.record !== undefined)
    throw new UsageError(
      'record-without-report',
      `--record must come with --report, whose page links to the recordings; got --record ${record} alone. Add --report mine.html.`,
    );
  const page = options.report === undefined ? undefined : reportFiles(options.report);
  const spending = new Map<string, LanguageMeter>();
  const contestants = parseContestants(options.policy ?? [], spending);
  const replay = (options.policy ?? []).find((spec) => isReplay(spec.slice(spec.indexOf('=') + 1)));
  if (options.pairings === true && replay !== undefined)
    throw new UsageError(
      'replay-pairings',
      `--pairings must mix policies that decide, and a replay plays what was recorded whatever others do; got "${replay}". Leave one out.`,
    );
  const suite = suiteOf(options.suite);
  const onBothTiers = idleProps === undefined ? undefined : withoutProps(suite);
  const files = [page, tables].filter((one) => one !== undefined);
  let report: EvaluationReport | undefined;
  let tiers: TierReport | undefined;
  // What was evaluated is kept, whatever becomes of the second part; of a first part that did not come to its end, nothing is.
  const settle = () => {
    if (report === undefined) {
      for (const one of files) one.discard();
      return;
    }
    const failures = writeAll(files, report, tiers);
    // Printed also where a file could not be written: it may have cost hours and tokens.
    const language = Object.fromEntries([...spending].map(([name, meter]) => [name, meter.report()]));
    if (json === true) printJson({ ...report, ...(tiers && { tiers }), ...(spending.size > 0 && { language }) });
    else {
      const written = (one: EvaluationFiles | undefined, path: string | undefined) => (one && failures.has(one) ? undefined : path);
      printEvaluation(report, tiers, written(tables, options.out), written(page, options.report));
      if (spending.size > 0) printFacts(Object.entries(language).map(([name, spent]) => [name, describeLanguage(spent)]));
    }
    const [failure] = failures.values();
    if (failure !== undefined) throw failure;
  };
  await settled(settle, async () => {
    report = await shown('eval', json === true, (onProgress) =>
      evaluate(suite, contestants, {
        seeds,
        split,
        firstSeed,
        pairings: options.pairings === true,
        onProgress,
        listEpisodes: page !== undefined,
        recordTo: page === undefined || record === 0 ? undefined : (place) => page.recordTo(place, record),
        ...(files.length > 0 && { keepDecisions: (...episode) => files.map((one) => one.keepDecisions(...episode))[0] }),
      }),
    );
    if (idleProps !== undefined)
      tiers = await shown('both tiers', json === true, (onProgress) =>
        compareTiers(onBothTiers!, contestants, { seeds, split, firstSeed, idleProps, onProgress }),
      );
  });
}

/** Writes to each, though another fails. @returns what failed, and why. */
function writeAll(
  files: readonly EvaluationFiles[],
  report: EvaluationReport,
  tiers: TierReport | undefined,
): Map<EvaluationFiles, unknown> {
  const failures = new Map<EvaluationFiles, unknown>();
  for (const one of files)
    try {
      one.write(report, tiers);
    } catch (error) {
      failures.set(one, error);
    }
  return failures;
}

/** Settles files once, when the work ends, fails, or a signal ends it. */
async function settled(settle: () => void, work: () => Promise<void>): Promise<void> {
  const onSignal = () => {
    takeDownBars();
    try {
      settle();
    } finally {
      process.exit(EXIT.interrupted);
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    settle();
  }
}

/** What is done under a bar, which is taken down however it ends. */
async function shown<T>(
  label: string,
  quiet: boolean,
  play: (onProgress: NonNullable<EvaluateOptions['onProgress']>) => Promise<T>,
): Promise<T> {
  let progress: Progress | undefined;
  try {
    return await play(({ scenario, line, done, total }) => {
      progress ??= createProgress(label, total, { quiet });
      progress.update(done, `${scenario} ${line}`);
      // Signals are heard between episodes.
      return new Promise((resolve) => setImmediate(resolve));
    });
  } finally {
    progress?.stop();
  }
}

/**
 * `greedy`, `mine=greedy` or, by agent, `mine=ada=greedy,default=scripted`; specs of one name become runs of one contestant.
 * @param spending gets what language agents ask and spend, by contestant.
 * @throws UsageError for an unknown policy, and for policies by agent without a name for all of them.
 */
export function parseContestants(specs: readonly string[], spending = new Map<string, LanguageMeter>()): Contestant[] {
  const runs = new Map<string, Contestant['runs'][number][]>();
  for (const spec of specs) {
    const equals = spec.indexOf('=');
    const policy = spec.slice(equals + 1);
    const name = equals > 0 ? spec.slice(0, equals) : policy;
    if (equals > 0 && !isTeam(policy) && teamParts(policy).length > 1)
      throw new UsageError(
        'team-without-name',
        `Policies by agent must be judged under a name of their own; got "${spec}". Write --policy mixed=${spec}.`,
      );
    const meter = spending.get(name) ?? new LanguageMeter();
    if (asksModel(policy)) spending.set(name, meter);
    const made = loadAssignment(policy, { onLanguage: (entry) => meter.add(entry) });
    runs.set(name, [...(runs.get(name) ?? []), made]);
  }
  return [...runs].map(([name, made]) => ({ name, runs: made, language: spending.get(name) }));
}
