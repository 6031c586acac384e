/**
 * Pull reader of Minecraft's NBT (big-endian, Java edition): walks the tags that a caller asks for and skips the rest without building them.
 * Work and memory are linear in the bytes: lengths are checked against what is left before use, and lists of nothing are refused.
 * Limits: nesting up to 64 compounds and lists. Source: minecraft.wiki "NBT format".
 */
import { refuseFile } from './refusal.js';

export const NBT = {
  end: 0,
  byte: 1,
  short: 2,
  int: 3,
  long: 4,
  float: 5,
  double: 6,
  byteArray: 7,
  string: 8,
  list: 9,
  compound: 10,
  intArray: 11,
  longArray: 12,
} as const;
const TYPE_NAMES = Object.keys(NBT);
/** Bytes of a scalar payload by tag type; 0 for those of variable length. */
const SCALAR_BYTES = [0, 1, 2, 4, 8, 4, 8, 0, 0, 0, 0, 0, 0];
const MAX_DEPTH = 64;

export class NbtReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fileName: string;
  readonly #decoder = new TextDecoder();
  #at = 0;
  #depth = 0;

  constructor(bytes: Uint8Array, fileName: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fileName = fileName;
  }

  /** Opens the root compound. Returns its name. */
  openRoot(): string {
    const type = this.#u8();
    if (type !== NBT.compound)
      this.refuse(0, 'The data must start with an NBT compound', typeName(type), 'Export it as a Sponge schematic (.schem).');
    return this.#string();
  }

  /**
   * Reads a compound's entries up to its end. `visit` either reads the payload by one of the methods below and returns true,
   * or returns false and the payload is skipped.
   */
  compound(visit: (name: string, type: number) => boolean): void {
    this.#enter();
    for (;;) {
      const type = this.#u8();
      if (type === NBT.end) break;
      if (type > NBT.longArray)
        this.refuse(this.#at - 1, 'A tag type must be 0..12', String(type), 'The file is damaged: export it again.');
      const name = this.#string();
      if (!visit(name, type)) this.#skip(type);
    }
    this.#depth--;
  }

  /** An integer of type byte, short or int; `field` names it in errors. */
  integer(type: number, field: string): number {
    const at = this.#take(
      type === NBT.byte || type === NBT.short || type === NBT.int ? SCALAR_BYTES[type] : this.#wrongType(type, field, 'an integer'),
    );
    return type === NBT.byte ? this.#view.getInt8(at) : type === NBT.short ? this.#view.getInt16(at) : this.#view.getInt32(at);
  }

  /** A view of a byte array, and where it starts. */
  byteArray(type: number, field: string): { bytes: Uint8Array; at: number } {
    if (type !== NBT.byteArray) this.#wrongType(type, field, 'a byte array');
    const length = this.#length();
    const at = this.#take(length);
    return { bytes: this.#bytes.subarray(at, at + length), at };
  }

  /** Throws unless the type is a compound. */
  expectCompound(type: number, field: string): void {
    if (type !== NBT.compound) this.#wrongType(type, field, 'a compound');
  }

  refuse(at: number, must: string, got: string, nextStep: string): never {
    return refuseFile(this.#fileName, `byte ${at} of the unpacked data`, must, got, nextStep);
  }

  #wrongType(type: number, field: string, must: string): never {
    return refuseFile(
      this.#fileName,
      field,
      `${field} must be ${must}`,
      `a tag of type ${typeName(type)}`,
      'Export the file again as a Sponge schematic.',
    );
  }

  #skip(type: number): void {
    if (SCALAR_BYTES[type] > 0) this.#take(SCALAR_BYTES[type]);
    else if (type === NBT.byteArray) this.#take(this.#length());
    else if (type === NBT.intArray) this.#take(4 * this.#length());
    else if (type === NBT.longArray) this.#take(8 * this.#length());
    else if (type === NBT.string) this.#take(this.#u16());
    else if (type === NBT.compound) this.compound(() => false);
    else this.#skipList();
  }

  #skipList(): void {
    this.#enter();
    const at = this.#at;
    const type = this.#u8();
    const length = this.#view.getInt32(this.#take(4));
    if (type > NBT.longArray || (type === NBT.end && length > 0))
      this.refuse(at, "A list's entries must have a type", typeName(type), 'The file is damaged: export it again.');
    // Scalars of one size are skipped at once; every other entry takes at least a byte, so the loop ends with the data.
    if (SCALAR_BYTES[type] > 0 && length > 0) this.#take(SCALAR_BYTES[type] * length);
    else for (let i = 0; i < length; i++) this.#skip(type);
    this.#depth--;
  }

  #enter(): void {
    if (++this.#depth > MAX_DEPTH)
      this.refuse(this.#at, `Tags must nest at most ${MAX_DEPTH} deep`, 'deeper ones', 'Export the structure without its entities.');
  }

  /** Moves past n bytes and returns where they start. */
  #take(n: number): number {
    const at = this.#at;
    if (n > this.#bytes.length - at)
      this.refuse(at, `${n} more bytes must follow`, `${this.#bytes.length - at}`, 'The file is cut off or damaged: export it again.');
    this.#at = at + n;
    return at;
  }

  #length(): number {
    const at = this.#take(4);
    const length = this.#view.getInt32(at);
    if (length < 0) this.refuse(at, 'A length must not be negative', String(length), 'The file is damaged: export it again.');
    return length;
  }

  #u8(): number {
    return this.#bytes[this.#take(1)];
  }

  #u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  /** Java's modified UTF-8; names outside ASCII are only ever shown, so plain UTF-8 with replacement characters will do. */
  #string(): string {
    const length = this.#u16();
    const at = this.#take(length);
    return this.#decoder.decode(this.#bytes.subarray(at, at + length));
  }
}

function typeName(type: number): string {
  return TYPE_NAMES[type] ?? `number ${type}`;
}
