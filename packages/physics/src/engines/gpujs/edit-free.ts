/** Whether no block of a world can ever change: what the engine `gpujs` asks of a scenario. Derived from the tables, so no switch has to say it. */
import { INVENTORY_SLOTS } from '@kinovox/world';
import { BODY_WORD, BODY_WORDS, type ScenarioProgram } from '../../program.js';

/** What could change a block or needs more than walkers, as the end of a sentence ("where ..."); undefined where nothing can. */
export function editIn(program: ScenarioProgram): string | undefined {
  const { blocks, bodies, numAgents, agentIds, placedByItem, startItems, startCounts } = program;
  if (program.numProps > 0) return 'there are props';
  if (program.survival !== undefined) return 'survival is on';
  if (program.mechanisms.numMechanisms > 0) return `the mechanism "${program.mechanisms.names[0]}" switches blocks`;
  if (blocks.plate.includes(1)) return 'pressure plates sink under bodies';
  const can = (ability: number) => agentIds.find((_, a) => bodies[a * BODY_WORDS + ability] !== 0);
  const digs = can(BODY_WORD.canDig);
  if (digs !== undefined && blocks.digTicks.some((ticks) => ticks >= 0)) return `${digs} can dig`;
  const uses = can(BODY_WORD.canUse);
  if (uses !== undefined && blocks.usable.some((kind) => kind !== 0)) return `${uses} can use levers or doors`;
  for (let a = 0; a < numAgents; a++) {
    if (bodies[a * BODY_WORDS + BODY_WORD.canPlace] === 0) continue;
    for (let k = a * INVENTORY_SLOTS; k < (a + 1) * INVENTORY_SLOTS; k++)
      if (startCounts[k] > 0 && (placedByItem[startItems[k]] ?? 0) > 0) return `${agentIds[a]} can place blocks`;
  }
  return undefined;
}
