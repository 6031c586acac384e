/** The interpreter with a planted bug: its sources are changed in one place, transpiled, and linked to each other again. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { runMonitors } from '@kinovox/physics';
import * as world from '@kinovox/world';
import ts from 'typescript';

/** A bug: in `file`, the first `from` becomes `to`. */
export interface Mutant {
  name: string;
  file: 'combinators' | 'predicates' | 'prop-predicates' | 'deeds' | 'run-monitor' | 'line-of-sight' | 'view-cone' | 'none';
  from: string;
  to: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a sequence may take two steps in one tick',
    file: 'combinators',
    from: 'if (step === size) return SATISFIED;',
    to: 'if (step < size && (registers[base + lists[list + step]] & 3) === 1) registers[memory] = ++step;\nif (step === size) return SATISFIED;',
  },
  {
    name: 'a sequence does not end when its step is lost',
    file: 'combinators',
    from: 'let word = registers[base + lists[list + step]];\n      if ((word & 3) === NODE_STATUS.violated) return violated;',
    to: 'let word = registers[base + lists[list + step]];',
  },
  { name: 'never forgets', file: 'run-monitor', from: '(before & 3) === NODE_STATUS.violated ||', to: '' },
  { name: 'never is satisfied one tick early', file: 'combinators', from: 'tick >= maxTicks', to: 'tick >= maxTicks - 1' },
  { name: 'all waits for its invariants', file: 'combinators', from: 'if (pure === 0 && isInvariant(nodes, lists[i])) continue;', to: '' },
  {
    name: 'any is violated by one part',
    file: 'combinators',
    from: 'return best < 0 ? violated',
    to: 'return best < 0 || (registers[base + lists[list]] & 3) === 2 ? violated',
  },
  {
    name: 'until breaks although the goal comes at the same tick',
    file: 'combinators',
    from: 'const goal = registers[base + lists[list + 1]];\n      if ((goal & 3) === NODE_STATUS.satisfied)',
    to: 'const goal = registers[base + lists[list + 1]];\n      if ((goal & 3) === NODE_STATUS.satisfied && (registers[base + lists[list]] & 3) === 1)',
  },
  {
    name: 'before loses a tie',
    file: 'combinators',
    from: 'if ((first & 3) === NODE_STATUS.satisfied) return SATISFIED;\n      const comesFirst = (registers[base + lists[list + 1]] & 3) === NODE_STATUS.satisfied;',
    to: 'const comesFirst = (registers[base + lists[list + 1]] & 3) === NODE_STATUS.satisfied;\n      if (!comesFirst && (first & 3) === NODE_STATUS.satisfied) return SATISFIED;',
  },
  { name: 'within ends one tick early', file: 'combinators', from: 'tick > constants[at]', to: 'tick >= constants[at]' },
  { name: 'count counts ticks instead of times', file: 'combinators', from: 'else if ((registers[word] & bit) === 0) {', to: 'else {' },
  {
    name: 'satisfied sequences are asked again',
    file: 'run-monitor',
    from: 'op >= FIRST_LATCHED && before === ALWAYS',
    to: 'op > FIRST_LATCHED + 9 && before === ALWAYS',
  },
  { name: 'the dead reach', file: 'predicates', from: '(state.flags[agent] & AGENT_FLAG.alive) !== 0 && inRegion', to: 'inRegion' },
  { name: 'the far corner of a region is left out', file: 'predicates', from: 'x <= constants[at + 3]', to: 'x < constants[at + 3]' },
  { name: 'blocks are counted once', file: 'predicates', from: ' || buffers.editCount[w] !== 0', to: '' },
  { name: 'agents are near themselves', file: 'predicates', from: 'if (target === slot || ', to: 'if (' },
  {
    name: 'registers of row 0 are used for every row',
    file: 'run-monitor',
    from: 'const base = w * numRegisters;',
    to: 'const base = 0 * numRegisters;',
  },
  {
    name: 'the violation is dated one tick late',
    file: 'run-monitor',
    from: 'state.register[violation] = state.tick[w];',
    to: 'state.register[violation] = state.tick[w] + 1;',
  },
  { name: 'eyes see through walls', file: 'line-of-sight', from: '=== 1) return false;', to: '=== 2) return false;' },
  { name: 'any deed counts once', file: 'deeds', from: 'deeds[deed + DEED.craftedCount] : 0', to: '1 : 0' },
  { name: 'traders and agents give alike', file: 'deeds', from: '(source & TRADE_SOURCE.traders) !== 0 && ', to: '' },
  {
    name: 'the giver is credited, not the receiver',
    file: 'deeds',
    from: 'credit(state, program, row, memory, need, deeds[deed + DEED.gaveTo] - 1)',
    to: 'credit(state, program, row, memory, need, b)',
  },
  { name: 'all mobs are alike', file: 'deeds', from: 'killer !== 0 && mobs.kindOf[m] === wanted', to: 'killer !== 0' },
  { name: 'any item is none', file: 'deeds', from: '(wanted === 0 || item === wanted)', to: 'item === wanted' },
  { name: 'a death does not end a life', file: 'deeds', from: '(flags & AGENT_FLAG.alive) === 0 ? 0', to: 'need < 0 ? 0' },
  { name: 'the slain are counted by their own slot', file: 'deeds', from: 'need, killer - 1);', to: 'need, b);' },
  { name: 'props have moved from where they are', file: 'prop-predicates', from: 'prop[pose + POSE.x] - register[start]', to: '0' },
  { name: 'a prop rests on what is beside it', file: 'prop-predicates', from: 'gap >= -STACK_GAP_Q16 &&', to: '' },
  { name: 'stacks have one order', file: 'prop-predicates', from: 'NODE_FLAG.anyOrder) !== 0', to: 'NODE_FLAG.anyOrder) > 99' },
  {
    name: 'a prop is inside with its centre',
    file: 'prop-predicates',
    from: 'halfReach(props, prop, pose, p, axis) - TOLERANCE_Q16',
    to: '0',
  },
  { name: 'containers have no rim', file: 'prop-predicates', from: '(axis === 1 ? edge :', to: '(axis === 1 ? edge * 9 :' },
  {
    name: 'containers do not turn',
    file: 'prop-predicates',
    from: 'rotationQ28(prop, outer, 0, axis)',
    to: '(axis === 0 ? 268435456 : 0)',
  },
  { name: 'what hangs upside down is upright', file: 'prop-predicates', from: 'upQ28 > 0 &&', to: '' },
  { name: 'a fall has no speed', file: 'prop-predicates', from: ' + vy * vy', to: '' },
  { name: 'the pace of agents is that since the start', file: 'predicates', from: 'register[at] = posX[agent];', to: '' },
  { name: 'eyes see behind', file: 'view-cone', from: 'along <= 0 || ', to: '' },
];

/** No bug: the sources as they are, through the same loader. */
export const UNCHANGED: Mutant = { name: 'unchanged', file: 'none', from: '', to: '' };

const FOLDER = fileURLToPath(new URL('../../packages/physics/src/monitor/', import.meta.url));

/** @throws Error when the text to change is not in the source, so that a mutant cannot go stale. */
export function loadMutant(mutant: Mutant): typeof runMonitors {
  const loaded = new Map<string, Record<string, unknown>>();
  const load = (path: string): Record<string, unknown> => {
    const known = loaded.get(path);
    if (known !== undefined) return known;
    let source = readFileSync(path, 'utf8');
    if (path === join(FOLDER, `${mutant.file}.ts`)) {
      if (!source.includes(mutant.from))
        throw new Error(`The mutant "${mutant.name}" must change text that is in ${mutant.file}.ts; got none: ${mutant.from}`);
      source = source.replace(mutant.from, mutant.to);
    }
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const exports: Record<string, unknown> = {};
    loaded.set(path, exports);
    const require = (name: string) => (name === '@kinovox/world' ? world : load(join(dirname(path), name.replace(/\.js$/, '.ts'))));
    new Function('exports', 'require', outputText)(exports, require);
    return exports;
  };
  return load(join(FOLDER, 'run-monitor.ts')).runMonitors as typeof runMonitors;
}
