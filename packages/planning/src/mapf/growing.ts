/** Arrays of i32 that grow by doubling, for nodes, edges and queues whose number is not known beforehand. */

export interface GrowingInts {
  /** Valid until the next `push`. */
  values: Int32Array;
  length: number;
}

export function createGrowingInts(capacity = 256): GrowingInts {
  return { values: new Int32Array(capacity), length: 0 };
}

/** @returns the index of the new element. */
export function pushInt(array: GrowingInts, value: number): number {
  if (array.length === array.values.length) {
    const more = new Int32Array(2 * array.values.length);
    more.set(array.values);
    array.values = more;
  }
  array.values[array.length] = value;
  return array.length++;
}

export function popInt(array: GrowingInts): number {
  return array.values[--array.length];
}
