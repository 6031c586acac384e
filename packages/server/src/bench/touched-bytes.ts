/**
 * Counts the bytes that a tick must move: each byte of the arrays of worlds that the engine `cpu` reads before it writes it, once a tick, and each that it writes, once a tick.
 * The engine runs its own stages over arrays that note every access, so what is counted is what the rules touch, not what the layout could hold.
 * It is the least traffic of a batch too large for the caches: memory moves whole lines, and levels, tables and scratch, which stay in caches, are left out.
 * Noting is slow, and the code that saw such arrays stays slow: count after everything that is timed.
 */
import type { CompiledScenario } from '@kinovox/env';
import { type CpuEngineParts, createCpuEngine } from '@kinovox/physics';
import { invariant } from '@kinovox/world';
import { actionRing, BENCH_SEED } from './bench-load.js';

export interface TouchedBytes {
  /** Per agent-step: read before they are written, and written. */
  read: number;
  written: number;
}

/** A prime: arrays whose length is a multiple of it are those of worlds. */
const WORLDS = 13;
const READ = 1;
const WRITTEN = 2;

/** Over one episode of every world, its end and reset included. @throws InvariantError when a stage uses an array in a way that is not noted here. */
export function countTouchedBytes(compiled: CompiledScenario, observe: boolean): TouchedBytes {
  const { program } = compiled;
  const ledger = new AccessLedger();
  const engine = createCpuEngine(
    { program, variants: compiled.playableLevels('train'), numWorlds: WORLDS, seed: BENCH_SEED, observe },
    { prepare: (c) => noteAccesses(c, ledger) },
  );
  const ring = actionRing(WORLDS * program.numAgents).map((actions) => ledger.note(actions));
  ledger.clear();
  for (let tick = 0; tick < program.maxTicks; tick++) {
    engine.decode(ring[tick % ring.length]);
    engine.step();
    ledger.endTick();
  }
  const agentSteps = WORLDS * program.numAgents * program.maxTicks;
  return { read: ledger.read / agentSteps, written: ledger.written / agentSteps };
}

type TickContext = Parameters<NonNullable<CpuEngineParts['prepare']>>[0];

/** Replaces the arrays of worlds in a context. */
function noteAccesses(c: TickContext, ledger: AccessLedger): void {
  const visit = (node: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(node)) {
      if (APART.has(name)) continue;
      if (isNumbers(value)) {
        if (name === 'arena' || value.length % WORLDS === 0) node[name] = ledger.note(value);
      } else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
        visit(value as Record<string, unknown>);
    }
  };
  visit(c as unknown as Record<string, unknown>);
}

/** What all worlds share. */
const APART = new Set(['program', 'tables', 'variants', 'layout', 'groups']);

type Numbers = Int32Array<ArrayBufferLike>;

/** Which bytes were read and written in this tick, and how many in all ticks before. */
export class AccessLedger {
  read = 0;
  written = 0;
  readonly #marks = new Map<ArrayBufferLike, Uint8Array>();

  /** The same array, noting every access from now on. */
  note<T extends ArrayBufferView>(array: T): T {
    const numbers = array as unknown as Numbers;
    const marks = this.#marksOf(numbers.buffer);
    const { BYTES_PER_ELEMENT: size, byteOffset } = numbers;
    const mark = (first: number, end: number, kind: number) => {
      for (let at = byteOffset + first * size; at < byteOffset + end * size; at++) {
        if ((marks[at] & (kind | WRITTEN)) !== 0) continue;
        marks[at] |= kind;
        if (kind === READ) this.read++;
        else this.written++;
      }
    };
    const methods: Record<string, unknown> = {
      set: (source: ArrayLike<number>, offset = 0) => {
        mark(offset, offset + source.length, WRITTEN);
        numbers.set(source, offset);
      },
      fill: (value: number, from = 0, to = numbers.length) => {
        mark(from, to, WRITTEN);
        numbers.fill(value, from, to);
      },
      subarray: (from?: number, to?: number) => this.note(numbers.subarray(from, to)),
    };
    return new Proxy(numbers, {
      get(target, key) {
        if (typeof key === 'string' && INDEX.test(key)) {
          mark(Number(key), Number(key) + 1, READ);
          return target[Number(key)];
        }
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function' || key === 'constructor') return value;
        invariant(typeof key === 'string' && Object.hasOwn(methods, key), `Accesses by "${String(key)}" must be noted; add it here.`);
        return methods[key as string];
      },
      set(target, key, value) {
        const index = Number(key as string);
        mark(index, index + 1, WRITTEN);
        target[index] = value;
        return true;
      },
    }) as unknown as T;
  }

  /** Begins the next tick: what stayed from this one is not in a cache any more. */
  endTick(): void {
    for (const marks of this.#marks.values()) marks.fill(0);
  }

  /** Forgets all. */
  clear(): void {
    this.endTick();
    this.read = 0;
    this.written = 0;
  }

  #marksOf(buffer: ArrayBufferLike): Uint8Array {
    let marks = this.#marks.get(buffer);
    if (marks === undefined) {
      marks = new Uint8Array(buffer.byteLength);
      this.#marks.set(buffer, marks);
    }
    return marks;
  }
}

const INDEX = /^\d+$/;

function isNumbers(value: unknown): value is Numbers {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}
