/**
 * Sponge schematics (.schem), versions 2 and 3, to structures.
 * Data flow: gzip -> NBT -> palette of block states and varint cells -> registry blocks, with a note for each flattening.
 * Limits: 32 MiB unpacked; entities, block entities and biomes are skipped. Source: SpongePowered/Schematic-Specification, versions 2 and 3.
 */
import { flattenBlockState, suggestBlockState } from './flattening.js';
import { gunzipBounded } from './gunzip.js';
import { NbtReader } from './nbt-reader.js';
import { refuseFile } from './refusal.js';
import { isStructureSize, STRUCTURE_LIMITS, type Structure } from './structure.js';

/** Cap on the unpacked NBT: twice the largest structure's cells at two bytes each. */
export const MAX_SCHEMATIC_BYTES = 32 << 20;
/** Palette numbers above this are refused: a structure's cells are u16. */
const MAX_PALETTE_NUMBER = 65535;

const EXPORT_AGAIN = 'Export the file again as a Sponge schematic, version 2 or 3.';

/** What is taken from the file, before it is checked as a whole. */
interface Contents {
  numbers: Map<string, number>;
  /** Block state by palette number. */
  states: Map<number, string>;
  data?: { bytes: Uint8Array; at: number };
}

/**
 * @param fileName as the scenario names it; appears in errors.
 * @throws ScenarioError `structure-file` for malformed input or an unknown block, naming file and byte offset or field.
 */
export function readSchematic(bytes: Uint8Array, fileName: string): Structure {
  const contents = readContents(gunzipBounded(bytes, fileName, MAX_SCHEMATIC_BYTES), fileName);
  const version = contents.numbers.get('Version');
  if (version !== 2 && version !== 3)
    refuseFile(fileName, 'Schematic.Version', 'The version must be 2 or 3', String(version ?? 'none'), EXPORT_AGAIN);
  const [sizeX, sizeY, sizeZ] = ['Width', 'Height', 'Length'].map((field) => {
    const value = contents.numbers.get(field);
    if (value === undefined) refuseFile(fileName, `Schematic.${field}`, `${field} must be present`, 'none', EXPORT_AGAIN);
    // The file stores u16 in signed shorts.
    return (value as number) & 0xffff;
  });
  if (!isStructureSize(sizeX, sizeY, sizeZ)) {
    refuseFile(
      fileName,
      'Schematic.Width, Height, Length',
      `A structure must be ${STRUCTURE_LIMITS}`,
      `${sizeX} x ${sizeY} x ${sizeZ}`,
      'Cut it into smaller ones.',
    );
  }
  if (contents.data === undefined)
    refuseFile(fileName, 'Schematic', 'Block data must be present (Blocks.Data, or BlockData in version 2)', 'none', EXPORT_AGAIN);
  return assemble(contents.states, contents.data as { bytes: Uint8Array; at: number }, [sizeX, sizeY, sizeZ], fileName);
}

function readContents(unpacked: Uint8Array, fileName: string): Contents {
  const reader = new NbtReader(unpacked, fileName);
  const contents: Contents = { numbers: new Map(), states: new Map() };
  const palette = (type: number) => {
    reader.expectCompound(type, 'Palette');
    reader.compound((state, entryType) => {
      const number = reader.integer(entryType, `Palette["${state.slice(0, 80)}"]`);
      if (number < 0 || number > MAX_PALETTE_NUMBER || contents.states.has(number)) {
        refuseFile(
          fileName,
          `Palette["${state.slice(0, 80)}"]`,
          `Palette numbers must be distinct and 0..${MAX_PALETTE_NUMBER}`,
          String(number),
          EXPORT_AGAIN,
        );
      }
      contents.states.set(number, state);
      return true;
    });
    return true;
  };
  const cells = (type: number, field: string) => {
    contents.data = reader.byteArray(type, field);
    return true;
  };
  const blocks = (type: number) => {
    reader.expectCompound(type, 'Blocks');
    reader.compound((name, entryType) =>
      name === 'Palette' ? palette(entryType) : name === 'Data' ? cells(entryType, 'Blocks.Data') : false,
    );
    return true;
  };
  const field = (name: string, type: number): boolean => {
    if (name === 'Version' || name === 'Width' || name === 'Height' || name === 'Length') {
      contents.numbers.set(name, reader.integer(type, `Schematic.${name}`));
      return true;
    }
    if (name === 'Palette') return palette(type);
    if (name === 'BlockData') return cells(type, 'BlockData');
    return name === 'Blocks' ? blocks(type) : false;
  };
  // Version 2 names the root compound "Schematic"; version 3 has one of that name in a nameless root.
  if (reader.openRoot() === 'Schematic') reader.compound(field);
  else {
    reader.compound((name, type) => {
      if (name !== 'Schematic') return false;
      reader.expectCompound(type, 'Schematic');
      reader.compound(field);
      return true;
    });
  }
  return contents;
}

function assemble(
  states: ReadonlyMap<number, string>,
  data: { bytes: Uint8Array; at: number },
  size: [number, number, number],
  fileName: string,
): Structure {
  const cells = new Uint16Array(size[0] * size[1] * size[2]);
  const palette: string[] = [];
  const indexByName = new Map<string, number>();
  const indexByNumber = new Map<number, number>();
  const noteByNumber = new Map<number, string>();
  const cellsByNote = new Map<string, number>();
  let at = 0;
  const refuse = (must: string, got: string, nextStep = EXPORT_AGAIN): never =>
    refuseFile(fileName, `byte ${data.at + at} of the unpacked data (block data)`, must, got, nextStep);

  const resolve = (number: number): number => {
    const state = states.get(number);
    if (state === undefined) return refuse('A cell must hold a number of the palette', String(number));
    const flattened = flattenBlockState(state);
    if (flattened === undefined) {
      const hint = suggestBlockState(state) || ' docs/blocks.md lists every block.';
      return refuseFile(
        fileName,
        'Palette',
        'Every block used must be known',
        `"${state.slice(0, 80)}"`,
        `Replace it and export again.${hint}`,
      );
    }
    let index = indexByName.get(flattened.name);
    if (index === undefined) {
      index = palette.push(flattened.name) - 1;
      indexByName.set(flattened.name, index);
    }
    indexByNumber.set(number, index);
    if (flattened.note !== undefined) noteByNumber.set(number, flattened.note);
    return index;
  };

  for (let cell = 0; cell < cells.length; cell++) {
    let number = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= data.bytes.length) refuse(`Block data must hold ${cells.length} cells`, String(cell));
      if (shift > 28) refuse('A varint must have at most 5 bytes', 'a longer one');
      const byte = data.bytes[at++];
      number |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    cells[cell] = indexByNumber.get(number) ?? resolve(number);
    const note = noteByNumber.get(number);
    if (note !== undefined) cellsByNote.set(note, (cellsByNote.get(note) ?? 0) + 1);
  }
  if (at !== data.bytes.length) refuse(`Block data must end after ${cells.length} cells`, `${data.bytes.length - at} more bytes`);
  const notes = [...cellsByNote].map(([note, count]) => `${note}: ${count} ${count === 1 ? 'cell' : 'cells'}`).sort();
  return { size, palette, cells, notes };
}
