// Greedy meshing against brute force: the same faces, the same light at their corners, nothing else.
import { BLOCKS, mix32 } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { CHUNK, copyPadded, PADDED, type VoxelField } from '../../packages/viewer/src/meshing/chunk.js';
import { cornerLight, meshChunk } from '../../packages/viewer/src/meshing/greedy-mesh.js';
import { createLooks } from '../../packages/viewer/src/meshing/looks.js';
import type { MeshData } from '../../packages/viewer/src/meshing/mesh-buffers.js';
import { FIRST_THIN, LOOK, LOOK_COLUMNS, SHAPE } from '../../packages/viewer/src/meshing/shapes.js';

const idOf = (name: string) => BLOCKS.find((block) => block.name === name)!.id;
const NAMES = ['air', 'bedrock', 'stone', 'grass_block', 'glass', 'water', 'iron_bars', 'ladder', 'torch', 'wheat_crop_3'];
const looks = createLooks(NAMES.map(idOf));
const shapeAt = (index: number) => looks.table[index * LOOK_COLUMNS + LOOK.shape];
const at = (x: number, y: number, z: number) => ((y + 1) * PADDED + z + 1) * PADDED + x + 1;
const DIRECTIONS = [
  [1, 0, 0],
  [-1, 0, 0],
  [0, 1, 0],
  [0, -1, 0],
  [0, 0, 1],
  [0, 0, -1],
] as const;

/** A chunk of random blocks: `percent` of the cells, border included, hold one of `kinds`. */
function randomPadded(seed: number, percent: number, kinds: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: PADDED ** 3 }, (_, i) => {
    const word = mix32(seed * 1_000_003 + i);
    return word % 100 < percent ? kinds[(word >>> 8) % kinds.length] : 0;
  });
}

/** Unit faces of a mesh as "x,y,z normal layer light light light light", lights at the corners in order of position. */
function facesOf(mesh: MeshData): string[] {
  const faces: string[] = [];
  for (let q = 0; q * 12 < mesh.positions.length; q++) {
    const corner = (i: number) => [0, 1, 2].map((k) => mesh.positions[q * 12 + i * 3 + k]);
    const normal = [0, 1, 2].map((k) => mesh.normals[q * 16 + k] / 127);
    const axis = normal.findIndex((n) => n !== 0);
    const [u, v] = [0, 1, 2].filter((k) => k !== axis);
    const corners = [0, 1, 2, 3].map(corner);
    const low = [0, 1, 2].map((k) => Math.min(...corners.map((c) => c[k])));
    const high = [0, 1, 2].map((k) => Math.max(...corners.map((c) => c[k])));
    const light = (pu: number, pv: number) =>
      Math.round(mesh.tiles[(q * 4 + corners.findIndex((c) => c[u] === pu && c[v] === pv)) * 3 + 1] * 3);
    const lights = [light(low[u], low[v]), light(high[u], low[v]), light(low[u], high[v]), light(high[u], high[v])];
    for (let a = low[u]; a < Math.ceil(high[u]); a++) {
      for (let b = low[v]; b < Math.ceil(high[v]); b++) {
        const cell = [0, 0, 0];
        cell[u] = a;
        cell[v] = b;
        cell[axis] = normal[axis] > 0 ? Math.ceil(low[axis]) - 1 : low[axis];
        faces.push(`${cell} ${normal.map((n) => Math.round(n))} ${mesh.tiles[q * 12]} ${lights}`);
      }
    }
  }
  return faces.sort();
}

/** The faces that must be there, by looking at each cell and each neighbour. */
function expectedFaces(padded: Uint8Array, wanted: (shape: number) => boolean): string[] {
  const faces: string[] = [];
  for (let y = 0; y < CHUNK; y++) {
    for (let z = 0; z < CHUNK; z++) {
      for (let x = 0; x < CHUNK; x++) {
        const index = padded[at(x, y, z)];
        const shape = shapeAt(index);
        if (shape === SHAPE.none || shape >= FIRST_THIN || !wanted(shape)) continue;
        for (const normal of DIRECTIONS) {
          const front = [x + normal[0], y + normal[1], z + normal[2]] as const;
          const neighbour = padded[at(...front)];
          if (shapeAt(neighbour) === SHAPE.opaque || (neighbour === index && shape !== SHAPE.opaque)) continue;
          const axis = normal.findIndex((n) => n !== 0);
          const [u, v] = [0, 1, 2].filter((k) => k !== axis);
          const hides = (du: number, dv: number) => {
            const cell = [...front];
            cell[u] += du;
            cell[v] += dv;
            return shapeAt(padded[at(cell[0], cell[1], cell[2])]) === SHAPE.opaque ? 1 : 0;
          };
          const lights = [
            [-1, -1],
            [1, -1],
            [-1, 1],
            [1, 1],
          ].map(([du, dv]) => cornerLight(hides(du, 0), hides(0, dv), hides(du, dv)));
          const layer = looks.table[index * LOOK_COLUMNS + (normal[1] > 0 ? LOOK.top : normal[1] < 0 ? LOOK.bottom : LOOK.side)];
          faces.push(`${[x, y, z]} ${[...normal]} ${layer} ${lights}`);
        }
      }
    }
  }
  return faces.sort();
}

const solidKinds = [2, 3];
const cubeKinds = [2, 3, 4, 6];

describe('the faces of a chunk', () => {
  it.each([2, 20, 50, 80, 98])('are those of brute force, each once, with %i %% of the cells solid', (percent) => {
    const padded = randomPadded(percent, percent, solidKinds);
    // Merged faces have equal corner light along the merge, so every unit face shows the light of its own corners.
    const mesh = meshChunk(padded, looks.table);
    expect(mesh.translucent.indices.length).toBe(0);
    expect(facesOf(mesh.opaque)).toEqual(expectedFaces(padded, () => true));
  });

  it('are split into opaque with cut-out, and translucent', () => {
    const padded = randomPadded(7, 60, cubeKinds);
    const mesh = meshChunk(padded, looks.table);
    expect(facesOf(mesh.opaque)).toEqual(expectedFaces(padded, (shape) => shape === SHAPE.opaque || shape === SHAPE.cutout));
    expect(facesOf(mesh.translucent)).toEqual(expectedFaces(padded, (shape) => shape === SHAPE.translucent));
    expect(mesh.translucent.indices.length).toBeGreaterThan(0);
  });

  it('differ from brute force when one cell differs, so the comparison can fail', () => {
    const padded = randomPadded(5, 50, solidKinds);
    const before = expectedFaces(padded, () => true);
    padded[at(8, 8, 8)] = padded[at(8, 8, 8)] === 0 ? 2 : 0;
    expect(facesOf(meshChunk(padded, looks.table).opaque)).not.toEqual(before);
  });

  it('are seen from outside counter-clockwise', () => {
    const padded = randomPadded(9, 40, [2, 4, 7, 8, 5]);
    const { opaque, translucent } = meshChunk(padded, looks.table);
    for (const mesh of [opaque, translucent]) {
      for (let i = 0; i < mesh.indices.length; i += 3) {
        const [a, b, c] = [0, 1, 2].map((k) => mesh.positions.subarray(mesh.indices[i + k] * 3, mesh.indices[i + k] * 3 + 3));
        const [p, q] = [b, c].map((end) => [end[0] - a[0], end[1] - a[1], end[2] - a[2]]);
        const cross = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
        const normal = mesh.normals.subarray(mesh.indices[i] * 4, mesh.indices[i] * 4 + 3);
        expect(cross[0] * normal[0] + cross[1] * normal[1] + cross[2] * normal[2]).toBeGreaterThan(0);
      }
    }
  });
});

describe('merging', () => {
  const floor = new Uint8Array(PADDED ** 3);
  for (let z = -1; z <= CHUNK; z++) for (let x = -1; x <= CHUNK; x++) floor[at(x, 3, z)] = 2;

  it('draws a flat floor as one rectangle per side', () => {
    expect(meshChunk(floor, looks.table).opaque.indices.length / 6).toBe(2);
  });

  it('does not stretch a gradient of occlusion over several blocks', () => {
    const wall = floor.slice();
    for (let x = -1; x <= CHUNK; x++) wall[at(x, 4, 8)] = 2;
    const tops = facesOf(meshChunk(wall, looks.table).opaque).filter((face) => face.includes(' 0,1,0 '));
    expect(tops.filter((face) => face.startsWith('5,3,7 '))[0]).toMatch(/ 3,3,1,1$/);
    expect(tops.filter((face) => face.startsWith('5,3,6 '))[0]).toMatch(/ 3,3,3,3$/);
  });

  it('darkens a corner fully when both sides are closed', () => {
    expect([cornerLight(0, 0, 0), cornerLight(1, 0, 0), cornerLight(0, 1, 1), cornerLight(1, 1, 0), cornerLight(1, 1, 1)]).toEqual([
      3, 2, 1, 0, 0,
    ]);
  });
});

describe('special shapes', () => {
  const alone = (kind: number, x = 8) => {
    const padded = new Uint8Array(PADDED ** 3);
    padded[at(x, 5, 8)] = kind;
    return padded;
  };

  it('lower the surface of a liquid but not its inside', () => {
    const padded = alone(5);
    padded[at(8, 6, 8)] = 5;
    const { positions } = meshChunk(padded, looks.table).translucent;
    const heights = [...new Set(Array.from(positions).filter((_, i) => i % 3 === 1))].sort((a, b) => a - b);
    expect(heights).toEqual([5, 6, 6.875]);
  });

  it('hang a ladder on the wall that is there and hide no face of it', () => {
    const padded = alone(7);
    padded[at(9, 5, 8)] = 2;
    const { positions, tiles } = meshChunk(padded, looks.table).opaque;
    const ladderLayer = looks.table[7 * LOOK_COLUMNS + LOOK.side];
    const xs = new Set(
      Array.from({ length: tiles.length / 3 }, (_, v) => v)
        .filter((v) => tiles[v * 3] === ladderLayer)
        .map((v) => positions[v * 3]),
    );
    expect([...xs]).toEqual([8.9375]);
    expect(positions.length / 12).toBe(2 + 6);
  });

  it('keep a torch within its cell', () => {
    const { positions } = meshChunk(alone(8), looks.table).opaque;
    expect(positions.length / 12).toBe(6);
    expect(Math.max(...positions.filter((_, i) => i % 3 === 1))).toBe(5.625);
  });
});

it('a plant is two planes that cross in its cell, seen from both sides, and hides nothing', () => {
  const padded = new Uint8Array(PADDED ** 3);
  padded[at(8, 5, 8)] = 9;
  padded[at(8, 4, 8)] = 2;
  const { positions, tiles, normals } = meshChunk(padded, looks.table).opaque;
  expect(shapeAt(9)).toBe(SHAPE.cross);
  expect(positions.length / 12).toBe(4 + 6);
  const layer = looks.table[9 * LOOK_COLUMNS + LOOK.side];
  const vertices = Array.from({ length: tiles.length / 3 }, (_, v) => v).filter((v) => tiles[v * 3] === layer);
  const corners = vertices.map((v) => [positions[v * 3], positions[v * 3 + 2]].join());
  expect([...new Set(corners)].sort()).toEqual(['8.0625,8.0625', '8.0625,8.9375', '8.9375,8.0625', '8.9375,8.9375']);
  // Four quads: each corner column of the cell is the end of one plane, from both sides and at two heights.
  for (const corner of new Set(corners)) expect(corners.filter((one) => one === corner).length).toBe(4);
  expect(vertices.every((v) => normals[v * 4 + 1] === 127)).toBe(true);
});

describe('the padded copy', () => {
  const size = [20, 5, 18] as const;
  const field: VoxelField = { size, voxels: Uint8Array.from({ length: 20 * 5 * 18 }, (_, i) => 2 + (mix32(i) % 5)) };
  it('holds the cells of the chunk and its neighbours, air at the sides and above, bedrock below', () => {
    for (const [cx, cz] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ]) {
      const padded = copyPadded(field, cx, 0, cz);
      for (let y = -1; y <= CHUNK; y++) {
        for (let z = -1; z <= CHUNK; z++) {
          for (let x = -1; x <= CHUNK; x++) {
            const [wx, wz] = [cx * CHUNK + x, cz * CHUNK + z];
            const inside = wx >= 0 && wx < 20 && wz >= 0 && wz < 18 && y >= 0 && y < 5;
            expect(padded[at(x, y, z)]).toBe(y < 0 ? 1 : inside ? field.voxels[(y * 18 + wz) * 20 + wx] : 0);
          }
        }
      }
    }
  });
});
