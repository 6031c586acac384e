/**
 * The safety filter of vehicles in closed loop: `node test/bench/safety/closed-loop-vehicles.js [episodes] [rover|quadcopter]` prints one JSON object;
 * `--out FILE` keeps it. Play in the rigid engine at random (`modes`) and with sticks held for 2..36 ticks, 80 % of them at their ends (`held`), a rover on `rover-ledges` and a quadcopter in `copter-cave`, where blocks come and go by the clock.
 * Harm is read from the engine alone: contacts of a copter; of a rover, cells that its chassis meets, and its height. Figures are those of `closed-loop.js`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { pathToFileURL } from 'node:url';
import { summary } from './closed-loop.js';

export const MARGIN = 0.05;
const TICKS = 400;
const BATCH = 50;
/** A rover this much lower than it started has left its ground, metres. */
const FALLEN = 0.3;
/** A gap below this is a contact, metres. */
const TOUCH = 0.003;
/** Ticks for which a stick is held, and the share of sticks that are at an end. */
const HELD_TICKS = [2, 36];
const AT_END = 0.8;
const STICKS = ['forward', 'strafe', 'turn', 'look'];

const FILES = {
  rover: new URL('./rover-ledges.scenario.json', import.meta.url),
  quadcopter: new URL('./copter-cave.scenario.json', import.meta.url),
};
export const VEHICLES = Object.keys(FILES);

/** @param body parameters that its vehicle has in place of the defaults. */
export function arena(kit, vehicle, body = {}) {
  const scenario = JSON.parse(readFileSync(FILES[vehicle], 'utf8'));
  Object.assign(scenario.agents[0].body, body);
  return kit.loadScenario(scenario);
}

/**
 * @param kit { loadScenario, createBatchEnv, createPolicy, runPolicies, createSafetyFilter, createStateValue, EVENT, EVENT_WORDS, MAX_EVENTS_PER_TICK, VEHICLE_WORD, VEHICLE_WORDS }
 * @param options { vehicle, mode, episodes, ticks, seed, compiled?, play? } of the `test` split, one row each; mode of the filter, or `flipped`; play `random` (default) or `held`.
 * @returns per episode what `playClosedLoop` returns.
 */
export async function playVehicles(kit, { vehicle, mode, episodes, ticks, seed, compiled, play = 'random' }) {
  const env = await kit.createBatchEnv({
    scenario: compiled ?? arena(kit, vehicle),
    numWorlds: episodes,
    seed,
    split: 'test',
    autoreset: 'next-step',
    observe: false,
    engine: 'rigid',
  });
  env.reset();
  const { outputs, buffers } = env.engine;
  const results = [];
  let tick = 0;
  const filter = kit.createSafetyFilter(
    env.engine,
    {
      mode: mode === 'flipped' ? 'enforce' : mode,
      margin: MARGIN,
      onIntervention({ row, value, reason }) {
        const episode = results[row];
        episode.intervened++;
        episode.flaggedAt ??= tick;
        if (value < 0 && reason !== 'blocks' && reason !== 'appears') episode.condemnedAt ??= tick;
      },
    },
    mode === 'flipped' ? flipped(kit) : undefined,
  );
  for (let row = 0; row < episodes; row++)
    results.push({
      startValue: filter.valueOf(row, 0) * (mode === 'flipped' ? -1 : 1),
      harmedAt: undefined,
      flaggedAt: undefined,
      condemnedAt: undefined,
      seen: 0,
      intervened: 0,
      switches: 0,
    });
  const isHarmed = vehicle === 'rover' ? roverHarm(env.engine) : copterHarm(env.engine, kit);
  const run = play === 'held' ? heldSticks(env, kit, vehicle, seed) : kit.runPolicies(env, kit.createPolicy('random'));
  const over = new Uint8Array(episodes);
  for (tick = 1; tick <= ticks && over.includes(0); tick++) {
    const actions = run.act();
    for (let row = 0; row < episodes; row++) if (over[row] === 0) results[row].seen++;
    filter.filter(actions, over);
    env.stepSync(actions);
    for (let row = 0; row < episodes; row++) {
      if (over[row] !== 0) continue;
      if (isHarmed(row)) results[row].harmedAt ??= tick;
      const first = row * kit.MAX_EVENTS_PER_TICK;
      for (let k = first; k < first + buffers.eventCount[row]; k++)
        if (buffers.events[k * kit.EVENT_WORDS] === kit.EVENT.switched) results[row].switches++;
      over[row] = outputs.ended[row];
    }
  }
  env.close();
  return results;
}

/** Each row holds each stick for a while of its own, mostly at an end. A rover has no use for `look`. */
function heldSticks(env, { ACTION_WORD }, vehicle, seed) {
  const rows = env.engine.numWorlds;
  const draws = Array.from({ length: rows }, (_, row) => drawsFrom(seed + row));
  const width = env.actionLength / rows;
  const held = new Float32Array(env.actionLength);
  const left = new Int32Array(rows * STICKS.length);
  const out = new Float32Array(env.actionLength);
  const [least, most] = HELD_TICKS;
  return {
    act() {
      draws.forEach((draw, row) => {
        STICKS.forEach((stick, k) => {
          if (left[row * STICKS.length + k]-- > 0) return;
          left[row * STICKS.length + k] = least - 1 + Math.floor(draw() * (most - least + 1));
          const by = draw() * 2 - 1;
          const end = draw() < AT_END ? Math.sign(by) : by;
          const scale = stick === 'turn' || stick === 'look' ? Math.PI / 12 : 1;
          held[row * width + ACTION_WORD[stick]] = stick === 'look' && vehicle === 'rover' ? 0 : end * scale;
        });
      });
      // The filter writes over what it is given.
      out.set(held);
      return out;
    },
  };
}

/** Mulberry32, [0, 1). */
export function drawsFrom(seed) {
  let at = seed >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let t = Math.imul(at ^ (at >>> 15), 1 | at);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Calls safe what is unsafe, and the other way round. */
export function flipped({ createStateValue }) {
  return (program, harm, slot) => {
    const right = createStateValue(program, harm, slot);
    return {
      harm: right.harm,
      take: (...args) => right.take(...args),
      valueAfter: (action) => -right.valueAfter(action),
      brakeInto: (out) => right.brakeInto(out),
      tryInto: (out, k) => right.tryInto(out, k),
    };
  };
}

function copterHarm({ state }, { VEHICLE_WORD, VEHICLE_WORDS }) {
  return (row) => state.vehicle[row * VEHICLE_WORDS + VEHICLE_WORD.contacts] !== 0;
}

/** Whether the chassis is at a solid cell, by separating lines of two boxes in the plane, or has sunk. */
function roverHarm({ state, program }) {
  const [width, , length] = program.vehicles.bodies[0].size;
  const start = [...state.posY];
  const [sizeX, , sizeZ] = program.size;
  return (row) => {
    if (state.posY[row] < start[row] - FALLEN * 65536) return true;
    const [x, y, z] = [state.posX[row] / 65536, Math.floor(state.posY[row] / 65536), state.posZ[row] / 65536];
    const yaw = (state.yaw[row] / 4294967296) * 2 * Math.PI;
    const [sin, cos] = [Math.sin(yaw), Math.cos(yaw)];
    const isSolid = (cx, cz) =>
      cx < 0 ||
      cz < 0 ||
      cx >= sizeX ||
      cz >= sizeZ ||
      (state.rows[row * state.rowsPerWorld + (y * sizeZ + cz) * program.rowWords + (cx >> 5)] & (1 << (cx & 31))) !== 0;
    const halfX = (Math.abs(cos) * width + Math.abs(sin) * length) / 2;
    const halfZ = (Math.abs(sin) * width + Math.abs(cos) * length) / 2;
    for (let cz = Math.floor(z - 2); cz <= Math.floor(z + 2); cz++)
      for (let cx = Math.floor(x - 2); cx <= Math.floor(x + 2); cx++) {
        if (!isSolid(cx, cz)) continue;
        const [dx, dz] = [cx + 0.5 - x, cz + 0.5 - z];
        const half = (Math.abs(sin) + Math.abs(cos)) / 2;
        const gap = Math.max(
          Math.abs(dx) - 0.5 - halfX,
          Math.abs(dz) - 0.5 - halfZ,
          Math.abs(cos * dx - sin * dz) - half - width / 2,
          Math.abs(sin * dx + cos * dz) - half - length / 2,
        );
        if (gap < TOUCH) return true;
      }
    return false;
  };
}

export async function loadKit() {
  const [env, agents, planning, world] = await Promise.all(
    ['env', 'agents', 'planning', 'world'].map((name) => import(`@kinovox/${name}`)),
  );
  return { ...env, ...agents, ...planning, ...world };
}

async function main() {
  const kit = await loadKit();
  const args = process.argv.slice(2);
  const out = args.indexOf('--out');
  const file = out < 0 ? undefined : args.splice(out, 2)[1];
  const count = Number(args[0] ?? 1000);
  const report = { split: 'test', maxTicks: TICKS, marginMetres: MARGIN, vehicles: {}, cpu: cpus()[0].model, at: new Date().toISOString() };
  for (const vehicle of VEHICLES.filter((name) => (args[1] ?? name) === name)) {
    const compiled = arena(kit, vehicle);
    const measure = async (play, mode, episodes) => {
      const all = [];
      const from = process.cpuUsage();
      for (let first = 0; first < episodes; first += BATCH) {
        const rows = Math.min(BATCH, episodes - first);
        all.push(...(await playVehicles(kit, { vehicle, mode, play, episodes: rows, ticks: TICKS, seed: first, compiled })));
      }
      const { user, system } = process.cpuUsage(from);
      const figures = { ...summary(all), cpuSeconds: Math.round((user + system) / 1e4) / 100 };
      console.error(`${vehicle} ${play} ${mode}: ${JSON.stringify(figures)}`);
      return figures;
    };
    const modes = {};
    for (const mode of ['off', 'monitor', 'enforce', 'flipped'])
      modes[mode] = await measure('random', mode, mode === 'flipped' ? Math.min(count, 100) : count);
    const held = {};
    for (const mode of ['off', 'enforce']) held[mode] = await measure('held', mode, count);
    report.vehicles[vehicle] = { scenario: FILES[vehicle].pathname.split('/').slice(-4).join('/'), modes, held };
  }
  console.log(JSON.stringify(report, null, 2));
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
