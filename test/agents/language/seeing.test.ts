/** Pictures in prompts: which turns have them, what they cost, what is logged of them, and who is given none. */
import { type ModelImage, type ModelMessage, type ModelRequest, parseProfile, pictureTokens } from '@kinovox/agents';
import { describe, expect, it } from 'vitest';
import { createReplayProvider } from '../../../packages/agents/src/language/providers/replay.js';
import { call, modelOf, ofAgent, playModel } from './playing.js';

const camera = { width: 24, height: 16 };
const imagesIn = (message: ModelMessage): readonly ModelImage[] => ('images' in message ? (message.images ?? []) : []);

/** Plays with a model that waits for 5 ticks at a time, and keeps what ada was shown. */
async function watched(perception: object, rest: object = {}, ticks = 30) {
  const requests: ModelRequest[] = [];
  const provider = modelOf((request) => {
    if (request.key.includes('/ada/')) requests.push(request);
    return call('wait', { ticks: 5 });
  });
  const played = await playModel(provider, { profile: { perception, ...rest }, ticks });
  return { requests, played, entries: ofAgent(played, 'ada') };
}

describe('pictures', () => {
  it('come with each turn, or with every n-th, in prompts that only grow', async () => {
    for (const everyTurns of [1, 2]) {
      const { requests } = await watched({ camera: { ...camera, everyTurns } });
      expect(requests.length).toBeGreaterThan(4);
      const counts = requests.map(({ messages }) => messages.flatMap(imagesIn).length);
      expect(counts).toEqual(requests.map((_, n) => Math.ceil((n + 1) / everyTurns)));
      for (let n = 1; n < requests.length; n++)
        expect(requests[n].messages.slice(0, requests[n - 1].messages.length)).toEqual(requests[n - 1].messages);
      expect(requests[0].messages[0].text).toContain(everyTurns === 1 ? 'Each turn has a picture' : 'Every 2 turns, one has a picture');
    }
    const { requests } = await watched({});
    expect(requests.flatMap(({ messages }) => messages.flatMap(imagesIn))).toEqual([]);
    expect(requests[0].messages[0].text).not.toContain('picture');
  });

  it('are logged by their hashes, and a replay that is shown others is refused', async () => {
    const { entries, played, requests } = await watched({ camera });
    const [first] = requests[0].messages.flatMap(imagesIn);
    expect(entries[0]).toMatchObject({ images: [{ hash: first.hash, width: 24, height: 16 }] });
    const log = played.entries.map((entry) => JSON.stringify(entry)).join('\n');
    expect(log).not.toContain(first.data.slice(0, 60));
    const replay = (perception: object) => playModel(createReplayProvider(log, 'log'), { profile: { perception }, ticks: 30 });
    expect((await replay({ camera })).hash).toBe(played.hash);
    await expect(replay({ camera: { ...camera, fovDeg: 60 } })).rejects.toThrow('must be the one that was recorded');
  });

  it('are left out with older turns where there are more than the profile allows', async () => {
    const { requests } = await watched({ camera: { ...camera, maxPictures: 2 } }, {}, 60);
    const counts = requests.map(({ messages }) => messages.flatMap(imagesIn).length);
    expect(Math.max(...counts)).toBe(2);
    expect(counts.slice(0, 5)).toEqual([1, 2, 1, 2, 1]);
  });

  it('count against the length of prompts and against budgets where nobody has counted', async () => {
    // A small picture counts as 85 tokens: a prompt of 1200 holds fewer turns than without.
    const seeing = { camera };
    const longest = (requests: readonly ModelRequest[]) => Math.max(...requests.map(({ messages }) => messages.length));
    const without = await watched({}, { prompt: { maxTokens: 1200 } }, 60);
    const withThem = await watched(seeing, { prompt: { maxTokens: 1200 } }, 60);
    expect(longest(withThem.requests)).toBeLessThan(longest(without.requests));
    const late = (perception: object) =>
      playModel(
        modelOf(() => new Promise(() => undefined)),
        { profile: { perception, timeLimited: { seconds: 0.01 } }, ticks: 1 },
      );
    const tokensOf = async (perception: object) => {
      const [entry] = ofAgent(await late(perception), 'ada');
      return entry.kind === 'decision' ? entry.unanswered!.promptTokens : 0;
    };
    const difference = (await tokensOf(seeing)) - (await tokensOf({}));
    expect(difference).toBeGreaterThanOrEqual(85);
    expect(difference).toBeLessThan(120);
    expect(pictureTokens({ width: 512, height: 512 })).toBe(350);
  });

  it('are refused where the provider takes none, and where they are too large', () => {
    const parse = (rest: object) => () => parseProfile({ version: 1, name: 'a', provider: 'scripted', ...rest }, 'p.json');
    expect(parse({ perception: { camera: {} } })).not.toThrow();
    expect(parse({ provider: 'llama', model: 'm.gguf', perception: { camera: {} } })).toThrow('perception.camera must be left out');
    expect(parse({ perception: { camera: { width: 4000 } } })).toThrow(/perception\.camera\.width/);
  });
});
