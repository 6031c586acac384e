/** `kinovox compare`: both tiers side by side with the same actions, and where they part. */
import { FAR_DISTANCE, loadScenario, type SideBySide, stepSideBySide } from '@kinovox/env';
import { SPLITS, type Split, UsageError } from '@kinovox/world';
import { Command } from 'commander';
import { findScenario } from '../catalog.js';
import { EXIT } from '../cli/failure.js';
import { choiceValue, integerValue } from '../cli/option-values.js';
import { formatCount, formatShare, printFacts, printJson, printLine } from '../cli/print.js';
import { createProgress } from '../cli/progress.js';
import { asksModel } from '../run/language-agents.js';
import { createPolicyDriver, optionsForPolicy, policyNames, policyValue } from '../run/policy-driver.js';

interface CompareOptions {
  scenario?: string;
  ticks: number;
  worlds: number;
  seed: number;
  split: Split;
  policy: string;
  json?: true;
}

const MAX_SEED = 2 ** 52;

export function compareCommand(): Command {
  return new Command('compare')
    .description('Step a scenario on both tiers side by side with the same actions, and tell where they part.')
    .option('-s, --scenario <id or path>', 'shipped scenario by id, or a file; "kinovox scenarios" lists them')
    .option('--ticks <n>', 'ticks of every world, over as many episodes as they take', integerValue(1, 10_000_000), 1000)
    .option('-w, --worlds <n>', 'worlds on each tier, 1..1024', integerValue(1, 1024), 1)
    .option('--seed <n>', 'row r plays seed + r', integerValue(0, MAX_SEED), 0)
    .option('--split <name>', `levels to draw from: ${SPLITS.join(', ')}`, choiceValue(SPLITS), 'train')
    .option(
      '-p, --policy <name>',
      `who decides for both sides: ${policyNames()
        .filter((name) => !asksModel(name))
        .join(', ')}`,
      policyValue,
      'random',
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox compare --scenario bridge-gap-v1
  $ kinovox compare --scenario survival-team-v1 --policy scripted --ticks 5000 --worlds 4 --json
  $ kinovox compare --scenario push-crate-v1 --policy scripted
A scenario without props has three of them on the rigid side, at least ${FAR_DISTANCE} blocks from everybody and one always in motion: both sides must be equal, and
exit code 1 says that they are not. One with props of its own is played without them on the batch side: it says where that begins to matter.`,
    )
    .action(compare);
}

async function compare(options: CompareOptions): Promise<void> {
  const { ticks, worlds, seed, split, policy, json } = options;
  if (options.scenario === undefined)
    throw new UsageError(
      'no-scenario',
      '--scenario must name a shipped scenario or a file; got none. "kinovox scenarios" lists the shipped ones.',
    );
  if (asksModel(policy))
    throw new UsageError(
      'compare-model',
      `--policy of compare must decide without a model, whose replies may differ from side to side; got "${policy}". Try scripted.`,
    );
  const settings = optionsForPolicy(loadScenario(findScenario(options.scenario)), policy);
  const progress = createProgress('compare', ticks, { quiet: json === true });
  let result: SideBySide;
  try {
    result = await stepSideBySide({
      ...settings,
      ticks,
      numWorlds: worlds,
      seed,
      split,
      decide: (env) => {
        const driver = createPolicyDriver(env, policy);
        return () => driver.act();
      },
      onTick: (done) => progress.update(done),
    });
  } finally {
    progress.stop();
  }
  const { firstDivergence, ...rest } = result;
  if (json === true) printJson({ ...rest, policy, seed, split, firstDivergenceTick: firstDivergence?.tick ?? null, firstDivergence });
  else print(result);
  if (result.props === 'out-of-reach' && (firstDivergence !== null || result.crashes > 0)) process.exitCode = EXIT.ours;
}

function print(result: SideBySide): void {
  const { firstDivergence, firstTickByPart, ticks, worlds } = result;
  printLine(
    result.props === 'own'
      ? `${result.scenario} on the rigid tier with its ${result.numProps} props, and on the batch tier without any`
      : `${result.scenario} on the batch tier, and on the rigid tier with ${result.numProps} props that nobody can reach`,
  );
  const when = (tick: number | null) => (tick === null ? 'equal' : `differ after tick ${formatCount(tick)}`);
  printFacts([
    ['agents', when(firstTickByPart.agents)],
    ['voxels', when(firstTickByPart.voxels)],
    ['monitors', when(firstTickByPart.monitors)],
    ['the rest', when(firstTickByPart.rest)],
    ...(firstDivergence === null
      ? []
      : ([
          [
            'first',
            `tick ${firstDivergence.tick}: ${firstDivergence.parts.join(', ')}, in row ${firstDivergence.row}, tick ${firstDivergence.episodeTick} of episode ${firstDivergence.episode}`,
          ],
        ] as const)),
    ['position error', `${result.maxPositionError.toFixed(6)} blocks at most`],
    ['nearest prop', result.leastPropDistance === null ? 'none' : `${result.leastPropDistance.toFixed(2)} blocks at least`],
    ['a prop moves', `in ${formatShare(result.movingShare)} of all ticks`],
    ['compared', `${formatCount(ticks)} ticks of ${formatCount(worlds)} worlds, ${formatCount(result.episodes)} episodes ended`],
    ...(result.crashes === 0 ? [] : ([['crashes', `${result.crashes} worlds failed and were cut short`]] as const)),
  ]);
  if (firstDivergence === null) printLine('Both tiers did the same in every tick.');
  else if (result.props === 'own')
    printLine(
      'Walkers meet props on one side alone, and what the task says of props never comes about on the other: that the sides part is expected.',
    );
  else
    printLine(
      'Both tiers must do the same where no prop is in reach: this is a defect in Kinovox; please report it with the command you ran.',
    );
}
