/** Bodies, abilities and start inventories: one row per agent slot. */
import { BODY_WORD, BODY_WORDS, PUSH_Q16 } from '@kinovox/physics';
import { INVENTORY_SLOTS, itemByName, type ResolvedScenario, ScenarioError, toQ16, VEHICLE_KINDS } from '@kinovox/world';

export interface BodyTables {
  /** `[A, BODY_WORDS]` */
  bodies: Int32Array;
  /** `[A, INVENTORY_SLOTS]` */
  startItems: Int32Array;
  startCounts: Int32Array;
  agentIds: string[];
  /** `[A]` team name of each agent; its index in the order of first mention is the body's `team` word. */
  teams: string[];
}

/** @throws ScenarioError for a body that is not simulated, or an inventory that does not fit. */
export function compileBodies(resolved: ResolvedScenario): BodyTables {
  const { agents } = resolved;
  const teamNames = [...new Set(agents.map((agent) => agent.team))];
  const bodies = new Int32Array(agents.length * BODY_WORDS);
  const startItems = new Int32Array(agents.length * INVENTORY_SLOTS);
  const startCounts = new Int32Array(agents.length * INVENTORY_SLOTS);
  agents.forEach((agent, a) => {
    const { body } = agent;
    if (body.type !== 'walker' && !('vehicle' in body)) throw refusal(bodySentence(body.type, a, resolved.id), `agents[${a}].body`);
    if (body.type === 'walker' && !body.sprint) {
      throw refusal(
        `agents[${a}].body.sprint must be true; got false in ${resolved.id}. A walker that cannot sprint is not simulated yet.`,
        `agents[${a}].body.sprint`,
      );
    }
    const row = a * BODY_WORDS;
    // Vehicles have no legs and no hands.
    const walks = body.type === 'walker';
    bodies[row + BODY_WORD.speedQ16] = toQ16(walks ? body.speedScale : 1);
    bodies[row + BODY_WORD.canJump] = walks && body.jump ? 1 : 0;
    bodies[row + BODY_WORD.canDig] = walks && agent.can.dig ? 1 : 0;
    bodies[row + BODY_WORD.canPlace] = walks && agent.can.place ? 1 : 0;
    bodies[row + BODY_WORD.canUse] = walks && agent.can.use ? 1 : 0;
    bodies[row + BODY_WORD.canMessage] = agent.can.message ? 1 : 0;
    bodies[row + BODY_WORD.team] = teamNames.indexOf(agent.team);
    bodies[row + BODY_WORD.pushQ16] = PUSH_Q16;
    fillInventory(agent.inventory, `agents[${a}].inventory`, startItems, startCounts, a * INVENTORY_SLOTS);
  });
  return { bodies, startItems, startCounts, agentIds: agents.map((agent) => agent.id), teams: agents.map((agent) => agent.team) };
}

function bodySentence(type: string, a: number, id: string): string {
  const got = `agents[${a}].body must be "walker" or a vehicle; got "${type}" in ${id}.`;
  if (type !== 'rigid') return `${got} Bodies of type "${type}" are not simulated yet.`;
  return `${got} Say which: { "type": "rigid", "vehicle": ${VEHICLE_KINDS.map((kind) => JSON.stringify(kind)).join(' | ')} }.`;
}

/** Stacks in the order of the file, so that the first item listed is the one held. */
function fillInventory(
  inventory: Readonly<Record<string, number | undefined>>,
  path: string,
  items: Int32Array,
  counts: Int32Array,
  first: number,
): void {
  let slot = 0;
  for (const [name, count] of Object.entries(inventory)) {
    const item = itemByName(name, path);
    for (let rest = count ?? 0; rest > 0; rest -= item.stack) {
      if (slot === INVENTORY_SLOTS) {
        throw refusal(`${path} must fit into ${INVENTORY_SLOTS} stacks; got more, from "${name}" on. Carry fewer items.`, path);
      }
      items[first + slot] = item.id;
      counts[first + slot] = Math.min(rest, item.stack);
      slot++;
    }
  }
}

function refusal(message: string, path: string): ScenarioError {
  return new ScenarioError('not-simulated', message, [{ code: 'not-simulated', path, message }]);
}
