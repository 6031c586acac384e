/** The page of skills is that of the skills, and names every refusal that their code can give. */
import { readdirSync, readFileSync } from 'node:fs';
import { renderSkillTables, SKILLS } from '@kinovox/agents';
import { describe, expect, it } from 'vitest';

const FOLDER = 'packages/agents/src/language';

describe('docs/language-skills.md', () => {
  const page = readFileSync('docs/language-skills.md', 'utf8');

  it('is written from the skills: run `npm run docs` where it is stale', () => {
    expect(page).toContain(`\n\n${renderSkillTables()}\n`);
  });

  it('lists every code of every skill', () => {
    for (const { name, refusals } of SKILLS) {
      const section = page.split(`## ${name}\n`)[1].split('\n## ')[0];
      for (const code of Object.keys(refusals)) expect(section, name).toContain(`| \`${code}\` |`);
    }
  });

  it('knows of every code that is written in the sources', () => {
    const declared = new Set(SKILLS.flatMap(({ refusals }) => Object.keys(refusals)));
    const files = [
      ...readdirSync(`${FOLDER}/skills`).map((file) => `skills/${file}`),
      'blocked-way.ts',
      'blueprint-cells.ts',
      'journey.ts',
      'names.ts',
    ];
    const written = files.flatMap((file) =>
      [...readFileSync(`${FOLDER}/${file}`, 'utf8').matchAll(/refuse\(\s*'([a-z-]+)'/g)].map(([, code]) => code),
    );
    expect(written.length).toBeGreaterThan(60);
    expect([...new Set(written)].filter((code) => !declared.has(code))).toEqual([]);
    expect([...declared].filter((code) => !written.includes(code))).toEqual([]);
  });
});
