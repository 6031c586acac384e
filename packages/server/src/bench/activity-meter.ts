/** Counts what happens in a batch, per agent-step: who moves, collides, edits, and how often worlds reset. */
import type { Engine } from '@kinovox/physics';
import { AGENT_FLAG } from '@kinovox/world';
import type { Activity } from './engine-bench.js';

/** Least motion in a tick that counts as moving: 1/1000 block. */
const MOVING_Q16 = 66;

export interface ActivityMeter {
  /** Call before each step, and `after` behind it. */
  before(): void;
  after(): void;
  activity(): Activity;
}

export function createActivityMeter(engine: Engine): ActivityMeter {
  const { state, buffers, outputs, numWorlds, program } = engine;
  const agents = numWorlds * program.numAgents;
  const x = new Int32Array(agents);
  const y = new Int32Array(agents);
  const z = new Int32Array(agents);
  let steps = 0;
  let moving = 0;
  let collisions = 0;
  let edits = 0;
  let resets = 0;
  return {
    before() {
      x.set(state.posX);
      y.set(state.posY);
      z.set(state.posZ);
    },
    after() {
      steps += agents;
      for (let w = 0; w < numWorlds; w++) {
        if (outputs.ended[w] === 1) {
          resets++;
          continue;
        }
        edits += Math.max(0, buffers.editCount[w]);
        for (let i = w * program.numAgents; i < (w + 1) * program.numAgents; i++) {
          if (Math.abs(state.posX[i] - x[i]) + Math.abs(state.posY[i] - y[i]) + Math.abs(state.posZ[i] - z[i]) > MOVING_Q16) moving++;
          if ((state.flags[i] & AGENT_FLAG.collidedHorizontally) !== 0) collisions++;
        }
      }
    },
    activity() {
      const per1000 = (count: number) => (1000 * count) / Math.max(1, steps);
      return {
        movingShare: moving / Math.max(1, steps),
        collisionsPer1000: per1000(collisions),
        editsPer1000: per1000(edits),
        resetsPer1000: per1000(resets),
      };
    },
  };
}
