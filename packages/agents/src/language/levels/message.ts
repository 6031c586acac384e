/** Words said beside a motion, at the levels that have no verb for it. */
import type { Refusal, SkillBody } from '../skill.js';

/** Says a text for this tick; the refusal where nothing will be said. */
export function sayOrRefuse(body: SkillBody, text: string): Refusal | undefined {
  if (body.say(text)) return undefined;
  const { enabled, symbols, everyTicks } = body.view.rules.messages;
  return {
    code: 'unheard',
    sentence: enabled
      ? `Nothing was said: a message must hold a word of the scenario, and ${everyTicks} ticks must lie between two; got ${JSON.stringify(text)}. Words: ${symbols.join(', ')}.`
      : 'Nothing was said: this scenario has no messages.',
    facts: { words: [...symbols], everyTicks },
  };
}
