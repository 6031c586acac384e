// The viewer's model of a watched world: order, gaps, duplicates, reconnecting.
import { decodeEdits, EVENT, encodeEdits, FRAME_AGENT_WORDS, type Frame, type LevelMessage, ProtocolError } from '@kinovox/world';
import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_KEPT_EVENTS, type WorldEvent, WorldModel } from '../../packages/viewer/src/world-model.js';

const levelOf = (fields: Partial<LevelMessage> = {}): LevelMessage => ({
  stream: 1,
  world: 7,
  episode: 2,
  tick: 10,
  sequence: 5,
  info: { size: [4, 4, 4], seed: '1', variant: 0, goalRegions: [], props: [] },
  voxels: new Uint8Array(64),
  ...fields,
});
const at = { stream: 1, world: 7, episode: 2, tick: 11 };
const frameOf = (fields: Partial<Frame> = {}): Frame => ({
  ...at,
  status: 0,
  agents: new Int32Array(FRAME_AGENT_WORDS),
  returns: Float32Array.of(0),
  rewardTerms: Float32Array.of(0),
  roots: Int32Array.of(0, 0),
  nodes: new Int32Array(0),
  props: new Int32Array(0),
  ...fields,
});
const editsOf = (sequence: number, ...pairs: number[]) => ({ ...at, sequence, cells: Int32Array.from(pairs) });

let log: string[];
let seenEvents: WorldEvent[];
let model: WorldModel;
beforeEach(() => {
  log = [];
  seenEvents = [];
  model = new WorldModel({
    level: (level, changed) => log.push(`level ${level.episode} ${changed === undefined ? 'all' : changed.join()}`),
    cells: (cells) => log.push(`cells ${cells.join()}`),
    events: (events) => seenEvents.push(...events),
    frame: (frame) => log.push(`frame ${frame.tick}`),
    resync: (world) => log.push(`resync ${world}`),
  });
  model.paletteSize = 4;
  model.watch(7);
  expect(model.applyLevel(levelOf())).toBe('applied');
  log.length = 0;
});

describe('numbered messages', () => {
  it('apply in order, edits and events in one numbering', () => {
    expect(model.applyEdits(decodeEdits(encodeEdits(editsOf(6, 3, 1, 9, 2))))).toBe('applied');
    expect(
      model.applyEvents({ ...at, sequence: 7, firstId: 40, rows: Int32Array.of(EVENT.dug, 0, 3, 2, 0, EVENT.gained, 0, 4, 1, 41) }),
    ).toBe('applied');
    expect(model.applyEdits(editsOf(8, 3, 0))).toBe('applied');
    expect(log).toEqual(['cells 3,9', 'cells 3']);
    expect([model.level!.voxels[3], model.level!.voxels[9], model.totalEdits]).toEqual([0, 2, 3]);
    expect(seenEvents.map(({ id, parent }) => [id, parent])).toEqual([
      [40, -1],
      [41, 40],
    ]);
  });

  it('are dropped when they were had already', () => {
    model.applyEdits(editsOf(6, 3, 1));
    expect(model.applyEdits(editsOf(6, 3, 2))).toBe('duplicate');
    expect(model.applyEdits(editsOf(5, 3, 2))).toBe('duplicate');
    expect(model.level!.voxels[3]).toBe(1);
    expect(log).toEqual(['cells 3']);
  });

  it('ask once for a level after a gap, and go on from that level', () => {
    expect(model.applyEdits(editsOf(7, 3, 1))).toBe('gap');
    expect(model.applyEdits(editsOf(8, 3, 2))).toBe('gap');
    expect(log).toEqual(['resync 7']);
    const voxels = new Uint8Array(64);
    voxels[3] = 2;
    expect(model.applyLevel(levelOf({ sequence: 8, voxels }))).toBe('applied');
    expect(model.waiting).toBe(false);
    expect(model.applyEdits(editsOf(8, 3, 3))).toBe('duplicate');
    expect(model.applyEdits(editsOf(9, 4, 1))).toBe('applied');
    expect(log).toEqual(['resync 7', 'level 2 3', 'cells 4']);
  });

  it('of an earlier episode, stream or another world change nothing', () => {
    expect(model.applyEdits({ ...editsOf(6, 3, 1), episode: 1 })).toBe('stale');
    expect(model.applyEdits({ ...editsOf(6, 3, 1), stream: 0 })).toBe('stale');
    expect(model.applyEdits({ ...editsOf(6, 3, 1), world: 8 })).toBe('stale');
    expect(model.applyFrame(frameOf({ episode: 1 }))).toBe('stale');
    expect(model.applyLevel(levelOf({ world: 8 }))).toBe('stale');
    expect(model.applyLevel(levelOf({ episode: 1 }))).toBe('stale');
    expect(log).toEqual([]);
  });

  it('of a later episode ask for its level', () => {
    expect(model.applyFrame(frameOf({ episode: 3 }))).toBe('gap');
    expect(model.applyEdits({ ...editsOf(1, 3, 1), episode: 3 })).toBe('gap');
    expect(log).toEqual(['resync 7']);
  });

  it('that name a cell or block that is not there are refused whole', () => {
    expect(() => model.applyEdits(editsOf(6, 3, 1, 64, 1))).toThrow(ProtocolError);
    expect(() => model.applyEdits(editsOf(6, 3, 4))).toThrow(/block 4/);
    expect(model.level!.voxels[3]).toBe(0);
    expect(() => model.applyLevel(levelOf({ voxels: new Uint8Array(64).fill(9) }))).toThrow(/below 4/);
  });
});

describe('reconnecting', () => {
  it('with missed messages replayed goes on where it was', () => {
    model.applyEdits(editsOf(6, 1, 1));
    for (const sequence of [6, 7, 8]) model.applyEdits(editsOf(sequence, sequence, 1));
    expect(log).toEqual(['cells 1', 'cells 7', 'cells 8']);
  });

  it('to a host that forgot us begins again from a level, of which only the changes are new', () => {
    model.watch(7);
    expect(model.waiting).toBe(true);
    const voxels = new Uint8Array(64);
    voxels[20] = 3;
    model.applyLevel(levelOf({ sequence: 50, tick: 99, voxels }));
    expect(log).toEqual(['level 2 20']);
  });

  it('to a host that was started anew takes its level, though its streams count from the beginning', () => {
    expect(model.applyLevel(levelOf({ stream: 0, episode: 0 }))).toBe('stale');
    model.watch(7);
    expect(model.applyLevel(levelOf({ stream: 0, episode: 0, tick: 1, sequence: 0 }))).toBe('applied');
    expect(model.applyFrame(frameOf({ stream: 0, episode: 0, tick: 2 }))).toBe('applied');
    expect(model.applyLevel(levelOf({ stream: 0, episode: 0 }))).toBe('applied');
  });

  it('drops edits that arrive before the level it waits for', () => {
    model.watch(7);
    expect(model.applyEdits(editsOf(6, 3, 1))).toBe('gap');
    expect(log).toEqual([]);
  });

  it('to another world forgets the old one', () => {
    model.watch(8);
    expect([model.level, model.frame, model.events.length]).toEqual([undefined, undefined, 0]);
    expect(model.applyFrame(frameOf())).toBe('stale');
    model.applyLevel(levelOf({ world: 8, stream: 0 }));
    expect(log).toEqual(['level 2 all']);
  });
});

describe('frames', () => {
  it('never go back in time within an episode', () => {
    expect(model.applyFrame(frameOf({ tick: 12 }))).toBe('applied');
    expect(model.applyFrame(frameOf({ tick: 11 }))).toBe('stale');
    expect(model.frame!.tick).toBe(12);
  });

  it('go back after a seek, which is a new stream', () => {
    model.applyFrame(frameOf({ tick: 200 }));
    model.applyLevel(levelOf({ stream: 2, tick: 20, sequence: 0 }));
    expect(model.applyFrame(frameOf({ stream: 2, tick: 20 }))).toBe('applied');
    expect(model.frame!.tick).toBe(20);
  });
});

it('keeps a bounded number of events and clears them with a new episode', () => {
  for (let i = 0; i < MAX_KEPT_EVENTS + 50; i++)
    model.applyEvents({ ...at, sequence: 6 + i, firstId: i, rows: Int32Array.of(EVENT.touched, 0, 1, 0, 0) });
  expect(model.events.length).toBe(MAX_KEPT_EVENTS);
  expect(model.events[0].id).toBe(50);
  model.applyLevel(levelOf({ episode: 3, sequence: 0 }));
  expect(model.events.length).toBe(0);
});
