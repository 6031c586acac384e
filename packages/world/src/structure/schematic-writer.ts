/**
 * Structures to Sponge schematics (.schem), version 3, that Minecraft tools read: the inverse of the reader, the same bytes for the same structure.
 * Blocks that Minecraft lacks are written as `kinovox:` names. Source: SpongePowered/Schematic-Specification, version 3.
 */
import { gzipSync } from 'fflate';
import { blockStateOf } from './flattening.js';
import { NBT } from './nbt-reader.js';
import type { Structure } from './structure.js';

/** Minecraft 1.20.1. */
const DATA_VERSION = 3465;

export function writeSchematic(structure: Pick<Structure, 'size' | 'palette' | 'cells'>): Uint8Array {
  const out = new ByteSink();
  const [sizeX, sizeY, sizeZ] = structure.size;
  out.tag(NBT.compound, '');
  out.tag(NBT.compound, 'Schematic');
  out.int('Version', 3);
  out.int('DataVersion', DATA_VERSION);
  out.short('Width', sizeX);
  out.short('Height', sizeY);
  out.short('Length', sizeZ);
  out.tag(NBT.compound, 'Blocks');
  out.tag(NBT.compound, 'Palette');
  for (const [index, name] of structure.palette.entries()) out.int(blockStateOf(name), index);
  out.end();
  out.byteArray('Data', encodeVarints(structure.cells));
  out.end();
  out.end();
  out.end();
  return gzipSync(out.bytes(), { level: 6, mtime: 0 });
}

/** LEB128: seven bits a byte, the lowest first; a u16 takes at most three. */
function encodeVarints(values: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 3);
  let at = 0;
  for (const value of values) {
    let rest = value;
    for (; rest > 127; rest >>= 7) bytes[at++] = (rest & 127) | 128;
    bytes[at++] = rest;
  }
  return bytes.subarray(0, at);
}

/** NBT tags to big-endian bytes. */
class ByteSink {
  #bytes = new Uint8Array(1024);
  #length = 0;

  tag(type: number, name: string): void {
    const text = new TextEncoder().encode(name);
    const at = this.#grow(3 + text.length);
    this.#bytes[at] = type;
    this.#bytes[at + 1] = text.length >> 8;
    this.#bytes[at + 2] = text.length;
    this.#bytes.set(text, at + 3);
  }

  end(): void {
    this.#bytes[this.#grow(1)] = NBT.end;
  }

  int(name: string, value: number): void {
    this.tag(NBT.int, name);
    this.#i32(value);
  }

  short(name: string, value: number): void {
    this.tag(NBT.short, name);
    const at = this.#grow(2);
    this.#bytes[at] = value >> 8;
    this.#bytes[at + 1] = value;
  }

  byteArray(name: string, value: Uint8Array): void {
    this.tag(NBT.byteArray, name);
    this.#i32(value.length);
    this.#bytes.set(value, this.#grow(value.length));
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #i32(value: number): void {
    const at = this.#grow(4);
    new DataView(this.#bytes.buffer).setInt32(at, value);
  }

  /** Makes room for n bytes and returns where they go. */
  #grow(n: number): number {
    const at = this.#length;
    this.#length += n;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    return at;
  }
}
