/**
 * Turns zod's issues into sentences for the author: what must be how; got value at file; next step.
 * A failed union is explained by the option that the input was most likely meant to be.
 */
import type { z } from 'zod';
import { didYouMean, ScenarioError, type ScenarioIssue } from '../errors.js';
import { descriptionAt, keysAt, literalsAt, type PathKey } from './schema-walk.js';

type ZodIssue = z.core.$ZodIssue;

/** Most issues that one error message lists; all of them are in `issues`. */
const MAX_LISTED = 40;

/** What the whole of a file is called in messages. */
const ROOT = 'the scenario';

/** `agents[2].body`; the root is `the scenario`. */
export function formatPath(path: readonly PathKey[]): string {
  if (path.length === 0) return ROOT;
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[$\w-]+$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text;
}

/** One problem, in the form of the house. `requirement` begins with "must". */
export function createIssue(
  code: string,
  path: readonly PathKey[],
  requirement: string,
  got: unknown,
  where: string,
  next = '',
): ScenarioIssue {
  const at = formatPath(path);
  return { code, path: at, message: `${at} ${requirement}; got ${formatValue(got)} at ${where}.${next === '' ? '' : ` ${next.trim()}`}` };
}

/** @throws ScenarioError that lists the issues; returns when there are none. */
export function throwIssues(issues: readonly ScenarioIssue[], where: string): void {
  if (issues.length === 0) return;
  if (issues.length === 1) throw new ScenarioError(issues[0].code, issues[0].message, issues);
  const lines = issues.slice(0, MAX_LISTED).map((issue) => `- ${issue.message}`);
  if (issues.length > MAX_LISTED) lines.push(`- and ${issues.length - MAX_LISTED} more.`);
  throw new ScenarioError(
    'invalid-scenario',
    `${where} must be a valid scenario; got ${issues.length} problems:\n${lines.join('\n')}`,
    issues,
  );
}

/** The issues of a failed `schema.safeParse(input)`. @param root what the whole input is called. */
export function issuesOfZod(
  error: { issues: readonly ZodIssue[] },
  schema: z.ZodType,
  input: unknown,
  where: string,
  root = ROOT,
): ScenarioIssue[] {
  const issues = error.issues.flatMap((issue) => explain(issue, [], { schema, input, where }));
  if (root === ROOT) return issues;
  return issues.map((issue) => (issue.path === ROOT ? { ...issue, path: root, message: root + issue.message.slice(ROOT.length) } : issue));
}

interface Context {
  schema: z.ZodType;
  input: unknown;
  where: string;
}

function explain(issue: ZodIssue, base: readonly PathKey[], context: Context): ScenarioIssue[] {
  const path = [...base, ...(issue.path as PathKey[])];
  const got = valueAt(context.input, path);
  const one = (code: string, requirement: string, next = '') => [createIssue(code, path, requirement, got, context.where, next)];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, context));
  if (issue.code === 'invalid_union') return explainUnion(issue.errors, path, context);
  if (issue.code === 'invalid_key') {
    const reason = issue.issues.map((inner) => requirementOf(inner, undefined)).join(' and ');
    return [createIssue('invalid-key', path, `must have a valid key, which ${reason}`, path[path.length - 1], context.where)];
  }
  if (got === undefined) {
    const description = descriptionAt(context.schema, path);
    return one('missing', 'must be given', description === undefined ? '' : `It is: ${description}`);
  }
  if (issue.code === 'invalid_value') return [unknownValue(requirementOf(issue, got), path, context)];
  return one(CODE_BY_ZOD[issue.code] ?? 'invalid-value', requirementOf(issue, got));
}

const CODE_BY_ZOD: Readonly<Record<string, string>> = {
  invalid_type: 'wrong-type',
  too_big: 'too-big',
  too_small: 'too-small',
  invalid_format: 'wrong-format',
};

/** A literal that is none of the choices. */
function unknownValue(requirement: string, path: readonly PathKey[], context: Context): ScenarioIssue {
  const got = valueAt(context.input, path);
  const choices = literalsAt(context.schema, path);
  const hint = typeof got === 'string' ? didYouMean(got, choices.map(String)) : '';
  return createIssue(
    'unknown-value',
    path,
    requirement,
    got,
    context.where,
    hint || `Choose ${alternatives(choices.map((value) => JSON.stringify(value)))}.`,
  );
}

function unknownKey(key: string, path: readonly PathKey[], context: Context): ScenarioIssue {
  // Options that nothing tells apart may know the key, each refusing something else: it is never its own suggestion.
  const known = keysAt(context.schema, path, valueAt(context.input, path)).filter((name) => name !== key);
  const hint = didYouMean(key, known) || `Known keys: ${list(known)}.`;
  return createIssue('unknown-key', path, 'must have only known keys', key, context.where, hint);
}

/** Explains the option with the least to mend; where several tie, what would tell them apart. */
function explainUnion(options: readonly (readonly ZodIssue[])[], path: readonly PathKey[], context: Context): ScenarioIssue[] {
  // A discriminated union tries no option when the discriminator is unknown.
  if (options.length === 0) return [unknownValue('must be a known value', path, context)];
  const branches = options.flatMap(flatten);
  const got = valueAt(context.input, path);
  const one = (code: string, requirement: string, next = '') => [createIssue(code, path, requirement, got, context.where, next)];
  if (got === undefined) return one('missing', 'must be given', `It is: ${descriptionAt(context.schema, path) ?? 'required'}`);
  const scores = branches.map((issues) => score(issues, got));
  const best = Math.min(...scores);
  if (best >= MISMATCH) {
    const description = descriptionAt(context.schema, path);
    return one(
      'wrong-type',
      `must be ${alternatives(branches.flatMap(expectations))}`,
      description === undefined ? '' : `It is: ${description}`,
    );
  }
  const tied = branches.filter((_, i) => scores[i] === best);
  if (tied.length > 1 && typeof got === 'object') {
    const unknown = tied.map((issues) =>
      issues.flatMap((issue) => (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [])),
    );
    const missing = tied.map((issues) =>
      issues
        .filter((issue) => issue.path.length === 1 && valueAt(got, issue.path as PathKey[]) === undefined)
        .map((issue) => String(issue.path[0])),
    );
    const inAll = unknown[0].filter((key) => unknown.every((keys) => keys.includes(key)));
    if (inAll.length > 0) return inAll.map((key) => unknownKey(key, path, context));
    if (unknown.every((keys) => keys.length > 0)) {
      return one('too-many-keys', `must have only one of the keys ${list([...new Set(unknown.flat())].map((key) => `"${key}"`))}`);
    }
    if (missing.every((keys) => keys.length > 0))
      return one('missing', `must have ${alternatives(missing.map((keys) => keys.map((key) => `"${key}"`).join(' and ')))}`);
  }
  return tied[0].flatMap((issue) => explain(issue, path, context));
}

/** The options of a union within a union, so that all of them are compared with each other. */
function flatten(issues: readonly ZodIssue[]): readonly (readonly ZodIssue[])[] {
  const [only] = issues;
  return issues.length === 1 && only.code === 'invalid_union' && only.path.length === 0 && only.errors.length > 0
    ? only.errors.flatMap(flatten)
    : [issues];
}

/** Score of an option that the input cannot have been meant to be. */
const MISMATCH = 1000;

/** How much there is to mend: 10 for a missing or unknown key, 5 for a key with something wrong in it, 1000 for another kind of value. */
function score(issues: readonly ZodIssue[], got: unknown): number {
  const wrongKeys = new Set<PropertyKey>();
  let total = 0;
  for (const issue of issues) {
    if (issue.path.length > 0) {
      const key = issue.path[0];
      const value = valueAt(got, [key as PathKey]);
      if (value === undefined) total += 10;
      else if (issue.path.length === 1 && issue.code === 'invalid_value' && issue.values.length === 1) total += 20;
      else wrongKeys.add(key);
    } else if (issue.code === 'unrecognized_keys') total += 10 * issue.keys.length;
    else if (issue.code === 'invalid_type') total += MISMATCH;
    else if (issue.code === 'invalid_value') total += issue.values.some((value) => typeof value === typeof got) ? 50 : MISMATCH;
    else if (issue.code === 'invalid_union') total += Math.min(...issue.errors.map((inner) => score(inner, got)));
    else total += 5;
  }
  return total + 5 * wrongKeys.size;
}

/** What each option of a union would have been, in words. */
function expectations(issues: readonly ZodIssue[]): string[] {
  return issues.flatMap((issue) => {
    if (issue.path.length > 0) return [];
    if (issue.code === 'invalid_type') return [nounOf(issue.expected)];
    if (issue.code === 'invalid_value') return issue.values.map((value) => JSON.stringify(value));
    if (issue.code === 'invalid_union') return issue.errors.flatMap(expectations);
    return [];
  });
}

function requirementOf(issue: ZodIssue, got: unknown): string {
  if (issue.message.startsWith('must ')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${nounOf(issue.expected)}`;
    case 'invalid_value':
      return issue.values.length === 1 ? `must be ${JSON.stringify(issue.values[0])}` : 'must be a known value';
    case 'too_big':
      return `must ${bound(issue.origin, 'at most', Number(issue.maximum))}`;
    case 'too_small':
      return `must ${bound(issue.origin, 'at least', Number(issue.minimum))}`;
    default:
      return got === undefined ? 'must be given' : `must be valid (${issue.message})`;
  }
}

function bound(origin: string, word: string, limit: number): string {
  if (origin === 'string') return `have ${word} ${limit} ${limit === 1 ? 'character' : 'characters'}`;
  if (origin === 'array' || origin === 'set' || origin === 'tuple') return `have ${word} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  return `be ${word} ${limit}`;
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
};

function nounOf(expected: string): string {
  return NOUNS[expected] ?? expected;
}

function alternatives(words: readonly string[]): string {
  const unique = [...new Set(words)];
  if (unique.length <= 1) return unique[0] ?? 'another value';
  return `${unique.slice(0, -1).join(', ')} or ${unique[unique.length - 1]}`;
}

function list(words: readonly string[]): string {
  return words.length > 30 ? `${words.slice(0, 30).join(', ')}, ...` : words.join(', ');
}

function valueAt(root: unknown, path: readonly PathKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PathKey, unknown>)[key];
  }
  return value;
}

/** JSON of a value, cut at 80 characters. */
function formatValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
