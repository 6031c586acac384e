/** `kinovox bench`: speed of the engines, success of the policies, cost of a viewer. */
import { benchLines, benchScenario, moreLines, type ScenarioBenchReport } from '@kinovox/agents';
import { type CompiledScenario, loadScenario } from '@kinovox/env';
import { didYouMean, UsageError } from '@kinovox/world';
import { Command } from 'commander';
import { benchFields } from '../bench/fields-bench.js';
import { benchRays } from '../bench/ray-bench.js';
import { judgeScenarios, scenarioResult } from '../bench/scenario-bars.js';
import { benchSurvival } from '../bench/survival-bench.js';
import { benchViewer } from '../bench/viewer-bench.js';
import { findScenario, shippedIds } from '../catalog.js';
import { colors } from '../cli/colors.js';
import { EXIT } from '../cli/failure.js';
import { integerValue } from '../cli/option-values.js';
import { formatCount, formatRate, formatShare, printFacts, printJson, printLine, printTable } from '../cli/print.js';
import { createProgress } from '../cli/progress.js';
import { runEngineBench } from './bench-engines.js';
import { runPlanningBench } from './bench-planning.js';
import { runRigidBench } from './bench-rigid.js';
import { runSessionsBench } from './bench-sessions.js';

interface BenchCommandOptions {
  scenarios?: true;
  lines?: string[];
  viewer?: true;
  survival?: true;
  rigid?: true;
  rays?: true;
  fields?: true;
  planning?: true;
  sessions?: true;
  seeds: number;
  worlds?: number;
  quick?: true;
  prismarine?: true;
  append?: true;
  only?: string[];
  json?: true;
}

export function benchCommand(): Command {
  return new Command('bench')
    .description(
      'Measure: engine speed by worlds and agents, and beside objects, C and prismarine-physics (default), --survival, --rigid, --rays, --fields, --planning, --scenarios, --sessions, or --viewer.',
    )
    .option('--survival', 'cost of a tick with survival, and with mobs, beside a plain one')
    .option(
      '--rigid',
      'rigid worlds in one thread and over two, beside cannon-es and jolt-physics, which it installs into the folder for temporary files (46 MB); forks',
    )
    .option('--rays', 'rays per second of the camera, by packets, by the plain loop, and on a GPU')
    .option('--fields', 'fields and rollouts: gpu.js in each of its modes beside plain TypeScript')
    .option('--planning', 'planners on named third-party instances, each figure beside its bar and a peer')
    .option('--scenarios', 'success of scripted, greedy, random, and with any one agent idle, on test levels')
    .option(
      '--sessions',
      '512 clients of the OpenEnv server over loopback, each at 5 steps/s with text: rates, latencies, memory, processor time; about a minute',
    )
    .option('--viewer', 'slowdown of a batch by a watching client, and states per second that it receives')
    .option('--seeds <n>', 'with --scenarios: test seeds per policy', integerValue(1, 10_000), 100)
    .option('--lines <names...>', 'with --scenarios: only these ways of playing, such as planner:lacam, greedy or idle:west-0')
    .option('--only <ids...>', 'with --scenarios: only these scenarios; with --planning: only these bars, such as B3')
    .option(
      '--worlds <n>',
      'only this many worlds in the engine benchmark (default: 1 to 16384, ratios at 4096); worlds of the survival benchmark (default 1024), of the rigid one (default 8)',
      integerValue(1, 65_536),
    )
    .option('--quick', 'engine benchmark in about a minute: fewer sizes and shorter turns')
    .option('--prismarine', 'engine benchmark: install prismarine-physics into the folder for temporary files (440 MB) where it is missing')
    .option(
      '--append',
      'engine, rigid, planning and sessions benchmark: append the report to engine.jsonl, rigid.jsonl, planning.jsonl or sessions.jsonl in test/bench/results of the checkout',
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox bench
  $ kinovox bench --quick --json
  $ kinovox bench --prismarine --append
  $ kinovox bench --scenarios --only bridge-gap-v1 tag-v1
  $ kinovox bench --survival
  $ kinovox bench --rigid
  $ kinovox bench --rays
  $ kinovox bench --fields
  $ kinovox bench --planning --only B3 B4
  $ kinovox bench --sessions
  $ kinovox bench --viewer
Ratios are taken within one run and compare across machines; absolute figures do not.`,
    )
    .action(async (options: BenchCommandOptions) => {
      if (options.scenarios === true) await runScenarios(options);
      else if (options.viewer === true) await runViewer(options.json === true);
      else if (options.sessions === true) await runSessionsBench(options);
      else if (options.rays === true) await runRays(options.json === true);
      else if (options.fields === true) await runFields(options.json === true);
      else if (options.rigid === true) await runRigidBench(options);
      else if (options.planning === true) await runPlanningBench(options);
      else if (options.survival === true) await runSurvival(options);
      else await runEngineBench(options);
    });
}

async function runSurvival({ worlds, json }: BenchCommandOptions): Promise<void> {
  let progress: ReturnType<typeof createProgress> | undefined;
  const report = await benchSurvival({
    ...(worlds === undefined ? {} : { worlds }),
    onProgress(done, total) {
      progress ??= createProgress('bench --survival', total, { quiet: json === true });
      progress.update(done);
    },
  });
  progress?.stop();
  if (json === true) printJson(report);
  else {
    printTable(
      ['rules', 'agent-steps/s', 'times a plain tick', 'p50 ms', 'p99 ms', 'bytes per world'],
      report.rows.map((row) => [
        row.rules,
        formatRate(row.withObservations),
        row.ratio.toFixed(2),
        row.p50Ms.toFixed(2),
        row.p99Ms.toFixed(2),
        formatCount(row.bytesPerWorld),
      ]),
    );
    printTable(
      ['per 1,000 agent-steps', 'moving', 'edits', 'crafts', 'attacks', 'deaths', 'grown', 'resets', 'mobs moving'],
      report.rows.map(({ rules, activity }) => [
        rules,
        formatShare(activity.movingShare),
        activity.editsPer1000.toFixed(1),
        activity.craftsPer1000.toFixed(1),
        activity.attacksPer1000.toFixed(1),
        activity.deathsPer1000.toFixed(2),
        activity.grownPer1000.toFixed(2),
        activity.resetsPer1000.toFixed(2),
        rules === 'mobs' ? formatShare(activity.mobsMovingShare) : '-',
      ]),
    );
    printFacts([['where', `${report.worlds} worlds x ${report.agents} agents, ${report.device}, commit ${report.commit}`]]);
    for (const note of report.notes) printLine(`  ${note}`);
    if (report.ok) printLine(`  within the bound: a survival tick costs at most ${report.bar} plain ones`);
  }
  if (!report.ok) process.exitCode = EXIT.ours;
}

async function runRays(json: boolean): Promise<void> {
  let progress: ReturnType<typeof createProgress> | undefined;
  const report = await benchRays({
    onProgress(done, total) {
      progress ??= createProgress('bench --rays', total, { quiet: json });
      progress.update(done);
    },
  });
  progress?.stop();
  if (json) printJson(report);
  else {
    printTable(
      ['scenario', 'channels', 'rays/s plain', 'rays/s packets', 'ratio', 'ms per picture', 'rays/s webgpu'],
      report.rows.map((row) => [
        row.scenario,
        row.channels.join(' '),
        formatRate(row.plainRaysPerSecond),
        formatRate(row.packetRaysPerSecond),
        row.ratio.toFixed(2),
        row.msPerPicture.toFixed(3),
        row.webgpuRaysPerSecond === null ? '-' : formatRate(row.webgpuRaysPerSecond),
      ]),
    );
    printFacts([
      ['ratio', `packets are ${report.ratio.toFixed(2)} times the plain loop; bar ${report.bar}`],
      ['webgpu', report.webgpuDevice ?? `not run: ${report.webgpuReason}`],
      ['where', `${report.pixels.join(' x ')} pixels, ${report.device}, commit ${report.commit}`],
    ]);
  }
  if (!report.ok) process.exitCode = EXIT.ours;
}

async function runFields(json: boolean): Promise<void> {
  let progress: ReturnType<typeof createProgress> | undefined;
  const report = await benchFields({
    onProgress(done, total) {
      progress ??= createProgress('bench --fields', total, { quiet: json });
      progress.update(done);
    },
  });
  progress?.stop();
  if (json) printJson(report);
  else {
    printTable(
      ['work', 'gpu.js mode', 'TypeScript ms', 'gpu.js ms', 'ratio', 'largest difference'],
      report.rows.map((row) => [
        row.work,
        row.mode,
        row.referenceMs.toFixed(2),
        row.ms.toFixed(2),
        row.ratio.toFixed(2),
        row.largestDifference === 0 ? 'none' : row.largestDifference.toExponential(1),
      ]),
    );
    printFacts([
      ['ratio', 'time of plain TypeScript over time of gpu.js: above 1, gpu.js is faster'],
      ['webgpu', report.gpu ?? 'not run'],
      ['where', `a level of ${report.scenario}, ${report.device}, commit ${report.commit}`],
    ]);
    for (const note of report.notes) printLine(`  ${note}`);
    printLine(`  ${report.ok ? 'within' : 'outside'} the bound: no result differs by more than ${report.bar}`);
  }
  if (!report.ok) process.exitCode = EXIT.ours;
}

async function runViewer(json: boolean): Promise<void> {
  let progress: ReturnType<typeof createProgress> | undefined;
  const report = await benchViewer({
    onProgress(done, total) {
      progress ??= createProgress('bench --viewer', total, { quiet: json });
      progress.update(done);
    },
  });
  progress?.stop();
  if (json) printJson(report);
  else {
    printTable(
      ['batch', 'ticks/s alone', 'ticks/s watched', 'slowdown', 'states/s received', 'edits received'],
      [
        [
          `${report.worlds} worlds`,
          report.ticksPerSecondAlone.toFixed(1),
          report.ticksPerSecondWatched.toFixed(1),
          formatShare(report.slowdown),
          report.statesPerSecond.toFixed(1),
          formatCount(report.editsReceived),
        ],
      ],
    );
    printLine(`  ${report.ok ? 'within' : 'outside'} the bounds: slowdown at most 5 %, at least 20 states/s, of a world with edits`);
  }
  if (!report.ok) process.exitCode = EXIT.ours;
}

async function runScenarios({ seeds, lines: wanted, only, json }: BenchCommandOptions): Promise<void> {
  const paths = (only ?? shippedIds()).map((id) => findScenario(id, 'Each of --only'));
  if (paths.length === 0)
    throw new UsageError('no-scenarios', 'There must be scenarios to measure; got none shipped. Name files with --only.');
  const compiled = paths.map((path) => loadScenario(path));
  const linesOf = compiled.map((one) => chosenLines(one, wanted));
  const total = linesOf.reduce((sum, lines) => sum + lines.length * seeds, 0);
  const progress = createProgress('bench --scenarios', total, { quiet: json === true });
  let done = 0;
  const reports: ScenarioBenchReport[] = [];
  for (const [i, one] of compiled.entries()) {
    const onProgress = ({ line }: { line: string }) => progress.update(++done, `${one.scenario.id} ${line}`);
    reports.push(await benchScenario(one, { seeds, lines: linesOf[i], onProgress }));
  }
  progress.stop();
  const results = reports.map((report, i) => scenarioResult(report, compiled[i].scenario.tags));
  // Bars ask for all ways of playing.
  const bars = wanted === undefined ? judgeScenarios(results) : [];
  if (json === true) {
    printJson({ seeds, split: 'test', results, bars, reports });
    return;
  }
  printTable(
    ['scenario', 'planner', 'scripted', 'greedy', 'random', 'best with one idle', 'without messages', 'ticks'],
    results.map((result, i) => [
      result.scenario,
      result.solver.startsWith('planner:') ? share(result.solved) : '-',
      share(result.scripted),
      share(result.greedy),
      share(result.random),
      result.bestIdle === undefined ? '-' : `${share(result.bestIdle.successRate)} (${result.bestIdle.agent})`,
      share(result.silent),
      reports[i].lines.find(({ line }) => line === result.solver)?.meanTicks.toFixed(0) ?? '-',
    ]),
  );
  for (const [i, { scenario, lines }] of reports.entries()) {
    const more = moreLines(compiled[i]);
    for (const { line, successes, episodes, meanTicks } of lines)
      if (more.includes(line)) printLine(`  ${line} in ${scenario}: ${successes} of ${episodes}, ${meanTicks.toFixed(0)} ticks`);
  }
  for (const report of reports) {
    const scores = report.lines.flatMap(({ line, achievementScore }) =>
      achievementScore === undefined ? [] : [`${line} ${achievementScore.toFixed(1)} %`],
    );
    if (scores.length > 0) printLine(`  achievements of ${report.scenario}, Crafter's score: ${scores.join(', ')}`);
  }
  for (const bar of bars)
    printLine(
      `  ${bar.met ? colors.green('met   ') : colors.red('missed')}  ${bar.sentence}${bar.missedBy.length === 0 ? '' : `; missed by ${bar.missedBy.join(', ')}`}`,
    );
}

/** The lines of a scenario that are wanted, in its order. */
function chosenLines(compiled: CompiledScenario, wanted: readonly string[] | undefined): string[] {
  const lines = [...benchLines(compiled), ...moreLines(compiled)];
  const unknown = wanted?.find((name) => !lines.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      'unknown-line',
      `--lines must name ways of playing ${compiled.scenario.id}; got "${unknown}". It has ${lines.join(', ')}.${didYouMean(unknown, lines)}`,
    );
  return wanted === undefined ? benchLines(compiled) : lines.filter((line) => wanted.includes(line));
}

function share(value: number | undefined): string {
  return value === undefined ? '-' : formatShare(value);
}
