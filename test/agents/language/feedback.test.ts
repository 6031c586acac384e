import { type DecisionEntry, type LanguageEntry, ModelError, type ModelRequest } from '@kinovox/agents';
import { describe, expect, it } from 'vitest';
import { smallScenario, walkerAt } from '../small-worlds.js';
import { call, modelOf, ofAgent, playModel } from './playing.js';

/** A walker in a room whose way out is a gap too wide to jump. */
const GAP = smallScenario({
  layers: Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => '####......####')),
  agents: [walkerAt('ada', [1, 4, 2])],
  task: { elapsed: { ticks: 290 } },
  maxTicks: 300,
  rest: { world: { diggable: 'none' } as never },
});

/** One of each: two at once, unreadable, no such tool, refused at once three times over (a loop), refused after its beginning, done; then a reply that is none. */
const CALLS = [
  { ...call('wait', { ticks: 1 }), toolCalls: [...call('wait', { ticks: 1 }).toolCalls, ...call('scan').toolCalls] },
  call('moveTo', '{"x":'),
  call('fly'),
  ...Array.from({ length: 3 }, () => call('placeBlock', { item: 'stone', x: 3, y: 4, z: 2 })),
  call('moveTo', { x: 12, y: 4, z: 2 }),
  call('wait', { ticks: 5 }),
];

async function played(feedback: 'full' | 'blind') {
  const requests: ModelRequest[] = [];
  const { entries } = await playModel(
    modelOf((request) => {
      requests.push(request);
      if (requests.length === CALLS.length + 1) throw new ModelError('malformed-reply', 'It was no JSON.', { isTransient: false });
      return CALLS[requests.length - 1] ?? call('wait', { ticks: 1200 });
    }),
    { scenario: GAP, ticks: 280, profile: { feedback } },
  );
  const ada = ofAgent({ entries, hash: '', ticks: 0 }, 'ada');
  return { prompt: requests.at(-1)!.messages, ada };
}

/** What was refused, as the log has it. */
const refusalsOf = (entries: readonly LanguageEntry[]) =>
  entries.flatMap((entry) =>
    (entry.kind === 'decision' && (entry.outcome === 'invalid' || entry.outcome === 'refused')) ||
    (entry.kind === 'result' && entry.status === 'refused')
      ? [entry as DecisionEntry]
      : [],
  );

describe('feedback', () => {
  it('in full tells why a call was refused or could not be used, with numbers', async () => {
    const { prompt, ada } = await played('full');
    const refusals = refusalsOf(ada);
    expect(refusals.map(({ code }) => code)).toEqual([
      'malformed-arguments',
      'unknown-tool',
      'not-held',
      'not-held',
      'not-held',
      'gap',
      'malformed-reply',
    ]);
    const told = prompt.map(({ text }) => text).join('\n');
    for (const { code, sentence } of refusals) {
      expect(told).toContain(`"code":"${code}"`);
      expect(told).toContain(JSON.stringify(sentence).slice(1, -1));
    }
    expect(told).toContain('"code":"one-call"');
    expect(told).toMatch(/round in circles: 3 times in a row placeBlock .* \(refused not-held\)/);
  });

  it('that is blind tells that it was, and nothing else; the log has the reasons all the same, and answers are told', async () => {
    const [full, blind] = [await played('full'), await played('blind')];
    expect(refusalsOf(blind.ada).map(({ code, sentence }) => [code, sentence])).toEqual(
      refusalsOf(full.ada).map(({ code, sentence }) => [code, sentence]),
    );
    const results = blind.prompt.flatMap((message) => (message.role === 'tool' ? [message.text] : []));
    expect(results.filter((text) => /refused|error/.test(text))).toEqual([
      ...Array.from({ length: 3 }, () => '{"status":"error"}'),
      ...Array.from({ length: 4 }, () => '{"status":"refused"}'),
    ]);
    const told = blind.prompt.map(({ text }) => text).join('\n');
    for (const { code, sentence } of refusalsOf(blind.ada)) {
      expect(told).not.toContain(code);
      expect(told).not.toContain(sentence);
    }
    expect(told).toMatch(/round in circles: 3 times in a row placeBlock .* \(refused\)/);
    expect(results.some((text) => /"status":"done","sentence":".+"/.test(text))).toBe(true);
  });
});
