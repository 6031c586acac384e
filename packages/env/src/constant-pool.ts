/**
 * The numbers of a level variant, in the order in which the compilers ask for them: `VariantData.constants`.
 * Nothing is shared between requests, even if equal, so that the indices do not depend on the values and all variants have the same tables.
 */
import { invariant } from '@kinovox/world';

export class ConstantPool {
  /** All constants so far; i32. */
  readonly values: number[] = [];

  /** Appends words and returns the index of the first. */
  add(words: readonly number[]): number {
    for (const word of words) invariant((word | 0) === word, `A constant must be an i32; got ${word}.`);
    const index = this.values.length;
    this.values.push(...words);
    return index;
  }
}
