/** What a host counts about its watchers; `/health` shows it. */

export interface HostCounters {
  /** Watchers connected now. */
  watchers: number;
  /** Connections so far. */
  connections: number;
  /** Connections that resumed where they had broken off. */
  recovered: number;
  /** Messages that no schema accepts, or of unknown names. */
  malformed: number;
  /** Connections closed because a message was longer than the limit or no packet at all. */
  oversized: number;
  /** Messages over the rate limit. */
  rateLimited: number;
  /** Commands or greetings without the right token. */
  unauthorised: number;
  /** Connections refused because of their origin. */
  foreign: number;
  framesSent: number;
  /** Frames not sent because the watcher's connection was still busy. */
  framesDropped: number;
  /** Levels, edits and events sent. */
  reliableSent: number;
  /** Watchers disconnected because they fell too far behind. */
  tooSlow: number;
}

export function createHostCounters(): HostCounters {
  return {
    watchers: 0,
    connections: 0,
    recovered: 0,
    malformed: 0,
    oversized: 0,
    rateLimited: 0,
    unauthorised: 0,
    foreign: 0,
    framesSent: 0,
    framesDropped: 0,
    reliableSent: 0,
    tooSlow: 0,
  };
}
