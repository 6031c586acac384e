/**
 * The judge of a walker's plan: plays its controls in the world itself, with all stages, and compares every state; shares no code with planners.
 * The verdict is that of the validator: right, or what is wrong first. The task's own monitor says whether the goal is reached.
 */
import {
  readWalkerState,
  type Trajectory,
  type Verdict,
  type Violation,
  WALKER_DYNAMICS_NAME,
  WALKER_STATE_NAMES,
} from '@kinovox/planning';
import { ACTION_FIELDS, ACTION_SPEC, AGENT_FLAG, type StateFieldName, WORLD_STATUS } from '@kinovox/world';
import type { ScenarioLevel } from './scenario-level.js';

const NX = WALKER_STATE_NAMES.length;
const FLAGS = WALKER_STATE_NAMES.indexOf('flags');
const DT = 1 / 20;

/** What came about: ticks until the controls or the episode ended, and the states `[ticks + 1, NX]`. */
interface Played {
  readonly ticks: number;
  readonly states: Float64Array;
  readonly ended: boolean;
}

/** Plays controls `[N, ACTION_FIELDS]` from tick 0 of the level. */
export async function playWalk(level: ScenarioLevel, controls: Float64Array): Promise<Played> {
  const { env, choice } = level;
  const numTicks = controls.length / ACTION_FIELDS;
  const states = new Float64Array((numTicks + 1) * NX);
  const { state } = env.engine;
  const read = (k: number) => readWalkerState(states.subarray(k * NX, (k + 1) * NX), (word: StateFieldName) => state[word][0]);
  env.reset({ seed: choice.seed });
  read(0);
  for (let tick = 0; tick < numTicks; tick++) {
    const { ended } = await env.step(Float32Array.from(controls.subarray(tick * ACTION_FIELDS, (tick + 1) * ACTION_FIELDS)));
    read(tick + 1);
    if (ended[0] === 1) return { ticks: tick + 1, states: states.slice(0, (tick + 2) * NX), ended: true };
  }
  return { ticks: numTicks, states, ended: false };
}

/** @param except constraints that are not judged: `goal` for a plan that may end short of it. */
export async function judgeWalk(
  level: ScenarioLevel,
  trajectories: readonly Trajectory[],
  except: readonly 'goal'[] = [],
): Promise<Verdict> {
  const { env, agents } = level;
  const id = agents[0].view.roster[0].id;
  const refuse = (constraint: Violation['constraint'], step: number, size: number, sentence: string): Verdict => ({
    valid: false,
    violation: { constraint, robot: id, step, time: Number((step * DT).toFixed(9)), size, sentence },
  });
  const misshapen = shapeOf(trajectories, id);
  if (misshapen !== undefined) return refuse('shape', 0, 0, misshapen);
  const [{ states, controls }] = trajectories as readonly { states: Float64Array; controls: Float64Array }[];
  const outside = controls.findIndex((value, at) => {
    const { min, max } = ACTION_SPEC[at % ACTION_FIELDS];
    return !(value >= Math.fround(min) && value <= Math.fround(max)) || Math.fround(value) !== value;
  });
  const lastGood = outside < 0 ? controls.length / ACTION_FIELDS : Math.floor(outside / ACTION_FIELDS);
  const played = await playWalk(level, controls.subarray(0, lastGood * ACTION_FIELDS));
  for (let k = 0; k <= played.ticks; k++)
    for (let c = 0; c < NX; c++) {
      const [given, real] = [states[k * NX + c], played.states[k * NX + c]];
      // Who has ended an episode is no longer alive but done: that is the task's, not the plan's.
      const leaves = c === FLAGS && played.ended && k === played.ticks && (real & AGENT_FLAG.done) !== 0;
      if (given === real || (leaves && given === (real ^ (AGENT_FLAG.alive | AGENT_FLAG.done)))) continue;
      const sentence = `${WALKER_STATE_NAMES[c]} of ${id} is ${given} in state ${k}; the world has ${real} there.`;
      return refuse(k === 0 ? 'start' : 'step', Math.max(0, k - 1), Math.abs(given - real), sentence);
    }
  if (outside >= 0 && !played.ended) {
    const { name, min, max } = ACTION_SPEC[outside % ACTION_FIELDS];
    const value = controls[outside];
    const excess = Math.max(min - value, value - max, 0);
    return refuse(
      'control-bound',
      lastGood,
      excess,
      `${name} of ${id} must be an f32 in ${min}..${max}; it is ${value} in action ${lastGood}.`,
    );
  }
  if (played.ticks < controls.length / ACTION_FIELDS)
    return refuse(
      'step',
      played.ticks,
      0,
      `The episode ends at tick ${played.ticks}; the plan of ${id} goes on to tick ${controls.length / ACTION_FIELDS}.`,
    );
  if (except.includes('goal')) return { valid: true };
  // Whoever has arrived stands; a goal may ask for some ticks of that.
  let { ended } = played;
  const idle = new Float32Array(ACTION_FIELDS);
  while (!ended) ended = (await env.step(idle)).ended[0] === 1;
  if (env.engine.outputs.endStatus[0] === WORLD_STATUS.succeeded) return { valid: true };
  return refuse('goal', played.ticks, 0, `The task is not done by tick ${played.ticks}, nor while ${id} stands where its plan ends.`);
}

function shapeOf(trajectories: readonly Trajectory[], id: string): string | undefined {
  const [one] = trajectories;
  if (trajectories.length !== 1) return `A plan must have one trajectory, that of ${id}; it has ${trajectories.length}.`;
  if (one.robot !== id) return `Trajectory 0 must be that of ${id}; it is that of ${one.robot}.`;
  if (one.kind !== 'states') return `${id} must be given as states; it is given as ${one.kind}.`;
  if (one.type !== WALKER_DYNAMICS_NAME || one.dt !== DT) return `${id} must be a walker of dt ${DT}; it is a ${one.type} of dt ${one.dt}.`;
  if (one.start !== 0) return `${id} must start at time 0; it starts at ${one.start}.`;
  if (one.tail !== 'hold') return `${id} must stay where it arrives; its plan lets it vanish.`;
  const numTicks = one.controls.length / ACTION_FIELDS;
  if (!Number.isInteger(numTicks) || one.states.length !== (numTicks + 1) * NX)
    return `${id} must have a state more than actions; it has ${one.states.length / NX} states and ${numTicks} actions.`;
  return [...one.states, ...one.controls].every(Number.isFinite) ? undefined : `All numbers of ${id} must be finite.`;
}
