/** What holds of every rule holds of mobs: mirrored worlds, rows that do not see each other, snapshots, words within their ranges. */
import { type Engine, hashWorld } from '@kinovox/physics';
import { MOB_MOOD, STATE_SPEC, type StateFieldName } from '@kinovox/world';
import { describe, expect, it } from 'vitest';
import { eventsOf, randomWords } from './fixture.js';
import { actInWilds, createWilds, EDGE, living, meadow, tablesOf, WILD_AGENTS } from './mob-world.js';
import { hold } from './survival-world.js';

const SIDE_Q16 = EDGE << 16;
const HALF_TURN = 0x80000000;

/** Runs world w and gives its hash after every tick. */
function hashes(engine: Engine, w: number, ticks: number, next: () => number): string[] {
  return Array.from({ length: ticks }, () => {
    actInWilds(engine, w, next);
    engine.step();
    return hashWorld(engine.state, w);
  });
}

describe('worlds with mobs', () => {
  it('play the same twice, alone or as a row of a batch', () => {
    const alone = hashes(createWilds({ seed: 42 }).engine, 0, 500, randomWords(9));
    expect(hashes(createWilds({ seed: 42 }).engine, 0, 500, randomWords(9))).toEqual(alone);
    expect(hashes(createWilds({ seed: 39, numWorlds: 5 }).engine, 3, 500, randomWords(9))).toEqual(alone);
    expect(new Set(alone).size).toBe(500);
    expect(hashes(createWilds({ seed: 43 }).engine, 0, 500, randomWords(9))[499]).not.toBe(alone[499]);
  });

  it('go on from a snapshot in the middle of a fight exactly, in another row of another engine', () => {
    const { engine } = createWilds({ seed: 7 });
    let fights = 0;
    const next = randomWords(3);
    for (let tick = 0; tick < 400 || fights === 0; tick++) {
      actInWilds(engine, 0, next);
      engine.step();
      fights = eventsOf(engine).filter(({ kind }) => kind === 'mobAttacked' || kind === 'struck').length;
    }
    const copy = createWilds({ seed: 1000, numWorlds: 2 }).engine;
    copy.restore(1, engine.snapshot(0));
    expect(hashWorld(copy.state, 1)).toBe(hashWorld(engine.state, 0));
    expect(hashes(copy, 1, 200, randomWords(4))).toEqual(hashes(engine, 0, 200, randomWords(4)));
  });

  it('keep every word and every observation of mobs within its range, and empty slots at their defaults, over random episodes', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 3; seed++) {
      const { engine, program } = createWilds({ seed });
      const { numMobs } = tablesOf(program);
      const next = randomWords(seed);
      hold(engine, 0, 0, 'iron_sword', 1);
      const fields = STATE_SPEC.filter(({ name }) => name.startsWith('mob') || name.startsWith('vel') || name.startsWith('pos'));
      const { groups, size, vector } = engine.observations;
      const watched = groups.filter(({ name }) => name === 'mobs' || name === 'stations');
      expect(watched).toHaveLength(2);
      for (let tick = 0; tick < 1000; tick++) {
        actInWilds(engine, 0, next);
        engine.step();
        for (const { kind } of eventsOf(engine)) seen.add(kind);
        const alive = new Set(living(engine));
        for (const { name, min, max } of fields) {
          const words: Int32Array = engine.state[name as StateFieldName];
          for (let k = 0; k < words.length; k++) {
            if (words[k] < min || words[k] > max) expect.fail(`${name}[${k}] is ${words[k]} at tick ${tick}`);
            if (name.startsWith('mob') && words[k] !== 0 && !alive.has(Math.floor((k * numMobs) / words.length)))
              expect.fail(`${name}[${k}] of an empty slot is ${words[k]} at tick ${tick}`);
          }
        }
        for (const group of watched)
          for (let a = 0; a < WILD_AGENTS; a++)
            for (let n = 0; n < group.rows * group.fields.length; n++) {
              const { name, low, high } = group.fields[n % group.fields.length];
              const value = vector[a * size + group.offset + n];
              if (!(value >= low && value <= high)) expect.fail(`${group.name}.${name} is ${value} at tick ${tick}`);
            }
      }
    }
    for (const kind of ['mobSpawned', 'struck', 'slain', 'mobAttacked', 'mobDropped', 'died', 'respawned'])
      expect(seen.has(kind), kind).toBe(true);
  });
});

describe('a chase or a flight in a mirrored world', () => {
  interface Scene {
    mobs: [number, number][];
    yaws: number[];
    agent: [number, number];
    pillars: [number, number, number][];
  }

  function randomScene(next: () => number): Scene {
    const place = (): [number, number] => [(4 << 16) + (next() % (24 << 16)), (4 << 16) + (next() % (24 << 16))];
    return {
      mobs: [place(), place(), place()],
      yaws: [next() | 0, next() | 0, next() | 0],
      agent: place(),
      pillars: Array.from({ length: 20 }, () => [next() % EDGE, next() % EDGE, 1 + (next() % 2)]),
    };
  }

  /** Mobs put at exact places; what they do from then on draws nothing, since zombies chase the agent and cows flee from it. */
  function engineOf(scene: Scene, kind: 'zombie' | 'cow', mirror?: 'x' | 'z') {
    const flipX = (x: number) => (mirror === 'x' ? SIDE_Q16 - x : x);
    const flipZ = (z: number) => (mirror === 'z' ? SIDE_Q16 - z : z);
    const { engine } = meadow(
      [
        {
          kind: 'zombie',
          count: 3,
          damage: 1,
          attackTicks: 20,
          sightMetres: 60,
          spawn: {
            region: [
              [0, 1, 0],
              [31, 4, 31],
            ],
          },
        },
      ],
      {
        starts: [[flipX(scene.agent[0]), 5 << 16, flipZ(scene.agent[1])]],
        shape(grid) {
          for (const [x, z, height] of scene.pillars)
            grid.fill(
              [mirror === 'x' ? EDGE - 1 - x : x, 1, mirror === 'z' ? EDGE - 1 - z : z],
              [mirror === 'x' ? EDGE - 1 - x : x, height, mirror === 'z' ? EDGE - 1 - z : z],
              grid.palette.indexOfName('stone'),
            );
        },
      },
    );
    const { state } = engine;
    scene.mobs.forEach(([x, z], slot) => {
      state.mobPosX[slot] = flipX(x);
      state.mobPosY[slot] = 5 << 16;
      state.mobPosZ[slot] = flipZ(z);
      state.mobYaw[slot] = flipYaw(scene.yaws[slot], mirror);
      state.mobMood[slot] = kind === 'cow' ? MOB_MOOD.flee : MOB_MOOD.chase;
      state.mobMoodTicks[slot] = 1000;
      state.mobTarget[slot] = 1;
    });
    return engine;
  }

  function flipYaw(yaw: number, mirror?: 'x' | 'z'): number {
    return mirror === 'x' ? -yaw | 0 : mirror === 'z' ? (HALF_TURN - yaw) | 0 : yaw;
  }

  /** Where the mirrored run first differs, as text; undefined when it never does. */
  function firstDifference(
    scene: Scene,
    kind: 'zombie' | 'cow',
    mirror: 'x' | 'z',
    seen: Set<string>,
    breakIt = false,
  ): string | undefined {
    const plain = engineOf(scene, kind);
    const mirrored = engineOf(scene, kind, mirror);
    if (breakIt) mirrored.state.mobPosX[0] += 1;
    for (let tick = 1; tick <= 160; tick++) {
      plain.step();
      mirrored.step();
      for (const { kind } of eventsOf(plain)) seen.add(kind);
      const p = plain.state;
      const m = mirrored.state;
      for (let k = 0; k < 3; k++) {
        const wanted: Record<string, [number, number]> = {
          x: [mirror === 'x' ? SIDE_Q16 - p.mobPosX[k] : p.mobPosX[k], m.mobPosX[k]],
          y: [p.mobPosY[k], m.mobPosY[k]],
          z: [mirror === 'z' ? SIDE_Q16 - p.mobPosZ[k] : p.mobPosZ[k], m.mobPosZ[k]],
          yaw: [flipYaw(p.mobYaw[k], mirror), m.mobYaw[k]],
          mood: [p.mobMood[k], m.mobMood[k]],
          velocity: [mirror === 'x' ? 0 - p.mobVelX[k] : p.mobVelX[k], m.mobVelX[k]],
          agent: [mirror === 'x' ? SIDE_Q16 - p.posX[0] : p.posX[0], m.posX[0]],
        };
        for (const [name, [expected, got]] of Object.entries(wanted))
          if (expected !== got) return `tick ${tick}, mob ${k}: ${name} must be ${expected}; got ${got}`;
      }
    }
    return undefined;
  }

  for (const mirror of ['x', 'z'] as const) {
    it(`in ${mirror} takes the mirrored path, among pillars and with hits, in 30 random scenes`, () => {
      const seen = new Set<string>();
      for (let seed = 1; seed <= 30; seed++) {
        for (const kind of ['zombie', 'cow'] as const)
          expect(firstDifference(randomScene(randomWords(seed * 6151)), kind, mirror, seen), `scene ${seed}, ${kind}`).toBeUndefined();
      }
      expect(seen.has('mobAttacked')).toBe(true);
    });

    it(`in ${mirror} differs when a mob starts one unit off`, () => {
      expect(firstDifference(randomScene(randomWords(6151)), 'zombie', mirror, new Set(), true)).toMatch(/^tick 1,/);
    });
  }
});
