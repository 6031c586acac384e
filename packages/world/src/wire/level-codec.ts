/**
 * `level`: the whole still part of one world: voxels, goal regions and props of its variant. Reliable; begins every watch, episode and stream.
 * Bytes: position, sequence, length of the description, the description as JSON (LevelInfoSchema), length of the
 * voxels, voxels as raw DEFLATE.
 * Limits: memory is bounded by the world's stated size, which the schema bounds.
 */
import { z } from 'zod';
import { deflateBytes, inflateBytes } from '../compression.js';
import { ProtocolError } from '../errors.js';
import { ByteReader, type WireBytes } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import type { NumberedPosition } from './change-codec.js';
import { describeIssue } from './issue-sentence.js';
import { GoalRegionSchema, PropInfoSchema, WorldSizeSchema } from './messages.js';
import { MAX_HOST_MESSAGE_BYTES, WIRE_KIND } from './protocol.js';
import { POSITION_BYTES, readPosition, writePosition } from './stream-position.js';

export const LevelInfoSchema = z.strictObject({
  size: WorldSizeSchema,
  seed: z.string().max(40).describe('Seed of the episode, in digits.'),
  variant: z.int().min(0).describe('Level variant.'),
  split: z.enum(['train', 'validation', 'test']).optional().describe('Split that the variant belongs to.'),
  goalRegions: z.array(GoalRegionSchema).max(256).describe('Places that the task names, in this variant.'),
  props: z.array(PropInfoSchema).max(256).describe('Rigid bodies, in the order of their slots.'),
});
export type LevelInfo = z.output<typeof LevelInfoSchema>;

/** A level states as `sequence` the number of the last reliable message whose effect it contains; 0 when there was none. */
export interface LevelMessage extends NumberedPosition {
  info: LevelInfo;
  /** `[Y, Z, X]` palette indices. */
  voxels: Uint8Array;
}

const MAX_INFO_BYTES = 256 * 1024;

export function encodeLevel(level: LevelMessage): Uint8Array {
  const info = new TextEncoder().encode(JSON.stringify(level.info));
  // Level 1: worlds are mostly runs, and a host encodes a level while it steps.
  const zipped = deflateBytes(level.voxels, 1);
  const writer = new ByteWriter(WIRE_KIND.level, POSITION_BYTES + 12 + info.length + zipped.length);
  return writePosition(writer, level).u32(level.sequence).u32(info.length).bytes(info).u32(zipped.length).bytes(zipped).finish();
}

/** @throws ProtocolError when the bytes are not a whole level or its voxels are not as many as its size says. */
export function decodeLevel(bytes: WireBytes): LevelMessage {
  const reader = new ByteReader(bytes, WIRE_KIND.level);
  const position = readPosition(reader);
  const sequence = reader.u32();
  const info = parseInfo(reader.bytes(reader.count('description bytes', MAX_INFO_BYTES, 1)));
  const zipped = reader.bytes(reader.count('bytes of voxels', MAX_HOST_MESSAGE_BYTES, 1));
  reader.end();
  const [sizeX, sizeY, sizeZ] = info.size;
  return { ...position, sequence, info, voxels: inflateBytes(zipped, sizeX * sizeY * sizeZ, "A level's voxels") };
}

function parseInfo(bytes: Uint8Array): LevelInfo {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ProtocolError('wire-level', 'A level must be described in JSON; got bytes that are not. Drop it and ask for a resync.', {
      cause,
    });
  }
  const parsed = LevelInfoSchema.safeParse(json);
  if (!parsed.success)
    throw new ProtocolError(
      'wire-level',
      `A level's description is not valid: ${describeIssue(parsed.error)} Drop it and ask for a resync.`,
    );
  return parsed.data;
}
