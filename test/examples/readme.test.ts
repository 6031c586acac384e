/** The README's examples, taken from its text: what it shows must run as it stands. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createEnv } from '@kinovox/env';
import { parseScenario } from '@kinovox/world';
import { afterAll, describe, expect, it } from 'vitest';

const readme = readFileSync('README.md', 'utf8');
const folder = 'test/artifacts/examples';

function block(language: string): string {
  const match = readme.match(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``));
  if (match === null) throw new Error(`README.md has no block of ${language}.`);
  return match[1];
}

describe('the README', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('shows a TypeScript example that runs on the built packages and finishes episodes', () => {
    mkdirSync(folder, { recursive: true });
    // The example has no types of its own, so Node runs it as it is.
    writeFileSync(`${folder}/readme.mjs`, block('ts'));
    const output = execFileSync(process.execPath, [`${folder}/readme.mjs`], { encoding: 'utf8' });
    expect(output).toMatch(/^\d{3} episodes, \d+ successes, state hash [0-9a-f]{16}\n$/);
  });

  it('shows a scenario that loads, resets and steps', async () => {
    const scenario = parseScenario(JSON.parse(block('json')), 'README.md');
    const env = await createEnv({ scenario, seed: 1 });
    const { observations } = env.reset();
    expect(Object.keys(observations)).toEqual(['ada']);
    expect(env.step({ ada: { forward: 1 } }).terminations.ada).toBe(false);
  });

  it('names only pages, and sections of them, that exist', () => {
    for (const [, path, section] of readme.matchAll(/\]\((docs\/[^)#]+)(?:#([^)]+))?\)/g)) {
      expect(existsSync(path), path).toBe(true);
      if (section !== undefined) expect(sectionsOf(readFileSync(path, 'utf8')), path).toContain(section);
    }
  });
});

/** Names of the headings of a page, as links name them. */
function sectionsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
