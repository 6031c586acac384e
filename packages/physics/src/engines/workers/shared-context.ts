/**
 * The arrays of a context that hold worlds, in memory that several threads see. Each thread has a context of its own over them:
 * tables of the program and the scratch of a stage stay its own.
 * Which arrays hold worlds is not written down anywhere: they are those whose length differs from the same array of a context of one world.
 */
import type { TickContext } from '../../stages/context.js';

/** Shared arrays by the names of their context. */
export interface SharedArrays {
  [name: string]: SharedArrays | NumberArray;
}
type NumberArray = Int32Array<ArrayBufferLike>;
type Node = Record<string, unknown>;

/** What every thread makes for itself, and lists that are no arrays of numbers. */
const OWN = new Set(['program', 'tables', 'variants', 'layout', 'groups', 'levels']);

/**
 * Moves the arrays of worlds in `c` to shared memory, with what they hold.
 * @param ofOne context of the same program with one world.
 * @returns the arrays, to be handed to the other threads.
 */
export function shareContext(c: TickContext, ofOne: TickContext): SharedArrays {
  // Populations and views name the same array more than once, and must go on doing so.
  const moved = new Map<NumberArray, NumberArray>();
  const share = (node: Node, one: Node): SharedArrays => {
    const shared: SharedArrays = {};
    for (const [name, value] of Object.entries(node)) {
      if (OWN.has(name)) continue;
      const other = one[name];
      if (isNumbers(value)) {
        if (!isShared(value) && value.length === (other as NumberArray).length) continue;
        node[name] = shared[name] = moveOnce(value, moved);
      } else if (isPlain(value)) shared[name] = share(value, other as Node);
    }
    return shared;
  };
  return share(c as unknown as Node, ofOne as unknown as Node);
}

/** Puts the arrays that `shareContext` gave in the place of those that `c` was made with. */
export function adoptShared(c: TickContext, shared: SharedArrays): void {
  const adopt = (node: Node, from: SharedArrays) => {
    for (const [name, value] of Object.entries(from)) {
      if (isNumbers(value)) node[name] = value;
      else adopt(node[name] as Node, value);
    }
  };
  adopt(c as unknown as Node, shared);
}

function moveOnce(array: NumberArray, moved: Map<NumberArray, NumberArray>): NumberArray {
  if (isShared(array)) return array;
  let copy = moved.get(array);
  if (copy === undefined) {
    copy = new (array.constructor as Int32ArrayConstructor)(new SharedArrayBuffer(array.byteLength));
    copy.set(array);
    moved.set(array, copy);
  }
  return copy;
}

function isNumbers(value: unknown): value is NumberArray {
  return ArrayBuffer.isView(value);
}

function isShared(array: NumberArray): boolean {
  return array.buffer instanceof SharedArrayBuffer;
}

function isPlain(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
