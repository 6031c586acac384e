/** A program whose props are taken out after it was compiled: levels, seeds, agents and hash stay what they are. */
import { MONITOR_OP, type MonitorProgram, NO_PROPS, NODE_COLUMNS, type ScenarioProgram } from '@kinovox/physics';

export function askingNoProps(program: ScenarioProgram): ScenarioProgram {
  return { ...program, numProps: 0, props: NO_PROPS, monitor: askingNothing(program.monitor) };
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
