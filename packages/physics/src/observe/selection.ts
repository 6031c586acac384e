/** Part of the observations: some groups of the vector, packed one after another in the vector's own order. Shape letters: B worlds, A agents, P components. */
import { didYouMean, UsageError } from '@kinovox/world';
import type { ScenarioProgram } from '../program.js';
import { type ObservationBuffers, type ObservationGroup, observationGroups, observationSize } from './observation.js';
import { createPictureBuffers } from './pictures.js';

/** Components [from, from + width) of the whole vector, which lie at [to, to + width) of the packed one. */
export interface SelectedRange {
  from: number;
  to: number;
  width: number;
}

export interface Selection {
  /** With their offsets in the packed vector. */
  groups: ObservationGroup[];
  ranges: SelectedRange[];
  /** P */
  size: number;
  /** D: components of the whole vector. */
  wholeSize: number;
}

/** @param names groups to keep, in any order; undefined keeps all. @throws UsageError for a group that the scenario's agents do not see. */
export function selectGroups(program: ScenarioProgram, names: readonly string[] | undefined): Selection {
  const whole = observationGroups(program.observation);
  const known = whole.map(({ name }) => name);
  for (const name of names ?? []) {
    if (known.includes(name as ObservationGroup['name'])) continue;
    throw new UsageError(
      'unknown-group',
      `A group of observations must be one of ${known.join(', ')}; got "${name}" for ${program.id}.${didYouMean(name, known)}`,
    );
  }
  const groups: ObservationGroup[] = [];
  const ranges: SelectedRange[] = [];
  let to = 0;
  for (const group of whole) {
    if (names !== undefined && !names.includes(group.name)) continue;
    const width = group.rows * group.fields.length;
    const last = ranges[ranges.length - 1];
    if (last !== undefined && last.from + last.width === group.offset) last.width += width;
    else ranges.push({ from: group.offset, to, width });
    groups.push({ ...group, offset: to });
    to += width;
  }
  return { groups, ranges, size: to, wholeSize: observationSize(whole) };
}

/** Buffers for a selection: `[B, A, P]` vectors, and crops where they are asked for. */
export function createSelectedBuffers(
  program: ScenarioProgram,
  selection: Selection,
  { numWorlds, crop, final, autoreset }: { numWorlds: number; crop: boolean; final: boolean; autoreset: boolean },
): ObservationBuffers {
  const rows = numWorlds * program.numAgents;
  const cells = crop ? rows * program.observation.crop ** 3 : 0;
  return {
    groups: selection.groups,
    size: selection.size,
    vector: new Float32Array(rows * selection.size),
    finalVector: new Float32Array(final ? rows * selection.size : 0),
    crop: new Uint16Array(cells),
    finalCrop: new Uint16Array(final ? cells : 0),
    pictures: createPictureBuffers(program, numWorlds),
    finalPictures: createPictureBuffers(program, autoreset ? numWorlds : 0),
  };
}

/** Packs rows [from, to) of a whole vector into a selected one. */
export function packRows({ ranges, size, wholeSize }: Selection, whole: Float32Array, out: Float32Array, from: number, to: number): void {
  for (let row = from; row < to; row++)
    for (const range of ranges) {
      const at = row * wholeSize + range.from;
      out.set(whole.subarray(at, at + range.width), row * size + range.to);
    }
}
