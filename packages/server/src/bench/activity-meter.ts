/** Counts what happens in a batch, per agent-step: who moves, collides, edits, and how often worlds reset; for the engines and for the object version. */
import type { Engine } from '@kinovox/physics';
import { AGENT_FLAG } from '@kinovox/world';
import type { Activity } from './bench-report.js';
import type { ObjectBatch } from './object-engine.js';

/** Least motion in a tick that counts as moving: 1/1000 block. */
const MOVING_Q16 = 66;

export interface ActivityMeter {
  /** Call before each step, and `after` behind it. */
  before(): void;
  after(): void;
  activity(): Activity;
}

export function createActivityMeter(engine: Pick<Engine, 'state' | 'buffers' | 'outputs' | 'numWorlds' | 'program'>): ActivityMeter {
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
    activity: () => activityOf(steps, moving, collisions, edits, resets),
  };
}

/** Activity of the object version over `ticks` more steps; `step` takes one of the batch. Worlds that reset count as a reset only, as above. */
export function objectActivity(batch: ObjectBatch, step: () => void, ticks: number): Activity {
  let steps = 0;
  let moving = 0;
  let collisions = 0;
  let edits = 0;
  const episodes = batch.episodes;
  for (let tick = 0; tick < ticks; tick++) {
    const before = batch.worlds.map(({ players, edits: count }) => ({
      players,
      count,
      places: players.map(({ position }) => position.clone()),
    }));
    step();
    for (const [w, world] of batch.worlds.entries()) {
      steps += world.players.length;
      // A reset makes new players.
      if (world.players !== before[w].players) continue;
      edits += world.edits - before[w].count;
      for (const [slot, { position, collided }] of world.players.entries()) {
        const place = before[w].places[slot];
        if (Math.abs(position.x - place.x) + Math.abs(position.y - place.y) + Math.abs(position.z - place.z) > MOVING_Q16 / 65536) moving++;
        if (collided) collisions++;
      }
    }
  }
  return activityOf(steps, moving, collisions, edits, batch.episodes - episodes);
}

function activityOf(steps: number, moving: number, collisions: number, edits: number, resets: number): Activity {
  const per1000 = (count: number) => (1000 * count) / Math.max(1, steps);
  return {
    movingShare: moving / Math.max(1, steps),
    collisionsPer1000: per1000(collisions),
    editsPer1000: per1000(edits),
    resetsPer1000: per1000(resets),
  };
}
