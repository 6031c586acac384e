/** What servers send, whole and in parts: read, or refused as malformed; nothing else can come of it. */
import type { ModelRequest } from '@kinovox/agents';
import { describe, expect, it } from 'vitest';
import { readMessage } from '../../../packages/agents/src/language/providers/anthropic.js';
import { failureOf } from '../../../packages/agents/src/language/providers/http-failure.js';
import { readChunks, readCompletion } from '../../../packages/agents/src/language/providers/openai.js';
import { readSecret } from '../../../packages/agents/src/language/providers/secret.js';
import { drawer, profileOf } from './playing.js';

const request: ModelRequest = { messages: [{ role: 'user', text: 'x'.repeat(40) }], tools: [], maxTokens: 9, key: 'k' };
const none = readSecret({ name: 'p' }, {});
const secret = readSecret({ name: 'p', apiKeyEnv: 'K' }, { K: 'sk-0123456789abcdef' });

async function* chunksOf(parts: readonly unknown[]) {
  for (const part of parts) yield part;
}

describe('a completion', () => {
  it('without tokens told is estimated, and says so', () => {
    const reply = readCompletion({ choices: [{ message: { content: 'eight ch' } }] }, request, none);
    expect(reply.usage).toEqual({ promptTokens: 10, completionTokens: 2, estimated: true });
  });

  it('in parts is put together by the index of its calls', async () => {
    const part = (index: number | undefined, name: string, text: string) => ({
      choices: [{ delta: { tool_calls: [{ index, function: { name, arguments: text } }] } }],
    });
    const reply = await readChunks(
      chunksOf([
        part(0, 'move', '{"x"'),
        part(1, 'wait', '{'),
        part(0, 'To', ':1}'),
        part(1, '', '}'),
        { choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } },
      ]),
      request,
      none,
    );
    expect(reply.toolCalls).toEqual([
      { name: 'moveTo', arguments: '{"x":1}' },
      { name: 'wait', arguments: '{}' },
    ]);
    expect(reply.usage).toEqual({ promptTokens: 7, completionTokens: 3 });
    await expect(readChunks(chunksOf([]), request, none)).rejects.toMatchObject({ code: 'malformed-reply' });
  });

  it('in which words come as a list of parts is read as the words', () => {
    const content = [{ type: 'text', text: 'I go ' }, { type: 'reasoning' }, { type: 'text', text: 'there.' }];
    expect(readCompletion({ choices: [{ message: { content } }] }, request, none).text).toBe('I go there.');
  });

  it('never holds a key, nor the beginning of one', () => {
    const { text } = readCompletion({ choices: [{ message: { content: 'sk-0123456789abcdef and sk-01234***' } }] }, request, secret);
    expect(text).toBe('[key] and [key]');
  });

  it('is left as it is for a key of fewer than 8 characters, which replies hold by chance; errors are not', () => {
    const body = { choices: [{ message: { content: 'x none', tool_calls: [{ function: { name: 'moveTo', arguments: '{"x":1}' } }] } }] };
    for (const key of ['x', 'none', 'EMPTY', 'content']) {
      const short = readSecret({ name: 'p', apiKeyEnv: 'K' }, { K: key });
      expect(readCompletion(body, request, short)).toMatchObject({ text: 'x none', toolCalls: [{ name: 'moveTo', arguments: '{"x":1}' }] });
      expect(short.redact(`Incorrect key: ${key}`)).not.toMatch(new RegExp(`: ${key}`));
    }
    const eight = readSecret({ name: 'p', apiKeyEnv: 'K' }, { K: '12345678' });
    expect(readCompletion({ choices: [{ message: { content: 'is 12345678' } }] }, request, eight).text).toBe('is [key]');
  });
});

describe('a failure', () => {
  it('names the address without the parts in which keys are put', () => {
    const profile = { ...profileOf({ provider: 'openai', model: 'm' }), baseUrl: 'https://me:pass@here:8/v1?key=planted#planted' };
    for (const error of [new Error('Broken.'), { status: 401, message: 'No.' }, { status: 500, message: 'No.' }]) {
      const { message } = failureOf(error, profile, none);
      expect(message).toContain('at https://here:8/v1;');
      expect(message).not.toMatch(/planted|pass/);
    }
  });
});

describe('600 bodies made of pieces of real ones', () => {
  const random = drawer(5);
  const leaves = [null, 1, -1, 1e300, '', 'x', true, [], {}, '{"x":1}', undefined];
  const keys = [
    'choices',
    'message',
    'content',
    'tool_calls',
    'function',
    'name',
    'arguments',
    'usage',
    'prompt_tokens',
    'delta',
    'index',
    'type',
    'text',
    'input',
    'finish_reason',
    'stop_reason',
    '__proto__',
  ];
  const value = (depth: number): unknown => {
    const kind = depth === 0 ? 0 : random.below(4);
    if (kind === 0) return leaves[random.below(leaves.length)];
    if (kind === 1) return Array.from({ length: 1 + random.below(2) }, () => value(depth - 1));
    return Object.fromEntries(Array.from({ length: 1 + random.below(5) }, () => [keys[random.below(keys.length)], value(depth - 1)]));
  };
  // Most draws are refused at the first key; these go deeper.
  const likely = () => ({ choices: [{ message: value(3), delta: value(3), finish_reason: value(1) }], content: value(3), usage: value(2) });

  it('are read, or are malformed replies', async () => {
    let read = 0;
    for (let n = 0; n < 600; n++) {
      const body = random.below(2) === 0 ? likely() : value(5);
      for (const one of [
        () => readCompletion(body, request, none),
        () => readMessage(body, request, none),
        () => readChunks(chunksOf([body, likely()]), request, none),
      ]) {
        try {
          const reply = await one();
          read++;
          expect(typeof reply.text).toBe('string');
          for (const call of reply.toolCalls) expect([typeof call.name, typeof call.arguments]).toEqual(['string', 'string']);
          expect(reply.usage.promptTokens).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect((error as { code?: string }).code).toBe('malformed-reply');
        }
      }
    }
    expect(read).toBeGreaterThan(15);
  });
});
