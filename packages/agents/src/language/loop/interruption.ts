/** What happens to an agent that makes it think again before its action is over: it is hurt, or it hears somebody else. */
import { MESSAGE_RING } from '@kinovox/world';
import type { AgentView } from '../../agent-view.js';

export class Interruptions {
  #health = 0;
  #heard = 0;

  reset(view: AgentView): void {
    this.#health = view.health;
    this.#heard = 0;
  }

  /** What has happened since the last call, in words; undefined: nothing. */
  take(view: AgentView): string | undefined {
    const before = this.#health;
    this.#health = view.health;
    const news = this.#listen(view);
    if (view.health < before) news.unshift(`you were hurt: health ${before} before, ${view.health} of 20 now`);
    return news.length === 0 ? undefined : news.join('; ');
  }

  /** Who was heard. Messages that cannot be read yet are left for later. */
  #listen(view: AgentView): string[] {
    const senders = new Set<string>();
    this.#heard = Math.max(this.#heard, view.numMessages - MESSAGE_RING);
    for (; this.#heard < view.numMessages; this.#heard++) {
      const message = view.message(this.#heard);
      if (message === undefined) break;
      if (message.sender !== view.slot) senders.add(view.roster[message.sender]?.id ?? 'somebody');
    }
    return senders.size === 0 ? [] : [`you heard ${[...senders].join(', ')}`];
  }
}
