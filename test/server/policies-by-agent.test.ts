/** `--policy ada=POLICY,default=POLICY`: one for each agent, team or role. */
import { describe, expect, it } from 'vitest';
import { isTeam, loadAssignment } from '../../packages/server/src/run/policy-driver.js';
import { createRunSession } from '../../packages/server/src/run/run-session.js';

const PROFILE = 'examples/profiles/scripted.json';

async function play(policy: string) {
  const session = await createRunSession({
    scenarioPath: 'scenarios/bridge-gap-v1.scenario.json',
    numWorlds: 1,
    seed: 0,
    split: 'train',
    policy,
    engine: 'auto',
    out: undefined,
    recordRows: [],
    command: ['test'],
  });
  await session.stepSlice(60, Number.POSITIVE_INFINITY);
  const report = session.report('finished');
  session.close(report);
  return report;
}

describe('policies by agent', () => {
  it('give each its own, language models among them', async () => {
    const mixed = await play(`ada=llm:${PROFILE},default=scripted`);
    const [scripted, model] = [await play('scripted'), await play(`llm:${PROFILE}`)];
    expect(mixed.stateHash).not.toBe(scripted.stateHash);
    expect(mixed.language!.calls).toBeGreaterThan(0);
    expect(mixed.language!.calls).toBeLessThan(model.language!.calls);
    expect(scripted.language).toBeUndefined();
    expect((await play('ada=scripted,bob=scripted')).stateHash).toBe(scripted.stateHash);
  });

  it('are told from one policy, and refused where they are wrong', async () => {
    expect(['scripted', 'llm:a=b,c.json', 'safe:off:random'].map(isTeam)).toEqual([false, false, false]);
    expect(Object.keys(loadAssignment(`ada=llm:${PROFILE},default=safe:off:random`))).toEqual(['ada', 'default']);
    expect(() => loadAssignment('ada=idle,ada=idle')).toThrow('got "ada" twice');
    expect(() => loadAssignment('ada=scriptd,default=idle')).toThrow('Did you mean "scripted"?');
    await expect(play('ad=idle,default=idle')).rejects.toThrow('Did you mean "ada"?');
  });
});
