/** `kinovox validate FILES...`: schema, references and levels of scenario files. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { compileScenario, readerOf } from '@kinovox/env';
import { KinovoxError, loadScenarioText, ScenarioError, type ScenarioIssue, SPLITS, variantCount } from '@kinovox/world';
import { Command } from 'commander';
import { scenarioFiles } from '../catalog.js';
import { colors } from '../cli/colors.js';
import { EXIT } from '../cli/failure.js';
import { integerValue } from '../cli/option-values.js';
import { printJson, printLine } from '../cli/print.js';

/** What is known of one file after it was checked. */
export interface Verdict {
  path: string;
  ok: boolean;
  id?: string;
  agents?: number;
  size?: readonly number[];
  /** Levels built, all splits together. */
  levels?: number;
  issues: ScenarioIssue[];
}

export function validateCommand(): Command {
  return new Command('validate')
    .description('Check scenario files: schema, names, regions, and the first levels of every split.')
    .argument('<files...>', 'scenario files, folders of them, or ids of shipped ones')
    .option('--levels <n>', 'levels to build per split', integerValue(1, 65_536), 2)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ kinovox validate scenarios/*.scenario.json
  $ kinovox validate my.scenario.json --levels 100    build a hundred levels per split
Exit code 2 when a file has errors. Each error names its JSON path and the next step.`,
    )
    .action((files: string[], options: { levels: number; json?: true }) => {
      const verdicts = scenarioFiles(files).map((path) => checkScenarioFile(path, options.levels));
      const ok = verdicts.every((verdict) => verdict.ok);
      if (options.json === true) printJson({ ok, files: verdicts });
      else for (const verdict of verdicts) printVerdict(verdict);
      process.exitCode = ok ? EXIT.done : EXIT.user;
    });
}

/** Parses a file, compiles it and builds its first `levels` levels per split. */
export function checkScenarioFile(path: string, levels: number): Verdict {
  const verdict: Verdict = { path, ok: false, issues: [] };
  try {
    const scenario = loadScenarioText(readFileSync(path, 'utf8'), path);
    verdict.id = scenario.id;
    const compiled = compileScenario(scenario, { readFile: readerOf(dirname(path)) });
    verdict.agents = compiled.program.numAgents;
    verdict.size = compiled.program.size;
    verdict.levels = 0;
    for (const split of SPLITS) {
      const source = compiled.variantSource(split);
      for (let variant = 0; variant < Math.min(levels, variantCount(scenario)); variant++, verdict.levels++) source.get(variant);
    }
    verdict.ok = true;
  } catch (error) {
    verdict.issues = issuesOf(error);
  }
  return verdict;
}

function issuesOf(error: unknown): ScenarioIssue[] {
  if (error instanceof ScenarioError && error.issues.length > 0) return [...error.issues];
  if (error instanceof KinovoxError) return [{ code: error.code, path: '', message: error.message }];
  const code = (error as NodeJS.ErrnoException).code;
  // A file that cannot be read is the user's to mend; anything else is ours.
  if (typeof code === 'string' && code.startsWith('E'))
    return [
      {
        code: 'unreadable',
        path: '',
        message: `A scenario and its structure files must be readable; got ${(error as Error).message}. Check the path.`,
      },
    ];
  throw error;
}

function printVerdict({ path, ok, id, agents, size, levels, issues }: Verdict): void {
  if (ok) {
    printLine(
      `${colors.green('ok')}     ${path}  ${colors.dim(`${id}, ${agents} ${agents === 1 ? 'agent' : 'agents'}, ${size?.join(' x ')} blocks, ${levels} levels built`)}`,
    );
    return;
  }
  printLine(`${colors.red('error')}  ${path}  ${colors.dim(`${issues.length} ${issues.length === 1 ? 'problem' : 'problems'}`)}`);
  for (const issue of issues) printLine(`       ${issue.message}`);
}
