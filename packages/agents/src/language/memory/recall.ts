/**
 * Calls of earlier episodes, told where they help: when an episode of the same level begins, what was done there before; when a call is refused and no tip
 * knows better, what was done after the same refusal. Data flow: records -> those that may be read and fit -> by causal links, what belongs together -> lines
 * within a bound of tokens.
 */
import { estimateTokens } from '../model.js';
import { mayRead, type Reader } from './permission.js';
import type { CallRecord, MemoryRecord, Situation, Source } from './record.js';
import { retrieve } from './retrieval.js';

/** Verbs that only let time pass: what they did is in the ticks of the others. */
const WAITING = 'wait';

/** What was done in a level: of several episodes the one in which most different calls were done, of equals the first by source. */
export function recallLevel(
  records: readonly MemoryRecord[],
  reader: Reader,
  { task, level }: { task: string; level: number },
  mostTokens: number,
): string | undefined {
  const calls = records.filter(
    (record): record is CallRecord =>
      record.kind === 'call' &&
      mayRead(reader, record.from) &&
      record.from.scenario === reader.scenario &&
      record.from.split === reader.split &&
      record.from.level === level &&
      record.from.agent === reader.agent &&
      record.situation.task === task,
  );
  const bySeed = new Map<string, CallRecord[]>();
  for (const call of calls) bySeed.set(call.from.seed, [...(bySeed.get(call.from.seed) ?? []), call]);
  const numDone = (episode: readonly CallRecord[]) => new Set(episode.filter(isDeed).map(({ call }) => call)).size;
  const [best] = [...bySeed].sort(([a, one], [b, other]) => numDone(other) - numDone(one) || (a < b ? -1 : 1));
  if (best === undefined || numDone(best[1]) === 0) return undefined;
  const episode = oncePerNumber(best[1]);
  const lines = fitting(episode, episode.filter(isDeed).reverse(), mostTokens);
  return lines.length === 0 ? undefined : `You have been in this level before. Of what you did then:\n${lines.join('\n')}`;
}

/** What was done after a refusal of the same verb for the same reason, in this scenario: the consequences of the most alike one that has any. */
export function recallAfterRefusal(
  records: readonly MemoryRecord[],
  reader: Reader,
  situation: Situation,
  mostTokens: number,
): string | undefined {
  const calls = records.filter((record): record is CallRecord => record.kind === 'call' && record.from.scenario === reader.scenario);
  const refusals = calls.filter(({ status }) => status === 'refused');
  for (const refused of retrieve(refusals, reader, situation, refusals.length)) {
    const episode = oncePerNumber(calls.filter(({ from }) => isSameEpisode(from, refused.from)));
    const deeds = episode.filter((record) => record.cause === refused.number && isDeed(record));
    const lines = fitting(episode, deeds, mostTokens);
    if (lines.length > 0) return `After the same refusal in an earlier episode, which may have been different:\n${lines.join('\n')}`;
  }
  return undefined;
}

/** Lines of calls, each with the refusal that it follows from, in the order in which they were made; the first of `calls` are kept where not all fit. */
function fitting(episode: readonly CallRecord[], calls: readonly CallRecord[], mostTokens: number): string[] {
  const chosen = new Set<CallRecord>();
  let tokens = 0;
  for (const call of calls) {
    const cause = episode.find(({ number, status }) => number === call.cause && status === 'refused');
    const added = [call, ...(cause === undefined ? [] : [cause])].filter((one) => !chosen.has(one));
    const cost = added.reduce((sum, one) => sum + estimateTokens(lineOf(one)), 0);
    if (tokens + cost > mostTokens) continue;
    tokens += cost;
    for (const one of added) chosen.add(one);
  }
  return [...chosen].sort((a, b) => a.number - b.number).map(lineOf);
}

function lineOf({ call, status, sentence, number, cause, from }: CallRecord): string {
  const after = cause === null ? '' : `, after #${cause}`;
  return `- #${number} ${call}: ${status}${after}. ${sentence} (${sourceText(from)})`;
}

/** A call that was brought to its end and did more than let time pass. */
function isDeed({ status, situation }: CallRecord): boolean {
  return status === 'done' && situation.skill !== WAITING;
}

/** An episode that was played twice has its calls twice: the first of each number, as they were written. */
function oncePerNumber(calls: readonly CallRecord[]): CallRecord[] {
  const byNumber = new Map<number, CallRecord>();
  for (const call of calls) if (!byNumber.has(call.number)) byNumber.set(call.number, call);
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

function isSameEpisode(a: Source, b: Source): boolean {
  return a.split === b.split && a.seed === b.seed && a.agent === b.agent;
}

/** `bridge-gap-v1, train, seed 0000000000000002, ada, ticks 12..80`. */
export function sourceText({ scenario, split, seed, agent, fromTick, toTick }: Source): string {
  return `${scenario}, ${split}, seed ${seed}, ${agent}, ticks ${fromTick}..${toTick}`;
}
