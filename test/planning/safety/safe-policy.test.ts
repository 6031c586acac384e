/** Policies behind a safety filter: what they are named, what they do, and what recordings keep of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPolicy, parseSafeName, runPolicies } from '@kinovox/agents';
import { agentSteps, createBatchEnv, loadScenario, readRecording, recordRow } from '@kinovox/env';
import { afterAll, describe, expect, it } from 'vitest';
import { ledges } from '../../bench/safety/closed-loop.js';

const folder = mkdtempSync(join(tmpdir(), 'safe-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const compiled = ledges({ loadScenario });

describe('safe:MODE:POLICY', () => {
  it('names a mode and any policy', () => {
    expect(parseSafeName('safe:monitor:planner:mppi')).toEqual({ mode: 'monitor', inner: 'planner:mppi' });
    expect(createPolicy('safe:enforce:random').name).toBe('safe:enforce:random');
    expect(() => createPolicy('safe:enforec:random')).toThrow(/Did you mean "enforce"/);
    expect(() => createPolicy('safe:enforce')).toThrow(/safe:MODE:POLICY/);
    expect(() => createPolicy('safe:enforce:randon')).toThrow(/Did you mean "random"/);
  });

  it('acts as the policy alone in the modes off and monitor, and otherwise where an action does not pass', async () => {
    const env = await createBatchEnv({ scenario: compiled, numWorlds: 6, seed: 5, split: 'test', observe: false });
    env.reset();
    const plain = runPolicies(env, createPolicy('random'));
    const runs = Object.fromEntries(
      ['off', 'monitor', 'enforce'].map((mode) => [
        mode,
        runPolicies(env, { default: createPolicy('random'), ada: createPolicy(`safe:${mode}:random`) }),
      ]),
    );
    let changed = 0;
    for (let tick = 0; tick < 60; tick++) {
      const raw = plain.act().slice();
      expect(runs.off.act()).toEqual(raw);
      expect(runs.off.interventions).toEqual([]);
      expect(runs.monitor.act()).toEqual(raw);
      const applied = runs.enforce.act().slice();
      const wouldNot = (sentence: string) => sentence.replace('does not pass', 'would not pass');
      expect(runs.enforce.interventions.every(({ sentence }) => sentence.includes('does not pass'))).toBe(true);
      expect(runs.monitor.interventions).toEqual(
        runs.enforce.interventions.map((told) => ({ ...told, sentence: wouldNot(told.sentence) })),
      );
      for (const { row, slot, raw: decided, applied: done } of runs.enforce.interventions) {
        expect(slot).toBe(0);
        const at = row * 2 * decided.length;
        expect(raw.subarray(at, at + decided.length)).toEqual(decided);
        expect(applied.subarray(at, at + done.length)).toEqual(done);
        if (String(done) !== String(decided)) changed++;
        raw.set(done, at);
      }
      expect(applied).toEqual(raw);
      env.stepSync(applied);
    }
    expect(changed).toBeGreaterThan(3);
    env.close();
  });

  it('is recorded with what was decided, what was done, and why', async () => {
    const env = await createBatchEnv({ scenario: compiled, numWorlds: 1, seed: 8, split: 'test', observe: false });
    env.reset();
    const path = join(folder, 'row-0.kvr');
    const recorder = recordRow(env, 0, path);
    const run = runPolicies(env, { default: createPolicy('random'), ada: createPolicy('safe:enforce:random') });
    let told = 0;
    for (let tick = 0; tick < 120; tick++) {
      const actions = run.act();
      const [first] = run.interventions;
      told += run.interventions.length;
      recorder.addColumns({ rawAction: [first === undefined ? null : [...first.raw], null], safety: [first?.sentence ?? null, null] });
      env.stepSync(actions);
    }
    recorder.close();
    env.close();
    const rows = [];
    for await (const step of agentSteps(readRecording(path), ['agent_id', 'action', 'raw_action', 'safety'])) rows.push(step);
    const filtered = rows.filter(({ safety }) => safety !== null);
    expect(told).toBeGreaterThan(0);
    expect(filtered).toHaveLength(told);
    for (const { agent_id, action, raw_action, safety } of filtered) {
      expect(agent_id).toBe('ada');
      expect(raw_action).toHaveLength((action as number[]).length);
      expect(safety).toMatch(/does not pass/);
    }
  });
});
