/** The pages of the shipped scenarios say what the files say. */
import { readdirSync, readFileSync } from 'node:fs';
import { loadScenarioText, renderScenarioPage } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const files = readdirSync('scenarios').filter((name) => name.endsWith('.scenario.json'));
const index = readFileSync('docs/scenarios/README.md', 'utf8');

describe('the shipped scenarios', () => {
  it('are at least ten', () => expect(files.length).toBeGreaterThanOrEqual(10));

  for (const file of files) {
    const id = file.replace('.scenario.json', '');
    it(`${id} has a page that is not stale, and stands in the index; run "npm run docs" to renew`, () => {
      const page = renderScenarioPage(loadScenarioText(readFileSync(`scenarios/${file}`, 'utf8'), file));
      expect(readFileSync(`docs/scenarios/${id}.md`, 'utf8').trim()).toBe(page.trim());
      expect(index).toContain(`${id}.md`);
    });
  }

  it('have no page left over', () => {
    const pages = readdirSync('docs/scenarios').filter((name) => name !== 'README.md');
    expect(pages.map((name) => name.replace('.md', '.scenario.json')).sort()).toEqual([...files].sort());
  });
});
