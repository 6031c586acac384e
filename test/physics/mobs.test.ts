/** Behaviour of mobs, kind by kind: where they stand at the start, whom they notice, chase, flee, guard against, and what daylight does to them. */
import { type Engine, MOB_COLUMN, MOB_COLUMNS } from '@kinovox/physics';
import { DAMAGE, INTERACT, isSolidAt, type VoxelGrid } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { eventsOf, randomWords, setAction, standAt, stepTicks } from './fixture.js';
import { distanceTo, EDGE, isAlive, living, meadow, moodOf, NIGHT, NOON, only, placeOf, tablesOf } from './mob-world.js';

const numbersOf = (engine: Engine, kind: number) => engine.program.survival!.mobs!.kinds.subarray(kind * MOB_COLUMNS);
const sightOf = (engine: Engine, kind: number) => Math.sqrt(numbersOf(engine, kind)[MOB_COLUMN.sightQ6]) / 64;

function putAgent(engine: Engine, x: number, z: number): void {
  engine.state.posX[0] = (x << 16) + 32768;
  engine.state.posZ[0] = (z << 16) + 32768;
}

/** Whether a body with its feet at (x, y, z) reaches into a solid cell; a hair less than the body, for what only touches. */
function touchesSolid(grid: VoxelGrid, x: number, y: number, z: number): boolean {
  const half = 0.2999;
  for (const cx of [x - half, x + half])
    for (const cz of [z - half, z + half])
      for (const cy of [y, y + 1, y + 1.799]) if (isSolidAt(grid, Math.floor(cx), Math.floor(cy), Math.floor(cz))) return true;
  return false;
}

describe('at the start of an episode', () => {
  it('every kind has its count, on dry ground with room, apart from each other and from agents', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { engine, grid, program } = meadow(
        [
          { kind: 'cow', count: 6, max: 9 },
          {
            kind: 'zombie',
            count: 4,
            spawn: {
              region: [
                [2, 1, 2],
                [12, 8, 12],
              ],
            },
          },
        ],
        {
          seed,
          boxes: [
            ['stone', [4, 1, 4], [9, 3, 6]],
            ['water', [10, 1, 8], [12, 1, 12]],
          ],
        },
      );
      expect(living(engine)).toEqual([0, 1, 2, 3, 4, 5, 9, 10, 11, 12]);
      const { kindOf } = tablesOf(program);
      for (const slot of living(engine)) {
        const [x, y, z] = placeOf(engine, slot).map(Math.floor);
        if (kindOf[slot] === 1) expect(x >= 2 && x <= 12 && z >= 2 && z <= 12, `zombie at ${x}, ${z}`).toBe(true);
        expect(grid.nameAt(x, y, z)).toBe('air');
        expect(grid.nameAt(x, y + 1, z)).toBe('air');
        expect(['grass_block', 'stone']).toContain(grid.nameAt(x, y - 1, z));
        expect(distanceTo(engine, slot, 0)).toBeGreaterThanOrEqual(1);
        for (const other of living(engine)) {
          const [ox, oy, oz] = placeOf(engine, other);
          const [px, py, pz] = placeOf(engine, slot);
          if (other !== slot) expect(Math.max(Math.abs(ox - px), Math.abs(oz - pz), Math.abs(oy - py) / 2)).toBeGreaterThanOrEqual(1);
        }
      }
    }
  });

  it('a free cell is found if the region has one, and nothing is put where there is none', () => {
    const tight = meadow(
      [
        {
          kind: 'pig',
          spawn: {
            region: [
              [0, 1, 0],
              [31, 3, 31],
            ],
          },
        },
      ],
      {
        starts: [standAt(0, 5, 0)],
        boxes: [
          ['stone', [0, 1, 0], [31, 4, 31]],
          ['air', [29, 2, 30], [29, 3, 30]],
        ],
      },
    );
    expect(placeOf(tight.engine, 0)).toEqual([29.5, 2, 30.5]);
    const full = meadow([{ kind: 'pig', count: 3 }], {
      starts: [standAt(16, 12, 16)],
      boxes: [['stone', [0, 1, 0], [31, 11, 31]]],
    });
    // The top of the world is outside of every region.
    expect(living(full.engine)).toEqual([]);
  });
});

describe('passive mobs', () => {
  it('wander, never hurt anyone, never stand in a block, and keep out of pits, lava and water, over 10 random meadows', () => {
    let walked = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const next = randomWords(seed * 31);
      const { engine, grid } = meadow(
        [
          { kind: 'cow', count: 5 },
          { kind: 'sheep', count: 5 },
          { kind: 'villager', count: 2 },
        ],
        {
          seed,
          boxes: [['stone', [0, 1, 0], [EDGE - 1, 5, EDGE - 1]]],
          starts: [standAt(16, 6, 16)],
          shape(level) {
            const index = (name: string) => level.palette.indexOfName(name);
            for (let n = 0; n < 60; n++) {
              const x = next() % EDGE;
              const z = next() % EDGE;
              if (x >= 14 && x < 19 && z >= 14 && z < 19) continue;
              const kind = next() % 4;
              if (kind === 0) level.fill([x, 1, z], [x + 1, 5, z + 1], 0);
              else if (kind === 1) level.fill([x, 5, z], [x + 1, 5, z], index('lava'));
              else if (kind === 2) level.fill([x, 5, z], [x, 5, z + 1], index('water'));
              else level.fill([x, 6, z], [x + (next() % 3), 6 + (next() % 2), z], index('stone'));
            }
          },
        },
      );
      const starts = living(engine).map((slot) => placeOf(engine, slot));
      const outside = living(engine).filter((slot) => placeOf(engine, slot)[1] >= 5);
      for (let tick = 0; tick < 600; tick++) {
        setAction(engine, 0, {});
        engine.step();
        for (const { kind } of eventsOf(engine)) expect(['mobAttacked', 'hurt', 'slain'], `tick ${tick}`).not.toContain(kind);
        for (const slot of living(engine)) {
          const [x, y, z] = placeOf(engine, slot);
          if (touchesSolid(grid, x, y, z)) expect.fail(`seed ${seed} tick ${tick}: mob ${slot} stands in a block at ${x}, ${y}, ${z}`);
        }
      }
      for (const slot of outside) expect(placeOf(engine, slot)[1], `seed ${seed} slot ${slot}`).toBeGreaterThanOrEqual(5);
      walked += living(engine).filter(
        (slot) => Math.hypot(placeOf(engine, slot)[0] - starts[slot][0], placeOf(engine, slot)[2] - starts[slot][2]) > 1,
      ).length;
    }
    expect(walked).toBeGreaterThan(60);
  });

  it('flee from who strikes them, in any direction, and then calm down', () => {
    const sides = [
      [0, 16, 14],
      [1 << 30, 14, 16],
      [-2147483648, 16, 18],
      [-(1 << 30), 18, 16],
    ];
    for (const [yaw, x, z] of sides) {
      const { engine } = meadow([{ kind: 'cow', spawn: only(x, 1, z) }], { yaws: [yaw], seed: yaw >>> 1 });
      setAction(engine, 0, { interact: INTERACT.attack });
      const struck = stepTicks(engine, 1).find(({ kind }) => kind === 'struck');
      expect(struck).toMatchObject({ agent: 0, data0: 0, data1: 1 });
      setAction(engine, 0, {});
      expect(moodOf(engine, 0)).toBe('flee');
      stepTicks(engine, 15);
      let last = distanceTo(engine, 0, 0);
      for (let k = 0; k < 4; k++) {
        stepTicks(engine, 10);
        const now = distanceTo(engine, 0, 0);
        expect(now, `yaw ${yaw}`).toBeGreaterThan(last);
        last = now;
      }
      expect(last).toBeGreaterThan(7);
      stepTicks(engine, 60);
      expect(['idle', 'wander']).toContain(moodOf(engine, 0));
      expect(engine.state.mobTarget[0]).toBe(0);
    }
  });
});

describe('hostile mobs', () => {
  it('close in on whom they see, hit with their cooldown, and kill', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { engine } = meadow([{ kind: 'zombie', spawn: only(6, 1, 20) }], { seed });
      let last = distanceTo(engine, 0, 0);
      stepTicks(engine, 20);
      expect(moodOf(engine, 0)).toBe('chase');
      // Until the first hit, which throws the agent back.
      while (last > 3) {
        stepTicks(engine, 10);
        expect(distanceTo(engine, 0, 0)).toBeLessThan(last);
        last = distanceTo(engine, 0, 0);
      }
      const hits: number[] = [];
      for (let tick = 0; engine.outputs.ended[0] === 0; tick++) {
        engine.step();
        const hit = eventsOf(engine).find(({ kind }) => kind === 'mobAttacked');
        if (hit === undefined) continue;
        expect(hit).toMatchObject({ agent: 0, data0: 0, data1: 3 });
        hits.push(tick);
      }
      expect(hits).toHaveLength(7);
      for (let k = 1; k < hits.length; k++) expect(hits[k] - hits[k - 1]).toBeGreaterThanOrEqual(20);
      expect(eventsOf(engine).find(({ kind }) => kind === 'died')).toMatchObject({ agent: 0, data0: DAMAGE.mob, data1: 0 });
    }
  });

  it('do not notice behind a wall or beyond their sight, but keep after whom they saw', () => {
    const wall = ['stone', [0, 1, 12], [EDGE - 1, 3, 12]] as const;
    const hidden = meadow([{ kind: 'zombie', wanderSpeed: 0, spawn: only(16, 1, 8) }], { boxes: [wall] });
    stepTicks(hidden.engine, 100);
    expect(moodOf(hidden.engine, 0)).toBe('idle');
    const far = meadow([{ kind: 'zombie', wanderSpeed: 0, sightMetres: 7, spawn: only(16, 1, 8) }]);
    stepTicks(far.engine, 100);
    expect(moodOf(far.engine, 0)).toBe('idle');
    const { engine } = meadow([{ kind: 'zombie', wanderSpeed: 0, spawn: only(16, 1, 8) }], {
      boxes: [['stone', [20, 1, 12], [EDGE - 1, 3, 12]]],
    });
    stepTicks(engine, 10);
    expect(moodOf(engine, 0)).toBe('chase');
    putAgent(engine, 26, 13);
    stepTicks(engine, 10);
    expect(moodOf(engine, 0), 'hidden, but not out of mind').toBe('chase');
    putAgent(engine, 31, 31);
    stepTicks(engine, 1);
    expect(moodOf(engine, 0), 'beyond its sight').toBe('idle');
    putAgent(engine, 26, 13);
    stepTicks(engine, 20);
    expect(moodOf(engine, 0), 'hidden to who no longer looks for it').toBe('idle');
  });

  it('do not hit through a wall', () => {
    const { engine } = meadow([{ kind: 'zombie', reachMetres: 3, spawn: only(16, 1, 14) }], {
      boxes: [['glass', [0, 1, 15], [EDGE - 1, 3, 15]]],
    });
    const events = stepTicks(engine, 200);
    expect(moodOf(engine, 0), 'glass hides nobody').toBe('chase');
    expect(distanceTo(engine, 0, 0)).toBeLessThan(2);
    expect(events.filter(({ kind }) => kind === 'mobAttacked')).toEqual([]);
  });

  it('stop before a ravine and before lava, but swim through water', () => {
    const across = (name: string, depth: number) => {
      const { engine } = meadow([{ kind: 'zombie', spawn: only(16, 6, 8) }], {
        starts: [standAt(16, 6, 16)],
        boxes: [
          ['stone', [0, 1, 0], [EDGE - 1, 5, EDGE - 1]],
          [name, [0, 6 - depth, 11], [EDGE - 1, 5, 13]],
        ],
      });
      const events = stepTicks(engine, 300);
      return { z: placeOf(engine, 0)[2], isHit: events.some(({ kind }) => kind === 'mobAttacked'), health: engine.state.mobHealth[0] };
    };
    for (const [name, depth] of [
      ['air', 4],
      ['lava', 1],
    ] as const) {
      const { z, isHit, health } = across(name, depth);
      expect([isHit, health], name).toEqual([false, 20]);
      expect(z).toBeGreaterThan(10);
      expect(z).toBeLessThan(11.3);
    }
    expect(across('air', 1).isHit).toBe(true);
    expect(across('water', 1).isHit).toBe(true);
  });

  it('jump onto steps in their way', () => {
    const { engine } = meadow([{ kind: 'zombie', spawn: only(16, 1, 6) }], {
      boxes: [['stone', [0, 1, 10], [EDGE - 1, 1, 10]]],
    });
    expect(stepTicks(engine, 250).some(({ kind }) => kind === 'mobAttacked')).toBe(true);
  });

  it('leave their friends alone, and pick the nearest of the others', () => {
    const { engine } = meadow([{ kind: 'zombie', friends: 'team-0', spawn: only(16, 1, 8) }], {
      starts: [standAt(16, 1, 10), standAt(16, 1, 20), standAt(16, 1, 14)],
      teams: [0, 1, 1],
    });
    const attacked = stepTicks(engine, 200).filter(({ kind }) => kind === 'mobAttacked');
    expect(attacked.length).toBeGreaterThan(3);
    expect(new Set(attacked.map(({ agent }) => agent))).toEqual(new Set([2]));
  });

  it('turn on whom hits them from beyond their sight', () => {
    const { engine } = meadow([{ kind: 'zombie', sightMetres: 1, reachMetres: 3, health: 100, spawn: only(16, 1, 14) }]);
    stepTicks(engine, 8);
    expect(moodOf(engine, 0)).not.toBe('chase');
    engine.program.survival!.mobs!.kinds[MOB_COLUMN.sightQ6] = (20 * 64) ** 2;
    setAction(engine, 0, { interact: INTERACT.attack });
    engine.step();
    expect(moodOf(engine, 0)).toBe('chase');
  });
});

describe('by day', () => {
  it('a mob that burns loses two half hearts a second under the sky, and dies; not at night, under a roof or in water', () => {
    const burnt = (more: Parameters<typeof meadow>[1]) => {
      const { engine } = meadow([{ kind: 'zombie', sightMetres: 0, wanderSpeed: 0, spawn: only(8, 1, 8) }], more);
      return { engine, events: stepTicks(engine, 100) };
    };
    const open = burnt({ survival: { day: NOON } });
    expect(open.engine.state.mobHealth[0]).toBe(10);
    const rest = stepTicks(open.engine, 100);
    expect(isAlive(open.engine, 0)).toBe(false);
    expect(rest.find(({ kind }) => kind === 'slain')).toMatchObject({ agent: -1, data0: 0, data1: DAMAGE.burning });
    for (const more of [{ survival: { day: NIGHT } }, { survival: { day: NOON }, boxes: [['stone', [8, 5, 8], [8, 5, 8]]] }] as Parameters<
      typeof meadow
    >[1][])
      expect(burnt(more).engine.state.mobHealth[0]).toBe(20);
    const wet = meadow([{ kind: 'zombie', sightMetres: 0, wanderSpeed: 0, spawn: only(8, 1, 8) }], {
      survival: { day: NOON },
      boxes: [['water', [20, 1, 20], [24, 2, 24]]],
    });
    wet.engine.state.mobPosX[0] = 22 << 16;
    wet.engine.state.mobPosZ[0] = 22 << 16;
    stepTicks(wet.engine, 100);
    expect(wet.engine.state.mobHealth[0]).toBe(20);
  });

  it('a mob that hides keeps away from agents and does not attack; by night it does', () => {
    const day = meadow([{ kind: 'spider', spawn: only(16, 1, 14) }], { survival: { day: NOON } });
    const events = stepTicks(day.engine, 60);
    expect(events.filter(({ kind }) => kind === 'mobAttacked')).toEqual([]);
    expect(distanceTo(day.engine, 0, 0)).toBeGreaterThan(6);
    for (let tick = 0; tick < 400; tick++) {
      day.engine.step();
      expect(eventsOf(day.engine)).toEqual([]);
    }
    const night = meadow([{ kind: 'spider', spawn: only(16, 1, 10) }]);
    expect(stepTicks(night.engine, 100).some(({ kind }) => kind === 'mobAttacked')).toBe(true);
  });
});

describe('guards', () => {
  it('go after hostile mobs near their home, kill them, leave agents alone, and return', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { engine } = meadow(
        [
          { kind: 'golem', spawn: only(16, 1, 10) },
          {
            kind: 'zombie',
            count: 2,
            sightMetres: 0,
            wanderSpeed: 0,
            spawn: {
              region: [
                [13, 1, 6],
                [19, 1, 7],
              ],
            },
          },
        ],
        { seed },
      );
      const home = [16, 10] as const;
      const reach = 10 + sightOf(engine, 0);
      let slain = 0;
      for (let tick = 0; tick < 800; tick++) {
        engine.step();
        for (const { kind, agent, data1 } of eventsOf(engine)) {
          if (kind === 'slain') {
            slain++;
            expect([agent, data1]).toEqual([-1, DAMAGE.mob]);
          }
          expect(kind).not.toBe('mobAttacked');
        }
        expect(distanceTo(engine, 0, home)).toBeLessThan(reach);
      }
      expect(slain, `seed ${seed}`).toBe(2);
      expect(distanceTo(engine, 0, home)).toBeLessThan(4.5);
    }
  });

  it('are not after who comes to be in the slot of the slain in the same tick', () => {
    const { engine } = meadow(
      [
        { kind: 'golem', reachMetres: 3, spawn: only(16, 1, 10) },
        { kind: 'zombie', health: 1, sightMetres: 0, wanderSpeed: 0, spawn: { ...only(16, 1, 14), everyTicks: 1, awayMetres: 0 } },
      ],
      { starts: [standAt(16, 1, 30)] },
    );
    let tick = 0;
    for (; tick < 200 && !eventsOf(engine).some(({ kind }) => kind === 'slain'); tick++) engine.step();
    expect(eventsOf(engine).map(({ kind }) => kind)).toContain('mobSpawned');
    expect(isAlive(engine, 1)).toBe(true);
    expect(engine.state.mobTarget[0]).toBe(0);
  });

  it('let enemies beyond their ground go', () => {
    const { engine } = meadow([
      { kind: 'golem', guardMetres: 4, spawn: only(16, 1, 4) },
      { kind: 'zombie', speed: 0, wanderSpeed: 0, sightMetres: 0, spawn: only(16, 1, 12) },
    ]);
    for (let tick = 0; tick < 300; tick++) {
      engine.step();
      expect(moodOf(engine, 0)).not.toBe('chase');
    }
    expect(isAlive(engine, 1)).toBe(true);
  });
});

describe('traders', () => {
  it('stay near their home, and walk back to it from afar', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { engine } = meadow([{ kind: 'villager', spawn: only(10, 1, 10) }], { seed });
      for (let tick = 0; tick < 1000; tick++) {
        engine.step();
        expect(distanceTo(engine, 0, [10, 10])).toBeLessThan(4.5);
      }
      engine.state.mobPosX[0] = 24 << 16;
      engine.step();
      expect(moodOf(engine, 0)).toBe('return');
      stepTicks(engine, 200);
      expect(distanceTo(engine, 0, [10, 10])).toBeLessThan(4.5);
    }
  });
});
