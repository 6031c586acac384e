/** Pictures of language agents over real HTTP: what arrives at the server decodes to the pixels of the environment's camera. */
import { createLanguageFactory, type LanguageEntry, type ModelImage, parseProfile, runPolicies } from '@kinovox/agents';
import { createBatchEnvSync, loadScenario } from '@kinovox/env';
import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { startModelServer } from '../../packages/server/src/model-server/model-server.js';

const CAMERA = { width: 32, height: 24, fovDeg: 80, farM: 40 };

it.each([
  { provider: 'openai', stream: false },
  { provider: 'openai', stream: true },
  { provider: 'anthropic', stream: false },
  { provider: 'anthropic', stream: true },
] as const)('%j: each turn brings the picture that the camera of the observation has at that tick', async (dialect) => {
  const arrived: ModelImage[][] = [];
  const server = await startModelServer({
    answerer: ({ messages }) => {
      arrived.push(messages.flatMap((message) => ('images' in message ? [...message.images!] : [])));
      return {
        text: '',
        toolCalls: [{ name: 'moveTo', arguments: '{"x":6,"y":8,"z":16,"range":4}' }],
        finishReason: 'tool-calls',
        usage: { promptTokens: 1, completionTokens: 1 },
      };
    },
  });
  const camera = { ...CAMERA, channels: ['rgb' as const] };
  const env = createBatchEnvSync({ scenario: loadScenario('scenarios/bridge-gap-v1.scenario.json'), seed: 3, observation: { camera } });
  env.reset();
  const profile = parseProfile(
    {
      version: 1,
      name: 'test',
      model: 'm',
      baseUrl: dialect.provider === 'openai' ? server.url : server.origin,
      perception: { camera: CAMERA },
      ...dialect,
    },
    'p',
  );
  const entries: LanguageEntry[] = [];
  const ada = createLanguageFactory(profile, { environment: {}, onEntry: (entry) => entries.push(entry) });
  const run = runPolicies(env, { ada, default: ada });
  const seen: Uint8Array[] = [];
  try {
    for (let tick = 0; tick < 60 && arrived.length < 6; tick++) {
      const before = arrived.length;
      await run.think();
      // Both agents are asked in tick 0; afterwards whoever is due. Pictures of a turn are those of this tick.
      const size = 3 * CAMERA.width * CAMERA.height;
      const now = [0, 1].map((slot) => env.images!.camera!.rgb.slice(slot * size, (slot + 1) * size));
      for (const images of arrived.slice(before)) {
        const last = images.at(-1)!;
        const { width, height, channels, data } = decode(Buffer.from(last.data, 'base64'));
        expect([width, height, channels]).toEqual([CAMERA.width, CAMERA.height, 3]);
        const own = now.filter((pixels) => Buffer.compare(pixels, Buffer.from(data as Uint8Array)) === 0);
        expect(own.length).toBeGreaterThan(0);
        seen.push(own[0]);
      }
      env.stepSync(run.act());
    }
  } finally {
    await server.close();
  }
  expect(seen.length).toBeGreaterThanOrEqual(4);
  // They are no empty pictures, and not always the same.
  expect(new Set(seen[0]).size).toBeGreaterThan(8);
  expect(new Set(seen.map((pixels) => pixels.join())).size).toBeGreaterThan(2);
  const logged = entries.flatMap((entry) => (entry.kind === 'decision' ? (entry.images ?? []) : []));
  expect(new Set(logged.map(({ hash }) => hash))).toEqual(new Set(arrived.flat().map(({ hash }) => hash)));
  for (const { data } of arrived.flat()) expect(JSON.stringify(entries)).not.toContain(data);
});

it('refuses pictures that are none', async () => {
  const server = await startModelServer();
  try {
    const ask = async (path: string, content: object) => {
      const body = JSON.stringify({ model: 'm', max_tokens: 10, messages: [{ role: 'user', content: [content] }] });
      const response = await fetch(`${server.origin}${path}`, { method: 'POST', body });
      return [response.status, await response.text()] as const;
    };
    const source = { type: 'base64', media_type: 'image/png', data: Buffer.from('not a picture at all').toString('base64') };
    const linked = { type: 'image_url', image_url: { url: 'http://127.0.0.1:1/picture.png' } };
    const told = expect.stringContaining('messages.0.content');
    expect(await ask('/v1/messages', { type: 'image', source })).toEqual([400, told]);
    expect(await ask('/v1/chat/completions', linked)).toEqual([400, told]);
  } finally {
    await server.close();
  }
});
