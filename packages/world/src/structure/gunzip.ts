/**
 * Gunzip with a cap on the output, so that a small file cannot exhaust memory: input goes in slices of 1 KiB, each of which
 * unpacks to at most about 1 MiB (deflate's ratio is below 1032), and the cap is checked after every one.
 * Format: RFC 1952, one member; its CRC-32 and length are verified, which the inflater does not do.
 */
import { Inflate } from 'fflate';
import { ScenarioError } from '../errors.js';
import { refuseFile } from './refusal.js';

const SLICE_BYTES = 1024;
const TRAILER_BYTES = 8;
/** Extra field, name and comment included; real files have a few dozen bytes. */
const MAX_HEADER_BYTES = 4096;

/** @throws ScenarioError `structure-file` for anything but one intact gzip member of at most `maxBytes` unpacked. */
export function gunzipBounded(bytes: Uint8Array, fileName: string, maxBytes: number): Uint8Array {
  const end = bytes.length - TRAILER_BYTES;
  const start = headerLength(bytes, fileName);
  if (start >= end)
    refuseFile(
      fileName,
      `byte ${bytes.length}`,
      'A gzip file must have data and a trailer',
      'the end of the file',
      'The file is cut off: get it again.',
    );
  let out = new Uint8Array(Math.min(maxBytes, 65536));
  let length = 0;
  const inflate = new Inflate((slice) => {
    if (length + slice.length > maxBytes) {
      refuseFile(
        fileName,
        `byte ${length} of the unpacked data`,
        `The file must unpack to at most ${maxBytes} bytes`,
        'more',
        'Cut the structure into smaller ones.',
      );
    }
    if (length + slice.length > out.length) {
      const larger = new Uint8Array(Math.min(maxBytes, Math.max(out.length * 2, length + slice.length)));
      larger.set(out.subarray(0, length));
      out = larger;
    }
    out.set(slice, length);
    length += slice.length;
  });
  for (let at = start; at < end; at += SLICE_BYTES) {
    const next = Math.min(at + SLICE_BYTES, end);
    inflateSlice(inflate, bytes.subarray(at, next), next === end, fileName, at);
  }
  const result = out.subarray(0, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset + end, TRAILER_BYTES);
  if (view.getUint32(4, true) !== length || view.getUint32(0, true) !== crc32(result)) {
    refuseFile(
      fileName,
      `byte ${end}`,
      'The checksum and length in the gzip trailer must match the data',
      'others',
      'The file is damaged: get it again.',
    );
  }
  return result;
}

function inflateSlice(inflate: Inflate, slice: Uint8Array, final: boolean, fileName: string, at: number): void {
  try {
    inflate.push(slice, final);
  } catch (error) {
    // Our own refusal of too much output passes; what the inflater throws becomes one.
    if (error instanceof ScenarioError) throw error;
    refuseFile(
      fileName,
      `about byte ${at}`,
      'The gzip data must be intact',
      error instanceof Error ? error.message : String(error),
      'The file is damaged or cut off: get it again.',
      error,
    );
  }
}

/** Length of the member header: 10 bytes, then extra field, name, comment and header CRC as flagged. */
function headerLength(bytes: Uint8Array, fileName: string): number {
  if (!(bytes.length >= 18 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8)) {
    const got =
      bytes.length === 0
        ? 'an empty file'
        : `${bytes.length} bytes starting with ${Array.from(bytes.subarray(0, 3), (b) => b.toString(16).padStart(2, '0')).join(' ')}`;
    refuseFile(
      fileName,
      'byte 0',
      'A schematic must be gzip data (1f 8b 08)',
      got,
      'Export it as a Sponge schematic (.schem), version 2 or 3.',
    );
  }
  const flags = bytes[3];
  const limit = Math.min(bytes.length, MAX_HEADER_BYTES);
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + (bytes[10] | (bytes[11] << 8));
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    while (at < limit && bytes[at] !== 0) at++;
    at++;
  }
  if ((flags & 2) !== 0) at += 2;
  if (at > limit)
    refuseFile(fileName, 'byte 10', `A gzip header must end within ${MAX_HEADER_BYTES} bytes`, 'a longer one', 'Pack the file again.');
  return at;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

/** CRC-32 of IEEE 802.3, reflected, as gzip uses it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
