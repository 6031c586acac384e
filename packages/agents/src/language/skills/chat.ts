/** Saying something that the scenario lets others hear. */
import { mapMessage, TextLog } from '@kinovox/env';
import { z } from 'zod';
import type { AgentView } from '../../agent-view.js';
import { answer, plural, refuse, tenths } from '../outcome.js';
import type { Skill } from '../skill.js';

const parameters = z.strictObject({
  text: z.string().min(1).max(256).describe('A symbol of the scenario, or, where it allows free text, a sentence that holds one.'),
});
type Args = z.output<typeof parameters>;

export const chat: Skill<Args> = {
  name: 'chat',
  description: 'Says something that the others in range hear, as the scenario allows: one of its symbols, or free text that holds one.',
  parameters,
  precondition: 'The scenario has messages, you may send them, and the time between two of them has passed.',
  effect: 'The others hear it, unless it is lost.',
  refusals: {
    'no-messages': 'Nobody talks in this scenario.',
    'may-not-speak': 'This agent may not send messages.',
    'too-soon': 'The time between two messages has not passed.',
    'too-long': 'Free text is longer than the scenario allows.',
    'no-symbol': 'The text holds no symbol of the scenario, so nobody would hear it.',
    'not-said': 'The host of this run sends no messages.',
  },
  interruptible: false,
  suits: ({ rules, roster, slot }) => rules.messages.enabled && roster[slot].can.message,
  begin(body, { text }) {
    const { view } = body;
    const { messages } = view.rules;
    if (!messages.enabled) return refuse('no-messages', 'Nobody talks in this scenario.', {});
    if (!view.roster[view.slot].can.message) return refuse('may-not-speak', `${view.roster[view.slot].id} may not send messages.`, {});
    // What is queued for this tick is said at its end.
    const last = body.hasSaid ? view.tick + 1 : view.ownWord('lastMessageTick');
    const waitTicks = last === 0 ? 0 : messages.everyTicks - (view.tick + 1 - last);
    if (waitTicks > 0)
      return refuse('too-soon', `You can speak again in ${plural(waitTicks, 'tick')}: a message every ${messages.everyTicks} ticks.`, {
        waitTicks,
        everyTicks: messages.everyTicks,
      });
    const log = new TextLog();
    const { symbol } = mapMessage(text, messages.symbols, messages.maxLength, log);
    if (symbol === 0)
      return refuse('no-symbol', `No symbol of this scenario is in "${text}"; symbols: ${messages.symbols.slice(0, 16).join(', ')}.`, {
        symbols: messages.symbols.slice(0, 16),
        numSymbols: messages.symbols.length,
      });
    const said = messages.symbols[symbol - 1];
    const isFree = log.size > 0;
    const length = Array.from(text).length;
    if (isFree && length > messages.maxLength)
      return refuse('too-long', `The text has ${length} characters; this scenario carries ${messages.maxLength}.`, {
        length,
        maxLength: messages.maxLength,
      });
    if (!body.say(text)) return refuse('not-said', 'The host of this run sends no messages.', {});
    const heard = isFree ? `"${text}" (${said})` : `"${said}"`;
    const delay = messages.delayTicks === 0 ? '' : ` It is heard in ${messages.delayTicks / 20} s.`;
    return answer(`You said ${heard}; ${reach(view)} hear it.${delay}`, {
      symbol: said,
      rangeMetres: tenths(messages.rangeMetres),
      scope: messages.scope,
      delayTicks: messages.delayTicks,
    });
  },
};

function reach({ rules }: AgentView): string {
  const { rangeMetres, scope } = rules.messages;
  const who = scope === 'team' ? 'those of your team' : 'all others';
  return rangeMetres >= 512 ? who : `${who} within ${rangeMetres} m`;
}
