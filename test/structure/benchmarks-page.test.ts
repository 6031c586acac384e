/** The benchmarks page and its charts say what the kept reports say. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { drawCharts, latestFull, shortCount } from '../../scripts/benchmarks/charts.js';
import { CHARTS_FOLDER, MARK, parseReports, renderPage } from '../../scripts/benchmarks/page.js';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path: string) => readFileSync(at(path), 'utf8');
const reports = parseReports(read('test/bench/results/engine.jsonl'));
const charts: Record<string, string> = drawCharts(reports);

describe('the benchmarks page', () => {
  it('shows the kept reports; run "npm run docs" after keeping one', () => {
    expect(readdirSync(at(CHARTS_FOLDER)).sort()).toEqual(Object.keys(charts).sort());
    for (const [file, text] of Object.entries(charts)) expect(read(`${CHARTS_FOLDER}/${file}`), file).toBe(text);
    expect(renderPage(read('docs/benchmarks.md'), reports, charts)).toBe(read('docs/benchmarks.md'));
  });

  it('would be stale with another report', () => {
    const full = latestFull(reports);
    expect(full.rows.length).toBeGreaterThan(2);
    const another = structuredClone(full);
    another.ratios.vsObjects = 1;
    another.rows.find((row: { withObservations: number | null }) => row.withObservations !== null).withObservations *= 2;
    another.rays[0].raysPerSecond *= 2;
    const redrawn: Record<string, string> = drawCharts([...reports, another]);
    for (const file of Object.keys(charts)) expect(redrawn[file], file).not.toBe(charts[file]);
    expect(renderPage(read('docs/benchmarks.md'), [...reports, another], redrawn)).not.toBe(read('docs/benchmarks.md'));
  });

  it('draws every engine and scenario that was measured, and marks a missed bar', () => {
    const row = (engine: string, worlds: number, withObservations: number | null) => ({ engine, worlds, agents: 2, withObservations });
    const made = (vsObjects: number) => ({
      commit: 'abc1234',
      rows: [row('cpu', 1, 1e5), row('cpu', 256, 2e6), row('cpu', 4096, null), row('webgpu', 4096, 3e7)],
      ratios: { vsObjects },
      rays: [{ scenario: 'maze-v1', channels: ['depth', 'rgb'], raysPerSecond: 12_345_678 }],
    });
    const drawn: Record<string, string> = drawCharts([made(9.5)]);
    expect(drawn['agent-steps.svg']).toContain('>webgpu<');
    expect(drawn['agent-steps.svg']).not.toContain('>workers<');
    expect(drawn['rays.svg']).toContain('>12.3 M<');
    expect(drawn['rays.svg']).toContain('>maze-v1<');
    expect(drawn['rays.svg']).not.toContain('GPU');
    const onGpu = { ...made(9.5), rays: [{ ...made(9.5).rays[0], webgpuRaysPerSecond: 7_000_000_000 }] };
    expect((drawCharts([onGpu]) as Record<string, string>)['rays.svg']).toContain('>7 G<');
    expect(drawn['ratios.svg']).not.toContain('#dc2626');
    expect(drawCharts([made(8.9)])['ratios.svg']).toContain('#dc2626');
    // Neither quick reports nor those of one size make the page's rows.
    expect(latestFull([made(9), { ...made(1), quick: true }, { ...made(2), rows: [row('cpu', 1, 1)] }]).ratios.vsObjects).toBe(9);
  });

  it('draws the same text again, in any order', () => {
    expect(drawCharts(reports)).toEqual(charts);
  });

  it('needs its mark', () => {
    expect(() => renderPage('# Benchmarks\n', reports, charts)).toThrow('must hold the line');
    expect(MARK.endsWith('\n')).toBe(true);
  });

  it('shortens counts', () => expect([999, 1200, 3_456_000, 2e9].map(shortCount)).toEqual(['999', '1.2 k', '3.46 M', '2 G']));
});
