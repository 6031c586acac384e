/**
 * The way that an agent means to go, as its skills have it: for itself, for others of its team, and for people. Who stands, or works where it stands, has none.
 * Limits: vehicles have none, since they are steered from tick to tick; ticks of a way that is found as it is gone are estimated at a walk.
 */
import { WALKER_WORD, WALKER_WORDS } from '@kinovox/planning';
import { ACTION_FIELDS, type AgentPlan, PLAN_LIMITS } from '@kinovox/world';
import { WALK_SPEED } from '../navigation/motion.js';
import { rounded, thinned } from '../plans/way.js';
import { readWalkerWords } from '../policies/walker-query.js';
import type { PlannedWay, SkillBody } from './skill.js';

export interface IntendedWay {
  /** From where the agent is now. */
  readonly path: AgentPlan['path'];
  /** Whether it will be there at these ticks, if nobody is in its way. */
  readonly exact: boolean;
}

/** The way that it is on, else the one that it has planned and could set out for now; undefined where it goes nowhere. */
export function intendedWay(body: SkillBody): IntendedWay | undefined {
  const { view, navigator, intentions } = body;
  const { plan } = intentions;
  if (plan?.played !== undefined && plan.played.at >= view.tick - 1) return { path: pointsOf(plan, plan.played), exact: true };
  if (navigator.travelledAt < view.tick - 1 || navigator.ahead.length === 0)
    return standsAtStart(body) ? { path: pointsOf(plan!, { ticks: 0, at: view.tick - 1 }), exact: false } : undefined;
  const path: AgentPlan['path'] = [[rounded(view.x()), rounded(view.y()), rounded(view.z()), view.tick]];
  let [px, pz, ticks] = [view.x(), view.z(), 0];
  for (const { x, y, z } of navigator.ahead) {
    ticks += Math.sqrt((x + 0.5 - px) ** 2 + (z + 0.5 - pz) ** 2) / WALK_SPEED;
    [px, pz] = [x + 0.5, z + 0.5];
    path.push([px, y, pz, view.tick + Math.ceil(ticks)]);
  }
  return { path, exact: false };
}

/** The same as a plan that others can be told. @param doing a sentence. */
export function intendedPlan(body: SkillBody, doing: string): AgentPlan {
  const way = intendedWay(body);
  return {
    slot: body.view.slot,
    planner: 'skill',
    status: doing,
    path: thinned(way?.path ?? [], PLAN_LIMITS.wayPoints),
    exact: way?.exact ?? false,
    rollouts: [],
    cells: [],
  };
}

/** Whether a certified way is kept that begins with the body exactly as it is. */
export function standsAtStart({ view, intentions: { plan } }: SkillBody): boolean {
  if (plan === undefined) return false;
  const words = new Int32Array(WALKER_WORDS);
  readWalkerWords(words, view);
  return isForeseen(words, plan.way.states, 0);
}

export function isForeseen(words: Int32Array, states: Int32Array, tick: number): boolean {
  return words.every((word, k) => word === states[tick * WALKER_WORDS + k]);
}

/** What is left of a certified way. */
function pointsOf({ way: { states, actions } }: PlannedWay, { ticks, at }: NonNullable<PlannedWay['played']>): AgentPlan['path'] {
  const path: AgentPlan['path'] = [];
  for (let k = ticks; k <= actions.length / ACTION_FIELDS; k++) {
    const metres = (word: number) => rounded(states[k * WALKER_WORDS + word] / 65536);
    path.push([metres(WALKER_WORD.posX), metres(WALKER_WORD.posY), metres(WALKER_WORD.posZ), at + 1 + k - ticks]);
  }
  return path;
}
