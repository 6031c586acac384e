/** The tick in C, of any program: its functions, and what a program must define before them. */
import { fileURLToPath } from 'node:url';
import { given, translateTick } from '../../../scripts/kernel/tick.js';
import { createC } from './c-target.js';

const LEVEL_INDEX = fileURLToPath(new URL('../../../packages/physics/src/stages/survival/level-index.ts', import.meta.url));

/** @param constants what `@kinovox/world` exports */
export function translateToC(constants) {
  const target = createC();
  const { translator, entries, stages, errors } = translateTick(target, constants, overridesOf);
  if (errors.length > 0) throw new Error(`Every entry of the tick must translate to C; these do not:\n${errors.join('\n')}`);
  const { scalars, arrays, moduleArrays, functions } = translator;
  return { target, entries, stages, scalars, arrays, moduleArrays, functions };

  // What the sources do with lists of fields, whole levels and doubles, `prelude.c` and the program's own text do in C.
  function overridesOf(translator) {
    return [
      ['clearRow', given(target, 'void', false, ([w]) => [`clear_row(${w});`])],
      [
        'loadLevel',
        given(target, 'void', false, ([w, variant]) => {
          translator.scalars.set('?c.index', 'present');
          const startIndex = translator.entry(LEVEL_INDEX, 'startIndex', ['c', 'c.index', 0, 'level']);
          return [`load_level(${w}, ${variant});`, ...target.iff(target.scalar('?c.index'), [`${startIndex}(${w});`])];
        }),
      ],
      ['crossingTime', given(target, 'i32', true, ([distance, d]) => [`return crossing_time(${distance}, ${d});`])],
      ['isqrt', given(target, 'i32', true, ([n]) => [`return (int32_t)sqrt((double)(${n}));`])],
      ['turnShare', given(target, 'i32', true, ([part, whole]) => [`return turn_share(${part}, ${whole});`])],
      // Props are of the rigid tier, which the twin does not have.
      ['propStandsIn', given(target, 'bool', true, () => ['return false;'])],
      ['evaluateProps', given(target, 'i32', true, () => ['return 0;'])],
      ['propInCell', given(target, 'bool', true, () => ['return false;'])],
    ];
  }
}
