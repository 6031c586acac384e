/** Recordings as tables for learners: which columns there are, what they hold, and what happens where one is lacking. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import {
  type AgentStep,
  agentSteps,
  type BatchEnv,
  columnsOf,
  createBatchEnvSync,
  parseColumns,
  RecordingWriter,
  type RowRecorder,
  readRecording,
  recordRow,
  STEP_COLUMNS,
  type StepColumn,
} from '@kinovox/env';
import { RULES_VERSION } from '@kinovox/physics';
import type { ScenarioInput } from '@kinovox/world';
import { afterAll, describe, expect, it } from 'vitest';
import { bridge, randomActions, stroll } from './sample-scenarios.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kinovox-agent-steps-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));
let count = 0;
const file = () => path.join(folder, `${count++}.kvr`);

/** Something pays in any play. */
const paid: ScenarioInput = {
  ...bridge,
  id: 'sample-paid-v1',
  rewards: [
    { name: 'success', on: 'success', value: 1 },
    { name: 'failure', on: 'failure', value: -0.25 },
    { name: 'progress', on: 'progress', value: 0.7 },
    { name: 'patience', on: { elapsed: { ticks: 7 } }, value: 0.1, agents: 'bob' },
  ],
};

interface Play {
  env: BatchEnv;
  path: string;
  /** What the environment gave, per tick and slot. */
  given: { reward: number; terms: number[]; terminated: boolean; truncated: boolean; observation: number[] }[][];
}

function play(ticks: number, supply?: (recorder: RowRecorder, tick: number) => void, row = 1): Play {
  const env = createBatchEnvSync({ scenario: paid, numWorlds: 4, seed: 30 });
  env.reset({ groupSize: 2, groupId: 7, seed: 30 });
  const recorder = recordRow(env, row, file());
  const { size } = env.observations;
  const numTerms = env.compiled.program.rewards.length;
  const given: Play['given'] = [];
  for (let t = 0; t < ticks; t++) {
    supply?.(recorder, t);
    const before = [0, 1].map((slot) => Array.from(env.observations.vector.subarray((2 * row + slot) * size, (2 * row + slot + 1) * size)));
    const { rewards, rewardTerms, terminated, truncated } = env.stepSync(randomActions(env.actionLength, 4, t));
    given.push(
      before.map((observation, slot) => {
        const i = 2 * row + slot;
        return {
          reward: rewards[i],
          terms: Array.from(rewardTerms.subarray(i * numTerms, (i + 1) * numTerms)),
          terminated: terminated[i] === 1,
          truncated: truncated[i] === 1,
          observation,
        };
      }),
    );
  }
  recorder.close();
  return { env, path: recorder.writer.path, given };
}

async function table(source: string, columns?: StepColumn[]): Promise<AgentStep[]> {
  const recording = readRecording(source);
  const rows: AgentStep[] = [];
  for await (const row of agentSteps(recording, columns ?? columnsOf(recording))) rows.push(row);
  return rows;
}

const learner = (recorder: RowRecorder, t: number) =>
  recorder.addColumns({
    policyVersion: ['v3', null],
    decision: [t % 5, [0.5, t]],
    rawAction: [null, [0, 1]],
    safety: [null, 'It leads to a fall.'],
    tokenIds: [[5, 6, t], null],
    tokenLogProbs: [[-0.5, -0.25, -1], null],
  });

describe('a table of agent-steps', () => {
  it('holds the rewards, ends and observations that the environment gave, of the agents that acted', async () => {
    const { path: source, given } = play(150);
    const rows = await table(source, ['episode', 'tick', 'agent_id', 'reward', 'reward_terms', 'terminated', 'truncated', 'observation']);
    const expected: unknown[] = [];
    const live = [true, true];
    let episode = 0;
    let tick = 0;
    for (const agents of given) {
      tick++;
      for (const [slot, { reward, terms, terminated, truncated, observation }] of agents.entries())
        if (live[slot])
          expected.push({
            episode,
            tick,
            agent_id: ['ada', 'bob'][slot],
            reward: expect.closeTo(reward, 6),
            reward_terms: terms,
            terminated,
            truncated,
            observation,
          });
      agents.forEach(({ terminated, truncated }, slot) => {
        if (terminated || truncated) live[slot] = false;
      });
      if (live.includes(true)) continue;
      live.fill(true);
      episode++;
      tick = 0;
    }
    expect(rows).toEqual(expected);
    expect(episode).toBeGreaterThan(1);
    expect(rows.some(({ reward }) => reward !== 0)).toBe(true);
  });

  it('has what the environment knows without being told: agent, role, group, seed, variant, reset hash, rules, actions, parents of events', async () => {
    const { env, path: source } = play(20);
    const twin = await table(play(20, undefined, 0).path);
    const rows = await table(source);
    const [first] = rows;
    expect(first).toMatchObject({
      scenario: 'sample-paid-v1',
      scenario_hash: env.compiled.program.scenarioHash,
      rules_version: RULES_VERSION,
      split: 'train',
      row: 1,
      episode: 0,
      group_id: 7,
      row_seed: 37,
      tick: 1,
      agent_id: 'ada',
      role: null,
      team: 'builders',
    });
    expect(rows[1]).toMatchObject({ agent_id: 'bob', role: 'mate' });
    // Rows 0 and 1 are members of one group.
    expect([twin[0].group_id, twin[0].row_seed, twin[0].variant, twin[0].reset_hash]).toEqual([
      first.group_id,
      first.row_seed,
      first.variant,
      first.reset_hash,
    ]);
    expect(twin.at(-1)!.state_hash).not.toBe(rows.at(-1)!.state_hash);
    const actions = randomActions(env.actionLength, 4, 0);
    expect(first.action).toHaveLength(11);
    expect((first.action as number[])[0]).toBeCloseTo(Math.max(-1, Math.min(1, actions[2 * 11])), 3);
    const events = rows.flatMap((row) => row.events as { id: number; parents: number[] }[]);
    expect(events.length).toBeGreaterThan(0);
    expect(events.every(({ parents }) => Array.isArray(parents))).toBe(true);
  });

  it('tells which event caused which', async () => {
    // A fall of nine blocks: landing hurts.
    const env = createBatchEnvSync({
      scenario: {
        ...stroll,
        agents: [{ id: 'ada', body: 'walker', spawn: { atMetres: [8.5, 11, 20.5] } }],
        world: { ...stroll.world, size: [16, 16, 32] },
      },
    });
    env.reset();
    const recorder = recordRow(env, 0, file());
    for (let t = 0; t < 40; t++) env.stepSync(new Float32Array(env.actionLength));
    recorder.close();
    const rows = await table(recorder.writer.path, ['tick', 'events']);
    const told = rows.flatMap((row) => row.events as { id: number; kind: string; parents: number[] }[]);
    const landed = told.find(({ kind }) => kind === 'landed')!;
    expect(landed.parents).toEqual([]);
    expect(told.filter(({ parents }) => parents.length > 0)).toMatchObject([{ kind: 'hurt', parents: [landed.id] }]);
  });

  it('has what was supplied, and the sum of the log-probabilities of tokens', async () => {
    const { path: source } = play(5, learner);
    const rows = await table(source, ['policy_version', 'decision', 'token_ids', 'token_log_probs', 'behaviour_log_prob']);
    expect(rows.slice(0, 2)).toEqual([
      { policy_version: 'v3', decision: 0, token_ids: [5, 6, 0], token_log_probs: [-0.5, -0.25, -1], behaviour_log_prob: -1.75 },
      { policy_version: null, decision: [0.5, 0], token_ids: null, token_log_probs: null, behaviour_log_prob: null },
    ]);
    expect(columnsOf(readRecording(source))).toEqual((Object.keys(STEP_COLUMNS) as StepColumn[]).filter((name) => name !== 'observation'));
  });
});

describe('a column that a recording lacks', () => {
  it('ends the export with its name and the first tick without it', async () => {
    const { path: never } = play(3);
    await expect(table(never, ['reward', 'behaviour_log_prob'])).rejects.toThrow(
      /"behaviour_log_prob" is lacking in .*: none was supplied at tick 1 of episode 0; supply it with recorder\.addColumns\({ behaviourLogProb }\)/,
    );
    const { path: gaps } = play(5, (recorder, t) => {
      if (t !== 3) learner(recorder, t);
    });
    await expect(table(gaps, ['token_ids'])).rejects.toThrow(/"token_ids" is lacking in .*at tick 4 of episode 0/);
    expect(columnsOf(readRecording(gaps))).not.toContain('token_ids');
    expect(() => parseColumns(['rewad'])).toThrow('Did you mean "reward"?');
  });

  it('may be rewards and ends in a file of an earlier build, and observations under other rules or of an altered run', async () => {
    const recording = readRecording(play(10).path);
    const rewritten = (header: object, alter = false) => {
      const writer = new RecordingWriter(file(), { ...recording.header, ...header });
      for (const entry of recording.entries()) {
        if (entry.type === 'end') continue;
        if (alter && entry.type === 'tick' && entry.tick === 6) entry.hash0 ^= 1;
        writer.write(entry);
      }
      writer.close();
      return writer.path;
    };
    await expect(table(rewritten({ rewardTerms: undefined }), ['tick', 'terminated'])).rejects.toThrow(/"terminated" is lacking/);
    const other = rewritten({ rulesVersion: 999 });
    await expect(table(other, ['observation'])).rejects.toThrow(/"observation" is lacking in .*rules version 999/);
    expect(await table(other, ['reward'])).toHaveLength(20);
    await expect(table(rewritten({}, true), ['observation'])).rejects.toThrow(/its simulation differs at tick 6 of episode 0/);
    expect(await table(rewritten({}), ['observation'])).toHaveLength(20);
  });
});

describe("learner's columns", () => {
  it('are refused unless they have a value per agent, finite numbers, and a log-probability per token', () => {
    const env = createBatchEnvSync({ scenario: paid });
    env.reset();
    const recorder = recordRow(env, 0, file());
    expect(() => recorder.addColumns({ policyVersion: ['a'] })).toThrow('"policyVersion" must have a value for each of the 2 agents');
    expect(() => recorder.addColumns({ behaviourLogProb: [Number.NaN, 0] })).toThrow('finite numbers; got NaN for agent "ada"');
    expect(() => recorder.addColumns({ tokenIds: [[1, 2], null], tokenLogProbs: [[-1], null] })).toThrow(
      'got 1 for 2 tokens of agent "ada"',
    );
    expect(() => recorder.addColumns({ tokenLogProbs: [[-1], null] })).toThrow('got 1 for no tokens');
    recorder.addColumns({ tokenIds: [[1], null], tokenLogProbs: [[-1], null], behaviourLogProb: [-1, null] });
    recorder.close();
  });

  it('leave out who had ended before the recording began', async () => {
    const scenario: ScenarioInput = {
      ...bridge,
      agents: bridge.agents.map((agent, k) => ({ ...agent, team: k === 0 ? 'early' : 'late' })),
      task: { perTeam: { early: { elapsed: { ticks: 3 } }, late: { elapsed: { ticks: 50 } } } },
    };
    const env = createBatchEnvSync({ scenario });
    env.reset();
    const step = () => env.stepSync(new Float32Array(env.actionLength));
    const whole = recordRow(env, 0, file());
    for (let t = 0; t < 5; t++) step();
    const part = recordRow(env, 0, file());
    for (let t = 5; t < 8; t++) step();
    for (const recorder of [whole, part]) recorder.close();
    const acted = async (recorder: RowRecorder) =>
      (await table(recorder.writer.path, ['tick', 'agent_id', 'terminated'])).map(({ tick, agent_id }) => `${tick} ${agent_id}`);
    expect(await acted(whole)).toEqual(['1 ada', '1 bob', '2 ada', '2 bob', '3 ada', '3 bob', '4 bob', '5 bob', '6 bob', '7 bob', '8 bob']);
    expect(await acted(part)).toEqual(['6 bob', '7 bob', '8 bob']);
  });
});
