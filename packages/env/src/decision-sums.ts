/**
 * What the ticks of one decision add up to, where actions are held for several: rewards and metres as sums, ends as soon as they come.
 * A row counts until its episode ends; from then on it is held. B worlds, A agents, W reward terms.
 */
import type { StepOutputs } from '@kinovox/physics';

/** Arrays of `StepOutputs`, over all ticks of the decision. */
export interface DecisionSums
  extends Pick<StepOutputs, 'rewards' | 'rewardTerms' | 'terminated' | 'truncated' | 'ended' | 'endStatus' | 'wayLeft'> {
  /** Sets everything to zero. */
  begin(): void;
  /** Adds a tick of the rows that are not held. */
  add(outputs: StepOutputs, held: Uint8Array): void;
}

export function createDecisionSums(outputs: StepOutputs): DecisionSums {
  const numWorlds = outputs.ended.length;
  const numAgents = outputs.rewards.length / numWorlds;
  const numTerms = outputs.rewardTerms.length / outputs.rewards.length;
  const sums = {
    rewards: new Float32Array(outputs.rewards.length),
    rewardTerms: new Float32Array(outputs.rewardTerms.length),
    terminated: new Uint8Array(outputs.terminated.length),
    truncated: new Uint8Array(outputs.truncated.length),
    ended: new Uint8Array(numWorlds),
    endStatus: new Uint8Array(numWorlds),
    wayLeft: new Int32Array(outputs.wayLeft.length),
  };
  const arrays = Object.values(sums);
  return {
    ...sums,
    begin() {
      for (const array of arrays) array.fill(0);
    },
    add(tick, held) {
      for (let w = 0; w < numWorlds; w++) {
        if (held[w] !== 0) continue;
        sums.ended[w] = tick.ended[w];
        sums.endStatus[w] = tick.endStatus[w];
        for (let i = w * numAgents; i < (w + 1) * numAgents; i++) {
          sums.rewards[i] += tick.rewards[i];
          sums.terminated[i] |= tick.terminated[i];
          sums.truncated[i] |= tick.truncated[i];
          for (let k = i * numTerms; k < (i + 1) * numTerms; k++) sums.rewardTerms[k] += tick.rewardTerms[k];
          if (sums.wayLeft.length > 0) addWay(sums.wayLeft, tick.wayLeft, 2 * i);
        }
      }
    },
  };
}

/** The difference of the two stays the sum of what the ticks gained, also over a return to the start, where the way jumps. */
function addWay(sum: Int32Array, tick: Int32Array, at: number): void {
  const before = tick[at];
  const after = tick[at + 1];
  // Who did not act has 0, 0; who stands at the goal has nothing to gain.
  if (before === 0 && after === 0) return;
  sum[at] += before - sum[at + 1];
  sum[at + 1] = after;
}
