/** `kinovox check`: the conformance kit over scenarios and engines. */
import {
  ASYNC_ENGINE_NAMES,
  type AsyncEngineName,
  type CheckResult,
  checkBatchEnv,
  checkEngines,
  checkEnv,
  checkedAsync,
  createAsyncBatchEnv,
  createBatchEnv,
  createEnv,
  hasFixedLevel,
  loadScenario,
} from '@kinovox/env';
import { type OpenGpu, openGpu } from '@kinovox/physics';
import { KinovoxError } from '@kinovox/world';
import { Command, InvalidArgumentError } from 'commander';
import { scenarioFiles, shippedIds } from '../catalog.js';
import { colors } from '../cli/colors.js';
import { EXIT } from '../cli/failure.js';
import { choiceValue, integerValue } from '../cli/option-values.js';
import { printJson, printLine } from '../cli/print.js';

/** What holds of a scenario on an engine, or between engines. */
interface Checked {
  scenario: string;
  engine: string;
  /** Why the engine does not run the scenario; there are no results then. */
  refused?: string;
  results: CheckResult[];
}

export function checkCommand(): Command {
  return new Command('check')
    .description(
      'Hold environments to their contract: API, spaces, determinism, seeds, splits, rows, autoreset, snapshots, groups, engines.',
    )
    .argument('[scenarios...]', 'ids of shipped scenarios, files, or folders of them; default: all shipped ones')
    .option(
      '--engine <names>',
      `engines with commas between, of ${ASYNC_ENGINE_NAMES.join(', ')}; all but the first must give what the first gives`,
      enginesValue,
      ['auto'],
    )
    .option('--ticks <n>', 'steps of each trace', integerValue(10, 100_000), 60)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox check my.scenario.json
  $ kinovox check tag-v1 --engine cpu,workers,rigid --ticks 200
  $ kinovox check tag-v1 --engine cpu,webgpu --ticks 20
What an engine refuses is said and is no failure. Exit code 1 when a fact does not hold. On webgpu there are batches alone, so the facts of single
worlds are left out; scripts/gpu-report.js compares a GPU with cpu over more levels and ticks.`,
    )
    .action(check);
}

async function check(names: string[], options: { engine: AsyncEngineName[]; ticks: number; json?: true }): Promise<void> {
  const checked: Checked[] = [];
  const shared: { gpu?: OpenGpu } = {};
  try {
    await checkAll(names, options, checked, shared);
  } finally {
    shared.gpu?.device.destroy();
  }
  const ok = checked.every(({ results }) => results.every((result) => result.ok));
  if (options.json === true) printJson({ ok, checked });
  process.exitCode = ok ? EXIT.done : EXIT.ours;
}

/** @param checked filled. @param shared gets the device that all batches on `webgpu` use, once there is one. */
async function checkAll(
  names: readonly string[],
  options: { engine: AsyncEngineName[]; ticks: number; json?: true },
  checked: Checked[],
  shared: { gpu?: OpenGpu },
): Promise<void> {
  const { ticks } = options;
  for (const path of scenarioFiles(names.length === 0 ? shippedIds() : names)) {
    const compiled = loadScenario(path);
    const scenario = compiled.program.id;
    const settings = { ticks, fixedLevel: hasFixedLevel(compiled.scenario) };
    const running: AsyncEngineName[] = [];
    const batches = (engine: AsyncEngineName) => async (rest: object) => {
      if (engine !== 'webgpu') return createBatchEnv({ scenario: compiled, engine, ...rest });
      // One device for all: its kernels are compiled once.
      shared.gpu ??= await openGpu();
      return checkedAsync(await createAsyncBatchEnv({ scenario: compiled, engine, gpu: shared.gpu, resume: false, ...rest }));
    };
    for (const engine of options.engine) {
      const one: Checked = { scenario, engine, results: [] };
      try {
        (await batches(engine)({})).close();
        running.push(engine);
        // Kernels of a device are there for whole batches.
        if (engine !== 'webgpu')
          one.results.push(...(await checkEnv((rest) => createEnv({ scenario: compiled, engine, ...rest }), settings)));
        one.results.push(...(await checkBatchEnv(batches(engine), settings)));
      } catch (error) {
        if (!(error instanceof KinovoxError)) throw error;
        one.refused = error.message;
      }
      checked.push(one);
      if (options.json !== true) print(one);
    }
    if (running.length < 2) continue;
    const makers = running.map((engine) => [engine, batches(engine)] as const);
    const between = { scenario, engine: running.join(' = '), results: await checkEngines(Object.fromEntries(makers), settings) };
    checked.push(between);
    if (options.json !== true) print(between);
  }
}

function print({ scenario, engine, refused, results }: Checked): void {
  if (refused !== undefined) {
    printLine(`${colors.yellow('refused')}  ${scenario} on ${engine}: ${refused}`);
    return;
  }
  const broken = results.filter(({ ok }) => !ok);
  printLine(
    `${broken.length === 0 ? colors.green('ok') : colors.red('broken')}  ${scenario} on ${engine}: ${results.length - broken.length} of ${results.length} facts hold`,
  );
  for (const { name, message } of broken) printLine(`    ${name}: ${message}`);
}

function enginesValue(text: string): AsyncEngineName[] {
  const names = text.split(',').map(choiceValue(ASYNC_ENGINE_NAMES));
  if (new Set(names).size < names.length) throw new InvalidArgumentError('It must name each engine once.');
  return names;
}
