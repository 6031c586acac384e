/** What the agent itself means to do, kept in words and shown in every turn. */
import { z } from 'zod';
import { answer } from '../outcome.js';
import type { Skill } from '../skill.js';

const parameters = z.strictObject({
  goal: z.string().max(200).describe('Your own goal in words, at most 200 characters; empty: the task alone.'),
});
type Args = z.output<typeof parameters>;

export const setGoal: Skill<Args> = {
  name: 'setGoal',
  description: 'Notes your own goal; every later turn shows it below the task. An empty one takes it away.',
  parameters,
  precondition: 'None.',
  effect: 'The goal is shown in every turn.',
  refusals: {},
  interruptible: false,
  begin({ intentions }, { goal }) {
    const text = goal.replace(/\s+/g, ' ').trim();
    intentions.goal = text === '' ? undefined : text;
    return text === '' ? answer('You have no goal of your own now.', { goal: '' }) : answer(`Your goal: ${text}.`, { goal: text });
  },
};
