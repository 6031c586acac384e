/** Learner's columns as they come from outside: one value per agent, finite numbers, a log-probability per token. */
import { ShapeError } from '@kinovox/world';
import type { AgentColumns } from './format.js';

const PER_AGENT = ['role', 'policyVersion', 'decision', 'behaviourLogProb', 'rawAction', 'safety', 'tokenIds', 'tokenLogProbs'] as const;

/**
 * The columns, with the sum of the tokens' log-probabilities where only those were given.
 * @throws ShapeError naming the column, and the agent where one value does not fit.
 */
export function checkedColumns(columns: AgentColumns, agentIds: readonly string[]): AgentColumns {
  for (const name of PER_AGENT) {
    const values = columns[name];
    if (values === undefined) continue;
    if (values.length !== agentIds.length)
      throw refusal(
        `The column "${name}" must have a value for each of the ${agentIds.length} agents, null for none; got ${values.length}.`,
      );
    values.forEach((value: unknown, a) => {
      for (const part of Array.isArray(value) ? value : [value])
        if (typeof part === 'number' && !Number.isFinite(part))
          throw refusal(`The column "${name}" must hold finite numbers; got ${part} for agent "${agentIds[a]}".`);
    });
  }
  const { tokenIds, tokenLogProbs } = columns;
  tokenLogProbs?.forEach((probs, a) => {
    const tokens = tokenIds?.[a];
    if (probs !== null && probs.length !== tokens?.length)
      throw refusal(
        `The column "tokenLogProbs" must have a value for each token of "tokenIds"; got ${probs.length} for ${tokens?.length ?? 'no'} tokens of agent "${agentIds[a]}".`,
      );
  });
  if (tokenLogProbs === undefined || columns.behaviourLogProb !== undefined) return columns;
  const sum = (probs: number[]) => probs.reduce((total, prob) => total + prob, 0);
  return { ...columns, behaviourLogProb: tokenLogProbs.map((probs) => (probs === null ? null : sum(probs))) };
}

function refusal(message: string): ShapeError {
  return new ShapeError('columns', `${message} See docs/recordings.md.`);
}
