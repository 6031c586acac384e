/**
 * Twins of a scenario for the other tier: what plays on both can be compared tick by tick.
 * Both keep its levels, seeds, agents and hash, so that the same seed and actions mean the same on each side.
 */
import { MONITOR_OP, type MonitorProgram, NO_PROPS, NODE_COLUMNS } from '@kinovox/physics';
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
  const { program } = compiled;
  return { ...compiled, program: { ...program, numProps: 0, props: NO_PROPS, monitor: askingNothing(program.monitor) } };
}

/** Predicates that read where a prop is, as ones that are false where there is none: `upright` of no prop, and `touched` of none. */
function askingNothing(monitor: MonitorProgram): MonitorProgram {
  const nodes = monitor.nodes.slice();
  for (let row = 0; row < nodes.length; row += NODE_COLUMNS) {
    if (nodes[row] === MONITOR_OP.propIn) nodes[row] = MONITOR_OP.upright;
    if (nodes[row] === MONITOR_OP.nearProps || nodes[row] === MONITOR_OP.seesProps) nodes[row] = MONITOR_OP.touchedProps;
  }
  return { ...monitor, nodes };
}
