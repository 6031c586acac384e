/**
 * Where the time of the engine `cpu` goes: nanoseconds per agent and stage, in the world of `kinovox bench`. `node test/bench/stages.js [worlds] [agents]`.
 * The clock is read twice per stage and pass of 64 worlds, which costs a stage about 1 ns per agent. `rest` is resets, observations and what ties stages together.
 */
import { compileScenario } from '../../packages/env/dist/index.js';
import { createCpuEngine, STAGES } from '../../packages/physics/dist/index.js';
import { benchScenario } from '../../packages/server/dist/bench/bench-scenario.js';
import { randomActionRing } from '../../packages/server/dist/bench/random-actions.js';
import { parseScenario } from '../../packages/world/dist/index.js';

const [worlds = 4096, agents = 2] = process.argv.slice(2).map(Number);
/** Agent-steps that are measured, after half as many to warm up; at least two episodes, so that resets are among them. */
const STEPS = 4e6;

const spent = new Map();
const timed = (name, run) => {
  const start = performance.now();
  run();
  spent.set(name, (spent.get(name) ?? 0) + performance.now() - start);
};
const stages = STAGES.map(({ name, run }) => ({ name, run: (c, w0, w1) => timed(name, () => run(c, w0, w1)) }));

const { program, variantSource } = compileScenario(parseScenario(benchScenario(agents), 'bench-hills-v1'));
const engine = createCpuEngine({ program, variants: variantSource('train'), numWorlds: worlds, seed: 1 }, { stages });
const ring = randomActionRing(worlds * agents, 64, 7);
const ticks = Math.max(2 * program.maxTicks, Math.round(STEPS / (worlds * agents)));
for (let t = -Math.round(ticks / 2); t < ticks; t++) {
  if (t === 0) spent.clear();
  timed('decode', () => engine.decode(ring[t & 63]));
  timed('step', () => engine.step());
}
const nsOf = (name) => (spent.get(name) * 1e6) / (worlds * agents * ticks);
const all = nsOf('decode') + nsOf('step');
const rows = ['decode', ...STAGES.map(({ name }) => name)].map((name) => [name, nsOf(name)]);
rows.push(['rest', all - rows.reduce((sum, [, ns]) => sum + ns, 0)]);
for (const [name, ns] of rows.sort((a, b) => b[1] - a[1])) console.log(name.padEnd(12), ns.toFixed(1).padStart(7));
console.log('all'.padEnd(12), all.toFixed(1).padStart(7), 'ns per agent-step');
