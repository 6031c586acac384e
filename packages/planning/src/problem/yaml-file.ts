/** YAML and JSON files from outside, checked by a schema, with the line of what is wrong. JSON is YAML, so one reader serves both. */
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { MAX_FILE_LENGTH, refuseFile } from './refusal.js';

/** Most characters of a YAML file: its syntax tree takes some fifty times as much memory. */
const MAX_YAML_LENGTH = 16 * 1024 * 1024;
const NEXT_STEP = 'Mend the file, or compare it with the examples in docs/planning.md.';

/** What a YAML file says, and which line says what. */
export interface YamlFile {
  readonly value: unknown;
  /** Line of the value at a path, from 1; of its nearest parent where there is none. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/** @throws ScenarioError `problem-file` with the line of the first mistake in the syntax. */
export function readYaml(text: string, fileName: string): YamlFile {
  const tooLong = (kind: string, most: number, next: string): never =>
    refuseFile(fileName, undefined, `A ${kind} file must have at most ${most} characters`, `${text.length}`, next);
  if (text.length > MAX_FILE_LENGTH) tooLong('JSON', MAX_FILE_LENGTH, 'Give a smaller one.');
  // Files of numbers only, as ours are, go through the fast parser.
  if (/^\s*\{/.test(text)) {
    try {
      return { value: JSON.parse(text), lineOf: () => undefined };
    } catch {
      // YAML's own flow style, or broken JSON: the YAML parser says where.
    }
  }
  if (text.length > MAX_YAML_LENGTH) tooLong('YAML', MAX_YAML_LENGTH, 'Give a smaller one, or one in well-formed JSON.');
  const lines = new LineCounter();
  const document = parsed(text, lines, fileName);
  const [error] = document.errors;
  if (error !== undefined)
    refuseFile(fileName, lines.linePos(error.pos[0]).line, 'A YAML file must be well-formed', error.message, NEXT_STEP);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    refuseFile(fileName, undefined, 'A YAML file must not repeat aliases without end', (error as Error).message, NEXT_STEP);
  }
  const lineOf = (path: readonly PropertyKey[]): number | undefined => {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  };
  return { value, lineOf };
}

function parsed(text: string, lineCounter: LineCounter, fileName: string): Document.Parsed {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true });
  } catch (error) {
    // The parser calls itself for each level.
    if (!(error instanceof RangeError)) throw error;
    return refuseFile(fileName, undefined, 'A YAML file must not be nested so deeply', error.message, NEXT_STEP);
  }
}

/** @throws ScenarioError `problem-file` with the line and path of the first issue. */
export function checkedYaml<T>(schema: z.ZodType<T>, file: YamlFile, fileName: string): T {
  const checked = schema.safeParse(file.value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const path = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  const got = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], file.value);
  return refuseFile(fileName, file.lineOf(issue.path), `${path.replace(/^\./, '') || 'The file'}: ${issue.message}`, shown(got), NEXT_STEP);
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return `${value}`;
  try {
    return JSON.stringify(value) ?? `${value}`;
  } catch {
    return Array.isArray(value) ? 'an array that is nested too deeply to show' : 'an object that is nested too deeply to show';
  }
}
