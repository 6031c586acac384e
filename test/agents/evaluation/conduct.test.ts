import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  createLanguageFactory,
  createPolicy,
  createSuite,
  evaluate,
  evaluationHtml,
  LANGUAGE_SUITES,
  LanguageMeter,
  playEpisodes,
} from '@kinovox/agents';
import { loadScenario } from '@kinovox/env';
import { describe, expect, it } from 'vitest';
import { call, LAWN, modelOf, profileOf } from '../language/playing.js';

const lawn = loadScenario(LAWN);

/** A contestant whose model gives the same reply to each prompt. */
function answering(name: string, ...reply: Parameters<typeof call>) {
  const language = new LanguageMeter();
  const factory = createLanguageFactory(profileOf({ prices: { promptPerMillion: 1, completionPerMillion: 10 } }), {
    environment: {},
    onEntry: (entry) => language.add(entry),
    provider: modelOf(() => call(...reply)),
  });
  return { name, runs: [factory], language };
}

describe('conduct of contestants', () => {
  it('tells calls, tokens, cost and invalid replies of language agents by episode, and nothing of others', async () => {
    const { contestants, episodes } = await evaluate(createSuite('lawn', [lawn]), [answering('lost', 'no-such-tool')], {
      seeds: 2,
      listEpisodes: true,
    });
    const [random, scripted, lost] = contestants;
    expect([random, scripted].map(({ scenarios }) => scenarios[0].language)).toEqual([undefined, undefined]);
    const { language, conduct } = lost.scenarios[0];
    expect(language!.calls).toBeGreaterThan(6);
    expect(language).toMatchObject({ invalid: language!.calls, invalidRate: 1, refusedRate: 0, promptTokens: 100 * language!.calls });
    expect(language!.cost).toBeCloseTo((language!.calls * (100 + 100)) / 1e6, 12);
    expect(language!.perEpisode.calls).toBe(language!.calls / 2);
    expect(conduct).toMatchObject({ stuckShare: 1, messages: 0, contribution: {} });
    const rows = episodes!.filter(({ contestant }) => contestant === 'lost');
    expect(rows.map(({ seed, succeeded }) => [seed, succeeded])).toEqual([
      [0, false],
      [1, false],
    ]);
    expect(rows.reduce((sum, row) => sum + row.language!.calls, 0)).toBe(language!.calls);
  });

  it('gives progress to those who moved when the task advanced, and none to who stands still', async () => {
    const played = async (assignment: Parameters<typeof playEpisodes>[1]) => {
      const [{ conduct }] = await playEpisodes(lawn, assignment, { seeds: 1, firstSeed: 0, split: 'train' });
      return conduct;
    };
    const [scripted, idle] = [createPolicy('scripted'), createPolicy('idle')];
    const all = await played(scripted);
    expect(Object.values(all.contribution).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(Math.min(...Object.values(all.contribution))).toBeGreaterThan(0);
    const two = await played({ bob: idle, default: scripted });
    expect(two.contribution).toMatchObject({ bob: 0 });
    expect(two.contribution.ada + two.contribution.cyd).toBeCloseTo(1, 12);
    // Bob from the start, and the others once they are there.
    expect(two.stuckTicks).toBeGreaterThan(two.agentTicks / 3);
    expect((await played(idle)).contribution).toEqual({});
  });

  it('lists episodes on the page with links to replays, in text that is escaped, and asks for nothing from elsewhere', async () => {
    const report = await evaluate(createSuite('lawn', [lawn]), [answering('<b>lost', 'no-such-tool')], { seeds: 1, listEpisodes: true });
    report.episodes![0].recording = { path: '/somewhere/a "b".kvr', episode: 0 };
    const html = evaluationHtml(report, { linkTo: (path) => path.replace('/somewhere/', 'mine/'), command: 'kinovox eval <x>' });
    expect(html).toContain('href="mine/a &quot;b&quot;.kvr"');
    expect(html).toContain('&lt;b&gt;lost');
    expect(html).toContain('kinovox eval &lt;x&gt;');
    expect(html).not.toMatch(/<b>lost|<script|https?:|<link|<img/);
    expect(evaluationHtml({ ...report, episodes: undefined })).not.toContain('<h2>Episodes');
  });
});

describe('suites for language agents', () => {
  it('name shipped scenarios only, each once', () => {
    for (const { scenarios } of Object.values(LANGUAGE_SUITES)) {
      expect(new Set(scenarios).size).toBe(scenarios.length);
      for (const id of scenarios)
        expect(existsSync(fileURLToPath(new URL(`../../../scenarios/${id}.scenario.json`, import.meta.url))), id).toBe(true);
    }
  });
});
