/**
 * Judging a model's own plan: waypoints with times, against what the body can do. First what no body can do (inside a block, over nothing, faster than it
 * runs), then by certified moves from waypoint to waypoint. What certified moves are too slow for is not proven impossible, and the verdict says which it is.
 */
import { isOrdinary, VoxelPlanner, WALKER_WORD, WALKER_WORDS } from '@kinovox/planning';
import { ACTION_FIELDS } from '@kinovox/world';
import { z } from 'zod';
import { SPRINT_SPEED } from '../../navigation/motion.js';
import { barsPlans, readWalkerWords } from '../../policies/walker-query.js';
import { cellOf, pointFields } from '../arguments.js';
import { explainBlockedWay } from '../blocked-way.js';
import { blockName, outside } from '../names.js';
import { answer, cellText, plural, refuse, tenths } from '../outcome.js';
import type { Refusal, Skill, SkillBody } from '../skill.js';
import { certifiedPlanner, queryTo } from './plan.js';

/** Nobody covers more level ground in a tick than this many metres at a speed scale of 1: on ordinary ground, and where there is ice. */
const FASTEST = 2 * SPRINT_SPEED;
const FASTEST_ON_ICE = 1.5;
const MOST_WAYPOINTS = 12;

const waypoint = z.strictObject({
  ...pointFields,
  tick: z
    .int()
    .min(1)
    .max(20_000)
    .describe('Ticks from now (20 per second) by which you mean to be there, 1..20000, later than the one before.'),
});
const parameters = z.strictObject({
  waypoints: z.array(waypoint).min(1).max(MOST_WAYPOINTS).describe(`Where you mean to be when, in order, 1..${MOST_WAYPOINTS}.`),
});
type Args = z.output<typeof parameters>;

export const validatePlan: Skill<Args> = {
  name: 'validatePlan',
  description:
    'Judges a plan of yours, places with times, against how your body moves in the level as it is: right, or which waypoint is wrong first and by how much.',
  parameters,
  precondition: 'You are a walker; the world has no doors, props or survival rules.',
  effect: 'Nothing moves; the answer says when you can be at each waypoint, the refusal what is wrong first.',
  refusals: {
    'outside-world': 'A waypoint is outside the world.',
    'wrong-order': 'A waypoint is not later than the one before.',
    'in-block': 'A waypoint is inside a block.',
    'no-footing': 'Nothing holds a body up at a waypoint.',
    'too-fast': 'Nobody runs so fast.',
    unreachable: 'No way leads from one waypoint to the next; the sentence says what blocks it.',
    late: 'Certified moves arrive later than asked; something faster is not ruled out.',
    'no-certified-moves': 'Moves cannot be certified in this world, or for this body.',
    'budget-spent': 'The search ended at its limit of expansions.',
  },
  interruptible: false,
  suits: (view) => barsPlans(view) === undefined && !('vehicle' in view.roster[view.slot].body),
  begin(body, { waypoints }) {
    return violationAtSight(body, waypoints) ?? judge(body, waypoints);
  },
};

/** What needs no search. */
function violationAtSight({ view, ground }: SkillBody, waypoints: Args['waypoints']): { readonly refusal: Refusal } | undefined {
  const { body: frame } = view.roster[view.slot];
  const isOrdinaryWorld = view.palette.names.every((_, block) => view.blocks.solid[block] === 0 || isOrdinary(view.program, block));
  const fastest = (isOrdinaryWorld ? FASTEST : FASTEST_ON_ICE) * (frame.type === 'walker' ? frame.speedScale : 1);
  let [px, pz, tick] = [view.x(), view.z(), 0];
  for (const [number, point] of waypoints.entries()) {
    const cell = cellOf(point);
    const facts = { waypoint: number, at: [point.x, point.y, point.z], tick: point.tick };
    const name = `Waypoint ${number} (${cellText(cell)} at tick ${point.tick})`;
    const out = outside(view, cell);
    if (out !== undefined) return refuse('outside-world', `${name}: ${out.refusal.sentence}`, { ...facts, ...out.refusal.facts });
    if (point.tick <= tick) return refuse('wrong-order', `${name} must be later than tick ${tick}.`, { ...facts, afterTick: tick });
    const filled = [cell, [cell[0], cell[1] + 1, cell[2]] as const].find((one) => ground.isSolid(...one));
    if (filled !== undefined)
      return refuse('in-block', `${name} is inside ${blockName(view, filled)} at ${cellText(filled)}; a body is two cells high.`, {
        ...facts,
        block: blockName(view, filled),
        blockAt: [...filled],
      });
    if (!ground.isPlace(...cell))
      return refuse('no-footing', `${name}: nothing there holds you up; below it is ${blockName(view, [cell[0], cell[1] - 1, cell[2]])}.`, {
        ...facts,
        below: blockName(view, [cell[0], cell[1] - 1, cell[2]]),
      });
    const metres = Math.sqrt((cell[0] + 0.5 - px) ** 2 + (cell[2] + 0.5 - pz) ** 2);
    // Within its cell one may be half a block nearer.
    const leastTicks = Math.ceil((metres - 0.75) / fastest);
    if (leastTicks > point.tick - tick)
      return refuse(
        'too-fast',
        `${name}: ${tenths(metres)} m in ${plural(point.tick - tick, 'tick')}; nobody needs fewer than ${leastTicks}.`,
        {
          ...facts,
          metres: tenths(metres),
          givenTicks: point.tick - tick,
          leastTicks,
        },
      );
    [px, pz, tick] = [cell[0] + 0.5, cell[2] + 0.5, point.tick];
  }
  return undefined;
}

function judge(body: SkillBody, waypoints: Args['waypoints']): ReturnType<typeof answer> | { readonly refusal: Refusal } {
  const planner = certifiedPlanner(body);
  if (!(planner instanceof VoxelPlanner)) return planner;
  body.heed();
  let words = new Int32Array(WALKER_WORDS);
  readWalkerWords(words, body.view);
  const arrivals: number[] = [];
  let tick = 0;
  for (const [number, point] of waypoints.entries()) {
    const cell = cellOf(point);
    const name = `Waypoint ${number} (${cellText(cell)} at tick ${point.tick})`;
    const way = planner.plan({ ...queryTo(body, cell, false), words });
    const facts = { waypoint: number, at: [point.x, point.y, point.z], tick: point.tick };
    if (way.status === 'timeout' || (way.status === 'partial' && way.reason === undefined))
      return refuse('budget-spent', `${name}: no way was found within the limit of the search; set a waypoint in between.`, {
        ...facts,
        expansions: way.expansions,
      });
    if (way.status !== 'solved') {
      const from = [WALKER_WORD.posX, WALKER_WORD.posY, WALKER_WORD.posZ].map((word) => words[word] >> 16);
      const why =
        number === 0 ? explainBlockedWay(body, { box: [...cell, ...cell] as never, mayEdit: false }, cellText(cell)).refusal : undefined;
      return refuse(
        'unreachable',
        `${name} cannot be reached from ${cellText(from)}: ${why?.sentence ?? way.reason ?? 'no chain of moves leads there.'}`,
        {
          ...facts,
          from,
          ...(why === undefined ? {} : { because: why.code }),
        },
      );
    }
    tick += way.actions.length / ACTION_FIELDS;
    arrivals.push(tick);
    if (tick > point.tick)
      return refuse(
        'late',
        `${name}: certified moves arrive at tick ${tick}, ${plural(tick - point.tick, 'tick')} late. Something faster is not ruled out.`,
        {
          ...facts,
          arrivalTick: tick,
          lateTicks: tick - point.tick,
        },
      );
    words = way.states.slice(way.states.length - WALKER_WORDS);
    // Who comes early waits.
    tick = Math.max(tick, point.tick);
  }
  const spare = waypoints.map((point, k) => point.tick - arrivals[k]);
  return answer(
    `The plan can be walked: at each waypoint you are there ${spare.map((ticks) => plural(ticks, 'tick')).join(', ')} before the time.`,
    {
      arrivalTicks: arrivals,
      spareTicks: spare,
    },
  );
}
