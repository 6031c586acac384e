/** The engine benchmark: rows hold figures only where enough happened and there was room, ratios are numbers or have a reason, and bytes are counted as they are touched. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileScenario } from '@kinovox/env';
import { createCpuEngine } from '@kinovox/physics';
import { parseScenario } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { actionRing, compileBenchScenario, createCpuSubject, staggerEpisodes } from '../../packages/server/src/bench/bench-load.js';
import { type BenchReport, idlenessOf, meetsBar, RATIOS } from '../../packages/server/src/bench/bench-report.js';
import { measureRow } from '../../packages/server/src/bench/bench-row.js';
import { benchScenario } from '../../packages/server/src/bench/bench-scenario.js';
import { measureCopyBandwidth } from '../../packages/server/src/bench/copy-bandwidth.js';
import { benchEngines } from '../../packages/server/src/bench/engine-bench.js';
import { appendRecord } from '../../packages/server/src/bench/kept-results.js';
import { AccessLedger, countTouchedBytes } from '../../packages/server/src/bench/touched-bytes.js';
import { compareInTurns } from '../../packages/server/src/bench/turns.js';
import { COMPILER, compilerVersion } from '../bench/c-twin/twin.js';

const FEW = 8;

describe('the engine benchmark', () => {
  it('returns a row per engine, and a number or a reason for every ratio; a C build below its record gives none', async () => {
    const parts: string[] = [];
    const report = await benchEngines({
      worlds: FEW,
      quick: true,
      rounds: 1,
      cTwinRecords: [{ scenario: 'bench-hills-v1', worlds: FEW, agents: 2, c: 1e12, calibrationSeconds: 1 }],
      onProgress: (_done, _total, next) => parts.push(next),
    });
    const engines = new Set(report.rows.map(({ engine }) => engine));
    for (const engine of ['cpu', 'workers'] as const)
      expect(engines.has(engine) || report.reasons[engine] !== undefined, engine).toBe(true);
    expect(report.rows.length).toBeGreaterThan(0);
    for (const row of report.rows) {
      expect(row.reason).toBeUndefined();
      expect(Math.min(row.stepOnly!, row.withObservations!, row.withPolicy!, row.boundByMemory!, row.shareOfBound!)).toBeGreaterThan(0);
      expect(row.p99Ms!).toBeGreaterThanOrEqual(row.p50Ms!);
      expect([idlenessOf(row.activity!), idlenessOf(row.policyActivity!)]).toEqual([undefined, undefined]);
    }
    for (const name of RATIOS) {
      const ratio = report.ratios[name];
      expect(ratio === null ? typeof report.reasons[name] : typeof ratio, name).toBe(ratio === null ? 'string' : 'number');
    }
    expect(report.ratios.vsObjects).toBeGreaterThan(1);
    expect(report.ratios.costGrowth256To16384).toBeNull();
    expect(report.ratios.vsC).toBeNull();
    expect(report.reasons.vsC).toMatch(
      compilerVersion(COMPILER) === undefined ? /no C compiler/ : /the C build reaches 0\.00 of its best recorded figure/,
    );
    expect(report.rays!.every(({ raysPerSecond }) => raysPerSecond > 0)).toBe(true);
    expect(parts[0]).toBe('beside objects');
    expect(parts.at(-1)).toBe('');
  });

  it('gives no figures where nobody builds, and says why', async () => {
    const base = benchScenario(2);
    const [walker] = base.agents as unknown as [Record<string, unknown>];
    const unarmed = { ...base, agents: [{ ...walker, inventory: {}, can: { dig: false, place: false } }] };
    const compiled = compileScenario(parseScenario(unarmed as typeof base, 'idle-v1'));
    const row = await measureRow({ engine: 'cpu', worlds: FEW, compiled, turnMs: 2 });
    expect([row.stepOnly, row.withObservations, row.withPolicy, row.p50Ms]).toEqual([null, null, null, null]);
    expect(row.reason).toContain('no result: editsPer1000 is 0.00, below 1');
    expect(row.activity!.movingShare).toBeGreaterThan(0.5);
  });

  it('does not run a row that does not fit, and says how much is missing', async () => {
    const compiled = compileBenchScenario(2);
    const row = await measureRow({ engine: 'cpu', worlds: 16_384, compiled, turnMs: 2, availableBytes: 2 ** 28 });
    expect(row.withObservations).toBeNull();
    expect(row.reason).toMatch(/^not run: two batches and their actions take \d\.\d GiB, and 0\.3 GiB are free$/);
  });

  it('calls too little motion, editing or resetting no result', () => {
    const enough = { movingShare: 0.5, collisionsPer1000: 0, editsPer1000: 1, resetsPer1000: 1 };
    expect(idlenessOf(enough)).toBeUndefined();
    for (const name of ['movingShare', 'editsPer1000', 'resetsPer1000'] as const)
      expect(idlenessOf({ ...enough, [name]: 0.4 })).toContain(`${name} is 0.40`);
  });

  it('has resets enough for every number of agents', () => {
    for (const agents of [1, 2, 8]) {
      const { maxTicks } = compileScenario(parseScenario(benchScenario(agents), 'x')).program;
      expect(1000 / (maxTicks * agents)).toBeGreaterThanOrEqual(1);
    }
  });

  it('knows bars to reach from bars to stay below', () => {
    expect([meetsBar('vsObjects', 9), meetsBar('vsObjects', 8.9)]).toEqual([true, false]);
    expect([meetsBar('costGrowth256To16384', 1.5), meetsBar('costGrowth256To16384', 1.6)]).toEqual([true, false]);
    expect([meetsBar('vsC', null), meetsBar('vsPrismarineStub', 1)]).toEqual([undefined, undefined]);
  });

  it('appends a report to a folder, and refuses one that is not there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kinovox-results-'));
    const keep = appendRecord(folder);
    keep({ commit: 'a' } as BenchReport);
    keep({ commit: 'b' } as BenchReport);
    expect(readFileSync(join(folder, 'engine.jsonl'), 'utf8')).toBe('{"commit":"a"}\n{"commit":"b"}\n');
    rmSync(folder, { recursive: true });
    expect(() => appendRecord(folder)).toThrow('Results are kept in a checkout');
  });
});

describe('the load of the benchmark', () => {
  it('spreads resets over the ticks of an episode', () => {
    const compiled = compileBenchScenario(2);
    const resetsOf = (staggered: boolean) => {
      const subject = createCpuSubject(compiled, 64);
      if (!staggered) subject.engine.state.tick.fill(0);
      let resets = 0;
      for (let tick = 0; tick < 64; tick++) {
        subject.play(1);
        for (const ended of subject.engine.outputs.ended) resets += ended;
      }
      return resets;
    };
    expect(resetsOf(true)).toBeGreaterThanOrEqual(15);
    expect(resetsOf(false)).toBe(0);
    const state = { tick: new Int32Array(300) };
    staggerEpisodes(state as never, 256);
    expect(new Set(state.tick.subarray(0, 256)).size).toBe(256);
  });

  it('repeats drawn actions for large batches, agent by agent', () => {
    const [large] = actionRing(20_000);
    const [drawn] = actionRing(8192);
    const fields = drawn.length / 8192;
    expect(large.length).toBe(20_000 * fields);
    expect(large.subarray(0, drawn.length)).toEqual(drawn);
    expect(large.subarray(16_384 * fields)).toEqual(drawn.subarray(0, 3616 * fields));
  });
});

describe('turns', () => {
  it('go round the contestants, warm-up not counted', () => {
    const order: number[] = [];
    const busy = (k: number, steps: number) => ({
      turn() {
        order.push(k);
        // Long enough for any clock to see.
        new Float64Array(2 ** 16).fill(k).sort();
        return steps;
      },
    });
    const result = compareInTurns([busy(0, 10), busy(1, 20)], { rounds: 3, turnsPerRound: 2, warmUpRounds: 1 });
    expect(order).toEqual(Array.from({ length: 8 }, () => [0, 1]).flat());
    expect(result.ratio(0, 0)).toBe(1);
    expect(result.rate(1)).toBeGreaterThan(0);
  });
});

describe('the ledger of accesses', () => {
  it('counts a byte that is read before it is written once a tick, and each written byte once a tick', () => {
    const ledger = new AccessLedger();
    const words = ledger.note(new Int32Array(8));
    words[0] = words[1] + words[1];
    // Written first, then read: it need not be fetched.
    words[2] = 5;
    expect(words[2] + words[0]).toBe(5);
    expect([ledger.read, ledger.written]).toEqual([4, 8]);
    ledger.endTick();
    words[3] = words[2];
    expect([ledger.read, ledger.written]).toEqual([8, 12]);
  });

  it('sees views of one buffer as one, and whole ranges', () => {
    const ledger = new AccessLedger();
    const arena = new Int32Array(16);
    const view = ledger.note(arena.subarray(4, 8));
    const all = ledger.note(arena);
    view.fill(3);
    all.set([1, 2], 6);
    ledger.note(new Uint8Array(10)).subarray(2, 5).fill(1, 1);
    expect([ledger.read, ledger.written]).toEqual([0, 18]);
    expect(Array.from(arena.subarray(4, 8))).toEqual([3, 3, 1, 2]);
    expect(() => all.indexOf(3)).toThrow('Accesses by "indexOf" must be noted');
  });

  it('counts what a tick of the benchmark touches: more than actions and observations, less than the world; the tick stays the same game', () => {
    const compiled = compileBenchScenario(2);
    const whole = countTouchedBytes(compiled, true);
    const bare = countTouchedBytes(compiled, false);
    expect(countTouchedBytes(compiled, true)).toEqual(whole);
    const { observations, state } = createCpuEngine({
      program: compiled.program,
      variants: compiled.variantSource('train'),
      numWorlds: 1,
      seed: 1,
    });
    // Observations are written; at an episode's end twice.
    expect(whole.written - bare.written).toBeGreaterThanOrEqual(4 * observations.size);
    expect(whole.written - bare.written).toBeLessThan(4.5 * observations.size);
    // 11 fields of actions are read.
    expect(bare.read).toBeGreaterThan(44);
    expect(whole.read + whole.written).toBeLessThan((state.arena.byteLength + state.voxels.byteLength) / 2);
  });
});

describe('the bandwidth of copies', () => {
  it('is measured on one thread and on all', async () => {
    const { oneThread, allThreads, threads } = await measureCopyBandwidth(2 ** 20, 0.01);
    expect(threads).toBeGreaterThanOrEqual(1);
    expect(Math.min(oneThread, allThreads)).toBeGreaterThan(1e6);
  });
});
