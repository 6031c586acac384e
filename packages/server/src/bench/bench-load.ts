/** The load of the engine benchmark: its scenario for some number of agents, compiled with its levels made, actions, and worlds that stand at different ticks. */
import { type CompiledScenario, compileScenario } from '@kinovox/env';
import { type BatchState, createCpuEngine, type Engine } from '@kinovox/physics';
import { parseScenario } from '@kinovox/world';
import { benchScenario } from './bench-scenario.js';
import { randomActionRing } from './random-actions.js';

export const BENCH_SEED = 1;
const ACTION_SEED = 7;
/** Ticks of actions that are played round; fewer for large batches, whose ring would be hundreds of megabytes. */
const RING_TICKS = 64;
const SHORT_RING_TICKS = 32;
const LARGE_BATCH = 32_768;
/** Agents whose actions are drawn; larger batches repeat them. Their levels and spawns differ all the same. */
const DRAWN_AGENTS = 8192;

/** Compiles the scenario for so many agents and makes all its levels: they are part of loading, and every later reset takes one of them. */
export function compileBenchScenario(agents: number): CompiledScenario {
  const compiled = compileScenario(parseScenario(benchScenario(agents), 'bench-hills-v1'));
  const levels = compiled.playableLevels('train');
  for (let v = 0; v < compiled.program.numVariants; v++) levels.get(v);
  return compiled;
}

/** An engine `cpu` whose worlds stand at different ticks of their first episode, and a function that steps it with the actions of a ring. */
export function createCpuSubject(
  compiled: CompiledScenario,
  numWorlds: number,
  options: { observe?: boolean } = {},
): { engine: Engine; ring: readonly Float32Array[]; play(ticks: number): number } {
  const { program } = compiled;
  const engine = createCpuEngine({ program, variants: compiled.playableLevels('train'), numWorlds, seed: BENCH_SEED, ...options });
  staggerEpisodes(engine.state, program.maxTicks);
  const ring = actionRing(numWorlds * program.numAgents);
  let tick = 0;
  return {
    engine,
    ring,
    play(ticks) {
      for (const end = tick + ticks; tick < end; tick++) {
        engine.decode(ring[tick % ring.length]);
        engine.step();
      }
      return ticks * numWorlds * program.numAgents;
    },
  };
}

/** Actions of random play for so many agents, drawn before any clock starts. */
export function actionRing(agents: number): Float32Array[] {
  const ticks = agents > LARGE_BATCH ? SHORT_RING_TICKS : RING_TICKS;
  const drawn = randomActionRing(Math.min(agents, DRAWN_AGENTS), ticks, ACTION_SEED);
  if (agents <= DRAWN_AGENTS) return drawn;
  return drawn.map((some) => {
    const all = new Float32Array((some.length / DRAWN_AGENTS) * agents);
    for (let at = 0; at < all.length; at += some.length) all.set(some.subarray(0, Math.min(some.length, all.length - at)), at);
    return all;
  });
}

/** Puts worlds at different ticks of their first episode: the few ticks of a measurement then hold as many resets as a long run does. */
export function staggerEpisodes(state: Pick<BatchState, 'tick'>, maxTicks: number): void {
  for (let w = 0; w < state.tick.length; w++) state.tick[w] = (37 * w) % maxTicks;
}
