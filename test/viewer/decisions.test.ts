// Entries of language agents on their way to those who watch: cut to size, kept, placed in recordings, and what the page keeps and says of them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LanguageEntry } from '@kinovox/agents';
import { createBatchEnvSync, openRecording, recordRow, SPECTATOR } from '@kinovox/env';
import {
  DECISION_LIMITS,
  type DecisionNote,
  type Decisions,
  DecisionsSchema,
  MAX_HOST_MESSAGE_BYTES,
  parseMessage,
  type StreamPosition,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { DecisionBook } from '../../packages/server/src/live/decision-book.js';
import { encodeDecisions, noteOf } from '../../packages/server/src/live/decision-notes.js';
import { RecordedDecisions, readRecordedDecisions } from '../../packages/server/src/live/recorded-decisions.js';
import { DecisionLog } from '../../packages/viewer/src/decision-log.js';
import { callWords, decisionHeadline, spendingWords, wordsSaid } from '../../packages/viewer/src/decision-sentences.js';
import { nearestMark } from '../../packages/viewer/src/hud/decision-lanes.js';

const place = { row: 0, slot: 0, agent: 'ada', profile: 'rules', seed: '0000000300000000' };
const decided = (
  tick: number,
  rest: { turn?: string; text?: string; calls?: { name: string; arguments: string }[] } = {},
): LanguageEntry => ({
  kind: 'decision',
  ...place,
  tick,
  number: tick,
  promptHash: '0123456789abcdef',
  turn: rest.turn ?? '[0.0 s] nothing new\n',
  reply: {
    text: rest.text ?? 'I go.',
    toolCalls: rest.calls ?? [{ name: 'moveTo', arguments: '{"x":1}' }],
    finishReason: 'tool-calls',
    usage: { promptTokens: 100, completionTokens: 7, cachedTokens: 60 },
  },
  cost: 0.25,
  unanswered: { calls: 1, promptTokens: 11 },
  outcome: 'begun',
});
const ended = (tick: number): LanguageEntry => ({
  kind: 'result',
  ...place,
  tick,
  name: 'moveTo',
  status: 'refused',
  code: 'no-way',
  sentence: 'There is no way.',
});
const heard = (text: string): LanguageEntry => ({ kind: 'heard', ...place, tick: 5, from: 'spectator', text });
const decode = (bytes: Uint8Array | undefined): Decisions =>
  parseMessage('decisions', DecisionsSchema, JSON.parse(new TextDecoder().decode(bytes)));
const HEAD = { world: 0, stream: 4 };

describe('notes', () => {
  it('of what a person said hold the words, cut, and the turn that tells them does not say them again', () => {
    const note = { id: 1, slot: 0, profile: 'rules', episode: 0, tick: 5, outcome: 'heard' };
    expect(noteOf(heard('Go <b>left</b>.'), { id: 1, episode: 0 })).toEqual({ ...note, spoken: 'Go <b>left</b>.' });
    expect(noteOf(heard('x'.repeat(300)), { id: 1, episode: 0 }).spoken).toHaveLength(DECISION_LIMITS.heardText);
    expect(decisionHeadline(noteOf(heard('Go.'), { id: 1, episode: 0 }))).toBe('a spectator speaks');
    const told = noteOf(decided(5, { turn: `* ${SPECTATOR} says "Go."\n* bob says "No."\n` }), { id: 2, episode: 0 });
    expect(told.decision?.heard).toEqual([{ from: 'bob', text: 'No.' }]);
  });

  it('say what was told, thought, called and heard, and what it took', () => {
    const turn = '{"status":"done"}\n[1.0 s]\n* bob says "wait \\"here\\""\n* bob says "red"\nbob says "no"\n';
    expect(noteOf(decided(3, { turn }), { id: 9, episode: 2 })).toEqual({
      id: 9,
      slot: 0,
      profile: 'rules',
      episode: 2,
      tick: 3,
      outcome: 'begun',
      decision: {
        number: 3,
        turn,
        thought: 'I go.',
        calls: [{ name: 'moveTo', arguments: '{"x":1}' }],
        heard: [
          { from: 'bob', text: 'wait "here"' },
          { from: 'bob', text: 'red' },
        ],
        promptTokens: 111,
        cachedTokens: 60,
        completionTokens: 7,
        cost: 0.25,
        unanswered: 1,
      },
    });
    expect(noteOf(ended(5), { id: 1, episode: 0, frame: 8 })).toMatchObject({
      ended: 'moveTo',
      outcome: 'refused',
      code: 'no-way',
      frame: 8,
    });
  });

  it('are cut to their limits without tearing a pair, and a full message fits the wire in any coding', () => {
    const long = (n: number) => '\u0001'.repeat(n);
    const calls = Array.from({ length: 9 }, () => ({ name: long(999), arguments: long(9999) }));
    const heard = Array.from({ length: 9 }, () => `* ${'b'.repeat(64)} says "${'\\u0001'.repeat(999)}"\n`).join('');
    const entry = {
      ...decided(1, { turn: heard + long(9999), text: long(9999), calls }),
      code: long(99),
      sentence: long(9999),
      profile: long(64),
    };
    const entries = Array.from({ length: DECISION_LIMITS.entries }, (_, id) => noteOf(entry, { id, episode: 0, frame: 0 }));
    expect(entries[0].decision!.heard).toHaveLength(DECISION_LIMITS.heard);
    expect(entries[0].decision!.calls).toHaveLength(DECISION_LIMITS.calls);
    const bytes = encodeDecisions({ ...HEAD, all: true, entries, earlier: 0, later: 0, note: '' });
    expect(decode(bytes).entries).toEqual(entries);
    expect(bytes.length).toBeLessThan(MAX_HOST_MESSAGE_BYTES);
    const torn = noteOf(decided(1, { text: `${'a'.repeat(DECISION_LIMITS.thought - 2)}😀😀` }), { id: 0, episode: 0 });
    expect(torn.decision!.thought).toBe(`${'a'.repeat(DECISION_LIMITS.thought - 2)}…`);
  });

  it('are refused over their limits and with fields that nobody knows', () => {
    const message = { ...HEAD, all: true, entries: [noteOf(decided(1), { id: 0, episode: 0 })], earlier: 0, later: 0, note: '' };
    const parse = (value: unknown) => () => parseMessage('decisions', DecisionsSchema, value);
    expect(parse(message)).not.toThrow();
    expect(parse({ ...message, entries: [{ ...message.entries[0], html: '' }] })).toThrow(/decisions message is not valid/);
    expect(parse({ ...message, entries: Array(DECISION_LIMITS.entries + 1).fill(message.entries[0]) })).toThrow(/entries/);
    expect(parse({ ...message, entries: [{ ...message.entries[0], outcome: 'odd' }] })).toThrow(/outcome/);
  });
});

describe('DecisionBook', () => {
  it('hands the latest to one who joins, and each once to those who are there', () => {
    const book = new DecisionBook(1);
    const source = book.source(0);
    expect(source.all(HEAD)).toBeUndefined();
    for (let tick = 0; tick < DECISION_LIMITS.entries + 5; tick++) book.add(0, decided(tick), 0);
    const all = decode(source.all(HEAD));
    expect([all.all, all.earlier, all.entries.length, all.entries[0].tick]).toEqual([true, 5, DECISION_LIMITS.entries, 5]);
    // More than is kept has come since: everything is sent anew.
    expect(decode(source.fresh(HEAD)).all).toBe(true);
    expect(source.fresh(HEAD)).toBeUndefined();
    book.add(0, decided(900), 1);
    book.add(7, decided(901), 1);
    const fresh = decode(source.fresh(HEAD));
    expect(fresh).toMatchObject({ ...HEAD, all: false });
    expect(fresh.entries.map(({ tick, episode }) => [tick, episode])).toEqual([[900, 1]]);
  });

  it('keeps fewer of each world where there are many', () => {
    const book = new DecisionBook(4000);
    for (let tick = 0; tick < 9; tick++) book.add(3, decided(tick), 0);
    expect(book.notes(3).map(({ tick }) => tick)).toEqual([7, 8]);
  });

  it('goes on from another with greater numbers', () => {
    const row = new DecisionBook(2);
    for (let tick = 0; tick < 3; tick++) row.add(1, decided(tick), 0);
    const fork = new DecisionBook(1);
    fork.takeOver(0, row.notes(1));
    expect(fork.source(0).fresh(HEAD)).toBeUndefined();
    fork.add(0, decided(3), 0);
    expect(decode(fork.source(0).fresh(HEAD)).entries.map(({ id }) => id)).toEqual([3]);
    expect(decode(fork.source(0).all(HEAD)).entries.map(({ tick }) => tick)).toEqual([0, 1, 2, 3]);
  });
});

describe('decisions of a recording', () => {
  it('stand at their frames; lines of other rows, seeds and agents are not taken, broken ones are counted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kinovox-decisions-'));
    try {
      mkdirSync(join(folder, 'recordings'));
      const path = join(folder, 'recordings', 'row-0.kvr');
      const env = createBatchEnvSync({
        scenario: {
          version: 1,
          id: 'short-v1',
          title: 'Short',
          world: { size: [8, 8, 8], terrain: { generator: 'flat', ground: 3, top: 'grass_block', body: 'dirt' } },
          agents: [{ id: 'ada', team: 'a', body: 'walker', spawn: { at: [4, 3, 4] } }],
          task: { elapsed: { ticks: 9000 } },
          episode: { maxTicks: 5 },
        },
        seed: 3,
      });
      env.reset();
      const recorder = recordRow(env, 0, path);
      const seeds: string[] = [];
      const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
      for (let t = 0; t < 12; t++) {
        seeds.push(hex(env.engine.state.seedLow[0]) + hex(env.engine.state.seedHigh[0]));
        env.stepSync(new Float32Array(env.actionLength));
      }
      recorder.close();
      env.close();
      expect(seeds[0]).toBe(place.seed);
      expect(seeds[5]).not.toBe(seeds[0]);
      const player = await openRecording(path);
      expect(await readRecordedDecisions(path, player)).toBeUndefined();
      const lines = [
        decided(0),
        ended(4),
        // Beyond its episode.
        decided(6),
        { ...decided(2), row: 1 },
        { ...decided(2), agent: 'bob' },
        { ...decided(2), seed: 'ffffffffffffffff' },
        { ...decided(3), seed: seeds[5] },
      ];
      writeFileSync(join(folder, 'decisions.jsonl'), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"kind":"deci`);
      const found = (await readRecordedDecisions(path, player))!;
      const message = decode(found.source(() => 0).all(HEAD));
      // Five ticks and a first state, then the next episode.
      expect(message.entries.map(({ episode, tick, frame }) => [episode, tick, frame])).toEqual([
        [0, 0, 0],
        [0, 4, 4],
        [1, 3, 9],
      ]);
      expect(message.note).toBe('1 line of decisions.jsonl could not be read.');
      player.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('come in a window that moves with the position', () => {
    const notes = Array.from({ length: 1000 }, (_, id) => ({ ...noteOf(decided(id), { id, episode: 0 }), frame: 10 * id }));
    let position = 0;
    const source = new RecordedDecisions(notes, '').source(() => position);
    const isShown = ({ entries }: Decisions) => entries.some(({ frame }) => frame === Math.floor(position / 10) * 10);
    const first = decode(source.all(HEAD));
    expect([first.earlier, first.entries.length, first.later, isShown(first)]).toEqual([0, 200, 800, true]);
    position = 1500;
    expect(source.fresh(HEAD)).toBeUndefined();
    position = 1950;
    const second = decode(source.fresh(HEAD));
    expect([second.all, second.earlier, isShown(second)]).toEqual([true, 96, true]);
    position = 9_999;
    const last = decode(source.fresh(HEAD));
    expect([last.earlier, last.later, isShown(last)]).toEqual([800, 0, true]);
    position = 3;
    expect(decode(source.fresh(HEAD)).earlier).toBe(0);
  });
});

describe('DecisionLog', () => {
  const at = (stream: number, world = 0): StreamPosition => ({ stream, world, episode: 0, tick: 0 });
  const message = (rest: Partial<Decisions>): Decisions => ({ ...HEAD, all: false, entries: [], earlier: 0, later: 0, note: '', ...rest });
  const note = (id: number, episode: number, tick: number): DecisionNote => noteOf(decided(tick), { id, episode });

  it('takes what belongs to the level, each entry once, and keeps the latest', () => {
    const log = new DecisionLog();
    expect(log.receive(message({ all: true, entries: [note(0, 0, 0)] }), undefined)).toBe(false);
    expect(log.receive(message({ all: true, entries: [note(0, 0, 0)] }), at(4, 1))).toBe(false);
    expect(log.receive(message({ all: true, entries: [note(0, 0, 0)] }), at(5))).toBe(false);
    expect(log.receive(message({ all: true, entries: [note(0, 0, 0), note(1, 0, 9)], earlier: 3, note: 'So.' }), at(4))).toBe(true);
    expect(log.remark).toBe('3 earlier not shown. So.');
    const { revision } = log;
    log.receive(message({ entries: [note(1, 0, 9), note(2, 0, 9)] }), at(4));
    expect(log.entries.map(({ id }) => id)).toEqual([0, 1, 2]);
    expect(log.revision).toBeGreaterThan(revision);
    log.receive(message({ entries: Array.from({ length: DECISION_LIMITS.entries }, (_, n) => note(n + 3, 1, n)) }), at(4));
    expect(log.entries).toHaveLength(DECISION_LIMITS.entries);
    expect(log.remark).toBe('6 earlier not shown. So.');
    log.clear();
    expect([log.entries.length, log.remark]).toEqual([0, '']);
  });

  it('knows which entries are past', () => {
    const log = new DecisionLog();
    log.receive(message({ all: true, entries: [note(0, 0, 0), note(1, 0, 9), note(2, 0, 9), note(3, 1, 2)] }), at(4));
    expect([
      log.numPast({ episode: 0, tick: 8.9 }),
      log.numPast({ episode: 0, tick: 9 }),
      log.numPast({ episode: 1, tick: 0 }),
      log.numPast({ episode: 1, tick: 2 }),
      log.numPast({ episode: -1, tick: 0 }),
    ]).toEqual([1, 3, 3, 4, 0]);
  });
});

describe('decisions in words', () => {
  const noted = (calls: { name: string; arguments: string }[]) => noteOf(decided(0, { calls }), { id: 0, episode: 0 });

  it('name the call with its arguments, whatever they are', () => {
    expect(decisionHeadline(noted([{ name: 'moveTo', arguments: '{"x":30.5,"to":[1,2]}' }]))).toBe('moveTo x 30.5, to [1,2]');
    expect(callWords({ name: 'wait', arguments: '{}' })).toBe('wait');
    expect(callWords({ name: 'wait', arguments: '{"tic' })).toBe('wait {"tic');
    expect(callWords({ name: 'wait', arguments: '[1]' })).toBe('wait [1]');
    expect(decisionHeadline(noted([]))).toBe('no call');
    expect(decisionHeadline(noteOf(ended(1), { id: 0, episode: 0 }))).toBe('moveTo');
  });

  it('give what was said only where it was said', () => {
    const chat = noted([{ name: 'chat', arguments: '{"text":"red"}' }]);
    expect(wordsSaid({ ...chat, outcome: 'answered' })).toEqual(['red']);
    expect(wordsSaid({ ...chat, outcome: 'refused' })).toEqual([]);
    expect(wordsSaid({ ...noted([{ name: 'chat', arguments: '{"text":3}' }]), outcome: 'answered' })).toEqual([]);
  });

  it('sum up what was spent', () => {
    expect(spendingWords(noted([]).decision!)).toBe('111 prompt tokens (60 cached), 7 of the reply, cost 0.250, 1 call without a reply');
  });

  it('are picked by the nearest mark within reach', () => {
    const marks = [1, 2].map((id) => ({ x: 10 * id, y: 5, entry: noteOf(decided(id), { id, episode: 0 }) }));
    expect(nearestMark(marks, 16, 5)?.id).toBe(2);
    expect(nearestMark(marks, 12, 9)?.id).toBe(1);
    expect(nearestMark(marks, 60, 5)).toBeUndefined();
  });
});
