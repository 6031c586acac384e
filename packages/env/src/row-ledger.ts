/**
 * What a batch keeps of its rows beside the engine: episodes, returns, achievements, groups, and who waits for a reset.
 * Data flow: an engine's outputs after each tick -> sums, and a record per ended episode. The same for engines in the host's memory and on a device.
 */
import type { RowWords, ScenarioProgram, StepOutputs } from '@kinovox/physics';
import { formatHash, ResetNeededError, ShapeError, UsageError } from '@kinovox/world';
import { assertSeed, type BatchSettings, type ResetOptions, type RowSnapshot } from './batch-options.js';
import { type EpisodeRecord, EpisodeStatistics, OUTCOMES } from './episode-statistics.js';

/** The engine's arrays that a ledger reads. */
export interface LedgerSource {
  readonly rows: RowWords;
  readonly outputs: StepOutputs;
}

/** What a batch does besides when something happens in a row. */
export interface LedgerHooks {
  /** An episode began. */
  onBegin?(row: number): void;
  /** A tick passed; called before the episode is closed. */
  onTick?(row: number, ended: boolean): void;
}

export class RowLedger {
  readonly episodes: EpisodeStatistics;
  onEpisodeEnd: ((record: EpisodeRecord) => void) | undefined;
  /** `[B]` group of each row since it was last reset with a seed or group; -1 without a group. */
  readonly groupIds: Int32Array;
  /** `[B, A]` sums of rewards in the episode. */
  readonly returns: Float64Array;
  /** `[B, G]` 1 = reached in the episode being played. */
  readonly achieved: Uint8Array;
  /** Whether rows hold episodes: after the first reset or restore. */
  started = false;
  closed = false;
  readonly #program: ScenarioProgram;
  readonly #settings: BatchSettings;
  readonly #source: () => LedgerSource;
  readonly #hooks: LedgerHooks;
  /** `[B]` variant and number of the episode being played; kept here, since state moves on in the step that ends one. */
  readonly #variant: Int32Array;
  readonly #episode: Int32Array;
  /** `[B]` 1 = ended and not yet reset. */
  readonly #waiting: Uint8Array;
  #numWaiting = 0;

  constructor(program: ScenarioProgram, settings: BatchSettings, source: () => LedgerSource, hooks: LedgerHooks = {}) {
    const { numWorlds } = settings;
    this.#program = program;
    this.#settings = settings;
    this.#source = source;
    this.#hooks = hooks;
    this.episodes = new EpisodeStatistics(program.achievementNames);
    this.groupIds = new Int32Array(numWorlds).fill(-1);
    this.returns = new Float64Array(numWorlds * program.numAgents);
    this.achieved = new Uint8Array(numWorlds * program.achievementNames.length);
    this.#variant = new Int32Array(numWorlds);
    this.#episode = new Int32Array(numWorlds);
    this.#waiting = new Uint8Array(numWorlds);
  }

  get numWaiting(): number {
    return this.#numWaiting;
  }

  /** Rows that ended and were not reset: 1, in a copy. */
  waitingMask(): Uint8Array {
    return this.#waiting.slice();
  }

  /**
   * Checks a reset and notes its groups.
   * @returns the rows' seeds, undefined to go on to their next episodes, and whether a new engine already stands where the reset leads.
   */
  planReset(options: ResetOptions): { seeds: number[] | undefined; standing: boolean } {
    this.assertOpen();
    const { mask } = options;
    const { numWorlds } = this.#settings;
    if (mask !== undefined) {
      assertLength('A reset mask', mask.length, numWorlds, 'numWorlds');
      const odd = mask.findIndex((value) => value > 1);
      if (odd >= 0)
        throw new ShapeError('mask-value', `A reset mask must hold 0 or 1; got ${mask[odd]} at row ${odd}. Give 1 for the rows to reset.`);
      if (!mask.includes(1))
        throw new ShapeError('empty-mask', `A reset mask must select a row; got ${numWorlds} zeros. Leave the mask out to reset all rows.`);
      if (!this.started && mask.includes(0))
        throw new ResetNeededError('reset-needed', 'The first reset must be of all rows; got a mask. Call reset() without a mask first.');
    }
    const seeds = this.#seedsOf(options);
    // A new engine already stands at the first tick of the seeds given at creation.
    const standing = !this.started && seeds !== undefined && seeds.every((seed, row) => seed === this.#settings.seed + row);
    return { seeds, standing };
  }

  /** Rows of a mask, or all, stand at the start of an episode. */
  begin(mask: Uint8Array | undefined): void {
    this.started = true;
    for (let row = 0; row < this.#settings.numWorlds; row++) if (mask === undefined || mask[row] === 1) this.#beginEpisode(row);
  }

  /** @throws ResetNeededError before the first reset, and with autoreset `disabled` while a row waits. */
  assertReady(): void {
    this.assertOpen();
    if (!this.started) throw new ResetNeededError('reset-needed', 'An environment must be reset before its first step. Call reset().');
    if (this.#settings.autoreset === 'disabled' && this.#numWaiting > 0) {
      const row = this.#waiting.indexOf(1);
      throw new ResetNeededError(
        'reset-needed',
        `Ended rows must be reset before the next step; got ${this.#numWaiting} of them, first row ${row}. Call reset({ mask }).`,
      );
    }
  }

  /** Next-step autoreset, after the engine reset the rows of `mask`: they ignored their action and show their next episode's first observation. */
  noteWaitingReset(mask: Uint8Array): void {
    const { outputs } = this.#source();
    const { numAgents } = this.#program;
    const numTerms = this.#program.rewards.length;
    for (let row = 0; row < mask.length; row++) {
      if (mask[row] === 0) continue;
      const first = row * numAgents;
      outputs.rewards.fill(0, first, first + numAgents);
      outputs.rewardTerms.fill(0, first * numTerms, (first + numAgents) * numTerms);
      if (outputs.wayLeft.length > 0) outputs.wayLeft.fill(0, 2 * first, 2 * (first + numAgents));
      outputs.terminated.fill(0, first, first + numAgents);
      outputs.truncated.fill(0, first, first + numAgents);
      outputs.ended[row] = 0;
      outputs.endStatus[row] = 0;
      this.#beginEpisode(row);
      // Marks the row for `account`: no tick passed in it.
      this.#waiting[row] = 2;
    }
  }

  /** After a tick: returns, ended episodes, observers. @param held `[B]` 1 = no tick passed in the row. */
  account(held?: Uint8Array): void {
    const { rewards, ended } = this.#source().outputs;
    const { returns } = this;
    const { numAgents } = this.#program;
    for (let row = 0; row < this.#settings.numWorlds; row++) {
      if (held !== undefined && held[row] !== 0) continue;
      for (let i = row * numAgents; i < (row + 1) * numAgents; i++) returns[i] += rewards[i];
      if (this.#waiting[row] === 2) {
        this.#waiting[row] = 0;
        continue;
      }
      if (this.achieved.length > 0) this.#noteAchieved(row);
      const end = ended[row] === 1;
      this.#hooks.onTick?.(row, end);
      if (end) this.#endEpisode(row);
    }
  }

  /** Notes an episode that ended where this ledger did not look at every tick. */
  addRecord(record: EpisodeRecord): void {
    this.episodes.add(record);
    this.onEpisodeEnd?.(record);
  }

  /** Takes over what every row plays, where this ledger did not look at every tick. */
  refresh(): void {
    const { rows } = this.#source();
    this.#variant.set(rows.variant);
    this.#episode.set(rows.episode);
  }

  /** Everything of a row that the future depends on, beside its world. */
  snapshot(row: number, world: RowSnapshot['world'], pending?: Float32Array): RowSnapshot {
    const first = row * this.#program.numAgents;
    return {
      world,
      returns: this.returns.slice(first, first + this.#program.numAgents),
      achieved: this.achievedBy(row).slice(),
      ...(pending === undefined ? {} : { pending }),
      waiting: this.#waiting[row] === 1,
      scenarioHash: this.#program.scenarioHash,
      split: this.#settings.split,
    };
  }

  /** @throws ShapeError for a snapshot of another scenario or split. */
  assertRestorable(row: number, snapshot: RowSnapshot): void {
    this.assertOpen();
    this.assertRow(row);
    const { scenarioHash } = this.#program;
    if (snapshot.scenarioHash !== scenarioHash || snapshot.split !== this.#settings.split)
      throw new ShapeError(
        'snapshot-scenario',
        `A snapshot must be of the scenario ${scenarioHash} and the split ${this.#settings.split}; got ${snapshot.scenarioHash} and ${snapshot.split}. Restore it in an environment like the one it was taken in.`,
      );
    assertLength("A snapshot's returns", snapshot.returns.length, this.#program.numAgents, 'numAgents');
  }

  /** After the engine restored the row. */
  restored(row: number, snapshot: RowSnapshot): void {
    const { rows } = this.#source();
    this.started = true;
    this.returns.set(snapshot.returns, row * this.#program.numAgents);
    this.achievedBy(row).set(snapshot.achieved);
    this.#setWaiting(row, snapshot.waiting);
    this.#variant[row] = rows.variant[row];
    this.#episode[row] = rows.episode[row];
  }

  rowInfo(row: number): { rowSeed: number; episode: number; variant: number; tick: number; waiting: boolean } {
    this.assertRow(row);
    return {
      rowSeed: this.#rowSeed(row),
      episode: this.#episode[row],
      variant: this.#variant[row],
      tick: this.#source().rows.tick[row],
      waiting: this.#waiting[row] === 1,
    };
  }

  achievedBy(row: number): Uint8Array {
    const size = this.episodes.achievements.length;
    return this.achieved.subarray(row * size, (row + 1) * size);
  }

  /** Names of the achievements that a row has reached in its episode. */
  achievedNames(row: number): string[] {
    this.assertRow(row);
    return this.namesOf(this.achievedBy(row));
  }

  namesOf(reached: Uint8Array): string[] {
    return this.episodes.achievements.filter((_, g) => reached[g] === 1);
  }

  returnOf(row: number, slot: number): number {
    this.assertRow(row);
    this.assertSlot(slot);
    return this.returns[row * this.#program.numAgents + slot];
  }

  assertOpen(): void {
    if (this.closed) throw new UsageError('closed', 'An environment must be open; got a call after close(). Create another.');
  }

  assertStarted(): void {
    this.assertOpen();
    if (!this.started)
      throw new ResetNeededError('reset-needed', 'An environment must be reset before its rows can be read. Call reset().');
  }

  assertRow(row: number): void {
    const { numWorlds } = this.#settings;
    if (!Number.isInteger(row) || row < 0 || row >= numWorlds)
      throw new ShapeError(
        'row',
        `A row must be an integer in 0..${numWorlds - 1}; got ${row}. Rows count from 0; make the environment with more worlds to have more.`,
      );
  }

  assertSlot(slot: number): void {
    const { numAgents } = this.#program;
    if (!Number.isInteger(slot) || slot < 0 || slot >= numAgents)
      throw new ShapeError(
        'slot',
        `A slot must be an integer in 0..${numAgents - 1}; got ${slot}. Slots are the places of agents in agentIds.`,
      );
  }

  #seedsOf({ seed, seeds, mask, groupSize, groupId }: ResetOptions): number[] | undefined {
    const { numWorlds } = this.#settings;
    if (seeds !== undefined) assertLength('Seeds', seeds.length, numWorlds, 'numWorlds');
    if (groupSize !== undefined && (!Number.isInteger(groupSize) || groupSize < 1 || numWorlds % groupSize !== 0)) {
      throw new ShapeError('group-size', `groupSize must divide numWorlds = ${numWorlds}; got ${groupSize}. Use a divisor.`);
    }
    if (groupSize !== undefined && seeds !== undefined)
      throw new ShapeError('group-seeds', 'Rows of a group share a seed; got seeds as well as groupSize. Give seed instead.');
    if (groupId !== undefined && (!Number.isInteger(groupId) || groupId < 0))
      throw new ShapeError('group-id', `groupId must be an integer from 0; got ${groupId}. It is added to the seed of the first group.`);
    if (groupId !== undefined && groupSize === undefined)
      throw new ShapeError('group-id', `groupId must come with groupSize; got ${groupId} alone. Give the members per group as groupSize.`);
    const fresh = !this.started || seed !== undefined || groupSize !== undefined;
    if (seeds === undefined && !fresh) return undefined;
    const first = seed ?? this.#settings.seed;
    assertSeed(first);
    const groups = Array.from({ length: numWorlds }, (_, row) =>
      groupSize === undefined ? -1 : (groupId ?? 0) + Math.floor(row / groupSize),
    );
    const list = groups.map((group, row) => (seeds !== undefined ? seeds[row] : first + (group < 0 ? row : group)));
    for (const value of list) assertSeed(value);
    groups.forEach((group, row) => {
      if (mask === undefined || mask[row] === 1) this.groupIds[row] = group;
    });
    return list;
  }

  #endEpisode(row: number): void {
    const { endStatus, endTicks, endProgress, endHash } = this.#source().outputs;
    const { numAgents } = this.#program;
    let sum = 0;
    for (let a = 0; a < numAgents; a++) sum += this.returns[row * numAgents + a];
    this.addRecord({
      row,
      episode: this.#episode[row],
      split: this.#settings.split,
      variant: this.#variant[row],
      rowSeed: this.#rowSeed(row),
      outcome: OUTCOMES[endStatus[row]],
      ticks: endTicks[row],
      return: sum / numAgents,
      progress: endProgress[row] / 16384,
      ...(this.achieved.length === 0 ? {} : { achieved: this.achievedNames(row) }),
      stateHash: formatHash(endHash[2 * row], endHash[2 * row + 1]),
    });
    if (this.#settings.autoreset === 'same-step') this.#beginEpisode(row);
    else this.#setWaiting(row, true);
  }

  #beginEpisode(row: number): void {
    const { rows } = this.#source();
    const { numAgents } = this.#program;
    this.#setWaiting(row, false);
    this.#variant[row] = rows.variant[row];
    this.#episode[row] = rows.episode[row];
    this.returns.fill(0, row * numAgents, (row + 1) * numAgents);
    this.achievedBy(row).fill(0);
    this.#hooks.onBegin?.(row);
  }

  #noteAchieved(row: number): void {
    const { achieved } = this.#source().outputs;
    const size = this.episodes.achievements.length;
    for (let at = row * size; at < (row + 1) * size; at++) if (achieved[at] === 1) this.achieved[at] = 1;
  }

  #setWaiting(row: number, waiting: boolean): void {
    this.#numWaiting += (waiting ? 1 : 0) - (this.#waiting[row] === 1 ? 1 : 0);
    this.#waiting[row] = waiting ? 1 : 0;
  }

  #rowSeed(row: number): number {
    const { rowSeedLow, rowSeedHigh } = this.#source().rows;
    return (rowSeedHigh[row] >>> 0) * 4294967296 + (rowSeedLow[row] >>> 0);
  }
}

/** @throws ShapeError naming what has the wrong length. */
export function assertLength(what: string, got: number, wanted: number, formula: string): void {
  if (got !== wanted)
    throw new ShapeError(
      'length',
      `${what} must have length ${formula} = ${wanted}; got ${got}. Check the shape against env.spaces, numWorlds and numAgents.`,
    );
}
