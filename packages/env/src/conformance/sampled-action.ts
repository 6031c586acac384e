/** Pseudo-random members of action spaces: the same for the same key, so that a failed check can be run again. */
import { randomU32 } from '@kinovox/world';
import type { AgentAction } from '../env.js';
import type { Spaces } from '../spaces.js';

/** Purpose word of these draws; outside those of the rules. */
const PURPOSE_CHECK = 1000;

/** A number in [0, 1) for a key of three words. */
export function sampledUnit(key: number, tick: number, index: number): number {
  return randomU32(key, 0, tick, index & 255, PURPOSE_CHECK, index >> 8) / 4294967296;
}

/** An action of one agent, as `Env.step` takes it. Messages stay silent: they need symbols. */
export function sampleAction(space: Spaces['action'], key: number, tick: number, slot: number): AgentAction {
  if (space.kind === 'discrete') return Math.floor(sampledUnit(key, tick, slot) * space.n);
  if (space.kind === 'dict')
    return Object.fromEntries(
      Object.entries(space.spaces).map(([name, part], i) => [name, part.kind === 'dict' ? {} : sampleAny(part, key + i, tick, slot)]),
    ) as AgentAction;
  const values = sampleRow(space, key, tick, slot);
  return Object.fromEntries(space.names!.map((name, i) => [name, values[i]]));
}

function sampleAny(space: Spaces['actionRow'], key: number, tick: number, slot: number): number | number[] {
  return space.kind === 'discrete' ? Math.floor(sampledUnit(key, tick, slot) * space.n) : sampleRow(space, key, tick, slot);
}

/** Actions of a whole batch row, as `BatchEnv.step` takes them. */
export function sampleRowActions(space: Spaces['actionRow'], numAgents: number, key: number, tick: number): Float32Array {
  const rows = Array.from({ length: numAgents }, (_, slot) =>
    space.kind === 'discrete' ? [Math.floor(sampledUnit(key, tick, slot) * space.n)] : sampleRow(space, key, tick, slot),
  );
  return Float32Array.from(rows.flat());
}

function sampleRow(space: Extract<Spaces['action'], { kind: 'box' }>, key: number, tick: number, slot: number): number[] {
  const bound = (bounds: number | number[], i: number) => (typeof bounds === 'number' ? bounds : bounds[i]);
  return space.names!.map((name, i) => {
    const low = bound(space.low, i);
    return name === 'message' ? 0 : low + sampledUnit(key, tick, slot + 256 * (i + 1)) * (bound(space.high, i) - low);
  });
}
