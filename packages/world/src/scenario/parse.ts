/**
 * Reads a scenario: text -> JSON -> shape -> checks at the extremes of its parameters.
 * Limits: 2,000,000 characters of text, JSON nested at most 64 deep.
 */
import { didYouMean, ScenarioError, type ScenarioIssue } from '../errors.js';
import { isShallow } from '../json-depth.js';
import { checkScenario } from './checks.js';
import { createIssue, issuesOfZod, throwIssues } from './issues.js';
import { syntaxErrorPosition } from './json-position.js';
import { extremeAssignments, type ParameterValues, substitute, visitParameterRefs } from './parameters.js';
import { type Scenario, ScenarioSchema } from './schema.js';

/** Longest text of a scenario, in characters. */
export const MAX_SCENARIO_LENGTH = 2_000_000;
const MAX_JSON_DEPTH = 64;

/**
 * The scenario with defaults filled.
 * @param where what the messages name: a file name or another origin.
 * @throws ScenarioError that lists every problem with its JSON path.
 */
export function parseScenario(json: unknown, where: string): Scenario {
  if (!isShallow(json, MAX_JSON_DEPTH)) {
    throw new ScenarioError(
      'too-deep',
      `A scenario must be nested at most ${MAX_JSON_DEPTH} deep; got more at ${where}. Flatten its task.`,
    );
  }
  const result = ScenarioSchema.safeParse(json);
  if (!result.success) throwIssues(issuesOfZod(result.error, ScenarioSchema, json, where), where);
  const scenario = result.data!;
  throwIssues(checkReferences(scenario, where), where);
  throwIssues(checkAtExtremes(scenario, where), where);
  return scenario;
}

/**
 * `parseScenario` of JSON text.
 * @throws ScenarioError `json-syntax` with line and column, or as `parseScenario`.
 */
export function loadScenarioText(text: string, where: string): Scenario {
  if (text.length > MAX_SCENARIO_LENGTH) {
    throw new ScenarioError(
      'too-long',
      `A scenario must have at most ${MAX_SCENARIO_LENGTH} characters; got ${text.length} at ${where}. Move large layers to a .schem file.`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const { line, column, found } = syntaxErrorPosition(text);
    throw new ScenarioError(
      'json-syntax',
      `A scenario must be JSON; got ${found} at ${where}:${line}:${column}. Mend the syntax there (${reason}).`,
      [],
      { cause },
    );
  }
  return parseScenario(json, where);
}

/** References must name declared parameters, and only numbers can be scaled. */
function checkReferences(scenario: Scenario, where: string): ScenarioIssue[] {
  const issues: ScenarioIssue[] = [];
  const names = Object.keys(scenario.parameters);
  visitParameterRefs(scenario, [], (ref, path) => {
    if (!names.includes(ref.param)) {
      const next =
        didYouMean(ref.param, names) || (names.length === 0 ? 'Declare it under "parameters".' : `Declared: ${names.join(', ')}.`);
      issues.push(createIssue('unknown-parameter', [...path, 'param'], 'must be a declared parameter', ref.param, where, next));
      return;
    }
    const parameter = scenario.parameters[ref.param];
    const hasString = 'choice' in parameter && parameter.choice.some((value) => typeof value === 'string');
    if (hasString && (ref.times !== 1 || ref.plus !== 0)) {
      issues.push(createIssue('scaled-name', path, 'must not have "times" or "plus", because the parameter holds strings', ref, where));
    }
  });
  return issues;
}

/** Shape and checks with the parameters written in, at each extreme assignment; a problem is reported once, with the values when it depends on them. */
function checkAtExtremes(scenario: Scenario, where: string): ScenarioIssue[] {
  const hasParameters = Object.keys(scenario.parameters).length > 0;
  const assignments = extremeAssignments(scenario.parameters);
  const found = new Map<string, { issue: ScenarioIssue; values: ParameterValues; times: number }>();
  for (const values of assignments) {
    const literal = substitute(scenario, values);
    const reparsed = hasParameters ? ScenarioSchema.safeParse(literal) : undefined;
    const issues =
      reparsed?.success === false ? issuesOfZod(reparsed.error, ScenarioSchema, literal, where) : checkScenario(literal, where);
    const seen = new Set<string>();
    for (const [i, issue] of issues.entries()) {
      const key = hasParameters ? `${issue.code} ${issue.path}` : String(i);
      const known = found.get(key);
      if (known === undefined) found.set(key, { issue, values, times: 1 });
      else if (!seen.has(key)) known.times++;
      seen.add(key);
    }
  }
  return [...found.values()].map(({ issue, values, times }) =>
    times === assignments.length ? issue : { ...issue, message: `${issue.message} This is so when ${formatValues(values)}.` },
  );
}

function formatValues(values: ParameterValues): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');
}
