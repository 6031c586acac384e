/**
 * What a batch on a device needs to go on elsewhere: a snapshot of every row, and what was asked of the engine since.
 * Limits: actions since the snapshot are kept, so a new snapshot is taken after EVERY_TICKS ticks or LOG_BYTES of actions.
 */
import type { ActionSource, AsyncEngine, EpisodeSums, WorldSnapshot } from '@kinovox/physics';

/** A request that changed worlds. */
export type ResumeEntry =
  | { kind: 'reset'; mask: Uint8Array | undefined; seeds: readonly number[] | undefined }
  | { kind: 'step'; actions: Float32Array }
  | { kind: 'advance'; source: ActionSource; ticks: number }
  | { kind: 'restore'; rows: readonly number[]; worlds: readonly WorldSnapshot[] };

const LOG_BYTES = 64 * 2 ** 20;
/** Ticks between snapshots by default. */
export const EVERY_TICKS = 256;

export class ResumeLog {
  readonly #everyTicks: number;
  /** Undefined: the rows as a new engine has them. */
  #rows: readonly WorldSnapshot[] | undefined;
  /** Actions of the tick before the snapshot. */
  #held: Float32Array | undefined;
  #invalid = 0;
  #entries: ResumeEntry[] = [];
  #ticks = 0;
  #bytes = 0;

  constructor(everyTicks: number) {
    this.#everyTicks = everyTicks;
  }

  /** Invalid actions up to the snapshot. */
  get invalidActions(): number {
    return this.#invalid;
  }

  /** Notes a request that was done, its arrays copied; takes a snapshot when one is due. */
  async add(entry: ResumeEntry, engine: AsyncEngine): Promise<void> {
    this.#entries.push(copied(entry));
    if (entry.kind === 'step') this.#bytes += entry.actions.byteLength;
    this.#ticks += entry.kind === 'step' ? 1 : entry.kind === 'advance' ? entry.ticks : 0;
    if (this.#ticks < this.#everyTicks && this.#bytes < LOG_BYTES) return;
    const rows = await engine.snapshots();
    const invalid = await engine.invalidActions();
    this.#held = await engine.heldActions();
    this.#rows = rows;
    this.#invalid = invalid;
    this.#entries = [];
    this.#ticks = 0;
    this.#bytes = 0;
  }

  /** Brings a new engine of the same program and seeds to where the lost one was. @returns ticks that were played again. */
  async replay(engine: AsyncEngine): Promise<number> {
    if (this.#rows !== undefined) await engine.restoreRows([...this.#rows.keys()], this.#rows);
    if (this.#held !== undefined) await engine.hold(this.#held);
    const { program, numWorlds } = engine;
    for (const entry of this.#entries) {
      if (entry.kind === 'reset') await engine.reset(entry.mask, entry.seeds);
      else if (entry.kind === 'step') await engine.step(entry.actions);
      else if (entry.kind === 'restore') await engine.restoreRows(entry.rows, entry.worlds);
      else {
        // What ended is in the books already.
        const sums: EpisodeSums = {
          returns: new Float64Array(numWorlds * program.numAgents),
          achieved: new Uint8Array(numWorlds * program.monitor.achievements.length),
        };
        await engine.advance(entry.source, entry.ticks, sums);
      }
    }
    return this.#ticks;
  }
}

function copied(entry: ResumeEntry): ResumeEntry {
  if (entry.kind === 'step') return { ...entry, actions: entry.actions.slice() };
  if (entry.kind === 'reset') return { ...entry, mask: entry.mask?.slice(), seeds: entry.seeds?.slice() };
  return entry;
}
