import { type MemoryFiles, type MemoryRecord, type ModelProvider, parseMemory, readableSplits, type Tip } from '@kinovox/agents';
import { type Split, UsageError } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { mayRead } from '../../../packages/agents/src/language/memory/permission.js';
import { retrieve, similarity } from '../../../packages/agents/src/language/memory/retrieval.js';
import { call, LAWN, modelOf, playModel, profileOf } from './playing.js';

const TALKING = {
  ...LAWN,
  messages: { enabled: true, symbols: ['come', 'stay'], everyTicks: 20 },
  task: { elapsed: { ticks: 290 } },
} as typeof LAWN;

type Kept = MemoryFiles & { texts: Record<Split, string>; opened: Split[]; warnings: string[] };

function files(texts: Partial<Record<Split, string>> = {}): Kept {
  const kept: Kept = {
    texts: { train: '', validation: '', test: '', ...texts },
    opened: [],
    warnings: [],
    read(split) {
      kept.opened.push(split);
      return kept.texts[split];
    },
    append(split, line) {
      kept.texts[split] += `${line}\n`;
    },
    warn: (sentence) => kept.warnings.push(sentence),
  };
  return kept;
}

/** Ada speaks twice: too soon, and again after a wait. */
function speaking(prompts: Record<string, string[]> = {}, delayMs: (key: string) => number = () => 0): ModelProvider {
  return modelOf(async (request) => {
    const [, agent, number] = request.key.split('/');
    prompts[agent] = [...(prompts[agent] ?? []), request.messages.map(({ text }) => text).join('\n')];
    if (delayMs(request.key) > 0) await new Promise((resolve) => setTimeout(resolve, delayMs(request.key)));
    if (agent !== 'ada') return call('wait', { ticks: 1200 });
    const calls = [call('chat', { text: 'come' }), call('wait', { ticks: 1 }), call('chat', { text: 'come' }), call('wait', { ticks: 30 })];
    return calls[Number(number)] ?? (number === '4' ? call('chat', { text: 'come' }) : call('wait', { ticks: 1200 }));
  });
}

const profile = { memory: { folder: 'm' } };
const play = (
  memory: MemoryFiles,
  rest: { split?: Split; seed?: number; scenario?: typeof LAWN; prompts?: Record<string, string[]> } = {},
) => playModel(speaking(rest.prompts), { profile, ticks: 45, memory, scenario: TALKING, ...rest });
const records = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as MemoryRecord);
const tipsIn = (text: string) => records(text).filter(({ kind }) => kind === 'tip') as Tip[];

async function told(memory: MemoryFiles, rest: Parameters<typeof play>[1] = {}, agent = 'ada'): Promise<boolean> {
  const prompts: Record<string, string[]> = {};
  await play(memory, { ...rest, prompts });
  return prompts[agent][0].includes('From earlier episodes');
}

describe('memory', () => {
  it('keeps calls with causes and events, and a tip with the ticks that it comes from', async () => {
    const memory = files();
    await play(memory);
    const calls = records(memory.texts.train).filter((record) => record.kind === 'call' && record.from.agent === 'ada');
    expect(calls.map((record) => record.kind === 'call' && [record.situation.skill, record.status, record.cause])).toEqual([
      ['chat', 'done', null],
      ['wait', 'done', null],
      ['chat', 'refused', null],
      ['wait', 'done', 2],
      ['chat', 'done', 2],
    ]);
    const said = calls.flatMap((record) => (record.kind === 'call' ? record.events : [])).filter(({ kind }) => kind === 'said');
    expect(said).toHaveLength(1);
    const [tip, ...others] = tipsIn(memory.texts.train);
    expect(others).toEqual([]);
    expect(tip).toMatchObject({ rule: 'refused-then-done', calls: [2, 3, 4], situation: { skill: 'chat', code: 'too-soon' } });
    expect(tip.from).toMatchObject({ scenario: TALKING.id, split: 'train', agent: 'ada' });
    expect(tip.from.toTick).toBeGreaterThan(tip.from.fromTick + 29);
    expect(tip.text).toMatch(/^chat \{"text":"come"\} was refused \(too-soon\): .* It was done after: wait \{"ticks":30\}\.$/);
  });

  it('tells tips when the next run begins, and again where the same is refused, and not in the run that learns', async () => {
    const memory = files();
    expect(await told(memory)).toBe(false);
    const prompts: Record<string, string[]> = {};
    await playModel(speaking(prompts), { profile: { memory: { folder: 'm', tips: 0 } }, ticks: 45, memory, scenario: TALKING, seed: 9 });
    expect(prompts.ada[0]).not.toContain('From earlier episodes');
    expect(prompts.ada[3]).toContain(
      'From earlier episodes, which may have been different:\n- chat {"text":"come"} was refused (too-soon)',
    );
    expect(prompts.ada[3]).toMatch(/train, seed [0-9a-f]{16}, ada, ticks 2\.\.33\)/);
    expect(await told(memory, { seed: 9 })).toBe(true);
  });

  it('draws a tip from an episode that ends with open goals, for what was refused', async () => {
    const memory = files();
    const provider = modelOf((request) =>
      request.key.endsWith('/0') ? call('moveTo', { x: 400, y: 1, z: 4 }) : call('wait', { ticks: 1200 }),
    );
    await playModel(provider, { profile, ticks: 30, memory, scenario: { ...LAWN, episode: { maxTicks: 30 } } });
    const [tip] = tipsIn(memory.texts.train);
    expect(tip.rule).toBe('not-succeeded');
    expect(tip.text).toMatch(/^An episode ended at tick 30 with 1 of the goals open; moveTo was refused once/);
  });

  it('is the same whatever the order of arrival, and moves no hash by being written', async () => {
    const [plain, slow] = [files(), files()];
    const first = await play(plain);
    const second = await playModel(
      speaking({}, (key) => (key.includes('ada') ? 3 : 0)),
      { profile, ticks: 45, memory: slow, scenario: TALKING },
    );
    const none = await playModel(speaking(), { ticks: 45, scenario: TALKING });
    expect(slow.texts.train.split('\n').sort()).toEqual(plain.texts.train.split('\n').sort());
    expect([second.hash, none.hash]).toEqual([first.hash, first.hash]);
  });

  it('writes nothing where the profile only reads, and needs a host that keeps it', async () => {
    const memory = files();
    await playModel(speaking(), { profile: { memory: { folder: 'm', learn: false } }, ticks: 45, memory, scenario: TALKING });
    expect(memory.texts.train).toBe('');
    await expect(playModel(speaking(), { profile, ticks: 1 })).rejects.toThrow(UsageError);
    expect(profileOf(profile).memory).toEqual({ folder: 'm', tips: 3, recallTokens: 300, learn: true });
  });
});

describe('no leak', () => {
  it('lets train be read on test, and nothing of test on train or in other episodes of test', async () => {
    const memory = files();
    await play(memory, { split: 'test', seed: 5 });
    expect(memory.texts.train).toBe('');
    expect(tipsIn(memory.texts.test)).toHaveLength(1);
    memory.opened.length = 0;
    expect(await told(files(memory.texts), { seed: 5 })).toBe(false);
    expect(await told(files(memory.texts), { split: 'test', seed: 6 })).toBe(false);
    expect(await told(files(memory.texts), { split: 'validation', seed: 5 })).toBe(false);
    // Controls: the same episode may be told of it, and what is learned on train is told everywhere.
    expect(await told(files(memory.texts), { split: 'test', seed: 5 })).toBe(true);
    const trained = files();
    await play(trained);
    for (const split of ['train', 'validation', 'test'] as const) expect(await told(files(trained.texts), { split, seed: 6 })).toBe(true);
  });

  it('opens no file of test on train, and does not use lines that were moved', async () => {
    const memory = files();
    await play(memory, { split: 'test', seed: 5 });
    const moved = files({ train: memory.texts.test, validation: 'x' });
    expect(await told(moved, { seed: 5 })).toBe(false);
    expect(moved.opened).toEqual(['train']);
    expect(moved.warnings).toHaveLength(1);
    expect(moved.warnings[0]).toContain('from.split must be "train" in this file; got "test"');
    // Control: with the split rewritten the same lines are told.
    expect(await told(files({ train: memory.texts.test.replaceAll('"split":"test"', '"split":"train"') }), { seed: 5 })).toBe(true);
    expect(readableSplits('train')).toEqual(['train']);
  });

  it('of hidden goals: nobody reads what another agent knew', async () => {
    const source = { scenario: 's', split: 'train', seed: '0'.repeat(16), agent: 'ada', fromTick: 0, toTick: 1 } as const;
    const bob = { scenario: 's', split: 'train', seed: 'f'.repeat(16), agent: 'bob' } as const;
    expect(mayRead({ ...bob, hasSecrets: true }, source)).toBe(false);
    expect(mayRead({ ...bob, hasSecrets: false }, source)).toBe(true);
    const scenarioOf = (goals: 'hidden' | 'visible') =>
      ({ ...TALKING, agents: TALKING.agents.map((agent, k) => (k === 1 ? { ...agent, goals } : agent)) }) as typeof LAWN;
    const memory = files();
    await play(memory, { scenario: scenarioOf('hidden') });
    expect(await told(files(memory.texts), { scenario: scenarioOf('hidden') }, 'bob')).toBe(false);
    expect(await told(files(memory.texts), { scenario: scenarioOf('hidden') }, 'ada')).toBe(true);
    expect(await told(files(memory.texts), { scenario: scenarioOf('visible') }, 'bob')).toBe(true);
  });
});

describe('lines that cannot be used', () => {
  it('are one warning, and stay where they are', async () => {
    const memory = files();
    await play(memory);
    const [first] = memory.texts.train.split('\n');
    const text = `${memory.texts.train}{"version":1,\n${first.replace('"version":1', '"version":2')}\n{"kind":"tip"`;
    const read = parseMemory(text, 'train');
    expect(read.records).toHaveLength(records(memory.texts.train).length);
    expect(read.warning).toMatch(
      /^The memory of train has 3 of \d+ lines that cannot be used, and are left as they are; the first is line \d+: must be JSON/,
    );
    const broken = files({ train: text });
    expect(await told(broken)).toBe(true);
    expect(broken.warnings).toHaveLength(1);
    expect(broken.texts.train.startsWith(text)).toBe(true);
  });
});

describe('retrieval', () => {
  const reader = { scenario: 's', split: 'train', seed: '0'.repeat(16), agent: 'ada', hasSecrets: false } as const;
  const task = 'a'.repeat(16);
  const tip = (rest: object, situation: object = {}): Tip => ({
    version: 1,
    kind: 'tip',
    from: { scenario: 's', split: 'train', seed: '1'.repeat(16), agent: 'ada', fromTick: 0, toTick: 1, ...rest },
    situation: { task, place: [1, 1, 1], skill: 'dig', code: 'too-far', ...situation },
    rule: 'refused-then-done',
    text: JSON.stringify([rest, situation]),
    calls: [0],
  });

  it('prefers the same scenario, then the task, then the place, and asks for the same verb and refusal', () => {
    const best = tip({});
    const elsewhere = tip({}, { place: [9, 1, 9] });
    const otherTask = tip({}, { task: 'b'.repeat(16) });
    const otherScenario = tip({ scenario: 't' });
    const otherCode = tip({}, { code: 'no-way' });
    const query = { skill: 'dig', code: 'too-far', task, place: [2, 1, 2] as [number, number, number] };
    const all = [otherCode, otherScenario, otherTask, elsewhere, best];
    expect(retrieve(all, reader, query, 9)).toEqual([best, elsewhere, otherTask, otherScenario]);
    expect(retrieve([...all].reverse(), reader, query, 2)).toEqual([best, elsewhere]);
    expect(similarity(reader, { task }, otherScenario)).toBe(0);
  });
});
