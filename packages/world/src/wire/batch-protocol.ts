/**
 * The wire between `kinovox serve` and its clients (python/): one binary message per step of a whole batch, JSON for everything else.
 * Data flow: greeting -> make, answered by a spec -> reset or step, each answered by one result -> close. docs/batch-protocol.md has the bytes.
 */
import { z } from 'zod';

/** Raised when a message changes meaning. */
export const BATCH_PROTOCOL = 1;
/** Default port of `kinovox serve`. */
export const DEFAULT_BATCH_PORT = 4848;
/** First word of a binary message: "KVXB" in little-endian bytes. */
export const BATCH_MAGIC = 0x4258564b;
/** Bytes of the header; the arrays follow. */
export const BATCH_HEADER_BYTES = 16;
export const BATCH_KIND = { step: 1, result: 2 } as const;
/** Bit of a result's flags: the final observations follow the other arrays. */
export const BATCH_FLAG_FINAL = 1;
/** Longest message that a server accepts: 65536 worlds x 16 agents of native actions, and the header. */
export const MAX_BATCH_MESSAGE_BYTES = 48 * 1024 * 1024;

/** Makes the connection's batch; a batch that it had is closed. */
export const MakeBatchSchema = z.strictObject({
  type: z.literal('make'),
  scenario: z.string().min(1).max(4096).describe('Id of a shipped scenario; on loopback also the path of a file.'),
  numWorlds: z.int().min(1).max(65536).default(1).describe('B: worlds stepped together.'),
  seed: z.int().min(0).optional().describe("Row r plays seed + r; without, the server's --seed and --shard say."),
  split: z.enum(['train', 'validation', 'test']).default('train'),
  engine: z.string().max(64).default('auto'),
  autoreset: z.enum(['same-step', 'next-step', 'disabled']).default('same-step'),
  masks: z.boolean().default(false).describe('Whether results carry what each agent can begin.'),
});
export type MakeBatch = z.infer<typeof MakeBatchSchema>;

/** Starts episodes; other keys are ignored. */
export const ResetBatchSchema = z.object({
  type: z.literal('reset'),
  seed: z.int().min(0).optional().describe('Row r begins anew from seed + r.'),
  seeds: z.array(z.int().min(0)).max(65536).optional().describe('A seed per row, in place of seed.'),
  mask: z.array(z.int().min(0).max(1)).max(65536).optional().describe('1 = reset this row; without, all.'),
});

export const BatchRequestSchema = z.discriminatedUnion('type', [
  MakeBatchSchema,
  ResetBatchSchema,
  z.strictObject({ type: z.literal('close') }),
]);

/** An array of a message: C order, little-endian, at a byte offset from the header's end. */
export interface BatchArray {
  name: string;
  dtype: 'float32' | 'uint8';
  shape: number[];
  offset: number;
}

export interface BatchLayout {
  arrays: BatchArray[];
  /** Bytes of all arrays, a multiple of 4. */
  bytes: number;
}

/** Places arrays one after the other; give those of 4-byte elements first, so that each is aligned. */
export function layOut(arrays: readonly Omit<BatchArray, 'offset'>[]): BatchLayout {
  let offset = 0;
  const placed = arrays.map((array) => {
    const at = offset;
    offset += array.shape.reduce((a, b) => a * b, 1) * (array.dtype === 'float32' ? 4 : 1);
    return { ...array, offset: at };
  });
  return { arrays: placed, bytes: (offset + 3) & ~3 };
}

/** The header: magic, version and kind as u16, the step's number, flags. */
export function writeBatchHeader(view: DataView, kind: number, step: number, flags: number): void {
  view.setUint32(0, BATCH_MAGIC, true);
  view.setUint16(4, BATCH_PROTOCOL, true);
  view.setUint16(6, kind, true);
  view.setUint32(8, step, true);
  view.setUint32(12, flags, true);
}
