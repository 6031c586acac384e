/**
 * Opponents and partners that the server plays in a client's batch: policies by name, for some agents. Each tick they look at the worlds as they stand and
 * write the native rows of their agents over what the client sent. Deterministic, as all policies are: the batch still depends on seeds and actions alone.
 */
import { createPolicy, type PolicyFactory, runPolicies } from '@kinovox/agents';
import type { BatchEnv } from '@kinovox/env';
import { ACTION_FIELDS, UsageError } from '@kinovox/world';

/** Stands for the client where policies are assigned. */
const CLIENT: PolicyFactory = { name: 'client', batch: { fill() {} } };

/**
 * From now on `env` plays the agents that `byName` (agent id, team or role) names.
 * @returns per slot, the name of its policy, or null for the client's own.
 * @throws UsageError for unknown names, for a policy that reads what the batch does not show, and where no agent is left to the client.
 */
export function seatOpponents(env: BatchEnv, byName: Readonly<Record<string, string>>): (string | null)[] {
  const factories = Object.fromEntries(Object.entries(byName).map(([agents, policy]) => [agents, createPolicy(policy)]));
  const { engine, compiled, split, numAgents, numWorlds } = env;
  if ('default' in byName)
    throw new UsageError('opponents', 'opponents must name agents, teams or roles; got "default". Leave out those that the client plays.');
  const assigned = new Array<string | null>(numAgents).fill(null);
  // Policies plan in native rows, whatever profile the client acts in.
  const host = { engine, compiled, split, actionProfile: 'native' as const };
  const run = runPolicies(host, { ...factories, default: CLIENT }, (row, slot, error) => {
    // The world of a policy that fails is lost to it; the others go on.
    env.cutShort(row, new Error(`The policy of ${env.agentIds[slot]} failed: ${error instanceof Error ? error.message : String(error)}`));
  });
  const { agents } = compiled.base;
  agents.forEach(({ id, team, role }, slot) => {
    assigned[slot] = byName[id] ?? (role === undefined ? undefined : byName[role]) ?? byName[team] ?? null;
  });
  if (!assigned.includes(null))
    throw new UsageError(
      'opponents',
      `opponents must leave an agent to the client; got policies for all ${numAgents} agents of ${engine.program.id}.`,
    );
  const slots = assigned.flatMap((policy, slot) => (policy === null ? [] : [slot]));
  env.beforeTick = (native, passedOver) => {
    // Nobody decides for a row whose episode has ended: a policy that fails there would cost the next one its first step.
    const rows = run.act(passedOver);
    for (let w = 0; w < numWorlds; w++) {
      for (const slot of slots) {
        const at = (w * numAgents + slot) * ACTION_FIELDS;
        for (let field = at; field < at + ACTION_FIELDS; field++) native[field] = rows[field];
      }
    }
  };
  return assigned;
}
