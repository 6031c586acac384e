// Worlds behind MCP's handles, without the protocol: who is told what, how many there are, and when they go.
import { prefixReuse } from '@kinovox/env';
import { findScenario } from 'kinovox';
import { afterEach, describe, expect, it } from 'vitest';
import type { WorldTurn } from '../../packages/server/src/agent-worlds/agent-world.js';
import { McpWorlds } from '../../packages/server/src/mcp/worlds.js';

const made: McpWorlds[] = [];
function worldsOf(idleTimeoutMs = 0): McpWorlds {
  const worlds = new McpWorlds((name) => findScenario(name, 'scenario'), idleTimeoutMs);
  made.push(worlds);
  return worlds;
}
const TEAM = { scenario: 'plates-and-door-v1', seed: 1, split: 'train', others: 'scripted' } as const;

afterEach(() => {
  for (const worlds of made.splice(0)) worlds.close();
});

describe('worlds of MCP', () => {
  it('tell an agent all that changed since it was told, whoever was called meanwhile', async () => {
    const worlds = worldsOf();
    const { worldId, agents } = await worlds.create(TEAM);
    const [one, two] = agents;
    const go = { name: 'moveTo', arguments: { x: 6, y: 2, z: 5 } };
    const turn = await worlds.call(worldId, one, { name: 'wait', arguments: { ticks: 5 } }, 1200);
    expect([...turn.agents.keys()]).toEqual([one]);
    await worlds.call(worldId, one, go, 40);
    await worlds.call(worldId, one, { name: 'chat', arguments: { text: 'Look here.' } }, 40);
    const seen = (await worlds.observe(worldId, two)).agents.get(two)!;
    expect(seen.text).toContain('Task: ');
    expect((await worlds.observe(worldId, two)).agents.get(two)!.text).toBe(seen.text);
    const told = (await worlds.call(worldId, two, { name: 'wait', arguments: { ticks: 1 } }, 1200)).agents.get(two)!;
    expect(told.text).toContain(`\n${one}: at`);
    expect(() => worlds.get('world-9')).toThrow('worldId must be');
    await expect(worlds.observe(worldId, 'nobody')).rejects.toThrow('must be for an agent that this client plays');
  });

  it('have ids that other clients cannot guess and are not told', async () => {
    const worlds = worldsOf();
    const ids = [(await worlds.create(TEAM)).worldId, (await worlds.create(TEAM)).worldId];
    for (const id of ids) expect(id).toMatch(/^world-[\w-]{16}$/);
    expect(ids[0].slice(0, 12)).not.toBe(ids[1].slice(0, 12));
    const near = ids[0].slice(0, -1);
    expect(() => worlds.get(near)).toThrow(`got "${near}". Make one with createWorld.`);
  });

  it('sum to the return of an agent, over all its results', async () => {
    const worlds = worldsOf();
    const { worldId, agents } = await worlds.create({ ...TEAM, scenario: 'tag-v1' });
    const returns = new Map<string, number>(agents.map((id) => [id, 0]));
    let isDone = false;
    const expected = new Map<string, number>();
    const add = (id: string, { agents: told, done }: WorldTurn) => {
      const { reward, outcome } = told.get(id)!;
      returns.set(id, returns.get(id)! + reward!);
      if (outcome !== undefined) expected.set(id, outcome.return);
      isDone = done;
    };
    for (let n = 0; !isDone && n < 100; n++) {
      const id = agents[n % 2];
      add(id, await worlds.call(worldId, id, { name: 'wait', arguments: { ticks: 100 } }, 1200));
    }
    expect(isDone).toBe(true);
    for (const id of agents) {
      const turn = await worlds.observe(worldId, id);
      expect(turn.agents.get(id)!.text).toContain('The episode is over: ');
      add(id, turn);
      expect((await worlds.observe(worldId, id)).agents.get(id)!.reward).toBe(0);
    }
    expect([...expected.keys()].sort()).toEqual([...agents].sort());
    for (const id of agents) expect(returns.get(id)).toBeCloseTo(expected.get(id)!, 4);
    expect([...returns.values()].some((value) => value !== 0)).toBe(true);
  });

  it('wait for the agent that is called, not for calls that were cut, which continue goes on with', async () => {
    const worlds = worldsOf();
    const { worldId, agents } = await worlds.create(TEAM);
    const [one, two] = agents;
    const cut = await worlds.call(worldId, one, { name: 'wait', arguments: { ticks: 300 } }, 20);
    expect(cut.agents.get(one)!.result).toMatchObject({ status: 'running' });
    expect(await worlds.call(worldId, two, { name: 'wait', arguments: { ticks: 10 } }, 1200)).toMatchObject({ tick: 30, ticks: 10 });
    const ended = await worlds.call(worldId, one, { name: 'continue', arguments: {} }, 1200);
    expect(ended).toMatchObject({ tick: 300, ticks: 270 });
    expect(ended.agents.get(one)!.result).toMatchObject({ name: 'wait', status: 'done' });
  });

  it('tell by continue, and by observe until then, how a cut call ended while others were called', async () => {
    const worlds = worldsOf();
    const { worldId, agents } = await worlds.create(TEAM);
    const [one, two] = agents;
    await worlds.call(worldId, one, { name: 'wait', arguments: { ticks: 15 } }, 10);
    await worlds.call(worldId, two, { name: 'wait', arguments: { ticks: 10 } }, 1200);
    const observed = async () => (await worlds.observe(worldId, one)).agents.get(one)!.result;
    expect(await observed()).toMatchObject({ name: 'wait', status: 'done' });
    const ended = await worlds.call(worldId, one, { name: 'continue', arguments: {} }, 1200);
    expect(ended).toMatchObject({ tick: 20, ticks: 0 });
    expect(ended.agents.get(one)!.result).toMatchObject({ name: 'wait', status: 'done' });
    expect(await observed()).toBeNull();
  });

  it('tell texts whose prompts have the one before as their prefix', async () => {
    const worlds = worldsOf();
    const { worldId, agents } = await worlds.create({ ...TEAM, scenario: 'bridge-gap-v1' });
    const [one, two] = agents;
    const prompts: string[] = [(await worlds.observe(worldId, one)).agents.get(one)!.text];
    for (let n = 0; n < 30; n++) {
      // Both walk about, so that there is something to tell.
      const [id, at] = n % 2 === 0 ? [one, 6] : [two, 9];
      await worlds.call(worldId, id, { name: 'moveTo', arguments: { x: 4 + (n % 5), y: 8, z: at + (n % 7) } }, 10);
      const { text } = (await worlds.call(worldId, one, { name: 'continue', arguments: {} }, 5)).agents.get(one)!;
      expect(text).not.toBe('');
      prompts.push(prompts.at(-1)! + text);
    }
    expect(prefixReuse(prompts)).toBeGreaterThan(0.9);
    // The bar means something: told in full each time, nothing but the beginning would be kept.
    const whole: string[] = [];
    for (const id of [one, two, one]) whole.push((await worlds.observe(worldId, id)).agents.get(id)!.text);
    expect(prefixReuse(whole)).toBeLessThan(0.9);
  });

  it('tell an agent the way that another is on', async () => {
    const worlds = worldsOf();
    const { worldId, agents } = await worlds.create({ ...TEAM, scenario: 'bridge-gap-v1' });
    const [one, two] = agents;
    const { seats } = worlds.get(worldId);
    const [x, y, z] = seats[1].view.cellOf();
    const ask = async () =>
      (await worlds.call(worldId, two, { name: 'explainConflict', arguments: {} }, 20)).agents.get(two)!.result!.sentence;
    await worlds.call(worldId, one, { name: 'moveTo', arguments: { x, y, z: z + 9 } }, 1200);
    expect(await ask()).toContain('You meet nobody');
    await worlds.call(worldId, one, { name: 'moveTo', arguments: { x, y, z } }, 10);
    expect(await ask()).toMatch(new RegExp(`^You would meet ${one} at .* in \\d+ ticks \\(by its plan\\)\\.$`));
  });

  it('begin no call of a step where one is for nobody', async () => {
    const worlds = worldsOf();
    const { worldId, agents } = await worlds.create(TEAM);
    const world = worlds.get(worldId);
    const wait = { name: 'wait', arguments: { ticks: 10 } };
    await expect(
      world.step(
        new Map([
          [agents[0], wait],
          ['nobody', wait],
        ]),
        100,
      ),
    ).rejects.toThrow('nobody');
    expect(world.seats[0].result).toBeUndefined();
  });

  it('name only the verbs that are tools in a refusal', async () => {
    const worlds = worldsOf();
    const { worldId, agents } = await worlds.create(TEAM);
    for (const name of ['hold', 'waypoint', 'setGoal']) {
      const { result } = (await worlds.call(worldId, agents[0], { name, arguments: {} }, 20)).agents.get(agents[0])!;
      expect(result).toMatchObject({ status: 'invalid', code: 'unknown-tool' });
      for (const other of ['hold', 'waypoint', 'setGoal']) expect(result!.facts.tools).not.toContain(other);
      expect(result!.facts.tools).toContain('continue');
    }
  });

  it('are at most 64, however many are asked for at once, and go when nobody calls them', async () => {
    const worlds = worldsOf();
    const choice = { ...TEAM, scenario: 'reach-flat-v1' };
    const results = await Promise.allSettled(Array.from({ length: 70 }, () => worlds.create(choice)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(64);
    expect(worlds.size).toBe(64);
    const idle = worldsOf(150);
    const { worldId } = await idle.create(choice);
    const kept = idle.call(worldId, 'ada', { name: 'wait', arguments: { ticks: 40 } }, 40);
    expect((await kept).tick).toBe(40);
    expect(idle.size).toBe(1);
    for (let tries = 0; idle.size > 0 && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(idle.size).toBe(0);
    await expect(idle.call(worldId, 'ada', { name: 'wait', arguments: {} }, 40)).rejects.toThrow('worldId must be');
  });
});
