/**
 * Twins of a scenario for the other tier: what plays on both can be compared tick by tick.
 * Both keep its levels, seeds, agents and hash, so that the same seed and actions mean the same on each side.
 */

import { askingNoProps } from './compile/no-props.js';
import type { CompiledScenario } from './compile-scenario.js';
import { loadScenario } from './scenario-source.js';

export { FAR_DISTANCE, MAX_FAR_PROPS } from './compile/far-props.js';

/** The scenario with `count` props that nobody can reach, the first of them always in motion; it runs on the engine `rigid`. */
export function withPropsOutOfReach(compiled: CompiledScenario, count = 3): CompiledScenario {
  return loadScenario(compiled, { farProps: count });
}

/**
 * The scenario without any props; it runs on the engines of the batch tier. What its task says of props never comes about there: a prop is in no region,
 * near nobody and touched by nobody. What it observes of them is not to be read.
 */
export function withoutProps(compiled: CompiledScenario): CompiledScenario {
  return { ...compiled, program: askingNoProps(compiled.program), withoutProps: true };
}
