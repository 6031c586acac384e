/**
 * The wire between a host (a process that steps or plays worlds) and its watchers (the viewer): versions, limits, names of messages.
 * Data flow: small messages are JSON, checked by the zod schemas of `messages.ts`; state is binary, coded by the `*-codec.ts` files.
 *
 * Reliable messages (`level`, `edits`, `events`) of a watched world are numbered: a level states the number of the last message that it
 * already contains, and each later `edits` or `events` adds one. A watcher drops numbers it has had, and on a gap asks for `resync`,
 * which a fresh level answers. `table` and `frame` are volatile: a slow watcher loses them, never a reliable message. The first frame
 * after a level and the last one before a pause are sent reliably, so that a world at rest is drawn as it stands.
 *
 * A `stream` is one uninterrupted line of time on a host. Forking, releasing and seeking begin a new one with a level, and a watcher
 * ignores whatever still arrives from another stream, world or episode.
 */

/** Raised when a message changes meaning; a host refuses other versions with a sentence. */
export const WIRE_PROTOCOL = 3;

/** Longest message a host accepts from a watcher, in bytes. */
export const MAX_CLIENT_MESSAGE_BYTES = 16 * 1024;
/** Longest message a host may send, in bytes: a full level whose voxels do not compress, and its description. */
export const MAX_HOST_MESSAGE_BYTES = 9 * 1024 * 1024;
/** Most worlds of a table. */
export const MAX_TABLE_WORLDS = 1 << 20;
/** Default port of a host on the loopback interface. */
export const DEFAULT_PORT = 4747;
/** Most states per second that a host sends for one world. */
export const MAX_FRAME_RATE = 60;

/** Kind byte of each binary message. */
export const WIRE_KIND = { table: 1, level: 2, frame: 3, edits: 4, events: 5 } as const;
export type WireKind = (typeof WIRE_KIND)[keyof typeof WIRE_KIND];
