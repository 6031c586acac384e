/** Where one touches vehicles that stand, whichever way they face. */
import { type AgentView, runPolicies } from '@kinovox/agents';
import { createBatchEnv } from '@kinovox/env';
import { expect, it } from 'vitest';
import { Bystanders } from '../../packages/agents/src/policies/bystanders.js';

it('a rover that stands askew is kept clear of to its corners', async () => {
  const env = await createBatchEnv({
    scenario: {
      version: 1,
      id: 'askew-v1',
      title: 'A rover that stands askew',
      world: { size: [16, 8, 16], terrain: { generator: 'flat', ground: 2 } },
      agents: [
        { id: 'ada', body: 'walker', spawn: { at: [2, 2, 2] } },
        { id: 'cart', body: { type: 'rigid', vehicle: 'rover' }, spawn: { at: [8, 2, 8], yawDeg: 45 } },
      ],
      task: {
        reach: {
          agents: 'ada',
          region: [
            [0, 7, 0],
            [0, 7, 0],
          ],
        },
      },
      episode: { maxTicks: 400 },
    } as never,
    numWorlds: 1,
    autoreset: 'disabled',
  });
  env.reset({ seed: 0 });
  let seen: AgentView | undefined;
  const run = runPolicies(env, { name: 'idle', create: () => ({ reset() {}, act: (view) => void (seen ??= view) }) });
  await env.step(run.act());
  const view = seen!;
  const bystanders = new Bystanders(view);
  bystanders.reset();
  for (let tick = 0; tick < 60; tick++) {
    bystanders.look();
    await env.step(run.act());
  }
  expect(bystanders.zones).toHaveLength(1);
  const { x, y, z } = view.q16(1);
  const { body } = view.roster[1];
  if (!('vehicle' in body)) throw new Error('cart is no vehicle');
  // At 45 degrees a corner of the chassis lies this far along x; a walker beside it is 0.3 m wide to either side.
  const corner = (body.size[0] + body.size[2]) / 2 / Math.SQRT2;
  const past = (metres: number): [number, number, number][] => [
    [x + 6 * 65536, y, z],
    [x + Math.round((corner + 0.3 + metres) * 65536), y, z],
  ];
  expect(bystanders.areMet(past(-0.02))).toBe(true);
  expect(bystanders.areMet(past(0.5))).toBe(false);
  env.close();
});
