/**
 * Where a scenario comes from: a parsed scenario, plain JSON data, or the path of a file.
 * Structure files are read from the folder of the scenario's file and from nowhere else.
 */
import * as fs from 'node:fs';
import * as nodePath from 'node:path';
import { loadScenarioText, parseScenario, type ReadFile, type Scenario, type ScenarioInput, UsageError } from '@kinovox/world';
import { type CompiledScenario, type CompileOptions, compileScenario } from './compile-scenario.js';

/** What environments accept as a scenario: a path, JSON data, or one compiled before (its levels are then shared). */
export type ScenarioSource = string | ScenarioInput | Scenario | CompiledScenario;

/** @throws UsageError for a path that cannot be read; ScenarioError for what stands there. */
export function loadScenario(source: ScenarioSource, options: CompileOptions = {}): CompiledScenario {
  if (typeof source === 'string') {
    const text = readText(source);
    return compileScenario(loadScenarioText(text, source), {
      ...options,
      readFile: options.readFile ?? readerOf(nodePath.dirname(source)),
    });
  }
  if ('program' in source && 'variantSource' in source) {
    const shaping = options.shaping ?? source.shaping;
    const idleProps = options.idleProps ?? source.idleProps;
    const farProps = options.farProps ?? source.farProps;
    const sameProps = idleProps === source.idleProps && farProps === source.farProps;
    if (options.observation === undefined && shaping === source.shaping && sameProps) return source;
    const { scenario, files, maxPoolBytes } = source;
    const withoutProps = options.withoutProps ?? source.withoutProps;
    const observation = options.observation ?? source.observation;
    const readFile = options.readFile ?? ((path: string) => files.get(path)!);
    return compileScenario(scenario, { maxPoolBytes, ...options, readFile, observation, shaping, idleProps, farProps, withoutProps });
  }
  const where = typeof source.id === 'string' ? source.id : 'the scenario given';
  return compileScenario(parseScenario(source, where), options);
}

/** A reader of structure files in a folder; paths were checked to stay inside it. */
export function readerOf(folder: string): ReadFile {
  return (relativePath) => new Uint8Array(fs.readFileSync(nodePath.join(folder, ...relativePath.split('/'))));
}

function readText(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(
      'unreadable-scenario',
      `A scenario must be a readable file; got "${path}" (${cause instanceof Error ? cause.message : cause}). Check the path; shipped ones are scenarios/<id>.scenario.json.`,
      { cause },
    );
  }
}
