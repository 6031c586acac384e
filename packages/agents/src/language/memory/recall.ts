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
  const numDone = (episode: readonly CallRecord[]) => new Set(episode.filter(isDeed).map(({ call }) => call)).size;
  let [episode, most]: [CallRecord[], number] = [[], 0];
  for (const play of playsOf(calls)) {
    const done = numDone(play);
    if (done > most || (done === most && done > 0 && play[0].from.seed < episode[0].from.seed)) [episode, most] = [play, done];
  }
  if (most === 0) return undefined;
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
  const playOf = new Map(playsOf(calls).flatMap((play) => play.map((call) => [call, play] as const)));
  for (const refused of retrieve(refusals, reader, situation, refusals.length)) {
    const episode = playOf.get(refused)!;
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

/**
 * The calls of each episode as it was played: a seed that was played again, in a later run or with what was recalled of it, is another play.
 * @param calls as they were written: the numbers of a play rise.
 */
function playsOf(calls: readonly CallRecord[]): CallRecord[][] {
  const plays: CallRecord[][] = [];
  const latest = new Map<string, CallRecord[]>();
  for (const call of calls) {
    const { split, seed, agent } = call.from;
    const key = `${split} ${seed} ${agent}`;
    const play = latest.get(key);
    if (play !== undefined && play[play.length - 1].number < call.number) play.push(call);
    else {
      const begun = [call];
      latest.set(key, begun);
      plays.push(begun);
    }
  }
  return plays;
}

/** `bridge-gap-v1, train, seed 0000000000000002, ada, ticks 12..80`. */
export function sourceText({ scenario, split, seed, agent, fromTick, toTick }: Source): string {
  return `${scenario}, ${split}, seed ${seed}, ${agent}, ticks ${fromTick}..${toTick}`;
}
