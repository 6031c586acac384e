/** Writes packages/physics/generated/tick-wgsl.js: the tick in WGSL, and what a host must define before it. */
import { writeFileSync } from 'node:fs';
import ts from 'typescript';
import * as world from '../../packages/world/dist/index.js';
import { Translator } from './translate.js';
import { createWgsl, id, storageOf } from './wgsl.js';

const PHYSICS = 'packages/physics/src/';
const files = [...['tick.ts', 'stages/reset.ts'].map((file) => PHYSICS + file), ...ts.sys.readDirectory(`${PHYSICS}observe`, ['.ts'])];
const config = ts.parseConfigFileTextToJson('tsconfig.base.json', ts.sys.readFile('tsconfig.base.json')).config;
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, '.');

const target = createWgsl();
const raw = (type, pure, body) => ({
  type,
  pure,
  text: (name, params) => target.func(name, params, type, body(params.map((p) => p.code))),
});
// Whole rows and levels move as blocks of words: the host's own loops over lists of fields have no place in a kernel.
const overrides = new Map([
  ['clearRow', raw('void', false, ([w]) => [`clear_row(${w});`])],
  ['loadLevel', raw('void', false, ([w, variant]) => [`load_level(${w}, ${variant});`])],
  ['crossingTime', raw('i32', true, ([distance, d]) => [`return crossing_time(${distance}, ${d});`])],
  ['turnShare', raw('i32', true, ([part, whole]) => [`return turn_share(${part}, ${whole});`])],
  ['propStandsIn', raw('bool', true, () => ['return false;'])],
  ['propInCell', raw('bool', true, () => ['return false;'])],
]);

const translator = new Translator({
  files,
  options: {
    ...options,
    noEmit: true,
    composite: false,
    incremental: false,
    paths: { '@kinovox/world': ['./packages/world/src/index.ts'] },
    baseUrl: '.',
    ignoreDeprecations: '6.0',
  },
  target,
  overrides,
  constants: world,
  recursion: {},
  named: new Map([['MONITOR_OP', 'OP_']]),
});

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

const entries = {};
const errors = [];
const attempt = (key, file, name, args) => {
  try {
    entries[key] = translator.entry(PHYSICS + file, name, args);
  } catch (error) {
    errors.push(
      `${key}: ${error.stack
        .split('\n')
        .slice(0, process.env.TRACE ? 8 : 1)
        .join('\n')}`,
    );
  }
};
const stages = [];
for (const { name, file } of stagesOf(`${PHYSICS}tick.ts`)) {
  attempt(name, file, name, ['c', 0, 0]);
  stages.push(name);
}
/** Files of the observation kernels, by function. */
const observers = new Map(
  ts.sys
    .readDirectory(`${PHYSICS}observe`, ['.ts'])
    .flatMap((file) =>
      [
        ...ts.sys
          .readFile(file)
          .matchAll(/^(?:export )?function (observe[A-Z]\w*)\(c: TickContext, w0: number, w1: number, out: Float32Array/gm),
      ].map(([, name]) => [name, file]),
    ),
);
for (const out of ['vector', 'finalVector'])
  for (const [name, file] of observers)
    attempt(`${name}:${out}`, file.slice(file.indexOf(PHYSICS) + PHYSICS.length), name, ['c', 0, 0, `c.observations.${out}`, 0]);
for (const out of ['crop', 'finalCrop'])
  attempt(`observeCrops:${out}`, 'observe/observe.ts', 'observeCrops', ['c', 0, 0, `c.observations.${out}`, 0]);
for (const name of ['startEpisode']) attempt(name, 'stages/reset.ts', name, ['c', 0]);
for (const name of ['hashWord0', 'hashWord1']) attempt(name, '../../world/src/numbers/state-hash.ts', name, [0, 0, 0]);
if (errors.length > 0) {
  console.error(errors.join('\n'));
  process.exitCode = 1;
}
const kernel = {
  entries,
  stages,
  scalars: [...translator.scalars].map(([path, kind]) => ({ path, kind, name: target.scalar(path) })),
  arrays: [...translator.arrays].map(([path, element]) => ({
    path,
    id: id(path),
    element: element.name,
    storage: storageOf(path, element),
    length: translator.moduleArrays.get(path)?.length ?? 0,
  })),
  functions: translator.functions.join('\n\n'),
};
writeFileSync(
  'packages/physics/src/engines/webgpu/kernel.generated.ts',
  `/** Generated from the stages of a tick by scripts/kernel/build.js. */\nimport type { KernelText } from './kernel-text.js';\n\nexport const KERNEL: KernelText = ${JSON.stringify(kernel)};\n`,
);
