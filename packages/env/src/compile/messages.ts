/** Message rules as the kernel's numbers. */
import type { MessageTables } from '@kinovox/physics';
import type { ResolvedScenario } from '@kinovox/world';

/** Range from which on a message is heard everywhere: twice the widest world. */
const EVERYWHERE_METRES = 512;
/** Squared distances of the rules are in 1/64 block units. */
const UNITS_PER_METRE = 64;

export function compileMessages(messages: ResolvedScenario['messages']): MessageTables {
  const range = Math.round(messages.rangeMetres * UNITS_PER_METRE);
  return {
    enabled: messages.enabled,
    numSymbols: messages.symbols.length,
    rangeQ6: messages.rangeMetres >= EVERYWHERE_METRES ? 0x7fffffff : range * range,
    everyTicks: messages.everyTicks,
    delayTicks: messages.delayTicks,
    loss256: Math.round(messages.loss * 256),
    teamOnly: messages.scope === 'team',
  };
}
