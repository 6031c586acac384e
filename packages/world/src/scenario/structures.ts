/** Structures of a scenario: from a file or inline layers to cells, each read by the reader of its format. */
import { ScenarioError } from '../errors.js';
import { readLayers } from '../structure/layers.js';
import { readMovingAiMap } from '../structure/movingai-map.js';
import { readSchematic } from '../structure/schematic-reader.js';
import type { Structure } from '../structure/structure.js';
import { fileProblem, type ReadFile } from './files.js';
import type { Literal } from './values.js';
import type { StructureEntry } from './world-schema.js';

export type StructureSource = Literal<StructureEntry>;

/**
 * @param path where the entry stands in the scenario; named in errors.
 * @throws ScenarioError for a file that leaves the folder, cannot be read or is malformed.
 */
export function readStructure(source: StructureSource, readFile: ReadFile | undefined, path: string): Structure {
  if ('layers' in source) return readLayers(source, path);
  const bytes = readBytes(source.file, readFile, `${path}.file`);
  if ('wall' in source) return readMovingAiMap(new TextDecoder().decode(bytes), source.file, source);
  return readSchematic(bytes, source.file);
}

function readBytes(file: string, readFile: ReadFile | undefined, path: string): Uint8Array {
  const refuse = (code: string, message: string, cause?: unknown): never => {
    throw new ScenarioError(code, message, [{ code, path, message }], { cause });
  };
  const problem = fileProblem(file);
  if (problem !== undefined)
    return refuse(
      'file-path',
      `${path} ${problem}; got ${JSON.stringify(file)}. Put the file beside the scenario or in a folder below it.`,
    );
  if (readFile === undefined)
    return refuse('no-file-access', `${path} must be readable; got ${JSON.stringify(file)} and no way to read files. Pass readFile.`);
  try {
    return readFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return refuse(
      'file-missing',
      `${path} must name a file that can be read; got ${JSON.stringify(file)} (${reason}). Put it beside the scenario.`,
      cause,
    );
  }
}
