import { readFileSync } from 'node:fs';
import { compileScenario } from './packages/env/dist/index.js';
import * as env from './packages/env/dist/index.js';
import { createCpuEngine } from './packages/physics/dist/index.js';
import { Shard } from './packages/physics/dist/engines/webgpu/shard.js';
import { requireGpu } from './packages/physics/dist/engines/webgpu/device.js';
import { hashWorld } from './packages/physics/dist/batch-state.js';
import { formatHash, ACTION_FIELDS, ACTION_SPEC } from './packages/world/dist/index.js';
const name = process.argv[2], B = Number(process.argv[3] ?? 64), T = Number(process.argv[4] ?? 100);
const { adapter, description } = await requireGpu();
const device = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize: adapter.limits.maxStorageBufferBindingSize, maxBufferSize: adapter.limits.maxBufferSize } });
device.addEventListener('uncapturederror', (e) => { console.error(e.error.message.slice(0, 3000)); process.exit(1); });
const compiled = env.loadScenario(`scenarios/${name}.scenario.json`);
const program = compiled.program; const variants = compiled.playableLevels('train');
const V = Math.min(program.numVariants, 1024);
let t0 = performance.now();
const levels = []; for (let v = 0; v < V; v++) levels.push(variants.get(v));
console.log('levels', V, (performance.now() - t0).toFixed(0), 'ms'); t0 = performance.now();
const shard = await Shard.create(device, { program, variants, first: 0, count: B, autoreset: true, observe: true, specialise: process.env.SPEC === '1' }, levels);
console.log('kernel', (performance.now() - t0).toFixed(0), 'ms', description);
const cpu = createCpuEngine({ program, variants, numWorlds: B, seed: 5 });
const seeds = Int32Array.from({ length: B }, (_, w) => 5 + w);
shard.write('c.state.rowSeedLow', seeds); shard.write('c.state.rowSeedHigh', new Int32Array(B)); shard.write('c.state.episode', new Int32Array(B));
shard.reset(new Int32Array(B).fill(1));
let s = 12345; const rnd = () => ((s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 4294967296);
const n = B * program.numAgents;
const check = async (t) => {
  shard.hash(); await shard.pull(['hash']);
  const h = shard.region('hash').host;
  let bad = 0, first = -1;
  for (let w = 0; w < B; w++) if (formatHash(h[2 * w], h[2 * w + 1]) !== hashWorld(cpu.state, w)) { bad++; if (first < 0) first = w; }
  await shard.pull(['c.observations.vector', 'c.outputs.rewards', 'c.outputs.terminated', 'c.buffers.eventCount','c.observations.crop'].filter((p)=>{try{shard.region(p);return true}catch{return false}}));
  const ctx = shard.context; let ob = 0, at = -1;
  for (let k = 0; k < cpu.observations.vector.length; k++) if (!Object.is(cpu.observations.vector[k], ctx.observations.vector[k]) && !(cpu.observations.vector[k] === 0 && ctx.observations.vector[k] === 0)) { ob++; if (at < 0) at = k; }
  let rb = 0; for (let k = 0; k < n; k++) if (cpu.outputs.rewards[k] !== ctx.outputs.rewards[k]) rb++;
  let cb = 0; for (let k = 0; k < cpu.observations.crop.length; k++) if (cpu.observations.crop[k] !== ctx.observations.crop[k]) cb++;
  console.log(`t=${t} hash differs in ${bad}/${B} worlds, obs ${ob}, rewards ${rb}, crops ${cb}`);
  if (ob > 0) { const k = at % cpu.observations.size; const g = cpu.observations.groups.find((g) => k >= g.offset && k < g.offset + g.rows * g.fields.length); console.log(' obs', g.name, g.fields[(k - g.offset) % g.fields.length].name, cpu.observations.vector[at], ctx.observations.vector[at]); }
  if (bad > 0) {
    await shard.pullState();
    for (const f of cpu.state.layout.fields) for (let k = 0; k < f.wordsPerWorld; k++) { const a = cpu.state.arena[f.base + first * f.wordsPerWorld + k], b = ctx.state.arena[f.base + first * f.wordsPerWorld + k]; if (a !== b) { console.log('  ', first, f.name, k, 'cpu', a, 'gpu', b); break; } }
    console.log('   voxelHash', cpu.state.voxelHash.slice(2*first,2*first+2), ctx.state.voxelHash.slice(2*first, 2*first+2));
    process.exit(1);
  }
};
await check(0);
let gpuMs = 0, cpuMs = 0;
for (let t = 1; t <= T; t++) {
  const a = new Float32Array(n * ACTION_FIELDS);
  for (let i = 0; i < n; i++) for (let k = 0; k < ACTION_FIELDS; k++) { const f = ACTION_SPEC[k]; if (rnd() < (f.name === 'message' || f.name === 'jump' ? 0.1 : 0.7)) a[i * ACTION_FIELDS + k] = f.kind === 'axis' ? f.min + rnd() * (f.max - f.min) : f.kind === 'button' ? (rnd() < 0.5 ? 1 : 0) : Math.floor(rnd() * (f.max + 1)); }
  let q = performance.now(); cpu.decode(a); cpu.step(); cpuMs += performance.now() - q;
  q = performance.now(); shard.step(a); if (t === T) await device.queue.onSubmittedWorkDone(); gpuMs += performance.now() - q;
  if (t === 1 || t === 10 || t % 100 === 0 || t === T) await check(t);
}
console.log('cpu ms/tick', (cpuMs / T).toFixed(2), 'gpu', (gpuMs / T).toFixed(2));
process.exit(0);
