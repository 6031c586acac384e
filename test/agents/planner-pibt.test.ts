/** The policy `planner:pibt`: vehicles that stay within what they have reserved, and what happens where they do not. */
import { createPibtFactory, createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnv, loadScenario } from '@kinovox/env';
import { ReservedTeam, type TeamRoom, type TeamVehicle, TRACKING_ERROR, type VehicleState } from '@kinovox/planning';
import { AgentPlanSchema, type RoverBody } from '@kinovox/world';
import { describe, expect, it } from 'vitest';

const scenario = (id: string) => loadScenario(new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname);
const ROVER = scenario('rover-crossing-v1').base.agents[0].body as RoverBody;
const PAY = { expansionsPerTick: 400, nodesPerTick: 50_000 };
const ROOM: TeamRoom = { space: 2, min: [0, 0, 0], max: [20, 20, 0], obstacles: [] };

/** A rover whose nose points along x, or against it. */
function stateAt(x: number, z: number, against = false): VehicleState {
  return { position: [x, 2, z], velocity: [0, 0, 0], yaw: against ? Math.PI / 2 : -Math.PI / 2, yawRate: 0 };
}

const rover = (name: string, x: number, z: number, heading = 0): TeamVehicle => ({
  name,
  body: ROVER,
  goal: Float64Array.of(x, z, heading, 0, 0),
});

/** Where the model is when the next tick begins. */
function followedAt(team: ReservedTeam, i: number): VehicleState {
  const [x, z, heading, speed, turnRate] = team.reference(i, 1);
  return {
    position: [x, 2, z],
    velocity: [speed * Math.cos(heading), 0, speed * Math.sin(heading)],
    yaw: -Math.PI / 2 - heading,
    yawRate: -turnRate,
  };
}

describe('a team on reservations', () => {
  const two = () => [rover('ada', 16, 10), rover('bob', 4, 10, Math.PI)];
  const starts = [stateAt(4, 10), stateAt(16, 10, true)];

  it('changes places, and never comes nearer than reservations are wide', () => {
    const team = new ReservedTeam(two(), starts, ROOM, PAY, 1);
    team.begin(0, starts, undefined);
    let least = Number.POSITIVE_INFINITY;
    for (let tick = 0; tick < 600; tick++) {
      team.update(tick, tick === 0 ? starts : [0, 1].map((i) => followedAt(team, i)));
      const [a, b] = [team.reference(0, 0), team.reference(1, 0)];
      least = Math.min(least, Math.hypot(a[0] - b[0], a[1] - b[1]));
    }
    expect(team.reference(0, 0)[0]).toBeCloseTo(16, 1);
    expect(team.reference(1, 0)[0]).toBeCloseTo(4, 1);
    expect(team.numOff).toBe(0);
    expect(least).toBeGreaterThan(ROVER.size[0] + 2 * TRACKING_ERROR.rover - 1e-6);
  });

  it('goes nowhere on a budget of nothing', () => {
    const team = new ReservedTeam(two(), starts, ROOM, { ...PAY, expansionsPerTick: 0 }, 1);
    team.begin(0, starts, undefined);
    for (let tick = 0; tick < 100; tick++) team.update(tick, starts);
    expect([team.reference(0, 0)[0], team.reference(1, 0)[0]]).toEqual([4, 16]);
  });

  it('reserves anew, from where the body is, for one that is off by more than the tracking error', () => {
    const team = new ReservedTeam([rover('ada', 16, 10)], [stateAt(4, 10)], ROOM, PAY, 1);
    team.begin(0, [stateAt(4, 10)], undefined);
    team.update(0, [stateAt(4, 10 + 0.9 * TRACKING_ERROR.rover)]);
    expect(team.numOff).toBe(0);
    const pushed = stateAt(4, 10 + 1.1 * TRACKING_ERROR.rover);
    team.update(1, [pushed]);
    expect([team.numOff, team.cause]).toEqual([1, 'ada was off its reservation']);
    expect(Array.from(team.reference(0, 0).subarray(0, 2))).toEqual([4, pushed.position[2]]);
  });

  it('has smaller reservations where bodies are too near for whole ones, and none where they overlap', () => {
    const near = 0.5 * ROVER.size[0] * 2 + TRACKING_ERROR.rover;
    const team = new ReservedTeam([rover('ada', 16, 4), rover('bob', 16, 16)], starts, ROOM, PAY, 1);
    team.begin(0, [stateAt(4, 10), stateAt(4, 10 + near)], undefined);
    expect(team.isReserved).toBe(true);
    expect(team.roomOf(0)).toBeCloseTo(0.5 * TRACKING_ERROR.rover);
    team.begin(0, [stateAt(4, 10), stateAt(4, 10.2)], undefined);
    expect(team.isReserved).toBe(false);
  });
});

describe('planner:pibt', () => {
  /** An episode of the policy, or its first ticks: successes, and where everybody is at the end. */
  const play = async (id: string, ticks: number) => {
    const env = await createBatchEnv({ scenario: scenario(id), split: 'test', autoreset: 'disabled', observe: false });
    env.reset({ seed: 0 });
    const run = runPolicies(env, createPolicy('planner:pibt'));
    let ended = false;
    for (let tick = 0; tick < ticks && !ended; tick++) ended = (await env.step(run.act())).ended[0] === 1;
    const { posX, posY, posZ } = env.engine.state;
    const end = { ended, successes: env.episodes.successes, at: [posX, posY, posZ].map((words) => Array.from(words)) };
    env.close();
    return end;
  };

  it('brings quadcopters from the floor through windows without a contact', async () => {
    expect(await play('quad-windows-v1', 900)).toMatchObject({ ended: true, successes: 1 });
  });

  it('drives the same way again', async () => {
    const first = await play('rover-crossing-v1', 100);
    expect(first.ended).toBe(false);
    expect(await play('rover-crossing-v1', 100)).toEqual(first);
  });

  it('says what is reserved', async () => {
    const env = await createBatchEnv({ scenario: scenario('mixed-crossing-v1'), split: 'test', autoreset: 'disabled', observe: false });
    env.reset({ seed: 0 });
    const run = runPolicies(env, createPibtFactory());
    for (let tick = 0; tick < 80; tick++) env.step(run.act());
    const plans = run.plans(0).agents;
    env.close();
    for (const plan of plans) AgentPlanSchema.parse(plan);
    expect(plans.map(({ squad }) => squad)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(plans.filter(({ cells, path }) => cells.length > 0 && path.length > 1).length).toBeGreaterThan(4);
    expect(plans[0].status).toMatch(/^Has reserved \d+ ticks, at the end of which it rests, with 0\.\d+ m around it\./);
  });

  it('refuses walkers and cars by a sentence', async () => {
    const env = await createBatchEnv({ scenario: scenario('alcove-v1'), observe: false });
    expect(() => runPolicies(env, createPolicy('planner:pibt'))).toThrow(
      /planner:pibt must be given rovers or quadcopters; got a walker at agents/,
    );
    env.close();
  });
});
