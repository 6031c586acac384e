/** One watcher: what it may do, what it watches, and its wishes carried out one after the other. */
import { CHAT_LIMITS, type Chat, type Control, type PlansWish, type Reply, type Split, type Teleop, UsageError } from '@kinovox/world';
import { RateLimit } from './rate-limit.js';
import type { BatchSource, PlayerSource, StreamNumbers } from './sources.js';
import { type JoinPost, type PlayerCommand, playerChannel } from './thread-messages.js';

/** Most forks and open recordings of a host. */
const MAX_PLAYERS = 32;

/** What a watcher is to its socket; the socket changes when a connection resumes. */
export interface WatcherSocket {
  /** Sends the level and all that follows it reliably, and lets the posts of the channel follow from here on. */
  join(channel: string, post: JoinPost): void;
  /** Lets the plans of a channel follow too, or no longer. */
  listenToPlans(channel: string, on: boolean): void;
  /** Ends both. */
  leave(channel: string): void;
}

export interface WatcherServices {
  batch: BatchSource | undefined;
  players: PlayerSource;
  streams: StreamNumbers;
  split: Split;
  /** Slots of agents for whom people decide. */
  played: readonly number[];
  /** Number of this watcher, as one who plays. */
  person: number;
}

const OK: Reply = { ok: true };

export class Watcher {
  greeted = false;
  canControl = false;
  socket: WatcherSocket;
  readonly limit: RateLimit;
  readonly #services: WatcherServices;
  readonly #chatLimit = new RateLimit(performance.now(), CHAT_LIMITS.perSecond, CHAT_LIMITS.burst);
  #world: number | undefined;
  #channel: string | undefined;
  #player: number | undefined;
  /** Greatest stream that this watcher was shown. */
  #lastStream = 0;
  /** The agent that this watcher plays. */
  #steered: number | undefined;
  /** Goes on through forks and releases of its world. */
  #plansWish: PlansWish | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(socket: WatcherSocket, limit: RateLimit, services: WatcherServices) {
    this.socket = socket;
    this.limit = limit;
    this.#services = services;
  }

  /** Where the posts of the watched world come from; undefined while nothing is watched. */
  get channel(): string | undefined {
    return this.#channel;
  }

  watch(world: number): Promise<Reply> {
    return this.#inTurn(async () => {
      if (world === this.#world && this.#player === undefined) return this.#send();
      this.#leave();
      const { batch, players, streams } = this.#services;
      if (batch === undefined) {
        this.#assertRoomForPlayer();
        const stream = streams.next();
        const player = await players.open((id) => ({ kind: 'open-recording', player: id, world, stream }));
        if (this.#closed) {
          players.close(player);
          return OK;
        }
        this.#enter(world, playerChannel(player), player, stream);
      } else this.#enterRow(batch, world);
      return this.#send();
    });
  }

  get wantsPlans(): boolean {
    return this.#plansWish !== undefined && this.#plansWish.world === this.#world;
  }

  wantPlans(wish: PlansWish): Promise<Reply> {
    return this.#inTurn(async () => {
      const channel = this.#channel;
      if (wish.world !== this.#world || channel === undefined)
        return refuse(`Plans must be of the watched world; got ${wish.world}. Send watch first.`);
      if (this.#services.batch === undefined)
        return refuse('A recording holds what was done and no plans. Watch a running world for them.');
      this.#plansWish = wish.on ? wish : undefined;
      this.#askForPlans(wish.on ? wish.slot : undefined);
      return OK;
    });
  }

  unwatch(): Promise<Reply> {
    return this.#inTurn(async () => {
      this.#leave();
      return OK;
    });
  }

  resync(world: number): Promise<Reply> {
    return this.#inTurn(async () =>
      world === this.#world ? this.#send() : refuse(`A resync must be of the watched world; got ${world}. Send watch first.`),
    );
  }

  control(message: Control): Promise<Reply> {
    return this.#inTurn(async () => {
      if (message.world !== this.#world) return refuse(`A command must be for the watched world; got ${message.world}. Send watch first.`);
      const { batch } = this.#services;
      return batch === undefined ? this.#controlRecording(message) : this.#controlBatch(message, batch);
    });
  }

  /** Speaks to agents of the watched world: of the row itself, or of the fork that this watcher sees. */
  chat({ world, slot, text }: Chat): Promise<Reply> {
    if (!this.#chatLimit.allows(performance.now()))
      return Promise.resolve(
        refuse(`A person may say ${CHAT_LIMITS.burst} things at once and one more each second; got more. Wait a moment.`),
      );
    return this.#inTurn(async () => {
      if (world !== this.#world) return refuse(`Words must be for the watched world; got ${world}. Send watch first.`);
      const { batch, players } = this.#services;
      const sentence = this.#player === undefined ? await batch!.hear(world, slot, text) : await players.hear(this.#player, slot, text);
      return sentence === undefined ? OK : refuse(sentence);
    });
  }

  /** Takes an agent of the watched world, steers it, or lets it go. */
  teleop({ world, slot, hands }: Teleop): Promise<Reply> {
    return this.#inTurn(async () => {
      if (world !== this.#world) return refuse(`The agent must be of the watched world; got ${world}. Send watch first.`);
      const { played } = this.#services;
      if (!played.includes(slot)) {
        const known = played.length === 0 ? 'none here' : `slot ${played.join(', ')}`;
        return refuse(
          `People play agents whose policy is "human" (${known}); got ${slot}. Start with --policy NAME=human,default=scripted.`,
        );
      }
      if (this.#steered !== undefined && this.#steered !== slot) await this.#steer(this.#steered, null);
      const sentence = await this.#steer(slot, hands);
      if (sentence !== undefined) return refuse(sentence);
      this.#steered = hands === null ? undefined : slot;
      return OK;
    });
  }

  /** Lets go of everything: the connection is gone for good. */
  close(): void {
    this.#closed = true;
    void this.#inTurn(async () => {
      this.#leave();
      return OK;
    });
  }

  async #controlRecording(message: Control): Promise<Reply> {
    if (message.command === 'fork' || message.command === 'release')
      return refuse('A recording cannot be forked or released; it has a clock of its own. Use play, pause, step, speed or seek.');
    return this.#command(message);
  }

  async #controlBatch(message: Control, batch: BatchSource): Promise<Reply> {
    const { world, command } = message;
    if (command === 'seek')
      return refuse('Seeking needs a recording; got a running world. Record rows with "kinovox run --out DIR --record 0-3" and open DIR.');
    if (command === 'release') {
      if (this.#player === undefined) return refuse('Only a fork can be released; this is the row of the batch itself.');
      this.#leave();
      this.#enterRow(batch, world);
      return this.#send();
    }
    if (this.#player === undefined) {
      await this.#fork(batch, world, command === 'fork' || command === 'play' || command === 'speed');
      // The fork begins as the command wants it; a step or a speed is still to be carried out.
      if (command !== 'step' && command !== 'speed') return OK;
    } else if (command === 'fork') return OK;
    return this.#command(message);
  }

  /** Leaves the row for a fork of it, at the tick at which the batch answers. */
  async #fork(batch: BatchSource, world: number, playing: boolean): Promise<void> {
    this.#assertRoomForPlayer();
    const { players, split } = this.#services;
    const seed = await batch.fork(world);
    const stream = this.#nextStream();
    const player = await players.open((id) => ({ kind: 'open-fork', player: id, world, stream, split, seed, playing }));
    this.#leave();
    if (this.#closed) {
      players.close(player);
      return;
    }
    this.#enter(world, playerChannel(player), player, stream);
    await this.#send();
  }

  async #command(message: Control): Promise<Reply> {
    const sentence = await this.#services.players.command(this.#player!, this.#playerCommand(message));
    return sentence === undefined ? OK : refuse(sentence);
  }

  #playerCommand(message: Control): PlayerCommand {
    switch (message.command) {
      case 'step':
      case 'speed':
        return { command: message.command, value: message.value };
      case 'seek':
        return { command: 'seek', value: message.value, stream: this.#nextStream() };
      default:
        return { command: message.command === 'pause' ? 'pause' : 'play' };
    }
  }

  #enterRow(batch: BatchSource, world: number): void {
    batch.watch(world);
    batch.beginStreamAfter(world, this.#lastStream, this.#services.streams);
    this.#enter(world, batch.channel(world), undefined, this.#lastStream);
  }

  #enter(world: number, channel: string, player: number | undefined, stream: number): void {
    this.#world = world;
    this.#channel = channel;
    this.#player = player;
    this.#lastStream = Math.max(this.#lastStream, stream);
    if (this.wantsPlans) this.#askForPlans(this.#plansWish!.slot);
  }

  /** @param slot agent whose slice is wanted; undefined: no plans any longer. */
  #askForPlans(slot: number | undefined): void {
    const { batch, players } = this.#services;
    if (this.#player !== undefined) players.wantPlans(this.#player, slot);
    else batch?.wantPlans(this.#world!, this, slot);
    this.socket.listenToPlans(this.#channel!, slot !== undefined);
  }

  async #steer(slot: number, hands: Teleop['hands']): Promise<string | undefined> {
    const { batch, players, person } = this.#services;
    if (this.#player !== undefined) return players.steer(this.#player, { slot, person, hands });
    return batch?.steer(this.#world!, { slot, person, hands });
  }

  #leave(): void {
    // Keys that were held must not be held on where nobody looks any more.
    if (this.#steered !== undefined) void this.#steer(this.#steered, null).catch(() => undefined);
    this.#steered = undefined;
    if (this.wantsPlans && this.#channel !== undefined) this.#askForPlans(undefined);
    if (this.#channel !== undefined) this.socket.leave(this.#channel);
    if (this.#player !== undefined) this.#services.players.close(this.#player);
    else if (this.#world !== undefined) this.#services.batch?.unwatch(this.#world);
    this.#world = undefined;
    this.#channel = undefined;
    this.#player = undefined;
  }

  /** Sends the world as it stands and joins its channel. */
  async #send(): Promise<Reply> {
    const channel = this.#channel!;
    const { batch, players } = this.#services;
    const post = this.#player === undefined ? await batch!.join(this.#world!) : await players.join(this.#player);
    this.#lastStream = Math.max(this.#lastStream, post.status.stream);
    if (!this.#closed) this.socket.join(channel, post);
    return OK;
  }

  #nextStream(): number {
    this.#lastStream = this.#services.streams.next();
    return this.#lastStream;
  }

  #assertRoomForPlayer(): void {
    if (this.#services.players.numOpen < MAX_PLAYERS) return;
    throw new UsageError(
      'too-many-players',
      `A host must have at most ${MAX_PLAYERS} forks and open recordings; got one more. Release another, or close a page that holds one.`,
    );
  }

  /** Wishes of one watcher are carried out in the order in which they came; a failed one is answered with its sentence. */
  #inTurn(action: () => Promise<Reply>): Promise<Reply> {
    const turn = this.#queue.then(action).catch((error: unknown) => refuse(error instanceof Error ? error.message : String(error)));
    this.#queue = turn;
    return turn;
  }
}

export function refuse(sentence: string): Reply {
  return { ok: false, sentence: sentence.slice(0, 2000) };
}
