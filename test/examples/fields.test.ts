/** The example of docs/fields.md, taken from its text: it runs as it stands. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';

const folder = 'test/artifacts/fields-example';

describe('docs/fields.md', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  it('shows an example that runs on the built packages and gets nearer to the goal', () => {
    const example = readFileSync('docs/fields.md', 'utf8').match(/```ts\n([\s\S]*?)```/)?.[1] ?? '';
    mkdirSync(folder, { recursive: true });
    // The example has no types of its own, so Node runs it as it is.
    writeFileSync(`${folder}/fields.mjs`, example);
    const output = execFileSync(process.execPath, [`${folder}/fields.mjs`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [, before, after] =
      output.match(/^way left ([\d.]+) m, after the best of 2048 sequences ([\d.]+) m \((webgpu|webasm)\)\n$/) ?? [];
    // Two seconds of walking at 4.3 m/s, from rest.
    expect(Number(before) - Number(after)).toBeGreaterThan(4);
    expect(Number(before) - Number(after)).toBeLessThan(9);
  });
});
