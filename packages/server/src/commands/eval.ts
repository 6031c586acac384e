/** `kinovox eval`: contestants over a suite, as a table, JSON, and files for papers and people. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  type Contestant,
  compareTiers,
  createSuite,
  type EvaluateOptions,
  type EvaluationReport,
  evaluate,
  evaluationCsv,
  evaluationHtml,
  evaluationLatex,
  LANGUAGE_SUITES,
  LanguageMeter,
  type LanguageSuiteName,
  type Suite,
  type TierComparison,
  type TierReport,
} from '@kinovox/agents';
import { loadScenario } from '@kinovox/env';
import { didYouMean, SPLITS, type Split, UsageError } from '@kinovox/world';
import { Command } from 'commander';
import { findScenario, shippedScenarios } from '../catalog.js';
import { choiceValue, integerValue } from '../cli/option-values.js';
import { formatShare, printFacts, printJson, printLine, printTable } from '../cli/print.js';
import { createProgress, type Progress } from '../cli/progress.js';
import { reportFiles } from '../run/evaluation-report.js';
import { asksModel, describeLanguage } from '../run/language-agents.js';
import { describePolicies, loadPolicy } from '../run/policy-driver.js';

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

export function evalCommand(): Command {
  return new Command('eval')
    .description('Evaluate policies over a suite of scenarios: scores with intervals, normalised between random (0) and scripted (1).')
    .option(
      '-p, --policy <spec...>',
      'who is judged, beside random and scripted: a policy, or name=policy; several of one name are runs of one method',
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
    .option('--out <folder>', 'write evaluation.{json,csv,tex,html} to a new folder')
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
  $ kinovox eval --policy greedy --suite tag-v1,plates-and-door-v1 --pairings --out tables
  $ kinovox eval --policy learned:policy.json --suite reach-flat-v1 --idle-props 4
The suite's hash is in every table: figures under different hashes are of different tasks.`,
    )
    .action(runEval);
}

async function runEval(options: EvalOptions): Promise<void> {
  const { seeds, split, firstSeed, out, json } = options;
  if (out !== undefined && existsSync(out))
    throw new UsageError('out-exists', `--out must be a folder that does not exist yet; got "${out}". Name another, or remove it.`);
  const { record = RECORDED } = options;
  if (options.report === undefined && options.record !== undefined)
    throw new UsageError(
      'record-without-report',
      `--record must come with --report, whose page links to the recordings; got --record ${record} alone. Add --report mine.html.`,
    );
  const page = options.report === undefined ? undefined : reportFiles(options.report);
  const spending = new Map<string, LanguageMeter>();
  const contestants = parseContestants(options.policy ?? [], spending);
  const suite = suiteOf(options.suite);
  const onBothTiers = options.idleProps === undefined ? undefined : withoutProps(suite);
  const report = await shown('eval', json === true, (onProgress) =>
    evaluate(suite, contestants, {
      seeds,
      split,
      firstSeed,
      pairings: options.pairings === true,
      onProgress,
      listEpisodes: page !== undefined,
      recordTo: page === undefined || record === 0 ? undefined : (place) => page.recordTo(place, record),
    }),
  );
  const { idleProps } = options;
  let tiers: TierReport | undefined;
  try {
    if (idleProps !== undefined)
      tiers = await shown('both tiers', json === true, (onProgress) =>
        compareTiers(onBothTiers!, contestants, { seeds, split, firstSeed, idleProps, onProgress }),
      );
  } finally {
    // What was evaluated is kept, whatever becomes of the second part.
    if (out !== undefined) writeTables(out, report, tiers);
    page?.write(report, tiers);
  }
  const language = Object.fromEntries([...spending].map(([name, meter]) => [name, meter.report()]));
  if (json === true) printJson({ ...report, ...(tiers && { tiers }), ...(spending.size > 0 && { language }) });
  else {
    print(report, tiers, out, options.report);
    if (spending.size > 0) printFacts(Object.entries(language).map(([name, spent]) => [name, describeLanguage(spent)]));
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
    });
  } finally {
    progress?.stop();
  }
}

/**
 * `greedy` or `mine=greedy`; specs of one name become runs of one contestant.
 * @param spending gets what language agents ask and spend, by contestant.
 * @throws UsageError for an unknown policy.
 */
export function parseContestants(specs: readonly string[], spending = new Map<string, LanguageMeter>()): Contestant[] {
  const runs = new Map<string, Contestant['runs'][number][]>();
  for (const spec of specs) {
    const equals = spec.indexOf('=');
    const policy = spec.slice(equals + 1);
    const name = equals > 0 ? spec.slice(0, equals) : policy;
    const meter = spending.get(name) ?? new LanguageMeter();
    if (asksModel(policy)) spending.set(name, meter);
    const made = loadPolicy(policy, { onLanguage: (entry) => meter.add(entry) });
    runs.set(name, [...(runs.get(name) ?? []), made]);
  }
  return [...runs].map(([name, made]) => ({ name, runs: made, language: spending.get(name) }));
}

/** @throws UsageError for a name that is no tag, id or file. */
function suiteOf(text: string): Suite {
  const shipped = shippedScenarios();
  const tags = [...new Set(shipped.flatMap(({ scenario }) => scenario.tags))];
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const paths = names.flatMap((name) => {
    if (name === 'all') return shipped.map(({ path }) => path);
    const tagged = shipped.filter(({ scenario }) => scenario.tags.includes(name)).map(({ path }) => path);
    if (tagged.length > 0) return tagged;
    const ids = scenariosOfSuite(name);
    if (ids.length > 0) return ids.map((id) => findScenario(id));
    try {
      return [findScenario(name)];
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const known = ['all', ALL_LANGUAGE, ...Object.keys(LANGUAGE_SUITES), ...tags, ...shipped.map(({ id }) => id)];
      throw new UsageError(
        'unknown-suite',
        `--suite must name scenarios by id, tag, suite or path, or be all; got "${name}".${didYouMean(name, known) || ` Tags: ${tags.join(', ')}.`}`,
        { cause: error },
      );
    }
  });
  return createSuite(
    text,
    [...new Set(paths)].map((path) => loadScenario(path)),
  );
}

/** All suites for language agents together. */
const ALL_LANGUAGE = 'language';

/** Of a suite for language agents; empty for another name. */
function scenariosOfSuite(name: string): readonly string[] {
  if (name === ALL_LANGUAGE) return Object.values(LANGUAGE_SUITES).flatMap(({ scenarios }) => scenarios);
  return Object.hasOwn(LANGUAGE_SUITES, name) ? LANGUAGE_SUITES[name as LanguageSuiteName].scenarios : [];
}

/** The scenarios that run on both tiers. @throws UsageError where there is none. */
function withoutProps(suite: Suite): Suite {
  const scenarios = suite.scenarios.filter(({ program }) => program.numProps === 0);
  if (scenarios.length > 0) return createSuite(suite.id, scenarios);
  throw new UsageError(
    'tiers-props',
    `--idle-props must have a scenario that runs on both tiers; got only such with props of their own in "${suite.id}". Name others, or leave it out.`,
  );
}

/** All files or none: they are written beside the folder and moved into place. */
function writeTables(out: string, report: EvaluationReport, tiers: TierReport | undefined): void {
  const folder = resolve(out);
  const unfinished = `${folder}.unfinished-${process.pid}`;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    mkdirSync(unfinished);
    const files = {
      'evaluation.json': `${JSON.stringify({ ...report, ...(tiers && { tiers }) }, null, 1)}\n`,
      'evaluation.csv': evaluationCsv(report, tiers),
      'evaluation.tex': evaluationLatex(report),
      'evaluation.html': evaluationHtml(report, { tiers }),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(unfinished, name), text);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new UsageError(
      'out-folder',
      `--out must be a folder that can be written; got "${out}": ${(error as Error).message}. Name another.`,
      {
        cause: error,
      },
    );
  }
}

function print(report: EvaluationReport, tiers: TierReport | undefined, out: string | undefined, page: string | undefined): void {
  const { contestants } = report;
  const columns = contestants.map(({ name, runs }) => (runs > 1 ? `${name} (${runs} runs)` : name));
  printTable(
    ['scenario', ...columns],
    report.suite.scenarios.map((scenario) => [
      scenario,
      ...contestants.map((one) => {
        const row = one.scenarios.find((entry) => entry.scenario === scenario);
        return row === undefined ? '-' : `${formatShare(row.score)} [${row.interval.map((end) => (100 * end).toFixed(0)).join(', ')}]`;
      }),
    ]),
  );
  printFacts(
    contestants.map(({ name, iqm, iqmInterval }) => [
      name,
      iqm === null || iqmInterval === null
        ? 'no normalised score'
        : `interquartile mean ${iqm.toFixed(2)} [${iqmInterval.map((end) => end.toFixed(2)).join(', ')}], 0 = random, 1 = scripted`,
    ]),
  );
  if (contestants.some(({ scenarios }) => scenarios.some(({ language }) => language !== undefined))) printConduct(report);
  if (tiers !== undefined) printTiers(tiers);
  for (const table of report.crossPlay) {
    printLine(`\ncross-play in ${table.scenario}: the row decides for the first agent, the column for the others`);
    printTable(
      ['', ...table.players],
      table.success.map((line, i) => [table.players[i], ...line.map(share)]),
    );
  }
  for (const table of report.matches) {
    printLine(
      `\nmatches in ${table.scenario}: points of the row as ${table.teams[0]} against the column as ${table.teams.slice(1).join(', ')}`,
    );
    printTable(
      ['', ...table.players, 'rating'],
      table.points.map((line, i) => [table.players[i], ...line.map(share), table.ratings[i]?.toFixed(0) ?? '-']),
    );
  }
  for (const { name, refused } of contestants)
    for (const { scenario, reason } of refused) printLine(`  ${name} did not play ${scenario}: ${reason}`);
  printFacts([
    ['suite', `${report.suite.id} ${report.suite.hash}, ${report.suite.scenarios.length} scenarios`],
    ['episodes', `${report.seeds} seeds from ${report.firstSeed}, split ${report.split}`],
    ...(out === undefined ? [] : ([['written', `${out}/evaluation.{json,csv,tex,html}`]] as const)),
    ...(page === undefined ? [] : ([['report', page]] as const)),
  ]);
}

function printTiers({ rows, refused }: TierReport): void {
  printLine('\nthe same levels on the rigid tier, with idle props out of the way');
  const scored = ({ score, interval }: TierComparison['batch']) =>
    `${formatShare(score)} [${interval.map((end) => (100 * end).toFixed(0)).join(', ')}]`;
  if (rows.length > 0)
    printTable(
      ['scenario', 'policy', 'batch tier', 'rigid tier', 'within', 'same episodes', 'pushed a prop'],
      rows.map((row) => [
        row.scenario,
        row.contestant,
        scored(row.batch),
        scored(row.rigid),
        row.within ? 'yes' : 'NO',
        `${row.sameEpisodes} of ${row.episodes}`,
        `${row.pushedEpisodes}`,
      ]),
    );
  for (const { scenario, reason } of refused) printLine(`  ${scenario} is not compared: ${reason}`);
}

function share(value: number | null): string {
  return value === null ? '-' : formatShare(value);
}

/** What language agents cost and how everybody went about it, a line per scenario and contestant. */
function printConduct({ suite, contestants }: EvaluationReport): void {
  printLine('\nby episode: ticks, and what language agents asked; invalid and refused in percent of calls, stuck in percent of ticks');
  printTable(
    ['scenario', 'policy', 'success', 'ticks', 'calls', 'tokens', 'cost', 'invalid', 'refused', 'stuck', 'messages', 'progress by agent'],
    suite.scenarios.flatMap((scenario) =>
      contestants.flatMap(({ name, scenarios }) => {
        const row = scenarios.find((entry) => entry.scenario === scenario);
        if (row === undefined) return [];
        const { language, conduct } = row;
        return [
          [
            scenario,
            name,
            formatShare(row.score),
            row.meanTicks.toFixed(0),
            language?.perEpisode.calls.toFixed(1) ?? '-',
            language?.perEpisode.tokens.toFixed(0) ?? '-',
            language?.perEpisode.cost.toFixed(4) ?? '-',
            language === undefined ? '-' : formatShare(language.invalidRate),
            language === undefined ? '-' : formatShare(language.refusedRate),
            formatShare(conduct.stuckShare),
            conduct.messages.toFixed(1),
            describeContribution(conduct.contribution),
          ],
        ];
      }),
    ),
  );
}

/** Names and shares of a small team, the ends of a large one. */
function describeContribution(contribution: Readonly<Record<string, number>>): string {
  const shares = Object.entries(contribution).sort(([, a], [, b]) => b - a);
  const told = shares.map(([agent, value]) => `${agent} ${(100 * value).toFixed(0)} %`);
  if (shares.length < 2) return '-';
  return shares.length <= 4 ? told.join(', ') : `${told[0]} to ${told[told.length - 1]}`;
}
