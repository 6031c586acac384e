/**
 * People at agents: what each holds and has pressed since the last tick. A place belongs to who takes it first, for as long as messages of theirs come.
 * Data flow: `steer` at any time -> `take` once per tick. Angles add up; a press lasts until a tick has seen it, so that none is lost between ticks.
 */
import type { Hands, HandsSource } from '@kinovox/agents';
import { TELEOP_LIMITS } from '@kinovox/world';

interface Place {
  person: number;
  seenMs: number;
  /** As the last message says. */
  held: Hands;
  /** Since the last tick. */
  fresh: Hands;
}

export class Teleop implements HandsSource {
  readonly #places = new Map<string, Place>();
  readonly #now: () => number;

  /** @param now clock, milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * @param person number of whoever steers. @param hands what they do, or null where they let go.
   * @returns undefined, or a sentence on why it is not done.
   */
  steer(row: number, slot: number, person: number, hands: Hands | null): string | undefined {
    const key = `${row} ${slot}`;
    const place = this.#placeOf(key);
    if (place !== undefined && place.person !== person) return hands === null ? undefined : 'Somebody else plays this agent.';
    if (hands === null) this.#places.delete(key);
    else if (place === undefined) this.#places.set(key, { person, seenMs: this.#now(), held: hands, fresh: hands });
    else {
      place.seenMs = this.#now();
      place.held = hands;
      place.fresh = merge(place.fresh, hands);
    }
    return undefined;
  }

  take(row: number, slot: number): Hands | undefined {
    const place = this.#placeOf(`${row} ${slot}`);
    if (place === undefined) return undefined;
    const { fresh, held } = place;
    // What is held goes on; turns and presses are done.
    place.fresh = { ...held, turn: 0, look: 0, use: false, drop: false, slot: 0 };
    return { ...fresh, turn: clampAngle(fresh.turn), look: clampAngle(fresh.look) };
  }

  /** Slots of a row at which people are, ascending. */
  taken(row: number): number[] {
    const slots = [...this.#places.keys()].flatMap((key) => {
      const [of, slot] = key.split(' ').map(Number);
      return of === row && this.#placeOf(key) !== undefined ? [slot] : [];
    });
    return slots.sort((a, b) => a - b);
  }

  /** Undefined where nobody is, or whoever was has been silent for too long. */
  #placeOf(key: string): Place | undefined {
    const place = this.#places.get(key);
    if (place !== undefined && this.#now() - place.seenMs > TELEOP_LIMITS.silenceMs) {
      this.#places.delete(key);
      return undefined;
    }
    return place;
  }
}

/** Both messages in one tick: the later one's keys, and every press of either. */
function merge(before: Hands, after: Hands): Hands {
  return {
    ...after,
    turn: before.turn + after.turn,
    look: before.look + after.look,
    jump: before.jump || after.jump,
    attack: before.attack || after.attack,
    use: before.use || after.use,
    drop: before.drop || after.drop,
    slot: after.slot === 0 ? before.slot : after.slot,
  };
}

function clampAngle(angle: number): number {
  return Math.min(Math.PI, Math.max(-Math.PI, angle));
}
