/**
 * The safety filter in closed loop: `node test/bench/safety/closed-loop.js [episodes]` prints one JSON object; `--out FILE` keeps it.
 * Random play on levels of `ledges.scenario.json`: terraces over a pit, lava, a bridge, trapdoors and pillars that a second agent switches, also at random.
 * Per mode: episodes that start safe, those among them in which the agent was harmed (in lava, or below the terraces), the share of actions that did not pass.
 * `monitor` adds how well it foretells: of the episodes with harm, those flagged before (recall); of those with a state from which no braking avoids harm
 * however the blocks move, those with harm within 60 ticks (precision). `flipped` has a value of the wrong sign.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { pathToFileURL } from 'node:url';

const MARGIN = 0.05;
const TICKS = 400;
/** Feet below this layer are in the pit. */
const PIT_Q16 = 6 * 65536;
const FORETOLD_TICKS = 60;
const BATCH = 50;

export const LEDGES = new URL('./ledges.scenario.json', import.meta.url);

/**
 * @param kit { loadScenario, createBatchEnv, createPolicy, runPolicies, createSafetyFilter, createWalkerValue, EVENT, EVENT_WORDS, MAX_EVENTS_PER_TICK }
 * @param options { mode, episodes, ticks, seed, compiled? } of the `test` split, one row each; mode of the filter, or `flipped`.
 * @returns per episode: startValue in metres; harmedAt, flaggedAt, condemnedAt as ticks or undefined; seen, intervened, switches.
 */
export async function playClosedLoop(kit, { mode, episodes, ticks, seed, compiled }) {
  const env = await kit.createBatchEnv({
    scenario: compiled ?? ledges(kit),
    numWorlds: episodes,
    seed,
    split: 'test',
    autoreset: 'next-step',
    observe: false,
    engine: 'cpu',
  });
  env.reset();
  const { state, outputs, buffers } = env.engine;
  const A = env.numAgents;
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
        if (value < 0 && reason !== 'blocks') episode.condemnedAt ??= tick;
      },
    },
    mode === 'flipped' ? flippedMeasure(kit) : undefined,
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
  const run = kit.runPolicies(env, kit.createPolicy('random'));
  const over = new Uint8Array(episodes);
  const health = state.health.slice();
  for (tick = 1; tick <= ticks && over.includes(0); tick++) {
    const actions = run.act();
    for (let row = 0; row < episodes; row++) {
      health[row * A] = state.health[row * A];
      if (over[row] === 0) results[row].seen++;
    }
    filter.filter(actions, over, [0]);
    env.stepSync(actions);
    for (let row = 0; row < episodes; row++) {
      if (over[row] !== 0) continue;
      const i = row * A;
      if (state.health[i] < health[i] || state.posY[i] < PIT_Q16) results[row].harmedAt ??= tick;
      const first = row * kit.MAX_EVENTS_PER_TICK;
      for (let k = first; k < first + buffers.eventCount[row]; k++)
        if (buffers.events[k * kit.EVENT_WORDS] === kit.EVENT.switched) results[row].switches++;
      over[row] = outputs.ended[row];
    }
  }
  env.close();
  return results;
}

/** The scenario, compiled: given to several loops, its levels are made once. */
export function ledges(kit) {
  return kit.loadScenario(JSON.parse(readFileSync(LEDGES, 'utf8')));
}

/** Calls safe what is unsafe, and the other way round. */
export function flippedMeasure({ createWalkerValue }) {
  return (program, harm) => {
    const right = createWalkerValue(program, harm);
    return {
      harm: right.harm,
      take: (...args) => right.take(...args),
      valueAfter: (action) => -right.valueAfter(action),
      brakeInto: (out) => right.brakeInto(out),
    };
  };
}

/** Figures of a mode over its episodes. */
export function summary(episodes) {
  const safe = episodes.filter(({ startValue }) => startValue > MARGIN);
  const harmed = safe.filter(({ harmedAt }) => harmedAt !== undefined);
  const condemned = safe.filter(({ condemnedAt }) => condemnedAt !== undefined);
  const foretold = condemned.filter(({ condemnedAt, harmedAt }) => harmedAt !== undefined && harmedAt <= condemnedAt + FORETOLD_TICKS);
  const total = (name) => safe.reduce((sum, episode) => sum + episode[name], 0);
  return {
    episodes: episodes.length,
    startSafe: safe.length,
    harmed: harmed.length,
    ticks: total('seen'),
    intervened: total('intervened'),
    interventionRate: round(total('intervened') / total('seen')),
    blockSwitches: total('switches'),
    recall:
      total('intervened') === 0 ? null : round(harmed.filter(({ flaggedAt, harmedAt }) => flaggedAt <= harmedAt).length / harmed.length),
    precision: round(foretold.length / condemned.length),
    condemned: condemned.length,
  };
}

function round(x) {
  return Number.isFinite(x) ? Math.round(x * 1e4) / 1e4 : null;
}

async function main() {
  const [{ loadScenario, createBatchEnv }, agents, planning, world] = await Promise.all(
    ['env', 'agents', 'planning', 'world'].map((name) => import(`@kinovox/${name}`)),
  );
  const { createPolicy, runPolicies } = agents;
  const { createSafetyFilter, createWalkerValue } = planning;
  const { EVENT, EVENT_WORDS, MAX_EVENTS_PER_TICK } = world;
  const kit = {
    loadScenario,
    createBatchEnv,
    createPolicy,
    runPolicies,
    createSafetyFilter,
    createWalkerValue,
    EVENT,
    EVENT_WORDS,
    MAX_EVENTS_PER_TICK,
  };
  const count = Number(process.argv[2] ?? 1000);
  const compiled = ledges(kit);
  const modes = {};
  for (const mode of ['off', 'monitor', 'enforce', 'flipped']) {
    // What intervenes in every tick looks at all its choices, and takes long.
    const episodes = mode === 'flipped' ? Math.min(count, 100) : count;
    const all = [];
    const from = process.cpuUsage();
    for (let first = 0; first < episodes; first += BATCH)
      all.push(...(await playClosedLoop(kit, { mode, episodes: Math.min(BATCH, episodes - first), ticks: TICKS, seed: first, compiled })));
    const { user, system } = process.cpuUsage(from);
    modes[mode] = { ...summary(all), cpuSeconds: round((user + system) / 1e6) };
    console.error(`${mode}: ${JSON.stringify(modes[mode])}`);
  }
  const report = {
    scenario: 'test/bench/safety/ledges.scenario.json',
    split: 'test',
    maxTicks: TICKS,
    marginMetres: MARGIN,
    modes,
    cpu: cpus()[0].model,
    at: new Date().toISOString(),
  };
  console.log(JSON.stringify(report, null, 2));
  const out = process.argv.indexOf('--out');
  if (out > 0) writeFileSync(process.argv[out + 1], `${JSON.stringify(report, null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
