/** Ways in which a transcript can be written: where others are, how much is told, and what a turn may cost. */
import {
  createTextFrame,
  estimateTokens,
  loadScenario,
  prefixReuse,
  type TextMoment,
  Transcript,
  type TranscriptOptions,
} from '@kinovox/env';
import { BLOCK_BY_NAME } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const frame = {
  agentId: 'ada',
  team: 'a',
  title: 'T',
  goal: 'be there',
  agentIds: ['ada', 'bob', 'eve', 'joe', 'kim', 'lea'],
  mechanismNames: [],
  mobKinds: [],
  propIds: [],
  symbols: [],
  maySpeak: true,
};
const self = {
  x: 10,
  y: 4,
  z: 10,
  sinYaw: 0,
  cosYaw: 1,
  pitch: 0,
  health: 1,
  heldCount: 0,
  heldItem: 0,
  digProgress: 0,
  inWater: 0,
  onLadder: 0,
  collided: 0,
};
const others = [1, 2, 3, 4, 5].map((slot) => ({ slot, dx: slot, dy: 0, dz: -2, touching: 0 }));
const moment = (tick: number, rest: Partial<TextMoment> = {}): TextMoment => ({
  tick,
  observation: { self, agents: others },
  events: [],
  messages: [],
  ...rest,
});
const turns = (options: TranscriptOptions, ...moments: TextMoment[]) => {
  const transcript = new Transcript(frame, options);
  return moments.map((one) => transcript.turn(one));
};

describe('Transcript', () => {
  it('tells where others are in the world, or from where the agent looks', () => {
    expect(turns({}, moment(0))[0]).toContain('bob: at 11.0 4.0 8.0\n');
    expect(turns({ coordinates: 'egocentric' }, moment(0))[0]).toContain('bob: at 2.0 ahead, 1.0 right\n');
    // Looking west, what is north is to the right.
    const west = moment(0, { observation: { self: { ...self, sinYaw: 1, cosYaw: 0 }, agents: [{ ...others[0], dy: -1.5 }] } });
    expect(turns({ coordinates: 'egocentric' }, west)[0]).toContain('bob: at 1.0 behind, 2.0 right, 1.5 down\n');
  });

  it('tells fewer of each group where less is asked for', () => {
    const named = (text: string) => frame.agentIds.filter((id) => text.includes(`\n${id}: `));
    expect(named(turns({ detail: 'brief' }, moment(0))[0])).toEqual(['bob', 'eve', 'joe']);
    expect(named(turns({ detail: 'normal' }, moment(0))[0])).toHaveLength(5);
    const left = turns({ detail: 'brief' }, moment(0), moment(1, { observation: { self, agents: others.slice(1) } }));
    expect(left[1]).toBe('[0.1 s]\nkim: at 14.0 4.0 8.0\nbob: no longer among the nearest\n');
  });

  it('tells the nearest block of each kind, of equals the first from below, north and west', () => {
    const air = new Uint16Array(27);
    const at = (x: number, y: number, z: number) => (y * 3 + z) * 3 + x;
    const [first, second] = [BLOCK_BY_NAME.get('stone')!.id, BLOCK_BY_NAME.get('dirt')!.id];
    const crop = Uint16Array.from(air);
    for (const cell of [at(0, 0, 0), at(2, 1, 1), at(0, 1, 1)]) crop[cell] = first;
    crop[at(1, 2, 1)] = second;
    const blocks = (text: string) => text.split('\n').filter((line) => line.startsWith('nearest'));
    expect(blocks(turns({}, moment(0, { crop }))[0])).toEqual(['nearest stone: block 9 4 10', 'nearest dirt: block 10 5 10']);
    expect(blocks(turns({ detail: 'brief' }, moment(0, { crop }))[0])).toEqual([]);
    expect(turns({}, moment(0, { crop }), moment(1, { crop: air }))[1]).toBe(
      '[0.1 s]\nnearest stone: no longer seen\nnearest dirt: no longer seen\n',
    );
  });

  it('keeps no text where it is told not to, and writes the same turns', () => {
    const moments = [moment(0), moment(1), moment(2, { observation: { self, agents: others.slice(2) } })];
    const [keeping, forgetting] = [new Transcript(frame), new Transcript(frame, { keepsText: false })];
    for (const one of moments) expect(forgetting.turn(one)).toBe(keeping.turn(one));
    expect(keeping.text).toContain('Task: ');
    expect(forgetting.text).toBe('');
  });

  it('keeps to the tokens of a turn, and tells the rest later', () => {
    const all = turns({}, moment(0))[0]
      .split('\n')
      .filter((line) => /^\w+: at/.test(line));
    const options = { turnTokens: 60 };
    const parts = turns(options, moment(0), moment(1), moment(2), moment(3), moment(4));
    expect(parts[0]).toMatch(/\(\d more to tell next time\)\n$/);
    const told = parts.flatMap((text) => text.split('\n').filter((line) => /^\w+: at/.test(line)));
    expect(told.sort()).toEqual(all.sort());
    expect(parts[parts.length - 1]).toContain('nothing new');
    for (const text of parts.slice(1)) expect(estimateTokens(text)).toBeLessThanOrEqual(60 + estimateTokens('[0.0 s]\n'));
  });

  it('leaves half of a turn to changes however much happens', () => {
    const events = Array.from({ length: 40 }, (_, id) => ({ id, kind: 'dug', agent: 1, data0: 0, data1: 3, cause: null }) as const);
    const [, second, third] = turns(
      { turnTokens: 80 },
      moment(0),
      moment(1, { events, observation: { self: { ...self, health: 0.5 } } }),
      moment(2),
    );
    expect(second).toContain('* bob dug');
    expect(second).toContain('health: 10 of 20');
    expect(third).toContain('* bob dug');
  });

  it('tells what came of the last call, the task in each turn, and a goal of its own', () => {
    const options = { repeatsGoal: true };
    const [first, second] = turns(options, moment(0), moment(20, { result: 'moveTo: You are there.', ownGoal: 'wait for bob' }));
    expect(first.match(/be there/g)).toHaveLength(1);
    expect(second).toBe('[1.0 s]\n> moveTo: You are there.\ntask: be there\nyour goal: wait for bob\n');
  });
});

describe('createTextFrame', () => {
  it('tells from whom the goals are hidden the task without the numbers of the level', () => {
    const compiled = loadScenario('scenarios/relay-code-v1.scenario.json');
    const { task } = compiled.scenario as { task: { all: { goal?: string }[] } };
    for (const part of task.all) part.goal = undefined;
    const [scout, runner] = [0, 1].map((slot) => createTextFrame(compiled, 'train', 3, slot));
    expect(runner.goal).toContain('{3 x column + 9}');
    expect(scout.goal).not.toContain('{');
    expect([scout.maySpeak, runner.maySpeak]).toEqual([true, false]);
  });
});

describe('estimateTokens and prefixReuse', () => {
  it('counts pieces of words, numbers, signs and lines', () => {
    expect(estimateTokens('')).toBe(0);
    expect(estimateTokens('bob: at 11.0\n')).toBe(1 + 1 + 1 + 1 + 1 + 1 + 1);
    expect(estimateTokens('grass_block 12345')).toBe(2 + 1 + 2 + 2);
  });

  it('is the share of tokens that the prompt before had at its beginning', () => {
    expect(prefixReuse(['a\n'])).toBe(1);
    expect(prefixReuse(['a\n', 'a\nb\n'])).toBe(0.5);
    expect(prefixReuse(['a\n', 'b\na\n'])).toBe(0);
    expect(prefixReuse(['aa\nbb\n', 'aa\nbc\n'])).toBe(0.5);
  });
});
