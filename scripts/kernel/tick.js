/** The tick as a list of entries for a translation: its stages in order, the observation kernels, the start of an episode, the hash of a word. */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { Translator } from './translate.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PHYSICS = `${ROOT}packages/physics/src/`;

/** A function whose body the target gives, of the codes of its parameters, in place of the source's own. */
export const given = (target, type, pure, body) => ({
  type,
  pure,
  text: (name, params) => target.func(name, params, type, body(params.map((p) => p.code))),
});

/**
 * Translates every entry of the tick.
 * @param target how each construct is written
 * @param constants what `@kinovox/world` exports
 * @param overridesOf functions by name that the target writes itself, of the translator
 * @param split stages in pieces, each an entry `stage/piece`: drivers compile several small kernels far sooner than a large one
 * @returns the translator with all that it met, the names of the entries and of the stages, and a sentence per entry outside the subset
 */
export function translateTick(target, constants, overridesOf, { split = false } = {}) {
  const config = ts.parseConfigFileTextToJson('tsconfig.base.json', ts.sys.readFile(`${ROOT}tsconfig.base.json`)).config;
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const overrides = new Map();
  const translator = new Translator({
    files: [...['tick.ts', 'stages/reset.ts'].map((file) => PHYSICS + file), ...ts.sys.readDirectory(`${PHYSICS}observe`, ['.ts'])],
    options: {
      ...options,
      noEmit: true,
      composite: false,
      incremental: false,
      paths: { '@kinovox/world': [`${ROOT}packages/world/src/index.ts`] },
      ignoreDeprecations: '6.0',
    },
    target,
    overrides,
    constants,
    recursion: {},
    named: new Map([['MONITOR_OP', 'OP_']]),
    specialised: { pushEvent: ['kind', 'agent'], noteDeed: ['kind', 'agent'], layPile: ['event'] },
  });
  for (const [name, override] of overridesOf(translator)) overrides.set(name, override);

  const entries = {};
  const errors = [];
  const refuse = (key, error) => {
    const lines = error.stack.split('\n');
    errors.push(`${key}: ${lines.slice(0, process.env.TRACE ? 8 : 1).join('\n')}`);
  };
  const attempt = (key, file, name, args) => {
    try {
      entries[key] = translator.entry(PHYSICS + file, name, args);
    } catch (error) {
      refuse(key, error);
    }
  };
  const stages = [];
  for (const { name, file } of stagesOf(`${PHYSICS}tick.ts`)) {
    if (!split) {
      attempt(name, file, name, ['c', 0, 0]);
      stages.push(name);
      continue;
    }
    try {
      for (const { of, entry } of translator.pieces(PHYSICS + file, name, ['c', 0, 0])) {
        entries[of] = entry;
        stages.push(of);
      }
    } catch (error) {
      refuse(name, error);
    }
  }
  const observers = observersOf(`${PHYSICS}observe`);
  for (const out of ['vector', 'finalVector'])
    for (const [name, file] of observers)
      attempt(`${name}:${out}`, file.slice(file.indexOf(PHYSICS) + PHYSICS.length), name, ['c', 0, 0, `c.observations.${out}`, 0]);
  for (const out of ['crop', 'finalCrop'])
    attempt(`observeCrops:${out}`, 'observe/observe.ts', 'observeCrops', ['c', 0, 0, `c.observations.${out}`, 0]);
  attempt('startEpisode', 'stages/reset.ts', 'startEpisode', ['c', 0]);
  for (const name of ['hashWord0', 'hashWord1']) attempt(name, '../../world/src/numbers/state-hash.ts', name, [0, 0, 0]);
  return { translator, entries, stages, errors };
}

/** The functions of `STAGES` in order, and the files that they are imported from. */
function stagesOf(file) {
  const source = ts.createSourceFile(file, ts.sys.readFile(file), ts.ScriptTarget.ES2022, true);
  const fileOf = new Map();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    for (const element of statement.importClause?.namedBindings?.elements ?? [])
      fileOf.set(element.name.text, statement.moduleSpecifier.text.replace(/^\.\//, '').replace(/\.js$/, '.ts'));
  }
  const list = source.statements
    .filter(ts.isVariableStatement)
    .flatMap((s) => [...s.declarationList.declarations])
    .find((d) => d.name.text === 'STAGES');
  return list.initializer.elements.map((element) => {
    const name = element.properties.find((p) => p.name.text === 'run').initializer.text;
    return { name, file: fileOf.get(name) };
  });
}

/** Files of the observation kernels, by function. */
function observersOf(folder) {
  return new Map(
    ts.sys
      .readDirectory(folder, ['.ts'])
      .flatMap((file) =>
        [
          ...ts.sys
            .readFile(file)
            .matchAll(/^(?:export )?function (observe[A-Z]\w*)\(c: TickContext, w0: number, w1: number, out: Float32Array/gm),
        ].map(([, name]) => [name, file]),
      ),
  );
}
