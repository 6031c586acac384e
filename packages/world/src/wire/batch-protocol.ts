/**
 * The wire between `kinovox serve` and its clients (python/): one binary message per step of a whole batch, JSON for everything else.
 * Data flow: greeting -> make, answered by a spec -> reset or step, each answered by one result -> close. On one machine steps may go through
 * shared memory instead. docs/batch-protocol.md has the bytes.
 */
import { z } from 'zod';

/** Raised when a message changes meaning. */
export const BATCH_PROTOCOL = 2;
/** Default port of `kinovox serve`. */
export const DEFAULT_BATCH_PORT = 4848;
/** First word of a binary message: "KVXB" in little-endian bytes. */
export const BATCH_MAGIC = 0x4258564b;
/** Bytes of the header; the arrays follow. */
export const BATCH_HEADER_BYTES = 16;
export const BATCH_KIND = { step: 1, result: 2 } as const;
/** Bits of a result's flags: the last observations of ended worlds follow the other arrays; a world crashed in this step. */
export const BATCH_FLAG = { final: 1, crashed: 2 } as const;
/** Values of `ended`. */
export const BATCH_ENDED = { no: 0, yes: 1, crashed: 2 } as const;
/** Longest message that a server accepts: 65536 worlds x 16 agents of native actions, and the header. */
export const MAX_BATCH_MESSAGE_BYTES = 48 * 1024 * 1024;
/** Snapshots that a connection may hold; they are kept by the server. */
export const MAX_SNAPSHOTS = 4096;

/** What a result carries beside vectors, rewards and ends: action masks, block crops, pictures and lidar, rewards by term, the way left to the goal, verdicts. */
export const BATCH_EXTRAS = ['masks', 'crop', 'pictures', 'terms', 'way', 'outcome'] as const;
export type BatchExtra = (typeof BATCH_EXTRAS)[number];

const rows = z.array(z.int().min(0)).min(1).max(65536);
const ids = z.array(z.int().min(1)).min(1).max(MAX_SNAPSHOTS);

/** Makes the connection's batch; a batch that it had is closed, with its snapshots. */
export const MakeBatchSchema = z.strictObject({
  type: z.literal('make'),
  scenario: z.string().min(1).max(4096).describe('Id of a shipped scenario; on loopback also the path of a file.'),
  numWorlds: z.int().min(1).max(65536).default(1).describe('B: worlds stepped together.'),
  seed: z.int().min(0).optional().describe("Row r plays seed + r; without, the server's --seed and --shard say."),
  split: z.enum(['train', 'validation', 'test']).default('train'),
  engine: z.string().max(64).default('auto'),
  threads: z.int().min(1).max(256).optional().describe('Threads of the engine workers.'),
  actionProfile: z.string().max(64).optional().describe('How actions are given; without, what the scenario says.'),
  observation: z
    .union([z.array(z.string().max(32)).max(8), z.record(z.string().max(32), z.unknown())])
    .optional()
    .describe("Profiles, or parts as in a scenario's `observation`; without, what the scenario says."),
  autoreset: z.enum(['same-step', 'next-step', 'disabled']).default('same-step'),
  opponents: z
    .record(z.string().max(128), z.string().max(64))
    .optional()
    .describe('By agent id, team or role: the name of the policy that plays it in the server, in place of the client.'),
  repeat: z.int().min(1).max(256).default(1).describe('Ticks for which a step holds its actions.'),
  deliver: z.array(z.enum(BATCH_EXTRAS)).max(BATCH_EXTRAS.length).default([]).describe('What results carry beside the vectors.'),
  transport: z.enum(['websocket', 'shared-memory']).default('websocket').describe('Where steps and their results go.'),
});
export type MakeBatch = z.infer<typeof MakeBatchSchema>;

/** Starts episodes; other keys are ignored. */
export const ResetBatchSchema = z.object({
  type: z.literal('reset'),
  seed: z.int().min(0).optional().describe('Row r begins anew from seed + r.'),
  seeds: z.array(z.int().min(0)).max(65536).optional().describe('A seed per row, in place of seed.'),
  mask: z.array(z.int().min(0).max(1)).max(65536).optional().describe('1 = reset this row; without, all.'),
  groupSize: z.int().min(1).optional().describe('Neighbouring rows that share seed, variant and first state; divides numWorlds.'),
  groupId: z.int().min(0).optional().describe('Id of the first group, added to its seed.'),
});
export type ResetBatch = z.infer<typeof ResetBatchSchema>;

/** Words that agents say in the next step; each becomes a symbol of the scenario. */
export const SayBatchSchema = z.strictObject({
  type: z.literal('say'),
  messages: z
    .array(z.strictObject({ row: z.int().min(0), slot: z.int().min(0), text: z.string().max(4096) }))
    .min(1)
    .max(65536),
});

export const BatchRequestSchema = z.discriminatedUnion('type', [
  MakeBatchSchema,
  ResetBatchSchema,
  SayBatchSchema,
  z.strictObject({ type: z.literal('hear'), rows }).describe('What the agents of some rows can read now.'),
  z
    .strictObject({ type: z.literal('text'), rows, slots: z.array(z.int().min(0)).min(1).max(256).optional() })
    .describe('The observations of agents in words: everything at first, then what changed. Without slots, of all agents.'),
  z.strictObject({ type: z.literal('episodes'), rows }).describe('What rows play: seed, episode, variant, and what the episode drew.'),
  z.strictObject({ type: z.literal('snapshot'), rows }).describe('Keeps the rows as they are.'),
  z.strictObject({ type: z.literal('restore'), rows, snapshots: ids }).describe('Puts rows back, a snapshot for each.'),
  z.strictObject({ type: z.literal('drop'), snapshots: ids }).describe('Forgets snapshots.'),
  z.strictObject({ type: z.literal('hashes') }).describe('State hash of every row.'),
  z.strictObject({ type: z.literal('crashes') }).describe('Which worlds crashed since this was last asked, and how.'),
  z.strictObject({ type: z.literal('close') }),
]);
export type BatchRequest = z.infer<typeof BatchRequestSchema>;

export type BatchDtype = 'float32' | 'int32' | 'uint16' | 'uint8';
const BYTES_OF = { float32: 4, int32: 4, uint16: 2, uint8: 1 } as const;

/** An array of a message: C order, little-endian, at a byte offset from the header's end. */
export interface BatchArray {
  name: string;
  dtype: BatchDtype;
  shape: number[];
  offset: number;
}

export interface BatchLayout {
  arrays: BatchArray[];
  /** Bytes of all arrays, a multiple of 4. */
  bytes: number;
}

/** Places arrays one after the other; give those of larger elements first, so that each is aligned. */
export function layOut(arrays: readonly Omit<BatchArray, 'offset'>[]): BatchLayout {
  let offset = 0;
  const placed = arrays.map((array) => {
    const at = offset;
    offset += bytesOfArray(array);
    return { ...array, offset: at };
  });
  return { arrays: placed, bytes: (offset + 3) & ~3 };
}

export function bytesOfArray({ shape, dtype }: Omit<BatchArray, 'offset'>): number {
  return shape.reduce((a, b) => a * b, 1) * BYTES_OF[dtype];
}

/** Where steps go on one machine, as a spec names it. Offsets are of the file's start; every part begins with a header. */
export interface SharedMemorySpec {
  /** Path of the file with the arrays, and of the Unix socket that rings. Both names are gone once the client has connected. */
  file: string;
  bell: string;
  /** Bytes of the file. */
  bytes: number;
  /** Where the client writes a step. */
  step: number;
  /** Where results lie: that of step number n in place n mod 2. */
  results: [number, number];
}

/** A ring of the bell: the client's is the step's number; the server's is that number and the bytes of an error as JSON, which follows; 0 = none. */
export const BELL_BYTES = { client: 4, server: 8 } as const;

/** The header: magic, version and kind as u16, the step's number, flags. */
export function writeBatchHeader(view: DataView, kind: number, step: number, flags: number): void {
  view.setUint32(0, BATCH_MAGIC, true);
  view.setUint16(4, BATCH_PROTOCOL, true);
  view.setUint16(6, kind, true);
  view.setUint32(8, step, true);
  view.setUint32(12, flags, true);
}
