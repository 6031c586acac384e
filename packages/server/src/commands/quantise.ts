/** `kinovox quantise`: a trained policy in f32 as an integer network, and how often both act alike. */
import { existsSync, writeFileSync } from 'node:fs';
import { agreement, createLearnedPolicy, observationFor, quantisePolicy, watchPolicy } from '@kinovox/agents';
import { loadScenario } from '@kinovox/env';
import { parseIntegerPolicy, parseLearnedPolicy, SPLITS, type Split, UsageError } from '@kinovox/world';
import { Command } from 'commander';
import { findScenario } from '../catalog.js';
import { choiceValue, integerValue } from '../cli/option-values.js';
import { formatShare, printFacts, printJson, printLine } from '../cli/print.js';
import { readPolicyFile } from '../run/policy-driver.js';

interface QuantiseOptions {
  out?: string;
  scenario?: string;
  observations: number;
  split: Split;
  json?: true;
}

/** Observations of the comparison come from other episodes than those that set the scales. */
const SCALE_SEED = 1_000_000;
const SCALE_OBSERVATIONS = 4096;

export function quantiseCommand(): Command {
  return new Command('quantise')
    .description('Make an integer network of a trained policy: i8 weights, the same on every engine bit for bit, a GPU included.')
    .argument('<file>', 'policy that training wrote (learned:FILE without its prefix)')
    .option('--out <file>', 'new file, played as mlp:FILE')
    .option('-s, --scenario <id or path>', 'where it is played (default: where it was trained)')
    .option('--observations <n>', 'on which both are compared', integerValue(1, 1_000_000), 10_000)
    .option('--split <name>', `levels of the comparison: ${SPLITS.join(', ')}`, choiceValue(SPLITS), 'test')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox quantise policy.json --out policy-i8.json
  $ kinovox eval --policy f32=learned:policy.json --policy i8=mlp:policy-i8.json --suite reach-flat-v1
  $ kinovox run --scenario reach-flat-v1 --policy mlp:policy-i8.json --engine webgpu
Printed is the share of observations, of the policy's own play, for which both take the same action.`,
    )
    .action(quantise);
}

function quantise(path: string, { out, scenario, observations, split, json }: QuantiseOptions, command: Command): void {
  if (out === undefined) command.error('error: quantise must have --out FILE, where the integer network goes; got none.');
  if (existsSync(out))
    throw new UsageError('out-exists', `--out must be a file that does not exist yet; got "${out}". Name another, or remove it.`);
  const file = parseLearnedPolicy(readPolicyFile(path), path);
  const scenarioPath = findScenario(scenario ?? file.scenario);
  const compiled = loadScenario(scenarioPath, { observation: observationFor(loadScenario(scenarioPath), createLearnedPolicy(file)) });
  const quantised = quantisePolicy(file, compiled, watchPolicy(file, compiled, { count: SCALE_OBSERVATIONS, seed: SCALE_SEED }));
  // What is written must be what `mlp:` reads.
  const text = `${JSON.stringify(quantised)}\n`;
  const same = agreement(file, parseIntegerPolicy(text, out), compiled, watchPolicy(file, compiled, { count: observations, split }));
  writeFileSync(out, text);
  const widths = [quantised.inputs.length, ...quantised.layers.map(({ biases }) => biases.length)];
  if (json === true) {
    printJson({ file: out, scenario: compiled.program.id, widths, repeat: file.repeat, observations, split, agreement: same });
    return;
  }
  printFacts([
    [
      'network',
      `${widths.join(' x ')}, ${quantised.layers.reduce((sum, { weights }) => sum + weights.length * weights[0].length, 0)} i8 weights`,
    ],
    ['agreement', `${formatShare(same)} of ${observations} observations of ${compiled.program.id}, ${split}: the same action as in f32`],
    ['written', out],
  ]);
  printLine(`  next: npx kinovox eval --policy f32=learned:${path} --policy i8=mlp:${out} --suite ${scenario ?? file.scenario}`);
}
