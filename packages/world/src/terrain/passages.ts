/**
 * Which neighbours of a rectangular lattice are joined: a random spanning tree, so that everything is connected by exactly one way, plus loops.
 * Source: the tree is grown by depth-first search with backtracking, the usual maze construction.
 */
import { PURPOSE, randomBelow, randomU32 } from '../numbers/random.js';

/** Streams of random words, apart from those of other generators. */
const STREAM_WALK = 16;
const STREAM_LOOPS = 17;

/** Open passages of a lattice of numX x numZ cells; cell = z * numX + x. */
export interface Passages {
  readonly numX: number;
  readonly numZ: number;
  /** 1 where a cell is joined to the one at x + 1. */
  readonly east: Uint8Array;
  /** 1 where a cell is joined to the one at z + 1. */
  readonly south: Uint8Array;
}

/** @param loops chance in 1/256 that a passage outside the tree is open too; 0 gives a perfect maze. */
export function createPassages(numX: number, numZ: number, loops: number, seedLow: number, seedHigh: number): Passages {
  const passages = { numX, numZ, east: new Uint8Array(numX * numZ), south: new Uint8Array(numX * numZ) };
  growTree(passages, seedLow, seedHigh);
  for (let cell = 0; cell < numX * numZ; cell++) {
    const open = (side: number) => randomU32(seedLow, seedHigh, STREAM_LOOPS, side, PURPOSE.terrain, cell) >>> 24 < loops;
    if (cell % numX < numX - 1 && open(0)) passages.east[cell] = 1;
    if (cell < numX * (numZ - 1) && open(1)) passages.south[cell] = 1;
  }
  return passages;
}

function growTree(passages: Passages, seedLow: number, seedHigh: number): void {
  const { numX, numZ, east, south } = passages;
  const visited = new Uint8Array(numX * numZ);
  const stack = [0];
  const choices: number[] = [];
  visited[0] = 1;
  for (let draw = 0; stack.length > 0; draw++) {
    const cell = stack[stack.length - 1];
    const x = cell % numX;
    choices.length = 0;
    if (x > 0 && visited[cell - 1] === 0) choices.push(cell - 1);
    if (x < numX - 1 && visited[cell + 1] === 0) choices.push(cell + 1);
    if (cell >= numX && visited[cell - numX] === 0) choices.push(cell - numX);
    if (cell < numX * (numZ - 1) && visited[cell + numX] === 0) choices.push(cell + numX);
    if (choices.length === 0) {
      stack.pop();
      continue;
    }
    const next = choices[randomBelow(randomU32(seedLow, seedHigh, STREAM_WALK, 0, PURPOSE.terrain, draw), choices.length)];
    const first = Math.min(cell, next);
    // Neighbours in x differ by 1; with one column, neighbours in z do too.
    if (numX > 1 && Math.abs(next - cell) === 1) east[first] = 1;
    else south[first] = 1;
    visited[next] = 1;
    stack.push(next);
  }
}
