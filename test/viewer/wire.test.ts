// The wire codecs: what one side encodes the other decodes, and nothing else gets through.
import {
  ControlSchema,
  createWorldTable,
  decodeEdits,
  decodeEvents,
  decodeFrame,
  decodeLevel,
  decodeTable,
  EVENT_WORDS,
  encodeEdits,
  encodeEvents,
  encodeFrame,
  encodeLevel,
  encodeTable,
  FRAME_AGENT_WORDS,
  FRAME_MOB_WORDS,
  FRAME_PILE_WORDS,
  FRAME_SLOT_WORDS,
  FRAME_VITALS,
  type Frame,
  HelloSchema,
  INVENTORY_SLOTS,
  type LevelMessage,
  MAX_HOST_MESSAGE_BYTES,
  MAX_MOBS,
  mix32,
  PROP_WORDS,
  ProtocolError,
  parseMessage,
  WIRE_PROTOCOL,
  type WireBytes,
} from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const position = { stream: 3, world: 4095, episode: 17, tick: 0xfffffffe };
const words = (n: number, salt: number) => Int32Array.from({ length: n }, (_, i) => mix32(i * 7919 + salt) | 0);

const frame: Frame = {
  ...position,
  status: 2,
  agents: words(3 * FRAME_AGENT_WORDS, 1),
  returns: Float32Array.of(0.5, -2, 1e9),
  rewardTerms: Float32Array.of(1.25, -3),
  roots: Int32Array.of(1, 16384),
  nodes: Int32Array.of(0, 12, 2, 0),
  props: words(2 * PROP_WORDS, 2),
};
const halfWords = (n: number, salt: number) => Uint16Array.from(words(n, salt));
const survivalFrame: Frame = {
  ...frame,
  survival: {
    dayTime: 51234,
    vitals: halfWords(3 * FRAME_VITALS, 4),
    inventory: halfWords(3 * INVENTORY_SLOTS * FRAME_SLOT_WORDS, 5),
    mobs: words(5 * FRAME_MOB_WORDS, 6),
    piles: words(2 * FRAME_PILE_WORDS, 7),
  },
};
const level: LevelMessage = {
  ...position,
  sequence: 9,
  info: {
    size: [5, 4, 3],
    seed: '9007199254740991',
    variant: 3,
    split: 'test',
    goalRegions: [
      {
        region: [
          [0, 0, 0],
          [1, 2, 2],
        ],
        label: 'the far bank',
        color: 0x2fbf71,
      },
    ],
    props: [{ id: 'crate', shape: { kind: 'box', size: [1, 1, 1] }, color: 0xaa8855 }],
  },
  voxels: Uint8Array.from({ length: 60 }, (_, i) => i % 7),
};
const table = createWorldTable(5);
table.tick.set([1, 2, 3, 4, 0xffffffff]);
table.returns.set([0.5, -1, 2, 3, 4]);
table.progress.set([0, 1, 2, 3, 16384]);
table.status.set([0, 1, 2, 3, 0]);

interface Case {
  name: string;
  bytes: Uint8Array;
  decode: (bytes: WireBytes) => unknown;
  value: unknown;
}
const edits = { ...position, sequence: 12, cells: Int32Array.of(5, 1, 59, 0) };
const events = { ...position, sequence: 13, firstId: 44, rows: words(4 * EVENT_WORDS, 3) };
const cases: Case[] = [
  { name: 'frame', bytes: encodeFrame(frame), decode: decodeFrame, value: frame },
  { name: 'survival frame', bytes: encodeFrame(survivalFrame), decode: decodeFrame, value: survivalFrame },
  { name: 'level', bytes: encodeLevel(level), decode: decodeLevel, value: level },
  { name: 'table', bytes: encodeTable(table), decode: decodeTable, value: table },
  { name: 'edits', bytes: encodeEdits(edits), decode: decodeEdits, value: edits },
  { name: 'events', bytes: encodeEvents(events), decode: decodeEvents, value: events },
];

describe.each(cases)('the $name message', ({ bytes, decode, value }) => {
  it('decodes to what was encoded', () => {
    expect(decode(bytes)).toEqual(value);
  });

  it('decodes from an ArrayBuffer and from an unaligned view alike', () => {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decode(bytes.slice().buffer)).toEqual(value);
    expect(decode(shifted.subarray(3))).toEqual(value);
  });

  it('refuses every truncation with a ProtocolError', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(() => decode(bytes.subarray(0, length)), `${length} bytes`).toThrow(ProtocolError);
  });

  it('refuses another version, another kind and what is not binary', () => {
    expect(() => decode(Uint8Array.of(1, ...bytes.subarray(1)))).toThrow(`version ${WIRE_PROTOCOL}; got 1`);
    expect(() => decode(Uint8Array.of(WIRE_PROTOCOL, 99, ...bytes.subarray(2)))).toThrow(/kind/);
    expect(() => decode('hello' as unknown as WireBytes)).toThrow(/must be binary; got string/);
  });

  it('throws nothing but a ProtocolError on garbage', () => {
    for (let seed = 0; seed < 300; seed++) {
      const garbage = bytes.slice();
      for (let k = 0; k < 1 + (seed % 6); k++) garbage[2 + (mix32(seed * 31 + k) % (bytes.length - 2))] = mix32(seed * 17 + k) & 255;
      try {
        decode(garbage);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }
  });
});

it('refuses bytes after the end of a message', () => {
  for (const { name, bytes, decode } of cases) expect(() => decode(Uint8Array.of(...bytes, 0)), name).toThrow(/got 1 bytes more/);
});

it('spends one byte of a frame on the survival that a scenario does not have', () => {
  const { agents, returns, rewardTerms, roots, nodes, props } = frame;
  const numWords = agents.length + returns.length + rewardTerms.length + roots.length + nodes.length + props.length;
  expect(encodeFrame(frame).length).toBe(2 + 16 + 1 + 5 * 4 + numWords * 4 + 1);
});

it('refuses more mobs than a world can hold', () => {
  const crowded = { ...survivalFrame, survival: { ...survivalFrame.survival!, mobs: words((MAX_MOBS + 1) * FRAME_MOB_WORDS, 6) } };
  expect(() => decodeFrame(encodeFrame(crowded))).toThrow(/mobs it states, at most 64; got 65/);
});

it('refuses a level whose voxels are not as many as its size says', () => {
  expect(() => decodeLevel(encodeLevel({ ...level, voxels: new Uint8Array(59) }))).toThrow(ProtocolError);
});

it('refuses a stated count that the message cannot hold, before allocating for it', () => {
  const bytes = encodeEdits(edits);
  new DataView(bytes.buffer).setUint32(2 + 16 + 4, 0xffffffff, true);
  expect(() => decodeEdits(bytes)).toThrow(/edits it states/);
});

it('keeps the largest world within the limit even when nothing compresses', () => {
  const voxels = new Uint8Array(256 * 128 * 256);
  for (let i = 0; i < voxels.length; i += 4) new DataView(voxels.buffer).setUint32(i, mix32(i), true);
  expect(encodeLevel({ ...level, info: { ...level.info, size: [256, 128, 256] }, voxels }).length).toBeLessThan(MAX_HOST_MESSAGE_BYTES);
});

describe('JSON messages', () => {
  it('fill defaults and refuse unknown keys, commands and ranges with the path', () => {
    expect(parseMessage('control', ControlSchema, { world: 1, command: 'step' })).toEqual({ world: 1, command: 'step', value: 1 });
    expect(() => parseMessage('control', ControlSchema, { world: 1, command: 'speed', value: 1000 })).toThrow(/at value\./);
    expect(() => parseMessage('control', ControlSchema, { world: 1, command: 'explode' })).toThrow(ProtocolError);
    expect(() => parseMessage('hello', HelloSchema, { protocol: 1, extra: 2 })).toThrow(/extra/);
    expect(() => parseMessage('hello', HelloSchema, null)).toThrow(/at the top\./);
  });
});
