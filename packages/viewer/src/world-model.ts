/**
 * What the page knows about the watched world: level, voxels, latest frame, events. Built from messages alone, without a DOM.
 * Data flow: connection -> model (drops duplicates and what is stale, finds gaps) -> listener (scene and HUD).
 * The numbering of reliable messages is described in the wire's `protocol.ts`.
 */
import {
  type EditsMessage,
  EVENT_WORDS,
  type EventsMessage,
  type Frame,
  type LevelMessage,
  ProtocolError,
  type StreamPosition,
} from '@kinovox/world';

/** What became of a message. `gap`: something before it is missing, and a level has been asked for. */
export type Outcome = 'applied' | 'duplicate' | 'stale' | 'gap';

export interface WorldEvent {
  /** Number within the episode. */
  id: number;
  tick: number;
  /** EVENT_SPEC id. */
  kind: number;
  /** -1: the world. */
  slot: number;
  data0: number;
  data1: number;
  /** Id of the event that caused it, or -1. */
  parent: number;
}

export interface WorldListener {
  /** A level begins: `changed` holds the cells that differ from the last one of the same size, or undefined when everything is new. */
  level(level: LevelMessage, changed: number[] | undefined): void;
  cells(cells: readonly number[]): void;
  events(events: readonly WorldEvent[]): void;
  frame(frame: Frame): void;
  /** The host must send the world's level anew. Called once per gap. */
  resync(world: number): void;
}

/** Most events kept for the feed. */
export const MAX_KEPT_EVENTS = 400;

export class WorldModel {
  readonly #listener: WorldListener;
  #world = -1;
  #level: LevelMessage | undefined;
  #sequence = 0;
  #waiting = false;
  /** Whether the awaited level may be of any stream: a host that was started anew counts from the beginning. */
  #takesAnyStream = true;
  #frame: Frame | undefined;
  #events: WorldEvent[] = [];
  #totalEdits = 0;
  #paletteSize = 256;

  constructor(listener: WorldListener) {
    this.#listener = listener;
  }

  /** The watched world, or -1. */
  get world(): number {
    return this.#world;
  }

  get level(): LevelMessage | undefined {
    return this.#level;
  }

  get frame(): Frame | undefined {
    return this.#frame;
  }

  /** The last events of the episode, oldest first. */
  get events(): readonly WorldEvent[] {
    return this.#events;
  }

  /** Block edits applied since the page loaded. */
  get totalEdits(): number {
    return this.#totalEdits;
  }

  /** Whether a level has been asked for and has not come yet. */
  get waiting(): boolean {
    return this.#waiting;
  }

  set paletteSize(size: number) {
    this.#paletteSize = size;
  }

  /** Begins to watch a world: everything of other worlds is dropped from now on, and its level is awaited. */
  watch(world: number): void {
    if (world !== this.#world) {
      this.#world = world;
      this.#level = undefined;
      this.#frame = undefined;
      this.#events = [];
    }
    this.#waiting = true;
    this.#takesAnyStream = true;
  }

  applyLevel(level: LevelMessage): Outcome {
    if (level.world !== this.#world) return 'stale';
    const previous = this.#level;
    if (previous !== undefined && !this.#takesAnyStream && isBefore(level, previous)) return 'stale';
    assertVoxels(level.voxels, this.#paletteSize);
    const sameEpisode = previous !== undefined && previous.stream === level.stream && previous.episode === level.episode;
    const changed =
      previous === undefined || previous.info.size.join() !== level.info.size.join()
        ? undefined
        : differences(previous.voxels, level.voxels);
    this.#level = level;
    this.#sequence = level.sequence;
    this.#waiting = false;
    this.#takesAnyStream = false;
    if (!sameEpisode) {
      this.#events = [];
      this.#frame = undefined;
    }
    this.#listener.level(level, changed);
    return 'applied';
  }

  /** @throws ProtocolError for a cell outside the world or a block outside the palette; nothing is applied. */
  applyEdits(message: EditsMessage): Outcome {
    const outcome = this.#accept(message, message.sequence);
    if (outcome !== 'applied') return outcome;
    const voxels = this.#level!.voxels;
    const { cells } = message;
    for (let i = 0; i < cells.length; i += 2) {
      if (cells[i] >= 0 && cells[i] < voxels.length && cells[i + 1] >= 0 && cells[i + 1] < this.#paletteSize) continue;
      throw new ProtocolError(
        'wire-edit',
        `An edit must lie in the world and name a block of its palette; got cell ${cells[i]}, block ${cells[i + 1]} at edit ${i / 2}. Ask for a resync.`,
      );
    }
    this.#sequence = message.sequence;
    const changed: number[] = [];
    for (let i = 0; i < cells.length; i += 2) {
      voxels[cells[i]] = cells[i + 1];
      changed.push(cells[i]);
    }
    this.#totalEdits += changed.length;
    this.#listener.cells(changed);
    return 'applied';
  }

  applyEvents(message: EventsMessage): Outcome {
    const outcome = this.#accept(message, message.sequence);
    if (outcome !== 'applied') return outcome;
    this.#sequence = message.sequence;
    const fresh = unpackEvents(message);
    this.#events = [...this.#events, ...fresh].slice(-MAX_KEPT_EVENTS);
    this.#listener.events(fresh);
    return 'applied';
  }

  applyFrame(frame: Frame): Outcome {
    if (this.#isForeign(frame)) return 'stale';
    if (this.#level === undefined || isBefore(this.#level, frame)) return this.#askForLevel();
    if (isBefore(frame, this.#level) || (this.#frame !== undefined && frame.tick < this.#frame.tick)) return 'stale';
    this.#frame = frame;
    this.#listener.frame(frame);
    return 'applied';
  }

  /** What a numbered message must become; `applied` when it is the next one. */
  #accept(position: StreamPosition, sequence: number): Outcome {
    if (this.#isForeign(position)) return 'stale';
    if (this.#level === undefined || isBefore(this.#level, position)) return this.#askForLevel();
    if (isBefore(position, this.#level)) return 'stale';
    if (sequence <= this.#sequence) return 'duplicate';
    return sequence === this.#sequence + 1 && !this.#waiting ? 'applied' : this.#askForLevel();
  }

  #isForeign(position: StreamPosition): boolean {
    return position.world !== this.#world;
  }

  #askForLevel(): Outcome {
    if (!this.#waiting) {
      this.#waiting = true;
      this.#listener.resync(this.#world);
    }
    return 'gap';
  }
}

/** Whether a belongs to an earlier stream or episode than b. */
function isBefore(a: StreamPosition, b: StreamPosition): boolean {
  return a.stream !== b.stream ? a.stream < b.stream : a.episode < b.episode;
}

function differences(before: Uint8Array, after: Uint8Array): number[] {
  const cells: number[] = [];
  for (let i = 0; i < after.length; i++) if (before[i] !== after[i]) cells.push(i);
  return cells;
}

function assertVoxels(voxels: Uint8Array, paletteSize: number): void {
  for (let i = 0; i < voxels.length; i++) {
    if (voxels[i] >= paletteSize)
      throw new ProtocolError(
        'wire-level',
        `A voxel must be a palette index below ${paletteSize}; got ${voxels[i]} at cell ${i}. Ask for a resync.`,
      );
  }
}

function unpackEvents({ rows, firstId, tick }: EventsMessage): WorldEvent[] {
  return Array.from({ length: rows.length / EVENT_WORDS }, (_, i) => {
    const [kind, slot, data0, data1, parent] = rows.subarray(i * EVENT_WORDS, (i + 1) * EVENT_WORDS);
    return { id: firstId + i, tick, kind, slot, data0, data1, parent: parent - 1 };
  });
}
