/**
 * How often MPPI solves the courses of vehicles: `node test/bench/mppi.js [episodes] [--runner plain,webasm,cpu,webgpu] [--scenario id,id] [--out FILE]`
 * plays episodes of the test split with 4,096 rollouts of 40 ticks, by the plain reference and on gpu.js, and prints one JSON object: successes with 95 %
 * intervals of Wilson, ticks, and processor milliseconds per improvement of a plan. 100 episodes of both on gpu.js take half an hour of one core, by the reference more than an hour.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createMppiFactory, playEpisodes, wilsonInterval } from '@kinovox/agents';
import { loadScenario } from '@kinovox/env';
import { createGpuJs } from '@kinovox/physics';
import { createGpuJsRunner, createPlainRunner, PILOT_DEFAULTS } from '@kinovox/planning';

const SCENARIOS = ['rover-slalom-v1', 'quad-window-v1'];
const RUNNERS = ['plain', 'webasm', 'cpu', 'webgpu'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runner: { type: 'string', default: 'plain,webasm' },
    scenario: { type: 'string', default: SCENARIOS.join() },
    out: { type: 'string' },
  },
});
const episodes = Number(positionals[0] ?? 100);
if (!Number.isInteger(episodes) || episodes < 1)
  throw new Error(`The number of episodes must be a whole number above 0; got "${positionals[0]}".`);
// Of the beginning: others may commit meanwhile.
const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
const rows = [];
for (const runner of values.runner.split(',')) {
  if (!RUNNERS.includes(runner)) throw new Error(`A runner must be one of ${RUNNERS.join(', ')}; got "${runner}".`);
  const runtime = runner === 'plain' ? undefined : await createGpuJs({ mode: runner });
  for (const scenario of values.scenario.split(',')) {
    rows.push(await play(scenario, runner, runtime));
    // As they end: who stops it after an hour keeps what there is.
    keep();
  }
  await runtime?.destroy();
}
console.log(JSON.stringify(reportOf(), null, 2));

function reportOf() {
  return {
    commit,
    ...PILOT_DEFAULTS,
    episodes,
    split: 'test',
    cpu: cpus()[0]?.model ?? 'unknown',
    threads: availableParallelism(),
    node: process.version,
    rows,
  };
}

function keep() {
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(reportOf(), null, 2)}\n`);
}

async function play(id, runner, runtime) {
  const compiled = loadScenario(new URL(`../../scenarios/${id}.scenario.json`, import.meta.url).pathname);
  let improvements = 0;
  let cpuMs = 0;
  /** Counts, and what each costs in processor time. */
  const counted = (one) => {
    const timed = (begin, result) => {
      const { user, system } = process.cpuUsage(begin);
      cpuMs += (user + system) / 1000;
      improvements++;
      return result;
    };
    return {
      ...one,
      runSync: one.runSync === undefined ? undefined : (request) => timed(process.cpuUsage(), one.runSync(request)),
      run: async (request) => {
        const begin = process.cpuUsage();
        return timed(begin, await one.run(request));
      },
    };
  };
  const createRunner = (settings) => counted(runtime === undefined ? createPlainRunner(settings) : createGpuJsRunner(runtime, settings));
  let done = 0;
  const played = await playEpisodes(compiled, createMppiFactory({ createRunner }), {
    seeds: episodes,
    firstSeed: 0,
    split: 'test',
    onEpisode: () => process.stderr.write(`${id}, ${runner}: ${++done} of ${episodes}\n`),
  });
  const successes = played.filter(({ succeeded }) => succeeded[0]).length;
  const ticks = played.filter(({ succeeded }) => succeeded[0]).map((one) => one.ticks);
  return {
    scenario: id,
    runner: runtime?.mode ?? 'plain',
    successes,
    successRate: successes / episodes,
    interval: wilsonInterval(successes, episodes),
    meanTicksOfSuccesses: ticks.length === 0 ? null : Math.round(ticks.reduce((sum, one) => sum + one, 0) / ticks.length),
    failedSeeds: played.filter(({ succeeded }) => !succeeded[0]).map(({ seed }) => seed),
    cpuMsPerImprovement: Number((cpuMs / improvements).toFixed(1)),
  };
}
