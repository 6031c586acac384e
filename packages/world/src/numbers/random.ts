/**
 * Counter-based random words: a pure function of (episode seed, episode tick, agent slot, purpose, draw), with no state to carry.
 * No row number and no run-global tick enters, so a row of a batch equals a single world with its seed.
 * The mixer is the finaliser of MurmurHash3 (Appleby, public domain), applied once per key word.
 */

/** What a draw is for: part of the key, so streams never overlap. Numbers are never reused. */
export const PURPOSE = {
  variant: 1,
  parameter: 2,
  terrain: 3,
  spawn: 4,
  messageLoss: 5,
  policy: 6,
  mobs: 7,
  growth: 8,
  respawn: 9,
  drops: 10,
  mobSpawn: 11,
  mobDrops: 12,
  randomisation: 13,
} as const;

/** MurmurHash3's 32-bit finaliser: a bijection of u32. */
export function mix32(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** One u32 for a key of six words. */
export function randomU32(seedLow: number, seedHigh: number, tick: number, slot: number, purpose: number, draw: number): number {
  return drawU32(randomStream(seedLow, seedHigh, tick, slot, purpose), draw);
}

/** The same word as an i32, for loops: a u32 that leaves a function which is not inlined becomes an object on the heap. */
export function randomI32(seedLow: number, seedHigh: number, tick: number, slot: number, purpose: number, draw: number): number {
  return randomU32(seedLow, seedHigh, tick, slot, purpose, draw) | 0;
}

/** The first five words of a key, mixed: for those who draw many times from one stream. */
export function randomStream(seedLow: number, seedHigh: number, tick: number, slot: number, purpose: number): number {
  let h = mix32(seedLow ^ 0x9e3779b9);
  h = mix32(h ^ seedHigh);
  h = mix32((h + Math.imul(tick, 0x9e3779b1)) | 0);
  h = mix32(h ^ Math.imul(slot + 1, 0x85ebca77));
  return mix32(h ^ Math.imul(purpose, 0xc2b2ae3d));
}

/** Draw number `draw` of a stream: `randomU32` of its key. */
export function drawU32(stream: number, draw: number): number {
  return mix32((stream + Math.imul(draw + 1, 0x27d4eb2f)) | 0);
}

/** A draw in [0, n) for 1 <= n <= 65536 by multiply-shift on the top 16 bits: the bias is below n / 65536. */
export function randomBelow(u32: number, n: number): number {
  return Math.imul(u32 >>> 16, n) >>> 16;
}

/** Low and high u32 of a run seed; seeds are integers in [0, 2^53). */
export function splitSeed(seed: number): { low: number; high: number } {
  return { low: seed >>> 0, high: Math.floor(seed / 4294967296) >>> 0 };
}

/** The seed of a row's episode e: e = 0 is the row's own seed, later ones are mixed from it. */
export function episodeSeed(rowLow: number, rowHigh: number, episode: number): { low: number; high: number } {
  return { low: episodeSeedWord(rowLow, rowHigh, episode, 0), high: episodeSeedWord(rowLow, rowHigh, episode, 1) };
}

/** Word 0 (low) or 1 (high) of the seed of a row's episode. */
export function episodeSeedWord(rowLow: number, rowHigh: number, episode: number, word: number): number {
  if (episode !== 0) return randomU32(rowLow, rowHigh, episode, 0, 0, word);
  return word === 0 ? rowLow >>> 0 : rowHigh >>> 0;
}
