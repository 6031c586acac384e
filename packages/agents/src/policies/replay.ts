/**
 * Replay as a policy: plays the actions of recorded episodes again, so that what was recorded is judged in the tables of others. It looks at nothing and
 * decides nothing. Data flow: recordings -> episodes by their seed -> words of a tick -> rows of actions.
 * Limits: an episode must begin with its first tick in the recording, and every state must be the recorded one: where other agents, another level or other
 *   rules make it another, the policy refuses, for recorded actions mean nothing there. Scenarios that delay actions are refused: recordings hold actions
 *   when bodies carry them out.
 */
import { type EpisodeRecordEntry, hashWorldInto, RECORD_TYPE, type Recording, RULES_VERSION, type TickEntry } from '@kinovox/env';
import { ACTION_FIELDS, ACTION_SPEC, ACTION_WORD, ACTION_WORDS, episodeSeed, formatHash, splitSeed, UsageError } from '@kinovox/world';
import type { BatchDecider, PolicyFactory, PolicyHost } from '../policy.js';

/** @param recordings whole files, of one scenario or several. @throws UsageError for an episode that two of them hold. */
export function createReplayPolicy(recordings: readonly Recording[]): PolicyFactory {
  const shelf = new Shelf(recordings);
  const byEngine = new WeakMap<object, Map<number, Playback>>();
  const batch: BatchDecider = {
    check: (host) => shelf.check(host),
    fill(host, slots, out) {
      let rows = byEngine.get(host.engine);
      if (rows === undefined) byEngine.set(host.engine, (rows = new Map()));
      for (let row = 0; row < host.engine.numWorlds; row++) {
        const { tick } = host.engine.state;
        let playback = rows.get(row);
        if (playback === undefined || tick[row] === 0) rows.set(row, (playback = new Playback(shelf.find(host, row))));
        playback.fill(host, row, slots, out);
      }
    },
  };
  return { name: 'replay', batch };
}

/** An episode of a recording: its first state, and the records that follow it. */
interface Episode {
  readonly recording: Recording;
  readonly start: EpisodeRecordEntry;
  /** Record after that of the episode. */
  readonly from: number;
}

class Shelf {
  readonly #recordings: readonly Recording[];
  /** By scenario's hash, split and seed words. */
  readonly #episodes = new Map<string, Episode>();

  constructor(recordings: readonly Recording[]) {
    this.#recordings = recordings;
    for (const recording of recordings)
      for (let record = 0; record < recording.numRecords; record++) {
        if (recording.typeAt(record) !== RECORD_TYPE.episode) continue;
        const start = recording.entryAt(record) as EpisodeRecordEntry;
        if (start.tick !== 0) continue;
        const { low, high } = splitSeed(start.rowSeed);
        const words = episodeSeed(low, high, start.episode);
        const key = keyOf(recording.header, words.low, words.high);
        const other = this.#episodes.get(key);
        if (other !== undefined)
          throw new UsageError(
            'replay-twice',
            `A replay must hold every episode once; got that of seed ${start.rowSeed} of ${idOf(recording)} in ${other.recording.where} and in ${recording.where}. Name one of the files.`,
          );
        this.#episodes.set(key, { recording, start, from: record + 1 });
      }
  }

  /** @throws UsageError where nothing was recorded in the scenario and split that are played, or it cannot be played again. */
  check({ compiled, split }: PolicyHost): void {
    const { id, scenarioHash } = compiled.program;
    const got = () =>
      [...new Set(this.#recordings.map((one) => `${idOf(one)} (content ${one.header.scenarioHash}, split ${one.header.split})`))].join(
        ', ',
      );
    const fitting = this.#recordings.filter(({ header }) => header.scenarioHash === scenarioHash && header.split === split);
    if (fitting.length === 0)
      throw new UsageError(
        'replay-scenario',
        `A replay must be of the scenario and split that are played, ${id} (content ${scenarioHash}, split ${split}); got ${got()}. Record it there, or name that --split.`,
      );
    const foreign = fitting.find(({ header }) => header.rulesVersion !== RULES_VERSION);
    if (foreign !== undefined)
      throw new UsageError(
        'replay-rules',
        `A replay must be recorded under rules version ${RULES_VERSION}; got ${foreign.header.rulesVersion} in ${foreign.where}. Record it again.`,
      );
    if (compiled.scenario.randomisation?.actionDelayTicks !== undefined)
      throw new UsageError(
        'replay-delay',
        `A replay must be of a scenario that delays no actions, because recordings hold them when bodies carry them out; got ${id}. Leave it out of the suite.`,
      );
  }

  /** @throws UsageError where the episode that a row plays was not recorded. */
  find({ compiled, split, engine }: PolicyHost, row: number): Episode {
    const { seedLow, seedHigh } = engine.state;
    const { scenarioHash, id } = compiled.program;
    const found = this.#episodes.get(keyOf({ scenarioHash, split }, seedLow[row], seedHigh[row]));
    if (found !== undefined) return found;
    const held = [...this.#episodes.values()].filter(({ recording }) => recording.header.scenarioHash === scenarioHash);
    const seeds = held.map(({ start }) => (start.episode === 0 ? `${start.rowSeed}` : `${start.rowSeed} (its episode ${start.episode})`));
    throw new UsageError(
      'replay-seed',
      `A replay must hold every episode that is played; got none with the seed words ${formatHash(seedLow[row], seedHigh[row])} of ${id}. It holds seeds ${seeds.slice(0, 20).join(', ')}${seeds.length > 20 ? ', ...' : ''}. Play those, by --seeds and --first-seed.`,
    );
  }
}

/** One world's way through an episode. */
class Playback {
  readonly #episode: Episode;
  readonly #words: Int32Array;
  readonly #texts = new Map<number, string>();
  readonly #lanes = new Uint32Array(2);
  #record: number;
  /** The state that the recording has before the next tick. */
  #before: Pick<TickEntry, 'tick' | 'hash0' | 'hash1'>;

  constructor(episode: Episode) {
    const { recording, start, from } = episode;
    this.#episode = episode;
    this.#before = start;
    this.#record = from;
    this.#words = new Int32Array(recording.header.agentIds.length * ACTION_WORDS);
    // A text is written once per file, before the first tick that says it.
    for (let record = 0; record < from; record++) this.#noteText(record);
  }

  fill(host: PolicyHost, row: number, slots: readonly number[], out: Float32Array): void {
    const { state, program } = host.engine;
    const tick = state.tick[row];
    hashWorldInto(this.#lanes, state as never, row);
    const { hash0, hash1 } = this.#before;
    if (tick !== this.#before.tick || this.#lanes[0] !== hash0 >>> 0 || this.#lanes[1] !== hash1 >>> 0)
      throw new UsageError(
        'replay-state',
        `A replay must meet the states that were recorded; got another at tick ${tick} of ${this.#where}. Something else decides for an agent, or the world is another: play all agents by the recording.`,
      );
    const entry = this.#nextTick();
    if (entry === undefined)
      throw new UsageError(
        'replay-cut',
        `A replay must hold episodes to their end; got one that breaks off at tick ${tick} of ${this.#where}. Record it again.`,
      );
    this.#before = entry;
    for (const slot of slots) {
      const words = this.#words.subarray(slot * ACTION_WORDS, (slot + 1) * ACTION_WORDS);
      const at = (row * program.numAgents + slot) * ACTION_FIELDS;
      ACTION_SPEC.forEach(({ bits }, field) => {
        out[at + field] = words[field] / 2 ** bits;
      });
      const text = words[ACTION_WORD.textHash] === 0 ? undefined : this.#texts.get(words[ACTION_WORD.textHash]);
      if (text !== undefined) host.say?.(row, slot, text);
    }
  }

  /** Words of the next tick of the episode; undefined where the recording ends before. */
  #nextTick(): TickEntry | undefined {
    const { recording } = this.#episode;
    for (; this.#record < recording.numRecords; this.#record++) {
      const type = recording.typeAt(this.#record);
      if (type === RECORD_TYPE.episode) return undefined;
      this.#noteText(this.#record);
      // After a keyframe actions are written anew.
      if (type === RECORD_TYPE.keyframe) this.#words.fill(0);
      if (type !== RECORD_TYPE.tick) continue;
      const entry = recording.entryAt(this.#record++) as TickEntry;
      for (let i = 0; i < entry.changes.length; i += 2) this.#words[entry.changes[i]] = entry.changes[i + 1];
      return entry;
    }
    return undefined;
  }

  #noteText(record: number): void {
    if (this.#episode.recording.typeAt(record) !== RECORD_TYPE.text) return;
    const entry = this.#episode.recording.entryAt(record);
    if (entry?.type === 'text') this.#texts.set(entry.word, entry.text);
  }

  get #where(): string {
    const { recording, start } = this.#episode;
    return `episode ${start.episode} of seed ${start.rowSeed} in ${recording.where}`;
  }
}

function keyOf({ scenarioHash, split }: { scenarioHash: string; split: string }, low: number, high: number): string {
  return `${scenarioHash} ${split} ${low >>> 0} ${high >>> 0}`;
}

function idOf({ header }: Recording): string {
  return String((header.scenario as { id?: unknown }).id);
}
