/** The replies of a recorded log: the same prompts get the same replies, and nobody is asked. */
import { UsageError } from '@kinovox/world';
import { type DecisionEntry, DecisionSchema, type HeardEntry, HeardSchema } from '../loop/decision.js';
import { ModelError, type ModelProvider } from '../model.js';
import { hashPrompt } from '../prompt-hash.js';

/** @param log lines of a decisions.jsonl. @param where the file, for messages. @throws UsageError for lines that are none. */
export function createReplayProvider(log: string, where: string): ModelProvider {
  const entries = new Map<string, DecisionEntry>();
  /** What people said, by seed, agent and tick. */
  const heard = new Map<string, string[]>();
  for (const [i, line] of log.split('\n').entries()) {
    if (line.trim() === '') continue;
    const entry = parseLine(line, `${where}:${i + 1}`);
    if (entry?.kind === 'decision') entries.set(`${entry.seed}/${entry.agent}/${entry.number}`, entry);
    else if (entry !== undefined) {
      const moment = `${entry.seed}/${entry.agent}/${entry.tick}`;
      heard.set(moment, [...(heard.get(moment) ?? []), entry.text]);
    }
  }
  return {
    heard: (seed, agent, tick) => heard.get(`${seed}/${agent}/${tick}`) ?? [],
    async ask(request) {
      const entry = entries.get(request.key);
      if (entry === undefined)
        throw new UsageError(
          'replay-missing',
          `A replayed log must hold every decision; got none for "${request.key}" (seed, agent, number) at ${where}. Play the scenario, seed and ticks that were recorded.`,
        );
      if (entry.promptHash !== hashPrompt(request))
        throw new UsageError(
          'replay-prompt',
          `A replayed prompt must be the one that was recorded; got another for "${request.key}" at ${where}. Keep the scenario and the profile's other fields as they were.`,
        );
      // Calls that were repeated count against the budget as they did.
      const numRepeated = (entry.unanswered?.calls ?? 0) - (entry.reply === undefined ? 1 : 0);
      for (let n = 0; n < numRepeated; n++) request.mayRepeat?.();
      if (entry.reply !== undefined) return entry.reply;
      throw new ModelError(entry.code ?? 'failed', entry.sentence ?? 'No reply came when it was recorded.');
    },
  };
}

/** Undefined for results, which are not asked for. */
function parseLine(line: string, where: string): DecisionEntry | HeardEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new UsageError(
      'replay-log',
      `A line of a log must be JSON; got ${(cause as Error).message} at ${where}. Take the decisions.jsonl of a run.`,
    );
  }
  const kind = (value as { kind?: unknown } | null)?.kind;
  if (kind === 'result') return undefined;
  const parsed = (kind === 'heard' ? HeardSchema : DecisionSchema).safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ message, path }] = parsed.error.issues;
  throw new UsageError(
    'replay-log',
    `A line of a log must be ${kind === 'heard' ? 'what was heard' : 'a decision'}; got "${message}" at ${path.join('.') || 'the top'} of ${where}. Take the decisions.jsonl of a run.`,
  );
}
