/** One file out of a zip archive, as the benchmarks of others ship. Source: PKWARE's APPNOTE.TXT, 4.3. */
import { inflateRawSync } from 'node:zlib';
import { UsageError } from '@kinovox/world';

const END = 0x06054b50;
const DEFLATED = 8;

/** @throws UsageError where the archive has no such file. */
export function readZipText(archive: Uint8Array, name: string): string {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && bytes.readUInt32LE(end) !== END) end--;
  let at = end < 0 ? -1 : bytes.readUInt32LE(end + 16);
  for (let left = end < 0 ? 0 : bytes.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = bytes.readUInt16LE(at + 28);
    if (bytes.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const local = bytes.readUInt32LE(at + 42);
      const begin = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      const content = bytes.subarray(begin, begin + bytes.readUInt32LE(at + 20));
      return (bytes.readUInt16LE(at + 10) === DEFLATED ? inflateRawSync(content) : content).toString('utf8');
    }
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  throw new UsageError('no-entry', `The archive must have a file ${name}; it has none. Compare the benchmark data with their README.`);
}
