/**
 * What a language agent is shown: env's transcript, kept along with its ticks. Data flow: `notice` per tick takes in what happened -> `turn`, when the model is
 * asked, tells what changed since the turn before, the task, and the agent's own goal. The text only grows, so that a prompt begins with the one before it.
 */
import { type EventRecord, type HeardMessage, type TextDetail, Transcript } from '@kinovox/env';
import { MESSAGE_RING } from '@kinovox/world';
import type { AgentView } from '../../agent-view.js';

export interface PerceptionOptions {
  /** Where others are: x y z in the world, or from where the agent looks. Default `absolute`. */
  readonly coordinates?: 'absolute' | 'egocentric';
  /** Default `normal`. */
  readonly detail?: TextDetail;
  /** Most tokens of a turn's events and changes, as `estimateTokens` counts them; default TURN_TOKENS of the detail. */
  readonly turnTokens?: number | undefined;
}

/** What a turn tells besides what is observed. */
export interface Told {
  /** What came of the last call, where the host does not tell it otherwise. */
  readonly result?: string | undefined;
  /** What people who watch have said since the turn before. */
  readonly spoken?: readonly string[] | undefined;
  /** The agent's own goal. */
  readonly ownGoal?: string | undefined;
}

export interface Perception {
  /** Takes in what happened in the tick before; once per tick, before deciding. */
  notice(): void;
  /** What changed since the turn before; everything in the first. */
  turn(told?: Told): string;
  /** Forgets what was told: the next turn tells everything. */
  reset(): void;
  /** All turns since the last reset. */
  readonly text: string;
}

/** Most tokens of a turn by detail, where nothing else is asked for. */
export const TURN_TOKENS: Readonly<Record<TextDetail, number>> = { brief: 150, normal: 400, full: 1500 };

export function createPerception(view: AgentView, options: PerceptionOptions = {}): Perception {
  const { coordinates = 'absolute', detail = 'normal' } = options;
  const turnTokens = options.turnTokens ?? TURN_TOKENS[detail];
  let transcript: Transcript | undefined;
  let events: EventRecord[] = [];
  let noticedTick = -1;
  return {
    get text() {
      return transcript?.text ?? '';
    },
    notice() {
      if (view.tick === noticedTick) return;
      noticedTick = view.tick;
      events.push(...view.events());
    },
    turn({ result, ownGoal, spoken = [] } = {}) {
      transcript ??= new Transcript(view.textFrame(), { coordinates, detail, turnTokens, repeatsGoal: true });
      const moment = { tick: view.tick, ...view.observation(), events, messages: heardBy(view), spoken, result, ownGoal };
      events = [];
      return transcript.turn(moment);
    },
    reset() {
      // What the present tick brought stays to be told; an episode that begins, or time that jumped, brings nothing.
      if (view.tick !== noticedTick) events = [];
      noticedTick = view.tick;
      transcript = undefined;
    },
  };
}

function heardBy(view: AgentView): HeardMessage[] {
  const heard: HeardMessage[] = [];
  for (let n = Math.max(0, view.numMessages - MESSAGE_RING); n < view.numMessages; n++) {
    const message = view.message(n);
    const text = view.messageText(n);
    if (message !== undefined) heard.push({ ...message, ...(text === undefined ? {} : { text }) });
  }
  return heard;
}
