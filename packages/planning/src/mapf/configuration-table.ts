/**
 * All configurations that a search has met, each once: N vertices per node in one arena, found again through an open-addressing table on a hash of
 * 64 bits, whose hits are compared in full.
 * Memory: 4 N + 16 bytes per node, doubled while the arena grows.
 */
import { mix32 } from '@kinovox/world';

export interface ConfigurationTable {
  readonly size: number;
  /** The node of a configuration, -1 where it is new. */
  find(configuration: Int32Array): number;
  /** Adds a configuration that is not there yet, and returns its node: 0, 1, 2, ... */
  add(configuration: Int32Array): number;
  /** Writes the configuration of a node. */
  read(node: number, out: Int32Array): void;
  vertexOf(node: number, agent: number): number;
}

export function createConfigurationTable(numAgents: number): ConfigurationTable {
  let capacity = 64;
  let size = 0;
  let arena = new Int32Array(capacity * numAgents);
  let hashes = new Int32Array(2 * capacity);
  /** node + 1, 0 where empty; four times as long as the arena has room, so that it is never more than a quarter full. */
  let slots = new Int32Array(4 * capacity);
  let low = 0;
  let high = 0;

  function hash(configuration: Int32Array): void {
    let a = 0x811c9dc5 | 0;
    let b = 0x2545f491;
    for (let i = 0; i < numAgents; i++) {
      a = Math.imul(a ^ configuration[i], 0x01000193);
      b = Math.imul(b ^ (b >>> 15), 0x2c1b3c6d) + configuration[i];
    }
    low = mix32(a) | 0;
    high = mix32(b) | 0;
  }

  function grow(): void {
    capacity *= 2;
    const more = new Int32Array(capacity * numAgents);
    more.set(arena);
    arena = more;
    const moreHashes = new Int32Array(2 * capacity);
    moreHashes.set(hashes);
    hashes = moreHashes;
    slots = new Int32Array(4 * capacity);
    for (let node = 0; node < size; node++) {
      let slot = hashes[2 * node] & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = node + 1;
    }
  }

  function equals(node: number, configuration: Int32Array): boolean {
    if (hashes[2 * node] !== low || hashes[2 * node + 1] !== high) return false;
    const begin = node * numAgents;
    for (let i = 0; i < numAgents; i++) if (arena[begin + i] !== configuration[i]) return false;
    return true;
  }

  return {
    get size() {
      return size;
    },
    find(configuration) {
      hash(configuration);
      let slot = low & (slots.length - 1);
      for (; slots[slot] !== 0; slot = (slot + 1) & (slots.length - 1)) {
        if (equals(slots[slot] - 1, configuration)) return slots[slot] - 1;
      }
      return -1;
    },
    add(configuration) {
      if (size === capacity) grow();
      hash(configuration);
      let slot = low & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = size + 1;
      hashes[2 * size] = low;
      hashes[2 * size + 1] = high;
      arena.set(configuration, size * numAgents);
      return size++;
    },
    read(node, out) {
      const begin = node * numAgents;
      for (let i = 0; i < numAgents; i++) out[i] = arena[begin + i];
    },
    vertexOf(node, agent) {
      return arena[node * numAgents + agent];
    },
  };
}
