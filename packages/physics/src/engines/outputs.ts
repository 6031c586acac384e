/** The arrays in which an engine gives the results of a step. */
import type { StepOutputs } from '../engine.js';
import type { ScenarioProgram } from '../program.js';

export function createOutputs(program: ScenarioProgram, numWorlds: number): StepOutputs {
  const agents = numWorlds * program.numAgents;
  const roots = numWorlds * program.monitor.roots.length;
  return {
    rewards: new Float32Array(agents),
    rewardTerms: new Float32Array(agents * program.rewards.length),
    terminated: new Uint8Array(agents),
    truncated: new Uint8Array(agents),
    ended: new Uint8Array(numWorlds),
    endStatus: new Uint8Array(numWorlds),
    endTicks: new Int32Array(numWorlds),
    endProgress: new Int32Array(numWorlds),
    endHash: new Uint32Array(2 * numWorlds),
    rootStatus: new Int32Array(roots),
    rootProgress: new Int32Array(roots),
    achieved: new Uint8Array(numWorlds * program.monitor.achievements.length),
    wayLeft: new Int32Array(program.shaping === undefined ? 0 : 2 * agents),
  };
}
