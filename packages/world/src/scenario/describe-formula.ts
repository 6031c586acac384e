/**
 * Formulas in English. A part is a clause in the past tense, so that it reads after "Success once:" and after "It failed because this did not happen:".
 * A part's own "goal" text takes the place of its clause.
 */
import type { AnyFormula } from './formula-walk.js';
import { isParameterRef } from './parameters.js';
import { formulaKind } from './task-schema.js';

type Fields = Record<string, unknown>;

/** Values of `traded.from`. */
const SOURCES: Readonly<Record<string, string>> = { traders: 'a trader', agents: 'another agent', any: 'a trader or another agent' };

/** One clause for a formula, without a full stop: `builders stood in [20, 8, 0]..[31, 12, 31] at the same tick`. */
export function describeFormula(formula: object): string {
  const node = formula as AnyFormula;
  if (typeof node.goal === 'string') return node.goal.replace(/[.\s]+$/, '');
  const kind = formulaKind(node);
  const body = node[kind];
  const fields = body as Fields;
  const part = (key: string) => describePart(fields[key] as object);
  const parts = (list: unknown) => (list as object[]).map(describePart);
  switch (kind) {
    case 'all':
      return joinWords(parts(body), 'and');
    case 'any':
      return joinWords(parts(body), 'or');
    case 'sequence':
      return parts(body)
        .map((clause, i) => `${i === 0 ? 'first' : 'then'} ${clause}`)
        .join(', ');
    case 'until':
      return `${part('hold')} at every tick until ${part('goal')}`;
    case 'before':
      return `${part('first')} before ${part('then')}`;
    case 'within':
      return `${part('goal')} within ${formatTicks(fields.ticks)} of the start`;
    case 'never':
      return `it never happened that ${describePart(body as object)}`;
    case 'not':
      return `it was not so that ${describePart(body as object)}`;
    case 'count':
      return `it happened ${formatTimes(fields.atLeast)} that ${parts(fields.of).join(', or that ')}`;
    default:
      return describePredicate(kind, fields);
  }
}

/** A part inside another: in brackets when its own words could be read with its neighbours. */
function describePart(formula: object): string {
  const clause = describeFormula(formula);
  if ('goal' in formula && formula.goal !== undefined) return clause;
  const kind = formulaKind(formula);
  const isList = (kind === 'all' || kind === 'any' || kind === 'sequence') && (formula as Record<string, unknown[]>)[kind].length > 1;
  return isList || kind === 'until' || kind === 'before' || kind === 'count' ? `(${clause})` : clause;
}

function describePredicate(kind: string, fields: Fields): string {
  const who = () => describeSelector(fields.agents, fields.quantifier);
  switch (kind) {
    case 'reach':
      return `${who()} stood in ${formatRegion(fields.region)}${fields.each === true ? ', each at a tick of its own' : ''}`;
    case 'near':
      return `${who()} came within ${formatNumber(fields.metres)} m of ${describeTarget(fields.of)}`;
    case 'holds':
      return `${who()} held ${formatCount(fields.atLeast, fields.item)}`;
    case 'below':
      return `${who()} fell below y = ${formatNumber(fields.y)} m`;
    case 'built':
      if (Array.isArray(fields.pattern))
        return `the pattern of ${fields.pattern.length} cells around ${formatCell((fields.pattern[0] as { at: unknown }).at)} stood complete`;
      return `${formatCount(fields.atLeast, fields.block)} stood in ${formatRegion(fields.region)}`;
    case 'triggered':
      return `mechanism ${formatName(fields.mechanism)} was active`;
    case 'sees':
      return `${who()} saw ${describeTarget(fields.target)} within ${formatNumber(fields.rangeMetres)} m`;
    case 'touched':
      return `${describeTarget(fields.by)} touched ${who()}`;
    case 'alive':
      return `${who()} lived`;
    case 'healthBelow':
      return `the health of ${who()} fell below ${formatNumber(fields.health)}`;
    case 'said':
      return `${who()} said "${formatName(fields.symbol)}"`;
    case 'crafted':
      return `${who()} crafted ${formatCount(fields.atLeast, fields.item)}`;
    case 'slept':
      return `${who()} slept through ${fields.atLeast === 1 ? 'a night' : `at least ${formatNumber(fields.atLeast)} nights`}`;
    case 'killed':
      if (fields.mob !== undefined) return `${who()} killed ${formatCount(fields.atLeast, fields.mob)}`;
      return `${who()} killed ${fields.atLeast === 1 ? 'another agent' : `at least ${formatNumber(fields.atLeast)} other agents`}`;
    case 'traded':
      return `${who()} received ${fields.item === undefined ? 'items' : formatName(fields.item)} from ${SOURCES[String(fields.from)]} ${formatTimes(fields.atLeast)}`;
    case 'ate':
      return `${who()} ate ${fields.item === undefined ? formatTimes(fields.atLeast) : formatCount(fields.atLeast, fields.item)}`;
    case 'placed':
      return `${who()} placed ${formatCount(fields.atLeast, fields.block)}`;
    case 'survived':
      return `${who()} lived for ${formatTicks(fields.ticks)}`;
    case 'dug':
      return `${who()} dug ${formatCount(fields.atLeast, fields.block)}`;
    case 'propIn':
      return `${describeTarget(fields.prop)} lay in ${formatRegion(fields.region)}`;
    case 'moved':
      return `${whichProps(fields)} moved at least ${formatNumber(fields.metres)} m from the start`;
    case 'stacked':
      return `${joinWords((fields.props as unknown[]).map(formatName), 'and')} stood on one another${fields.order === 'any' ? ' in any order' : ', the first lowest'}`;
    case 'inside':
      return `${whichProps(fields)} lay wholly in ${fields.container === undefined ? formatRegion(fields.region) : formatName(fields.container)}`;
    case 'upright':
      return `${whichProps(fields)} stood upright to ${formatNumber(fields.tiltDeg)} degrees`;
    case 'speedBelow':
      return `${describeSelector(fields.of, fields.quantifier)} moved slower than ${formatNumber(fields.metresPerSecond)} m/s`;
    default:
      return `${formatTicks(fields.ticks)} passed`;
  }
}

/** Agents in words: `ada and bob`, `any of builders`, `every agent`. */
export function describeSelector(selector: unknown, quantifier: unknown = 'all'): string {
  if (quantifier === 'any') return `any of ${selector === 'all' ? 'the agents' : describeTarget(selector)}`;
  return selector === 'all' ? 'every agent' : describeTarget(selector);
}

function whichProps({ prop, quantifier }: Fields): string {
  return `${quantifier === 'any' ? 'any of ' : ''}${describeTarget(prop)}`;
}

function describeTarget(target: unknown): string {
  if (!Array.isArray(target)) return target === 'all' ? 'any agent' : formatName(target);
  if (typeof target[0] === 'number') return `the cell ${formatCell(target)}`;
  const names = target.map(formatName);
  return names.length <= 6 ? joinWords(names, 'and') : `${names[0]}, ${names[1]}, ... ${names[names.length - 1]} (${names.length} in all)`;
}

function formatName(name: unknown): string {
  return isParameterRef(name) ? `{${name.param}}` : String(name);
}

/** A number, or how it follows from its parameter. */
export function formatNumber(value: unknown): string {
  if (!isParameterRef(value)) return String(value);
  const scaled = value.times === 1 ? value.param : `${value.times} x ${value.param}`;
  return `{${scaled}${value.plus === 0 ? '' : value.plus > 0 ? ` + ${value.plus}` : ` - ${-value.plus}`}}`;
}

function formatCount(atLeast: unknown, name: unknown): string {
  return `${atLeast === 1 ? '' : 'at least '}${formatNumber(atLeast)} ${formatName(name)}`;
}

export function formatCell(cell: unknown): string {
  return `[${(cell as unknown[]).map(formatNumber).join(', ')}]`;
}

export function formatRegion(region: unknown): string {
  const [low, high] = region as [unknown, unknown];
  return formatCell(low) === formatCell(high) ? formatCell(low) : `${formatCell(low)}..${formatCell(high)}`;
}

/** `at least 3 times`. */
function formatTimes(atLeast: unknown): string {
  return atLeast === 1 ? 'once' : `at least ${formatNumber(atLeast)} times`;
}

/** `200 ticks (10 s)`: 20 ticks are a second. */
export function formatTicks(ticks: unknown): string {
  return typeof ticks === 'number' ? `${ticks} ${ticks === 1 ? 'tick' : 'ticks'} (${ticks / 20} s)` : `${formatNumber(ticks)} ticks`;
}

export function joinWords(words: readonly string[], conjunction: 'and' | 'or'): string {
  if (words.length <= 1) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words[words.length - 1]}`;
}
