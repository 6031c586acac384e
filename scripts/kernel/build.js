/** Writes packages/physics/src/engines/webgpu/kernel.generated.ts: the tick in WGSL, and what a host must define before it. */
import { writeFileSync } from 'node:fs';
import * as world from '../../packages/world/dist/index.js';
import { writeCameraKernel } from './camera.js';
import { given, translateTick } from './tick.js';
import { createWgsl, ISQRT, id, storageOf } from './wgsl.js';

const target = createWgsl();
// Whole rows and levels move as blocks of words: the host's own loops over lists of fields have no place in a kernel.
const overrides = new Map([
  ['clearRow', given(target, 'void', false, ([w]) => [`clear_row(${w});`])],
  ['copyLevel', given(target, 'void', false, ([w, variant]) => [`load_level(${w}, ${variant});`])],
  ['crossingTime', given(target, 'i32', true, ([distance, d]) => [`return crossing_time(${distance}, ${d});`])],
  ['isqrt', given(target, ...ISQRT)],
  ['turnShare', given(target, 'i32', true, ([part, whole]) => [`return turn_share(${part}, ${whole});`])],
  ['propStandsIn', given(target, 'bool', true, () => ['return false;'])],
  ['evaluateProps', given(target, 'i32', true, () => ['return 0;'])],
  ['propInCell', given(target, 'bool', true, () => ['return false;'])],
]);

const { translator, entries, stages, errors } = translateTick(target, world, () => overrides, { split: true });
errors.push(...lostBetweenPieces());
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
writeCameraKernel();

/** Scratch of a thread that two pieces of a stage name: what one writes there the other would not find. */
function lostBetweenPieces() {
  // Filled and read within one call, wherever it is made.
  const passing = /^S_c_(mobs_)?(ray|edge|stepped|index_near|recipeIndex_(held|kinds|found))$|^S___way/;
  const byName = new Map(translator.functions.map((text) => [/fn (\w+)/.exec(text)[1], text]));
  const scratchOf = (name, seen = new Set()) => {
    if (seen.has(name)) return [];
    seen.add(name);
    const text = byName.get(name);
    return [
      ...(text.match(/\bS_\w+/g) ?? []),
      ...[...text.slice(text.indexOf('{')).matchAll(/\b(\w+)(?=\()/g)].flatMap(([call]) => (byName.has(call) ? scratchOf(call, seen) : [])),
    ];
  };
  const pieceOf = new Map();
  const lost = [];
  for (const piece of stages) {
    for (const array of new Set(scratchOf(entries[piece]))) {
      const place = `${piece.split('/')[0]} ${array}`;
      const before = pieceOf.get(place);
      if (before !== undefined && !passing.test(array))
        lost.push(`${array} is private to a kernel, but ${before} and ${piece} both name it: keep it (wgsl.js)`);
      pieceOf.set(place, piece);
    }
  }
  return lost;
}
