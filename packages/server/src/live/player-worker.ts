/**
 * Worker thread of the players: forks of batch rows and recordings, each with a clock of its own, beside the batch and not in it.
 * A player that fails is closed with a sentence; the others go on.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openRecording, readRecording } from '@kinovox/env';
import { invariant, KinovoxError } from '@kinovox/world';
import { createForkPlayable } from './fork-playable.js';
import { encodePlans, PlanPosts } from './plan-posts.js';
import { Player } from './player.js';
import { createRecordingPlayable, describeRecording } from './recording-playable.js';
import { describePalette, describeScenario } from './scenario-info.js';
import { type FromPlayers, type PlayerThreadData, playerChannel, type SourceInfo, type ToPlayers } from './thread-messages.js';

const POST_INTERVAL_MS = 16;
const STATUS_INTERVAL_MS = 250;
/** Time that one player may take before the others have their turn. */
const TURN_MS = 8;

invariant(parentPort !== null, 'Players must run in a worker thread.');
const port = parentPort!;
const data = workerData as PlayerThreadData;
const post = (message: FromPlayers) => port.postMessage(message);
const players = new Map<number, Player>();
const plans = new PlanPosts();
/**
 * Of each player, the last message that waits. One at a time: an open that takes a while must not be overtaken by a command to the same player. Those of
 * different players wait for nobody: a step of language agents lasts as long as their models think.
 */
const queues = new Map<number, Promise<void>>();
let wake: (() => void) | undefined;

try {
  post({ kind: 'ready', source: data.recordings.length === 0 ? undefined : await describeRecordings(data.recordings) });
  port.on('message', (message: ToPlayers) => {
    const { player } = message;
    const done = (queues.get(player) ?? Promise.resolve())
      .then(async () => {
        const sentence = await attempt(() => handle(message));
        if (sentence !== undefined) end(player, sentence);
      })
      .then(() => {
        if (queues.get(player) === done) queues.delete(player);
        wake?.();
      });
    queues.set(player, done);
  });
  void play();
} catch (error) {
  post({
    kind: 'failed',
    code: error instanceof KinovoxError && error.name !== 'InvariantError' ? error.code : undefined,
    message: error instanceof Error ? error.message : String(error),
  });
  port.close();
}

async function handle(message: ToPlayers): Promise<void> {
  const { player: id } = message;
  if (message.kind === 'open-fork' || message.kind === 'open-recording') {
    const sentence = await attempt(async () => {
      const playable =
        message.kind === 'open-fork'
          ? await createForkPlayable(data.settings!, message.split, message.world, message.stream, message.seed)
          : await createRecordingPlayable(data.recordings[message.world], message.world, message.stream);
      players.set(id, new Player(id, playable, message.kind === 'open-fork' && message.playing, post));
    });
    post({ kind: 'opened', player: id, sentence });
    return;
  }
  const player = players.get(id);
  if (player === undefined) {
    if ('request' in message) post({ kind: 'done', request: message.request, sentence: 'This world is no longer played. Watch it again.' });
    return;
  }
  if (message.kind === 'close') {
    player.playable.close();
    players.delete(id);
    plans.set(id, undefined);
  } else if (message.kind === 'plans') {
    plans.set(id, message.slots);
  } else if (message.kind === 'hear') {
    const { request, slot, text } = message;
    const { playable } = player;
    const sentence = playable.hear === undefined ? 'A recording hears nothing. Speak in a running world.' : playable.hear(slot, text);
    post({ kind: 'done', request, sentence });
  } else if (message.kind === 'steer') {
    const { request, slot, person, hands } = message;
    post({ kind: 'done', request, sentence: player.playable.teleop?.steer(0, slot, person, hands) });
  } else if (message.kind === 'join') {
    player.postWorld();
    const { decisions, feed, world } = player.playable;
    post({
      kind: 'joined',
      request: message.request,
      join: {
        level: feed.joinLevel(),
        frame: feed.encodeFrame(),
        decisions: decisions?.all({ world, stream: feed.stream }),
        status: player.status(),
      },
    });
  } else post({ kind: 'done', request: message.request, sentence: await attempt(() => player.command(message.command)) });
}

/** Turns the clocks for as long as the thread lives. */
async function play(): Promise<void> {
  let nextStatus = 0;
  for (;;) {
    const begin = performance.now();
    let waitMs = Number.POSITIVE_INFINITY;
    for (const [id, player] of players) {
      const sentence = await attempt(() => {
        waitMs = Math.min(waitMs, player.tick(performance.now(), TURN_MS));
        player.postWorld();
      });
      if (sentence === undefined) continue;
      end(id, sentence);
    }
    const failure = await attempt(() => postPlans(begin));
    if (failure !== undefined) throw new Error(failure);
    if (begin >= nextStatus) {
      nextStatus = begin + STATUS_INTERVAL_MS;
      for (const player of players.values()) if (player.playing) player.postStatus();
    }
    const pauseMs = Math.max(Math.min(waitMs, STATUS_INTERVAL_MS, plans.waitMs(begin)), POST_INTERVAL_MS - (performance.now() - begin));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    wake = undefined;
  }
}

/** A player that failed: the host is told why, and those who watch it no longer see it played. */
function end(id: number, sentence: string): void {
  players.delete(id);
  plans.set(id, undefined);
  post({ kind: 'opened', player: id, sentence });
}

function postPlans(nowMs: number): void {
  const momentOf = (id: number) => {
    const { feed, position } = players.get(id)!.playable;
    return `${feed.stream} ${position}`;
  };
  plans.postDue(nowMs, momentOf, (id, slots) => {
    const { playable } = players.get(id)!;
    const { world, feed } = playable;
    const rows = playable.plans?.(slots);
    if (rows !== undefined)
      post({ kind: 'plans', channel: playerChannel(id), bytes: encodePlans({ world, stream: feed.stream, episode: feed.episode }, rows) });
  });
}

/** All recordings of a run are of one scenario: it is compiled from the first. */
async function describeRecordings(paths: readonly string[]): Promise<SourceInfo> {
  const recordings = paths.map((path, world) => describeRecording(readRecording(path), world));
  const player = await openRecording(paths[0]);
  const source: SourceInfo = {
    mode: 'recording',
    scenario: describeScenario(player.compiled),
    palette: describePalette(player.compiled),
    numWorlds: paths.length,
    engine: player.engine.name,
    policy: String(player.recording.header.notes?.policy ?? ''),
    recordings,
    played: [],
    listeners: [],
  };
  player.close();
  return source;
}

/** @returns undefined, or a sentence on why it failed. */
async function attempt(action: () => unknown): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
