/** Who would meet whom, where and when: the way that one means to go against what others let one know, or against going straight on. */
import type { AgentPlan } from '@kinovox/world';
import { z } from 'zod';
import type { AgentView } from '../../agent-view.js';
import { findConflicts, HORIZON, type MovingBody } from '../../plans/conflicts.js';
import { pointFields } from '../arguments.js';
import { intendedWay } from '../intended-way.js';
import { answer, plural, tenths } from '../outcome.js';
import type { Skill, SkillBody } from '../skill.js';

/** Ticks for which a body without a way goes on as it moves. */
const STRAIGHT_ON = 20;
const WALKER = { half: 0.3, below: 0, above: 1.8 };

const parameters = z.strictObject({
  waypoints: z
    .array(z.strictObject({ ...pointFields, tick: z.int().min(1).max(HORIZON).describe(`Ticks from now (20 per second), 1..${HORIZON}.`) }))
    .max(12)
    .default([])
    .describe('Where you mean to be when; default: the way that you are on, or straight on.'),
});
type Args = z.output<typeof parameters>;

export const explainConflict: Skill<Args> = {
  name: 'explainConflict',
  description: `Tells whom you would meet in the next ${HORIZON / 20} s, where and when, if you go as you say and the others as they let you know, or straight on.`,
  parameters,
  precondition:
    'None; the ways that others of your team mean to go are known where the scenario lets you know them. Who comes from behind a corner without having told its way is not foreseen.',
  effect: 'Nothing changes.',
  refusals: {},
  interruptible: false,
  suits: (view) => view.numAgents > 1,
  begin(body, { waypoints }) {
    const { view } = body;
    const shared = new Map(body.sharedPlans().map((plan) => [plan.slot, plan]));
    const bodies = view.roster.flatMap((_, slot): MovingBody[] =>
      view.isAlive(slot) ? [movingBody(view, slot, slot === view.slot ? ownPlan(body, waypoints) : shared.get(slot))] : [],
    );
    const { conflicts } = findConflicts(bodies, view.tick);
    const mine = conflicts.filter(({ slots }) => slots.includes(view.slot));
    if (mine.length === 0)
      return answer(`You meet nobody in the next ${HORIZON / 20} s, as far as is known.`, { conflicts: [], horizonTicks: HORIZON });
    const facts = mine.map(({ at, slots, tick }) => {
      const other = slots.find((slot) => slot !== view.slot)!;
      return {
        with: view.roster[other].id,
        at: [...at],
        inTicks: tick - view.tick,
        knownBy: hasWay(shared.get(other)) ? 'its plan' : 'its motion',
      };
    });
    const words = facts.map(
      ({ with: id, at, inTicks, knownBy }) => `${id} at ${at.map(tenths).join(' ')} in ${plural(inTicks, 'tick')} (by ${knownBy})`,
    );
    return answer(`You would meet ${words.join('; ')}.`, { conflicts: facts, horizonTicks: HORIZON });
  },
};

function hasWay(plan: AgentPlan | undefined): boolean {
  return plan !== undefined && plan.path.length > 1;
}

function movingBody(view: AgentView, slot: number, plan: AgentPlan | undefined): MovingBody {
  const { body } = view.roster[slot];
  const box =
    'vehicle' in body && 'size' in body
      ? { half: Math.max(body.size[0], body.size[2]) / 2, below: body.size[1] / 2, above: body.size[1] / 2 }
      : WALKER;
  return { slot, at: [view.x(slot), view.y(slot), view.z(slot)], velocity: [view.vx(slot), view.vy(slot), view.vz(slot)], ...box, plan };
}

/** The way as given, else the one that it is on. Who stands and has no way stays: two points at one place. */
function ownPlan(body: SkillBody, waypoints: Args['waypoints']): AgentPlan {
  const { view } = body;
  const here: AgentPlan['path'][number] = [view.x(), view.y(), view.z(), view.tick];
  const way = waypoints.length > 0 ? undefined : intendedWay(body);
  const path: AgentPlan['path'] = way?.path ?? [here];
  for (const { x, y, z, tick } of waypoints) path.push([x, y, z, view.tick + tick]);
  if (path.length === 1)
    path.push([view.x() + STRAIGHT_ON * view.vx(), view.y(), view.z() + STRAIGHT_ON * view.vz(), view.tick + STRAIGHT_ON]);
  return { slot: view.slot, planner: 'skill', status: '', path, exact: way?.exact ?? false, rollouts: [], cells: [] };
}
