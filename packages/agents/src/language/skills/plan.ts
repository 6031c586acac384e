/** A way of certified moves to a cell, tick by tick as it will be; `moveTo` then plays it. */
import { createLibrary, type Library, VoxelPlanner, type VoxelQuery, WALKER_WORD, WALKER_WORDS } from '@kinovox/planning';
import { ACTION_FIELDS } from '@kinovox/world';
import { z } from 'zod';
import { thinned } from '../../plans/way.js';
import { barsPlans, readWalkerWords, walkerLevel } from '../../policies/walker-query.js';
import type { Cell } from '../../skills/hands.js';
import { cellFields } from '../arguments.js';
import { explainBlockedWay } from '../blocked-way.js';
import { outside } from '../names.js';
import { answer, cellText, plural, refuse, tenths } from '../outcome.js';
import type { Refusal, Skill, SkillBody } from '../skill.js';

/** Points of the way that an answer names. */
const MOST_POINTS = 16;

const parameters = z.strictObject({
  ...cellFields,
  edit: z.boolean().default(false).describe('Whether the way may dig and place blocks where it is allowed to; default false.'),
});
type Args = z.output<typeof parameters>;

export const plan: Skill<Args> = {
  name: 'plan',
  description:
    'Plans a way on foot to a cell from moves that the rules of the world have been asked about: the answer tells when you will be where. Called at once, moveTo to the same cell plays the plan.',
  parameters,
  precondition: 'You are a walker on the ground; the world has no doors, props or survival rules; there is a way.',
  effect: 'Nothing moves; the plan is kept until you make another.',
  refusals: {
    'outside-world': 'The cell is outside the world.',
    'no-certified-moves': 'Moves cannot be certified in this world, or for this body.',
    'budget-spent': 'The search ended at its limit of expansions.',
    'no-standing-room': 'Nobody can stand at the cell.',
    gap: 'A gap is wider than a jump.',
    wall: 'A wall is higher than a step.',
    drop: 'It goes down too deep.',
    closed: 'A door shuts the way.',
    forbidden: 'The task forbids to be there or on the way.',
    'no-way': 'No way was found, for a reason that has no name here.',
  },
  interruptible: false,
  suits: (view) => barsPlans(view) === undefined && !('vehicle' in view.roster[view.slot].body),
  begin(body, args) {
    const { view, intentions } = body;
    const cell: Cell = [args.x, args.y, args.z];
    const wrong = outside(view, cell);
    if (wrong !== undefined) return wrong;
    const planner = certifiedPlanner(body);
    if (!(planner instanceof VoxelPlanner)) return planner;
    body.heed();
    const words = new Int32Array(WALKER_WORDS);
    readWalkerWords(words, view);
    const way = planner.plan({ ...queryTo(body, cell, args.edit), words });
    if (way.status === 'timeout' || (way.status === 'partial' && way.reason === undefined))
      return refuse('budget-spent', `No plan to ${cellText(cell)} within ${body.searchNodes} expansions; plan to a nearer cell.`, {
        expansions: way.expansions,
      });
    if (way.status !== 'solved') {
      const why = explainBlockedWay(body, { box: [...cell, ...cell] as never, mayEdit: false }, cellText(cell)).refusal;
      if (why.code !== 'no-way') return { refusal: why };
      return refuse('no-way', `${way.reason ?? 'There is no plan.'} ${why.sentence}`, why.facts);
    }
    intentions.plan = { to: cell, way };
    const ticks = way.actions.length / ACTION_FIELDS;
    const points = thinned(pointsOf(way.states, ticks), MOST_POINTS);
    const kinds = new Map<string, number>();
    for (const { primitive } of way.moves) kinds.set(primitive.kind, (kinds.get(primitive.kind) ?? 0) + 1);
    const moves = [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none';
    return answer(
      `The way to ${cellText(cell)} takes ${plural(ticks, 'tick')} (${ticks / 20} s); moves: ${moves}. moveTo ${cellText(cell)} plays it, if you start from where you are now.`,
      { to: [...cell], ticks, moves: Object.fromEntries(kinds), way: points, expansions: way.expansions },
    );
  },
};

/** `[x, y, z, ticks from now]`, metres to a tenth: where moves change and all between. */
function pointsOf(states: Int32Array, ticks: number): number[][] {
  return Array.from({ length: ticks + 1 }, (_, k) => {
    const metres = (word: number) => tenths(states[k * WALKER_WORDS + word] / 65536);
    return [metres(WALKER_WORD.posX), metres(WALKER_WORD.posY), metres(WALKER_WORD.posZ), k];
  });
}

export function queryTo({ view, ground, searchNodes }: SkillBody, [cx, cy, cz]: Cell, mayEdit: boolean): Omit<VoxelQuery, 'words'> {
  const { can } = view.roster[view.slot];
  return {
    box: [cx, cy, cz, cx, cy, cz],
    keepOut: ground.keepOut,
    mayDig: mayEdit && can.dig && view.rules.world.diggable !== 'none',
    mayPlace: mayEdit && can.place,
    expansions: searchNodes,
  };
}

/** A planner for the level as it is now, or why there is none. */
export function certifiedPlanner({ view, libraries }: SkillBody): VoxelPlanner | { readonly refusal: Refusal } {
  const bar = barsPlans(view);
  if (bar !== undefined)
    return refuse(
      'no-certified-moves',
      `Moves are certified for worlds of blocks alone; this one has ${bar}. moveTo finds its way without a plan.`,
      { because: bar },
    );
  const level = walkerLevel(view);
  const reason = VoxelPlanner.refuses(view.program, view.slot, level);
  if (reason !== undefined) return refuse('no-certified-moves', reason, { because: 'body or size' });
  const library = libraryOf(view.program, view.slot, libraries);
  if (library === undefined)
    return refuse('no-certified-moves', 'No move of this body begins and ends in the middle of a cell.', { because: 'body' });
  return new VoxelPlanner(view.program, view.slot, { ...level, voxels: level.voxels.slice() }, library);
}

function libraryOf(program: SkillBody['view']['program'], slot: number, libraries: SkillBody['libraries']): Library | undefined {
  let bySlot = libraries.get(program);
  if (bySlot === undefined) libraries.set(program, (bySlot = new Map()));
  if (!bySlot.has(slot)) bySlot.set(slot, createLibrary(program, slot));
  return bySlot.get(slot);
}
