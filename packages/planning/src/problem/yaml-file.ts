/** YAML and JSON files from outside, checked by a schema, with the line of what is wrong. JSON is YAML, so one reader serves both. */
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { refuseFile } from './refusal.js';

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
  if (text.length > MAX_YAML_LENGTH)
    refuseFile(
      fileName,
      undefined,
      `A YAML or JSON file must have at most ${MAX_YAML_LENGTH} characters`,
      `${text.length}`,
      'Give a smaller one.',
    );
  // Files of numbers only, as ours are, go through the fast parser.
  if (/^\s*\{/.test(text)) {
    try {
      return { value: JSON.parse(text), lineOf: () => undefined };
    } catch {
      // YAML's own flow style, or broken JSON: the YAML parser says where.
    }
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
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

/** @throws ScenarioError `problem-file` with the line and path of the first issue. */
export function checkedYaml<T>(schema: z.ZodType<T>, file: YamlFile, fileName: string): T {
  const parsed = schema.safeParse(file.value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  const got = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], file.value);
  return refuseFile(
    fileName,
    file.lineOf(issue.path),
    `${path.replace(/^\./, '') || 'The file'}: ${issue.message}`,
    got === undefined ? 'nothing' : typeof got === 'number' ? `${got}` : (JSON.stringify(got) ?? `${got}`),
    NEXT_STEP,
  );
}
