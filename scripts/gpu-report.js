#!/usr/bin/env node
/**
 * The acceptance of a GPU in one command: what the adapter is, whether the engine `webgpu` equals `cpu` on it, and how fast it is.
 * Needs Node, the built packages and a Vulkan loader with the card's driver; stays under 8 minutes: each part ends when its share of time is spent.
 * Prints tables, then one line of JSON. Exit code 0: everything equal; 1: something differed; 2: nothing to test here, said in a sentence;
 * 3: equal as far as it came, but time ran out before all was compared.
 * --allow-software runs all of it, small, on a driver that computes on the CPU: that the script works, not how fast anything is.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createChaseSource, createRandomSource, loadScenario, readerOf } from '@kinovox/env';
import { createCpuEngine, createWebGpuEngine, findGpu, hashWorld, openGpu } from '@kinovox/physics';
import { benchScenario } from '../packages/server/dist/bench/bench-scenario.js';
import { openGpuRays } from '../packages/server/dist/bench/gpu-ray-bench.js';
import { countTouchedBytes } from '../packages/server/dist/bench/touched-bytes.js';

/** What an NVIDIA H200 is asked for. */
const TARGETS = { stateOnly: 1e9, crop: 1e8, rays: 2e10, bandwidthShare: 0.2 };
const LIMIT_MS = 8 * 60_000;
/** Parts may run until then, from the start. */
const PARITY_UNTIL_MS = 3 * 60_000;
const SPEED_UNTIL_MS = 6.5 * 60_000;
const CHECKED_TICKS = [1, 10, 100, 1000];
const PARITY = ['bridge-gap-v1', 'plates-and-door-v1', 'tag-v1', 'dig-tunnel-v1', 'reach-maze-v1', 'survival-basics-v1', 'night-watch-v1'];
/** Levels of a scenario in the parity test: each is built once, and few come round again within 1,000 ticks. */
const MOST_VARIANTS = 32;
const SCENARIOS = fileURLToPath(new URL('../scenarios/', import.meta.url));

const { values: options } = parseArgs({ options: { 'allow-software': { type: 'boolean', default: false } } });
const begin = performance.now();
const elapsed = () => performance.now() - begin;

const found = await findGpu();
if (found === undefined)
  stop('There must be a GPU; this host has no adapter. Install the Vulkan driver of the card and its loader (libvulkan1).');
if (found.software && !options['allow-software'])
  stop(
    `There must be a GPU; the only adapter, ${found.description}, computes on the CPU. Point VK_ICD_FILENAMES at the driver of the card, or give --allow-software to see that the script works.`,
  );
const small = found.software;
const { limits, info } = found.adapter;
const adapter = {
  vendor: found.vendor,
  architecture: info.architecture,
  description: found.description,
  software: found.software,
  maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
  maxBufferSize: limits.maxBufferSize,
  maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
  maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
};
table('Adapter', Object.entries(adapter));
const gpu = await openGpu();

const parity = await checkParity();
const speed = await measureSpeed();
const rays = await measureRays();
const copyBytesPerSecond = await measureCopies();
// Noting every access makes code slow for good: nothing is timed after this.
const touched = touchedBytes();
const best = Math.max(0, ...speed.filter(({ crop }) => !crop).map(({ agentStepsPerSecond }) => agentStepsPerSecond ?? 0));
const bandwidth = {
  copyBytesPerSecond,
  ...touched,
  boundAgentStepsPerSecond: touched.bytesPerAgentStep === null ? null : Math.round(copyBytesPerSecond / touched.bytesPerAgentStep),
  share: touched.bytesPerAgentStep === null ? null : (best * touched.bytesPerAgentStep) / copyBytesPerSecond,
};
const bestOf = (crop) => Math.max(0, ...speed.filter((row) => row.crop === crop).map((row) => row.agentStepsPerSecond ?? 0));
table(small ? 'Targets, of an NVIDIA H200: the figures of this driver say nothing' : 'Targets, of an NVIDIA H200', [
  ['agent-steps/s, state only', `${rate(bestOf(false))} of ${rate(TARGETS.stateOnly)}`],
  ['agent-steps/s, 9x9x9 crop on the device', `${rate(bestOf(true))} of ${rate(TARGETS.crop)}`],
  ['rays/s', `${rays.raysPerSecond === null ? rays.reason : rate(rays.raysPerSecond)} of ${rate(TARGETS.rays)}`],
  [
    'share of the bandwidth bound',
    bandwidth.share === null ? touched.reason : `${percent(bandwidth.share)} of ${percent(TARGETS.bandwidthShare)}`,
  ],
]);
const equal = parity.every(({ equal: same }) => same !== false) && parity.some(({ equal: same }) => same === true);
const cutShort = parity.filter(({ ticks, equal: same }) => same !== false && ticks < lastTick());
const seconds = Math.round(elapsed() / 1000);
const verdict = !equal
  ? 'DIFFERS from cpu'
  : cutShort.length === 0
    ? 'Equal to cpu'
    : `Equal to cpu as far as it came: time ran out in ${cutShort.length} of ${parity.length} scenarios. Run it again: kernels are compiled by now`;
console.log(`${verdict}; ${seconds} s of at most ${LIMIT_MS / 1000}.`);
const targets = small ? null : TARGETS;
console.log(
  JSON.stringify({
    commit: commit(),
    node: process.version,
    adapter,
    parity,
    speed,
    rays,
    bandwidth,
    targets,
    equal,
    complete: cutShort.length === 0,
    seconds,
  }),
);
gpu.device.destroy();
process.exitCode = !equal ? 1 : cutShort.length === 0 ? 0 : 3;

/** How far scenarios are compared: a driver that computes on the CPU shows that the script works, no more. */
function lastTick() {
  return small ? 100 : CHECKED_TICKS[CHECKED_TICKS.length - 1];
}

/** Hashes of every row on the device, advanced by a source, beside cpu, stepped tick by tick by the source's twin. */
async function checkParity() {
  const rows = [];
  const numWorlds = small ? 6 : 64;
  for (const id of small ? PARITY.slice(0, 2) : PARITY) {
    const row = { scenario: id, ticks: 0, worlds: numWorlds, equal: null, edits: 0, resets: 0, reason: null };
    rows.push(row);
    if (elapsed() > PARITY_UNTIL_MS) {
      row.reason = 'out of time';
      continue;
    }
    const compiled = withFewVariants(id, small ? 4 : MOST_VARIANTS);
    const shared = { program: compiled.program, variants: compiled.playableLevels('train'), numWorlds, seed: 5 };
    const cpu = createCpuEngine(shared);
    const engine = await createWebGpuEngine({ ...shared, gpu });
    const source = id.startsWith('tag') ? createChaseSource() : createRandomSource();
    const actions = new Float32Array(numWorlds * compiled.program.numAgents * 11);
    const sums = {
      returns: new Float64Array(numWorlds * compiled.program.numAgents),
      achieved: new Uint8Array(numWorlds * compiled.program.monitor.achievements.length),
    };
    let done = 0;
    for (const ticks of CHECKED_TICKS) {
      if (elapsed() > PARITY_UNTIL_MS || ticks > lastTick()) break;
      await engine.advance(source, ticks - done, sums);
      for (; done < ticks; done++) {
        source.fill(cpu, actions);
        cpu.decode(actions);
        cpu.step();
        row.edits += cpu.buffers.editCount.reduce((sum, count) => sum + Math.max(0, count), 0);
        row.resets += cpu.outputs.ended.reduce((sum, end) => sum + end, 0);
      }
      const hashes = await engine.hashes();
      row.ticks = ticks;
      row.equal = hashes.every((hash, w) => hash === hashWorld(cpu.state, w)) && same(engine.observations.vector, cpu.observations.vector);
      if (!row.equal) break;
    }
    if (row.ticks === 0) row.reason = 'out of time';
    engine.dispose();
  }
  table(
    'Equal to cpu: state and observations of every row',
    rows.map((row) => [
      row.scenario,
      row.equal === null
        ? row.reason
        : `${row.equal ? 'equal' : 'DIFFERS'} at ${row.ticks} ticks, ${row.worlds} worlds, ${row.edits} edits, ${row.resets} resets`,
    ]),
  );
  return rows;
}

/** Ticks of the benchmark's scenario with random play decided on the device; nothing is read back. */
async function measureSpeed() {
  const rows = [];
  const numAgents = 8;
  const sizes = small ? [64] : [65_536, 262_144, 1_048_576];
  for (const crop of [false, true]) {
    const scenario = benchScenario(numAgents);
    if (crop) scenario.observation = { ...scenario.observation, crop: 9 };
    scenario.episode = { ...scenario.episode, variants: small ? 4 : 64 };
    const compiled = loadScenario(scenario);
    for (const agents of sizes) {
      const row = {
        agents,
        worlds: agents / numAgents,
        crop,
        agentStepsPerSecond: null,
        msPerTick: null,
        bytesPerWorld: null,
        reason: null,
      };
      rows.push(row);
      if (elapsed() > SPEED_UNTIL_MS) {
        row.reason = 'out of time';
        continue;
      }
      try {
        await measureRow(row, compiled, crop);
      } catch (error) {
        row.reason = error.message;
      }
    }
  }
  table(
    'Agent-steps per second, random play decided on the device',
    rows.map((row) => [
      `${row.agents} agents, ${row.crop ? 'observations and a 9x9x9 crop kept on the device' : 'state only'}`,
      row.agentStepsPerSecond === null
        ? row.reason
        : `${rate(row.agentStepsPerSecond)}, ${row.msPerTick.toFixed(2)} ms a tick, ${row.bytesPerWorld} bytes a world`,
    ]),
  );
  return rows;
}

async function measureRow(row, compiled, observe) {
  const engine = await createWebGpuEngine({
    program: compiled.program,
    variants: compiled.playableLevels('train'),
    numWorlds: row.worlds,
    seed: 1,
    observe,
    read: { groups: [], crop: false, final: false, rewardTerms: false, tasks: false },
    gpu,
  });
  try {
    const source = createRandomSource();
    const run = async (ticks) => {
      const from = performance.now();
      await engine.queue(source, ticks);
      await gpu.device.queue.onSubmittedWorkDone();
      return performance.now() - from;
    };
    // Kernels of the source are compiled, memory is touched, episodes are in their middle.
    await run(small ? 4 : 64);
    let ticks = 4;
    let ms = await run(ticks);
    const leastMs = small ? 200 : 3000;
    while (ms < leastMs && ticks < 65_536) {
      ticks = Math.ceil(Math.min(4, (1.2 * leastMs) / Math.max(1, ms)) * ticks);
      ms = await run(ticks);
    }
    row.agentStepsPerSecond = Math.round((1000 * ticks * row.agents) / ms);
    row.msPerTick = ms / ticks;
    row.bytesPerWorld = engine.bytesPerWorld;
  } finally {
    engine.dispose();
  }
}

async function measureRays() {
  const result = { raysPerSecond: null, edge: small ? 16 : 64, reason: null };
  const measure = await openGpuRays({ software: small, worlds: small ? 1 : 512, leastMs: small ? 100 : 2000 });
  if (typeof measure === 'string') result.reason = measure;
  else if (elapsed() > SPEED_UNTIL_MS) result.reason = 'out of time';
  else result.raysPerSecond = await measure.measure('tag-v1', ['depth', 'block', 'body'], result.edge);
  table('Ray camera', [['rays/s', result.raysPerSecond === null ? result.reason : rate(result.raysPerSecond)]]);
  return result;
}

/** Bytes per second that the device copies from buffer to buffer, read and write counted. */
async function measureCopies() {
  const size = (small ? 16 : 1024) * 2 ** 20;
  const { device } = gpu;
  const [from, to] = [0, 1].map(() => device.createBuffer({ size, usage: 0x4 | 0x8 }));
  const rounds = small ? 2 : 50;
  let bestMs = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 4; k++) {
    const encoder = device.createCommandEncoder();
    for (let round = 0; round < rounds; round++) encoder.copyBufferToBuffer(from, 0, to, 0, size);
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    bestMs = Math.min(bestMs, performance.now() - start);
  }
  from.destroy();
  to.destroy();
  const bytesPerSecond = Math.round((2 * size * rounds * 1000) / bestMs);
  table('Memory', [['copied, read and written', `${(bytesPerSecond / 1e9).toFixed(1)} GB/s`]]);
  return bytesPerSecond;
}

/** Bytes that a tick of the benchmark's scenario must move, counted on cpu. */
function touchedBytes() {
  if (elapsed() > LIMIT_MS - 45_000) return { bytesPerAgentStep: null, reason: 'out of time' };
  const { read, written } = countTouchedBytes(loadScenario(benchScenario(small ? 1 : 8)), false);
  return { bytesPerAgentStep: Math.round(read + written), reason: null };
}

function withFewVariants(id, variants) {
  const path = `${SCENARIOS}${id}.scenario.json`;
  const scenario = JSON.parse(readFileSync(path, 'utf8'));
  scenario.episode = { ...scenario.episode, variants };
  delete scenario.$schema;
  return loadScenario(scenario, { readFile: readerOf(dirname(path)) });
}

function same(a, b) {
  return a.length === b.length && a.every((value, k) => value === b[k]);
}

function table(title, rows) {
  console.log(`\n${title}`);
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) console.log(`  ${name.padEnd(width)}  ${value}`);
}

function rate(perSecond) {
  const [unit, name] = perSecond >= 1e9 ? [1e9, ' G'] : perSecond >= 1e6 ? [1e6, ' M'] : perSecond >= 1e3 ? [1e3, ' k'] : [1, ''];
  return `${(perSecond / unit).toFixed(unit === 1 ? 0 : 2)}${name}`;
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

function stop(sentence) {
  console.error(sentence);
  process.exit(2);
}
