/** Blocks that are not cubes: ladders, vines, plants, plates, levers, buttons, torches and open doors, as small boxes and panels. Lengths in 1/16 block. */
import { PADDED } from './chunk.js';
import type { MeshBuffers } from './mesh-buffers.js';
import { LOOK, SHAPE } from './shapes.js';

type Box = readonly [number, number, number, number, number, number];

/** Boxes of a shape as x0 y0 z0 x1 y1 z1. */
const BOXES: Readonly<Record<number, readonly Box[]>> = {
  [SHAPE.plate]: [[1, 0, 1, 15, 1, 15]],
  [SHAPE.pressedPlate]: [[1, 0, 1, 15, 0.4, 15]],
  [SHAPE.lever]: [
    [5, 0, 4, 11, 3, 12],
    [7, 3, 5, 9, 11, 7],
  ],
  [SHAPE.leverOn]: [
    [5, 0, 4, 11, 3, 12],
    [7, 3, 9, 9, 11, 11],
  ],
  [SHAPE.button]: [[5, 0, 6, 11, 2, 10]],
  [SHAPE.torch]: [[7, 0, 7, 9, 10, 9]],
  [SHAPE.openDoor]: [[0, 0, 0, 3, 16, 16]],
};

/** Walls around a cell: step in padded cells, and the panel against it as a corner and two edges, facing inward. */
const WALLS = [
  { step: -PADDED, normal: [0, 0, 1], panel: [0, 0, 1, 16, 0, 0] },
  { step: PADDED, normal: [0, 0, -1], panel: [16, 0, 15, -16, 0, 0] },
  { step: -1, normal: [1, 0, 0], panel: [1, 0, 16, 0, 0, -16] },
  { step: 1, normal: [-1, 0, 0], panel: [15, 0, 0, 0, 0, 16] },
] as const;

const FULL_LIGHT = [3, 3, 3, 3];
const WHOLE_TILE = [0, 0, 1, 0, 1, 1, 0, 1];

/**
 * Adds the shape of one cell.
 * @param shapes SHAPE of each padded cell. @param cell its padded index. @param look its row of the look table.
 */
export function addThinShape(out: MeshBuffers, shapes: Uint8Array, cell: number, x: number, y: number, z: number, look: Uint16Array): void {
  const shape = shapes[cell];
  if (shape === SHAPE.ladder || shape === SHAPE.vine) {
    const walls = WALLS.filter((wall) => shapes[cell + wall.step] === SHAPE.opaque);
    // A ladder hangs on one wall, a vine on each; without any, on the north side.
    const used = walls.length === 0 ? [WALLS[0]] : shape === SHAPE.ladder ? walls.slice(0, 1) : walls;
    for (const wall of used) addPanel(out, wall, x, y, z, look);
    return;
  }
  if (shape === SHAPE.cross) addCross(out, x, y, z, look);
  for (const box of BOXES[shape] ?? []) addBox(out, box, x, y, z, look);
}

function addPanel(out: MeshBuffers, wall: (typeof WALLS)[number], x: number, y: number, z: number, look: Uint16Array): void {
  const [px, py, pz, ux, , uz] = wall.panel.map((length) => length / 16);
  const a = [x + px, y + py, z + pz];
  const b = [a[0] + ux, a[1], a[2] + uz];
  const corners = [...a, ...b, b[0], b[1] + 1, b[2], a[0], a[1] + 1, a[2]];
  const back = [...b, ...a, a[0], a[1] + 1, a[2], b[0], b[1] + 1, b[2]];
  const [nx, ny, nz] = wall.normal;
  out.quad(corners, [nx, ny, nz], WHOLE_TILE, look[LOOK.side], FULL_LIGHT, 0);
  out.quad(back, [-nx, ny, -nz], WHOLE_TILE, look[LOOK.side], FULL_LIGHT, 0);
}

/** Diagonals of a cell as seen from above: x0 z0 x1 z1. */
const DIAGONALS = [
  [1, 1, 15, 15],
  [15, 1, 1, 15],
] as const;

/** Both planes from both sides, lit from above: light by its own slant would make one of the planes dark. */
function addCross(out: MeshBuffers, x: number, y: number, z: number, look: Uint16Array): void {
  for (const diagonal of DIAGONALS) {
    const [x0, z0, x1, z1] = diagonal.map((length) => length / 16);
    const [a, b] = [
      [x + x0, z + z0],
      [x + x1, z + z1],
    ];
    for (const [from, to] of [
      [a, b],
      [b, a],
    ])
      out.quad(
        [from[0], y, from[1], to[0], y, to[1], to[0], y + 1, to[1], from[0], y + 1, from[1]],
        [0, 1, 0],
        WHOLE_TILE,
        look[LOOK.side],
        FULL_LIGHT,
        0,
      );
  }
}

function addBox(out: MeshBuffers, box: Box, x: number, y: number, z: number, look: Uint16Array): void {
  const [x0, y0, z0, x1, y1, z1] = box.map((length) => length / 16);
  const low = [x + x0, y + y0, z + z0];
  const high = [x + x1, y + y1, z + z1];
  const glow = look[LOOK.glow] / 255;
  for (let axis = 0; axis < 3; axis++) {
    const u = (axis + 1) % 3;
    const v = (axis + 2) % 3;
    for (const sign of [1, -1] as const) {
      const corners: number[] = [];
      const uvs: number[] = [];
      for (const i of sign > 0 ? [0, 1, 2, 3] : [0, 3, 2, 1]) {
        const point = [...low];
        if (sign > 0) point[axis] = high[axis];
        if (i === 1 || i === 2) point[u] = high[u];
        if (i >= 2) point[v] = high[v];
        corners.push(...point);
        uvs.push(i === 1 || i === 2 ? high[u] - low[u] : 0, i >= 2 ? high[v] - low[v] : 0);
      }
      const normal: [number, number, number] = [0, 0, 0];
      normal[axis] = sign;
      out.quad(corners, normal, uvs, look[axis === 1 ? LOOK.top : LOOK.side], FULL_LIGHT, glow);
    }
  }
}
