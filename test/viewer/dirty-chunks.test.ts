// Edits mesh again only the chunks that can look different.
import { mix32 } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { copyPadded } from '../../packages/viewer/src/meshing/chunk.js';
import { DirtyChunks } from '../../packages/viewer/src/meshing/dirty-chunks.js';
import { meshChunk } from '../../packages/viewer/src/meshing/greedy-mesh.js';
import { createLooks } from '../../packages/viewer/src/meshing/looks.js';

const size = [48, 32, 48] as const;
const cellOf = (x: number, y: number, z: number) => (y * size[2] + z) * size[0] + x;
const NONE: ReadonlySet<number> = new Set();

function dirtyAfter(...cells: [number, number, number][]): number[] {
  const chunks = new DirtyChunks(size);
  for (const cell of cells) chunks.markCell(cellOf(...cell));
  const taken: number[] = [];
  for (let next = chunks.takeNearest(0, 0, 0, NONE); next >= 0; next = chunks.takeNearest(0, 0, 0, NONE)) taken.push(next);
  return taken.sort((a, b) => a - b);
}

describe('an edit', () => {
  it('marks one chunk inside, two at a face, four at an edge, eight at a corner', () => {
    expect(dirtyAfter([24, 8, 24])).toHaveLength(1);
    expect(dirtyAfter([16, 8, 24])).toHaveLength(2);
    expect(dirtyAfter([16, 15, 24])).toHaveLength(4);
    expect(dirtyAfter([16, 15, 31])).toHaveLength(8);
    expect(dirtyAfter([0, 0, 0])).toHaveLength(1);
    expect(dirtyAfter([47, 31, 47])).toHaveLength(1);
  });

  it('marks a chunk once however many of its cells change', () => {
    expect(dirtyAfter([3, 3, 3], [4, 3, 3], [5, 9, 12])).toHaveLength(1);
  });

  it('changes the mesh of no chunk that it does not mark', () => {
    const looks = createLooks([0, 1, 2, 15]).table;
    const voxels = Uint8Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => (mix32(i) % 3 === 0 ? 2 + (mix32(i + 1) % 2) : 0));
    const meshes = () => {
      const all: string[] = [];
      const chunks = new DirtyChunks(size);
      for (let chunk = 0; chunk < chunks.numChunks; chunk++) {
        const { opaque, translucent } = meshChunk(copyPadded({ size, voxels }, ...chunks.positionOf(chunk)), looks);
        all.push(`${opaque.positions.join()}|${opaque.tiles.join()}|${translucent.positions.join()}`);
      }
      return all;
    };
    const before = meshes();
    for (const cell of [
      [24, 8, 24],
      [15, 16, 31],
      [16, 15, 20],
    ] as [number, number, number][]) {
      const index = cellOf(...cell);
      const kept = voxels[index];
      voxels[index] = kept === 0 ? 2 : 0;
      const changed = meshes().flatMap((mesh, i) => (mesh === before[i] ? [] : [i]));
      const marked = dirtyAfter(cell);
      expect(changed.length).toBeGreaterThan(0);
      for (const chunk of changed) expect(marked).toContain(chunk);
      voxels[index] = kept;
    }
  });
});

describe('the order of meshing', () => {
  it('is nearest first, and leaves out chunks that are being meshed', () => {
    const chunks = new DirtyChunks(size);
    chunks.markAll();
    expect(chunks.numDirty).toBe(3 * 2 * 3);
    const nearest = chunks.takeNearest(24, 8, 24, NONE);
    expect(chunks.positionOf(nearest)).toEqual([1, 0, 1]);
    expect(chunks.indexOf(1, 0, 1)).toBe(nearest);
    chunks.mark(nearest);
    expect(chunks.takeNearest(24, 8, 24, new Set([nearest]))).not.toBe(nearest);
  });

  it('ends with -1', () => {
    expect(new DirtyChunks(size).takeNearest(0, 0, 0, NONE)).toBe(-1);
  });
});
