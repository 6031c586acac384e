/** The observation group `rivalGuidance`: how far the way to the nearest agent of another team is and where it goes next, as everybody moves. */
import { type BatchEnv, createBatchEnvSync, createEnvSync, loadScenario } from '@kinovox/env';
import {
  cellIndex,
  geodesicField,
  geodesicOnward,
  type SolidGrid,
  solidGridOf,
  standableCells,
  UNREACHED,
  WALK_MOVES,
} from '@kinovox/physics';
import { ACTION_WORD, AGENT_FLAG, type ScenarioInput } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { randomWords } from '../physics/fixture.js';

const TAG = 'scenarios/tag-v1.scenario.json';
const STEPS = 3;
const everywhere: [[number, number, number], [number, number, number]] = [
  [1, 0, 1],
  [22, 11, 22],
];
const walker = (id: string, team: string, count = 1, region = everywhere) => ({
  id,
  count,
  team,
  body: 'walker' as const,
  spawn: { region },
});

/** Five agents of three teams on hills, with cliffs that are ways down and not up. */
const hills: ScenarioInput = {
  version: 1,
  id: 'sample-rivals-v1',
  title: 'Three teams over the hills',
  world: { size: [24, 12, 24], terrain: { generator: 'hills', base: 5, amplitude: 4, wavelength: 9 } },
  agents: [walker('red', 'reds', 2), walker('blue', 'blues', 2), walker('green', 'greens')],
  observation: { rivalGuidance: STEPS },
  task: { touched: { agents: 'blue-0', by: 'reds' } },
  episode: { maxTicks: 90, variants: 4 },
};

/** Two rooms without a door between them; the hunter in one, its prey in the other. */
const apart: ScenarioInput = {
  ...hills,
  id: 'sample-apart-v1',
  world: {
    size: [16, 8, 8],
    terrain: { generator: 'flat', ground: 2 },
    edits: [{ fill: 'bricks', from: [8, 2, 0], to: [8, 7, 7] }],
  },
  agents: [
    { id: 'hunter', team: 'hunters', body: 'walker', spawn: { at: [3, 2, 3] } },
    { id: 'prey', team: 'prey', body: 'walker', spawn: { at: [12, 2, 3] } },
  ],
  task: { touched: { agents: 'prey', by: 'hunters' } },
};

/** The same floor without the wall. */
const together: ScenarioInput = {
  ...apart,
  id: 'sample-together-v1',
  world: { size: [16, 8, 8], terrain: { generator: 'flat', ground: 2 } },
};

const make = (scenario: string | ScenarioInput, numWorlds: number, seed: number, observation: object = { rivalGuidance: STEPS, crop: 0 }) =>
  createBatchEnvSync({ scenario, numWorlds, seed, observation });

/** The group's row of agent i of the batch. */
function seenBy(env: BatchEnv, i: number): { known: number; left: number; dx: number; dy: number; dz: number } {
  const { groups, size, vector } = env.observations;
  const { offset } = groups.find(({ name }) => name === 'rivalGuidance')!;
  const [known, left, dx, dy, dz] = vector.subarray(i * size + offset, i * size + offset + 5);
  return { known, left, dx, dy, dz };
}

/** Everybody runs about, turning and jumping now and then. */
function wander(env: BatchEnv, next: () => number): Float32Array {
  const width = env.actionLength / (env.numWorlds * env.numAgents);
  const actions = new Float32Array(env.actionLength);
  for (let at = 0; at < actions.length; at += width) {
    actions[at + ACTION_WORD.forward] = 1;
    actions[at + ACTION_WORD.sprint] = (next() >>> 8) % 2;
    actions[at + ACTION_WORD.turn] = (next() >>> 8) % 4 === 0 ? ((next() >>> 8) % 200) / 100 - 1 : 0;
    actions[at + ACTION_WORD.jump] = (next() >>> 9) % 6 === 0 ? 1 : 0;
  }
  return actions;
}

/** Where agent i stands, as a cell; undefined for one with no ground below and one that has left. */
function groundOf(env: BatchEnv, grid: SolidGrid, standable: Uint8Array, i: number): number | undefined {
  const { state } = env.engine;
  if ((state.flags[i] & AGENT_FLAG.alive) === 0) return undefined;
  const [x, z] = [state.posX[i] >> 16, state.posZ[i] >> 16];
  for (let y = Math.min(grid.size[1] - 1, state.posY[i] >> 16); y >= 0; y--) {
    const cell = cellIndex(grid.size, x, y, z);
    if (grid.solid[cell] === 1) return undefined;
    if (standable[cell] === 1) return cell;
  }
  return undefined;
}

/** What agent `a` of a row must be shown, by the plain fields of that very moment. */
function expected(env: BatchEnv, row: number, a: number) {
  const { teams, size, numAgents } = env.compiled.program;
  const { state } = env.engine;
  const grid = solidGridOf(env.engine, row);
  const standable = standableCells(grid, WALK_MOVES);
  const ground = Array.from({ length: numAgents }, (_, b) => groundOf(env, grid, standable, row * numAgents + b));
  const placeOf = (cell: number) => [cell % size[0], Math.floor(cell / (size[0] * size[2])), Math.floor(cell / size[0]) % size[2]] as const;
  const rivals = ground.flatMap((cell, b) => (cell === undefined || teams[b] === teams[a] ? [] : [{ b, cell }]));
  const field = geodesicField(
    grid,
    rivals.map(({ cell }) => [placeOf(cell), placeOf(cell)]),
  );
  const onward = geodesicOnward(grid, field);
  let at = ground[a];
  if (at === undefined || field.values[at] >= UNREACHED) return { known: 0, left: 0, dx: 0, dy: 0, dz: 0 };
  const left = Math.fround(field.values[at] / 10);
  for (let n = 0; n < STEPS; n++) at = onward[at];
  const i = row * numAgents + a;
  const own = [state.posX[i], state.posY[i], state.posZ[i]];
  const met = field.values[at] > 0 ? undefined : row * numAgents + rivals.find(({ cell }) => cell === at)!.b;
  const [x, y, z] = placeOf(at);
  const goal = met === undefined ? [x * 65536 + 32768, y * 65536, z * 65536 + 32768] : [state.posX[met], state.posY[met], state.posZ[met]];
  const [dx, dy, dz] = goal.map((value, k) => Math.fround((value - own[k]) / 65536));
  return { known: 1, left, dx, dy, dz };
}

/** Chasers go straight to what the guidance of row `seen(row)` shows; the runner stands. Returns in how many of 12 rows it is caught. */
function hunt(seen: (row: number) => number): number {
  const numWorlds = 12;
  const env = createBatchEnvSync({ scenario: TAG, numWorlds, split: 'test', observation: { rivalGuidance: 2, crop: 0 } });
  env.reset();
  const width = env.actionLength / (numWorlds * 3);
  const caught = new Set<number>();
  for (let tick = 0; tick < 600; tick++) {
    const actions = new Float32Array(env.actionLength);
    for (let row = 0; row < numWorlds; row++)
      for (let a = 0; a < 2; a++) {
        const { dx, dz } = seenBy(env, 3 * seen(row) + a);
        const i = 3 * row + a;
        const self = env.observations.vector.subarray(i * env.observations.size);
        const [sin, cos, far] = [self[6], self[7], Math.hypot(dx, dz) || 1];
        actions[i * width + ACTION_WORD.forward] = (-sin * dx - cos * dz) / far;
        actions[i * width + ACTION_WORD.strafe] = (cos * dx - sin * dz) / far;
      }
    env.stepSync(actions).ended.forEach((end, row) => void (end === 1 && caught.add(row)));
  }
  return caught.size;
}

describe('rival guidance', () => {
  it('leads chasers through every level to the runner', () => {
    expect(hunt((row) => row)).toBe(12);
  });
  it('leads those who follow that of another level nowhere', () => {
    expect(hunt((row) => (row + 1) % 12)).toBeLessThan(6);
  });

  it.each([
    ['rooms', TAG, 3],
    ['hills', hills, 3],
  ] as const)(
    'is at every tick the geodesic field of that moment in %s, and the cell three steps down it, or the rival',
    (_, scenario, numWorlds) => {
      const env = make(scenario as string, numWorlds, 4);
      env.reset();
      const next = randomWords(3);
      const { numAgents } = env;
      const count = { met: 0, moved: 0, unequal: 0, episodes: 0 };
      const last = new Map<number, number>();
      for (let tick = 0; tick < 180; tick++) {
        for (const end of env.stepSync(wander(env, next)).ended) count.episodes += end;
        // Every ninth moment: what was made for an earlier one must not show.
        if (tick % 9 !== 0) continue;
        for (let row = 0; row < numWorlds; row++)
          for (let a = 0; a < numAgents; a++) {
            const seen = seenBy(env, row * numAgents + a);
            expect(seen, `row ${row}, agent ${a}, tick ${tick}`).toEqual(expected(env, row, a));
            if (seen.known === 1 && seen.left < 3) count.met++;
            if (last.get(row * numAgents + a) !== seen.left) count.moved++;
            if (Math.abs(seen.dy) > 0.9) count.unequal++;
            last.set(row * numAgents + a, seen.left);
          }
      }
      expect(count.moved).toBeGreaterThan(100);
      if (scenario !== hills) return;
      expect(count.unequal).toBeGreaterThan(10);
      expect(count.met).toBeGreaterThan(20);
      expect(count.episodes).toBeGreaterThan(4);
    },
  );

  it('goes on from a snapshot as from the moment itself, in another row of another batch', () => {
    const [one, other] = [make(TAG, 2, 8), make(TAG, 2, 90)];
    const next = randomWords(5);
    for (const env of [one, other]) env.reset();
    for (let tick = 0; tick < 25; tick++) for (const env of [one, other]) env.stepSync(wander(env, next));
    const rows = (env: BatchEnv, row: number) => [0, 1, 2].map((a) => seenBy(env, 3 * row + a));
    expect(rows(other, 1)).not.toEqual(rows(one, 0));
    other.restore(1, one.snapshot(0));
    expect(rows(other, 1)).toEqual(rows(one, 0));
    const width = one.actionLength / 2;
    for (let tick = 0; tick < 25; tick++) {
      const actions = wander(one, next);
      one.stepSync(actions);
      other.stepSync(Float32Array.from([...actions.subarray(width), ...actions.subarray(0, width)]));
      expect(rows(other, 1), `tick ${tick}`).toEqual(rows(one, 0));
    }
  });

  it('gives a row the same whatever the others do', () => {
    const [alone, many] = [make(TAG, 1, 8), make(TAG, 3, 8)];
    for (const env of [alone, many]) env.reset();
    const [mine, theirs] = [randomWords(5), randomWords(6)];
    for (let tick = 0; tick < 60; tick++) {
      const actions = wander(many, theirs);
      const own = wander(alone, mine);
      actions.set(own);
      alone.stepSync(own);
      many.stepSync(actions);
      for (let a = 0; a < 3; a++) expect(seenBy(many, a)).toEqual(seenBy(alone, a));
    }
  });

  it('says nothing where no way leads, and tells the way across the same floor without a wall', () => {
    const [closed, open] = [make(apart, 1, 1), make(together, 1, 1)];
    for (const env of [closed, open]) env.reset();
    for (const a of [0, 1]) expect(seenBy(closed, a)).toEqual({ known: 0, left: 0, dx: 0, dy: 0, dz: 0 });
    expect([0, 1].map((a) => seenBy(open, a))).toEqual([
      { known: 1, left: 9, dx: 3, dy: 0, dz: 0 },
      { known: 1, left: 9, dx: -3, dy: 0, dz: 0 },
    ]);
  });

  it('is made anew on another level, though everybody stands where they stood', () => {
    const walls: ScenarioInput = {
      ...apart,
      id: 'sample-walls-v1',
      parameters: { wall: { int: [0, 7] } },
      world: {
        size: [16, 8, 8],
        terrain: { generator: 'flat', ground: 2 },
        edits: [{ fill: 'bricks', from: [8, 2, 0], size: [1, 6, { param: 'wall' }] }],
      },
      episode: { maxTicks: 2, variants: 16 },
    };
    const env = make(walls, 1, 1);
    env.reset();
    const lengths = new Set<number>();
    for (let tick = 0; tick < 40; tick++) {
      env.stepSync(new Float32Array(env.actionLength));
      expect(seenBy(env, 0)).toEqual(expected(env, 0, 0));
      lengths.add(seenBy(env, 0).left);
    }
    expect(lengths.size).toBeGreaterThan(2);
  });

  it('leads to none who has left, and shows those who have left nothing', () => {
    const env = make(together, 1, 1);
    env.reset();
    const { state } = env.engine;
    state.flags[1] &= ~AGENT_FLAG.alive;
    const stand = new Float32Array(env.actionLength);
    // In the first tick it still counts as one that acted.
    for (let tick = 0; tick < 2; tick++) env.stepSync(stand);
    for (const a of [0, 1]) expect(seenBy(env, a)).toEqual({ known: 0, left: 0, dx: 0, dy: 0, dz: 0 });
  });

  it('changes no level, no state and no other part of the observation', () => {
    const envs = [{}, { rivalGuidance: 2 }].map((observation) => make(TAG, 2, 9, observation));
    for (const env of envs) {
      env.reset();
      for (let tick = 0; tick < 30; tick++) env.stepSync(new Float32Array(env.actionLength).fill(0.3));
    }
    const [plain, guided] = envs;
    expect(guided.stateHash()).toBe(plain.stateHash());
    expect(guided.compiled.program.scenarioHash).toBe(plain.compiled.program.scenarioHash);
    const { size } = plain.observations;
    expect(guided.observations.vector.subarray(0, size)).toEqual(plain.observations.vector.subarray(0, size));
  });

  it('is told in words', () => {
    const env = createEnvSync({ scenario: together, seed: 1 });
    env.reset();
    expect(env.text('hunter')).toContain('way to a rival: 9.0 m left, next over 6.5 2.0 3.5');
  });

  it('is refused where all agents are of one team, and beyond 16 steps', () => {
    expect(() => loadScenario('scenarios/bridge-gap-v1.scenario.json', { observation: { rivalGuidance: 1 } })).toThrow(
      /observation.rivalGuidance must have agents of another team to lead to; got bridge-gap-v1, where all agents are of the team "builders"/,
    );
    expect(() => loadScenario(TAG, { observation: { rivalGuidance: 17 } })).toThrow(/got observation.rivalGuidance/);
  });
});
