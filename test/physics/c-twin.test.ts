/** The C that the benchmark builds: every stage of the tick translates, with C's own ways where the two languages differ. */
import * as world from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { judgeTwin, parseRecords } from '../../packages/server/src/bench/c-twin-bench.js';
import { createC } from '../bench/c-twin/c-target.js';
import { translateToC } from '../bench/c-twin/translation.js';

const twin = translateToC(world);
const text = twin.functions.join('\n');
const target = createC();

describe('the tick in C', () => {
  it('has a function for every stage, defined before it is called', () => {
    expect(twin.stages.length).toBeGreaterThan(10);
    const defined = new Set<string>();
    for (const one of twin.functions) {
      const head = one.slice(0, one.indexOf('\n'));
      const name = /^static (?:void|bool|int32_t|float) (\w+)\(/.exec(head)?.[1];
      expect(name, head).toBeDefined();
      // A call's name ends in its number; the function itself may stand in its own text only in its head.
      for (const [called] of one.slice(head.length).matchAll(/\b[a-z]\w*_\d+(?=\()/g))
        expect(defined, `${called} in ${head}`).toContain(called);
      defined.add(name!);
    }
    for (const stage of twin.stages) expect(defined).toContain(twin.entries[stage]);
  });

  it('takes the level of the world at hand, and starts the index of survival with it', () => {
    expect(text).toMatch(/LEVEL = A_c_state_variant\[\w+\];/);
    expect(text).toMatch(/load_level\(\w+, \w+\);\n\s+if \(H_c_index\) \{\n\s+startIndex_\d+\(\w+\);/);
  });

  it('keeps nothing of WGSL', () => {
    expect(text).not.toMatch(/\bfn |\blet |\bvar |\bloop \{|bitcast|u32\(|i32\(-/);
  });
});

describe('the C target', () => {
  it('shifts by the low five bits, and divides without a trap', () => {
    expect(target.shiftLeft('a', '33')).toBe('(a << 1)');
    expect(target.shiftRight('a', 'n')).toBe('(a >> (n & 31))');
    expect(target.divide('a', '3')).toBe('(a / 3)');
    expect(target.divide('a', 'b')).toBe('divide(a, b)');
    expect(target.remainder('a', '(-3)', false)).toBe('rest_of(a, (-3))');
  });

  it('writes numbers that read back as they were', () => {
    expect(target.int(-2147483648)).toBe('(-2147483647 - 1)');
    expect(target.floatLiteral(0.5)).toBe('0.5f');
    expect(target.floatOfScaled('v', 1 / 65536)).toBe('(float)((double)(v) * 0.0000152587890625)');
    expect(target.floatOfScaled('v', 3)).toBe('(float)((double)(v) * 3.0)');
  });

  it('lets `continue` reach the update of a loop, and refuses an update that is none', () => {
    expect(target.loop(['continue;'], ['i = (i + 1);', 'at = (at + 2);'])[0]).toBe('for (;; i = (i + 1), at = (at + 2)) {');
    expect(() => target.loop([], ['if (i) {'])).toThrow('The update of a loop must be plain assignments; got "if (i) {".');
  });
});

describe('the figure of the C build', () => {
  const run = { scenario: 's-v1', worlds: 16, agents: 2, c: 1e6, calibrationSeconds: 1 };

  it('is held to the best that was recorded for its scenario and size, scaled by the calibration loop', () => {
    expect(judgeTwin(run, [{ ...run, c: 1.1e6 }]).counts).toBe(true);
    const slow = judgeTwin(run, [
      { ...run, c: 0.5e6 },
      { ...run, c: 2e6 },
    ]);
    expect(slow.counts).toBe(false);
    expect(slow.sentence).toContain('reaches 0.50 of its best recorded figure');
    // A machine twice as fast at the loop recorded twice the figure.
    expect(judgeTwin(run, [{ ...run, c: 2e6, calibrationSeconds: 0.5 }]).counts).toBe(true);
  });

  it('is read from the kept reports; those without one are passed over', () => {
    const { scenario, worlds, agents, c, calibrationSeconds } = run;
    const rows = [{ engine: 'cpu', worlds, agents }];
    const kept = [
      { scenario, rows },
      { scenario, rows, cTwin: null },
      { scenario, rows, cTwin: { c, calibrationSeconds } },
    ];
    expect(parseRecords(`${kept.map((one) => JSON.stringify(one)).join('\n')}\n`)).toEqual([run]);
  });

  it('is held to none of another size, and says so', () => {
    const judged = judgeTwin(run, [{ ...run, worlds: 32, c: 9e6 }]);
    expect(judged.counts).toBe(true);
    expect(judged.sentence).toContain('held to none');
  });
});
