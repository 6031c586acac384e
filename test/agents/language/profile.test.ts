import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createLanguageFactory, createLlamaProvider, parseProfile, parseProfileText, renderProfileJsonSchema } from '@kinovox/agents';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { profileOf } from './playing.js';

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const schemaText = readFileSync(at('scenarios/schema/agent-profile.v1.schema.json'), 'utf8');
const good = { version: 1, name: 'mine', provider: 'openai', model: 'm' };

describe('a profile', () => {
  it('has a published schema that is the one in the code; run "npm run docs" after a change', () => {
    expect(schemaText).toBe(renderProfileJsonSchema());
  });

  it('of each example passes the schema and the code', () => {
    const validate = new Ajv({ strict: false, formats: { uri: true } }).compile(JSON.parse(schemaText));
    const files = readdirSync(at('examples/profiles')).filter((name) => name.endsWith('.json'));
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const text = readFileSync(at(`examples/profiles/${file}`), 'utf8');
      expect(validate(JSON.parse(text)), `${file}: ${JSON.stringify(validate.errors)}`).toBe(true);
      expect(parseProfileText(text, file).name).not.toBe('');
    }
    expect(validate({ ...good, actionLevel: 'skil' })).toBe(false);
  });

  it.each([
    [{ ...good, modell: 'x' }, 'the profile must have only known keys; got "modell" at p.json. Did you mean "model"?'],
    [{ ...good, actionLevel: 'skil' }, 'actionLevel must be a known value; got "skil" at p.json. Did you mean "skill"?'],
    [
      { ...good, perception: { coordinates: 'absolut' } },
      'perception.coordinates must be a known value; got "absolut" at p.json. Did you mean "absolute"?',
    ],
    [{ ...good, budget: { tokens: 0 } }, 'budget.tokens must be at least 1; got 0 at p.json.'],
    [{ ...good, memory: { episodes: 3 } }, 'memory must have only known keys; got "episodes" at p.json.'],
    [
      { ...good, memory: { folder: '../other' } },
      'memory.folder must be a folder beside the profile, such as memory/mine; got "../other" at p.json.',
    ],
    [{ ...good, memory: { folder: '/etc' } }, 'memory.folder must be a folder beside the profile'],
    [{ ...good, memory: { folder: 'a/../../b' } }, 'memory.folder must be a folder beside the profile'],
    [{ ...good, feedback: 'blind', memory: { folder: 'm' } }, 'memory must be left out with the feedback "blind"'],
    [{ ...good, feedback: 'none' }, 'feedback must be a known value; got "none"'],
    [{ ...good, provider: 'replay', memory: { folder: 'm' } }, 'memory.learn must be false for the provider "replay"'],
    [{ ...good, baseUrl: 'ftp://here' }, 'baseUrl must be an http or https address; got "ftp://here" at p.json.'],
    ...['http://me:secret@here/v1', 'http://here/v1?key=secret', 'http://here/v1#secret'].map(
      (baseUrl) => [{ ...good, baseUrl }, 'baseUrl must hold no user name, password, query or fragment at p.json'] as const,
    ),
    [
      { version: 1, name: 's', provider: 'scripted', baseUrl: 'http://here/?k=secret' },
      'baseUrl must be left out for the provider "scripted"',
    ],
    [{ ...good, model: undefined }, 'model must be given for the provider "openai"; got nothing at p.json.'],
    [{ ...good, provider: 'anthropic', adapter: 'a' }, 'adapter must be left out for the provider "anthropic"'],
    [
      { version: 1, name: 'r', provider: 'scripted', perception: { coordinates: 'egocentric' } },
      'perception.coordinates must be "absolute" for the provider "scripted"',
    ],
    [{ ...good, budget: { cost: 1 } }, 'prices must be given with budget.cost'],
    [
      { ...good, timeLimited: { seconds: 1 }, thinkingCost: { tokensPerSecond: 9 } },
      'timeLimited must be left out where thinkingCost is given',
    ],
    [{ ...good, apiKeyEnv: 'sk-12345' }, 'apiKeyEnv must be the name of an environment variable; got "sk-12345" at p.json.'],
  ])('is refused with its path and the next step: %j', (json, message) => {
    let got = '';
    try {
      parseProfile(json, 'p.json');
    } catch (error) {
      got = (error as Error).message;
    }
    expect(got).toContain(message);
    if (JSON.stringify(json).includes('secret')) expect(got).not.toContain('secret');
  });

  it('lists all problems, and refuses what is no JSON', () => {
    expect(() => parseProfile({ ...good, name: '', retries: 99 }, 'p.json')).toThrow(/2 problems at p\.json:\n- .*\n- /);
    expect(() => parseProfileText('{', 'p.json')).toThrow(/must be JSON; got .* at p\.json/);
  });
});

describe('what can be known before a run', () => {
  it('is a key that is not set', () => {
    const profile = profileOf({ provider: 'openai', model: 'm', apiKeyEnv: 'KINOVOX_TEST_NO_KEY' });
    expect(() => createLanguageFactory(profile, { environment: {} })).toThrow(
      'The environment variable KINOVOX_TEST_NO_KEY must hold the key of the profile "test"; got none.',
    );
    expect(() => createLanguageFactory(profile, { environment: { KINOVOX_TEST_NO_KEY: 'a\nb' } })).toThrow('without spaces or line breaks');
    expect(createLanguageFactory(profile, { environment: { KINOVOX_TEST_NO_KEY: 'k' } }).name).toBe('llm:test');
  });
});

describe('the provider llama', () => {
  const profile = profileOf({ provider: 'llama', model: '/models/small.gguf' });
  const library = (generateResponse: (history: unknown, options: { functions: object }) => unknown) => async () => ({
    getLlama: async () => ({
      loadModel: async () => ({ createContext: async () => ({ getSequence: () => ({}) }), tokenize: (text: string) => text.split(' ') }),
    }),
    LlamaChat: class {
      generateResponse = generateResponse;
    } as never,
  });

  it('says in a sentence that its library is not installed', async () => {
    await expect(createLlamaProvider(profile)).rejects.toThrow(
      /needs node-llama-cpp, which is not installed here\. Run "npm install node-llama-cpp@3"/,
    );
  });

  it('hands over messages and tools, and takes calls back', async () => {
    let history: unknown;
    const provider = await createLlamaProvider(
      profile,
      library(async (given, { functions }) => {
        history = given;
        return {
          response: 'I go.',
          functionCalls: [{ functionName: Object.keys(functions)[0], params: { x: 1 } }],
          metadata: { stopReason: 'functionCalls' },
        };
      }),
    );
    const reply = await provider.ask(
      {
        messages: [
          { role: 'system', text: 's' },
          { role: 'user', text: 'u' },
          { role: 'assistant', text: 'a', toolCalls: [{ id: 'c', name: 'moveTo', arguments: '{"x":2}' }] },
          { role: 'tool', callId: 'c', name: 'moveTo', text: 'done' },
        ],
        tools: [{ name: 'moveTo', description: 'd', parameters: {} }],
        maxTokens: 9,
        key: 'k',
      },
      new AbortController().signal,
    );
    expect(reply).toMatchObject({ text: 'I go.', toolCalls: [{ name: 'moveTo', arguments: '{"x":1}' }], finishReason: 'tool-calls' });
    expect(history).toEqual([
      { type: 'system', text: 's' },
      { type: 'user', text: 'u' },
      { type: 'model', response: ['a', { type: 'functionCall', name: 'moveTo', params: { x: 2 }, result: 'done' }] },
      { type: 'model', response: [] },
    ]);
  });
});
