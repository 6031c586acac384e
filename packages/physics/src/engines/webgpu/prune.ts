/**
 * Leaves out of a kernel what its program cannot reach: branches whose conditions are decided by the program's numbers, and functions that nobody calls.
 * Drivers inline every call, so code that cannot run still costs seconds to compile.
 */

/** A statement: one line, or a head with blocks (`if (…) {` has one or two). */
interface Node {
  head: string;
  blocks: Node[][];
}

/** A number that no value equals. */
export const NEVER = 'never';
export type Known = number | boolean | typeof NEVER | undefined;

export interface KernelFunction {
  name: string;
  /** Signature up to the opening brace. */
  head: string;
  body: Node[];
}

/** Splits a text of functions as the translator writes them, one statement to a line. */
export function parseFunctions(text: string): KernelFunction[] {
  const lines = text.split('\n');
  const functions: KernelFunction[] = [];
  for (let at = 0; at < lines.length; at++) {
    const head = lines[at].trim();
    const name = /^(?:@\w+(?:\([^)]*\))?\s*)*fn (\w+)/.exec(head)?.[1];
    if (name === undefined) continue;
    if (head.endsWith('}')) {
      functions.push({
        name,
        head: head.slice(0, head.indexOf('{') + 1),
        body: [{ head: head.slice(head.indexOf('{') + 1, -1).trim(), blocks: [] }],
      });
      continue;
    }
    const { nodes, next } = parseBlock(lines, at + 1);
    functions.push({ name, head, body: nodes });
    at = next;
  }
  return functions;
}

/** Statements from line `at` up to the brace that closes their block, at line `next`. */
function parseBlock(lines: readonly string[], at: number): { nodes: Node[]; next: number } {
  const nodes: Node[] = [];
  for (let i = at; i < lines.length; i++) {
    const line = lines[i].trim();
    if (line === '' || line.startsWith('//')) continue;
    if (line.startsWith('}')) return { nodes, next: i };
    if (!line.endsWith('{')) {
      nodes.push({ head: line, blocks: [] });
      continue;
    }
    const node: Node = { head: line, blocks: [] };
    let block = parseBlock(lines, i + 1);
    node.blocks.push(block.nodes);
    while (lines[block.next].trim() === '} else {') {
      block = parseBlock(lines, block.next + 1);
      node.blocks.push(block.nodes);
    }
    nodes.push(node);
    i = block.next;
  }
  return { nodes, next: lines.length };
}

/** The functions that `entries` reach, pruned, callees first as they came. */
export function pruneFunctions(
  functions: readonly KernelFunction[],
  known: ReadonlyMap<string, Known>,
  entries: readonly string[],
): string {
  const byName = new Map(functions.map((one) => [one.name, one]));
  const texts = new Map<string, string>();
  const queue = [...entries];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const one = byName.get(name);
    if (one === undefined || texts.has(name)) continue;
    const text = [one.head, ...print(pruneBlock(one.body, known), 1), '}'].join('\n');
    texts.set(name, text);
    for (const [word] of text.slice(one.head.length).matchAll(/\b\w+(?=\()/g)) if (byName.has(word)) queue.push(word);
  }
  return functions.flatMap(({ name }) => texts.get(name) ?? []).join('\n\n');
}

function pruneBlock(nodes: readonly Node[], known: ReadonlyMap<string, Known>): Node[] {
  const kept: Node[] = [];
  let isReached = true;
  for (const node of nodes) {
    // What a loop does between its rounds stands last in its body, and a `continue` reaches it whatever stands before.
    if (!isReached && node.head !== 'continuing {') continue;
    const cases = /^case (.*): \{$/.exec(node.head)?.[1].split(', ');
    if (cases?.every((label) => known.get(label) === NEVER)) continue;
    const condition = /^if \((.*)\) \{$/.exec(node.head)?.[1];
    const value = condition === undefined ? undefined : evaluate(condition, known);
    if (condition === undefined || value === undefined) {
      const blocks = node.blocks.map((block) => pruneBlock(block, known));
      // A choice between nothing and nothing.
      if (condition !== undefined && blocks.every((block) => block.length === 0)) continue;
      kept.push({ head: node.head, blocks });
    } else {
      const taken = pruneBlock(value ? node.blocks[0] : (node.blocks[1] ?? []), known);
      if (taken.length > 0) kept.push({ head: '{', blocks: [taken] });
    }
    if (ends(kept[kept.length - 1])) isReached = false;
  }
  return kept;
}

/** Whether nothing after the statement is reached. */
function ends(node: Node | undefined): boolean {
  if (node === undefined) return false;
  if (/^(return\b|break;|continue;)/.test(node.head)) return true;
  return node.head === '{' && ends(node.blocks[0][node.blocks[0].length - 1]);
}

function print(nodes: readonly Node[], depth: number): string[] {
  const indent = '  '.repeat(depth);
  return nodes.flatMap(({ head, blocks }) => {
    if (blocks.length === 0) return [indent + head];
    const lines = [indent + head, ...print(blocks[0], depth + 1)];
    for (const block of blocks.slice(1)) if (block.length > 0) lines.push(`${indent}} else {`, ...print(block, depth + 1));
    return [...lines, `${indent}}`];
  });
}

/** Value of a condition as far as the program decides it; undefined where the state does. */
export function evaluate(text: string, known: ReadonlyMap<string, Known>): Known {
  const tokens = text.match(/\w+(?:\.\w+)*|&&|\|\||[=!<>]=|<<|>>|[^\s\w]/g) ?? [];
  let at = 0;
  const primary = (): Known => {
    const token = tokens[at++];
    if (token === '(') {
      const value = expression();
      at++;
      return value;
    }
    if (token === '!') {
      const value = primary();
      return value === undefined ? undefined : !value;
    }
    if (token === '-' || token === '~') {
      const value = primary();
      return typeof value !== 'number' ? undefined : token === '-' ? -value : ~value;
    }
    let value: Known = token === 'true' ? true : token === 'false' ? false : /^\d+$/.test(token) ? Number(token) : known.get(token);
    while (tokens[at] === '(' || tokens[at] === '[') {
      at++;
      do expression();
      while (tokens[at++] === ',');
      value = undefined;
    }
    return value;
  };
  const expression = (): Known => {
    let left = primary();
    while (at < tokens.length && tokens[at] !== ')' && tokens[at] !== ']' && tokens[at] !== ',') {
      const operator = tokens[at++];
      const right = primary();
      left = apply(operator, left, right);
    }
    return left;
  };
  return expression();
}

function apply(operator: string, a: Known, b: Known): Known {
  if (operator === '&&') return a === false || b === false ? false : a === undefined || b === undefined ? undefined : true;
  if (operator === '||') return a === true || b === true ? true : a === undefined || b === undefined ? undefined : false;
  if (operator === '==' && (a === NEVER || b === NEVER)) return false;
  if (operator === '!=' && (a === NEVER || b === NEVER)) return true;
  if (operator === '==' && a !== undefined && b !== undefined) return a === b;
  if (operator === '!=' && a !== undefined && b !== undefined) return a !== b;
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  switch (operator) {
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    default:
      return undefined;
  }
}
