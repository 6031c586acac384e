/** What is seen from where one stands: bodies, items, blocks by kind, and how far one can walk to each side. */
import { z } from 'zod';
import type { Cell } from '../../skills/hands.js';
import { canSeeFrom, EYE_HEIGHT, firstBlock, isExposed } from '../../skills/sight.js';
import { isInside, metresTo, placeOf, type Target, targetName } from '../names.js';
import { answer, cellText, tenths } from '../outcome.js';
import type { FactValue, Skill, SkillBody } from '../skill.js';
import { pilesIn } from './pick-up.js';

/** Bodies, piles and kinds of blocks that are named. */
const MOST_NAMED = 12;

const parameters = z.strictObject({
  radius: z.int().min(1).max(16).default(8).describe('Metres about you, 1..16; default 8.'),
});
type Args = z.output<typeof parameters>;

export const scan: Skill<Args> = {
  name: 'scan',
  description:
    'Looks about, without turning: names the agents, mobs, props, items and kinds of blocks in sight within a radius, and how far you can walk to each side.',
  parameters,
  precondition: 'None.',
  effect: 'Nothing changes.',
  refusals: {},
  interruptible: false,
  begin(body, { radius }) {
    const { view } = body;
    const bodies = bodiesInSight(body, radius);
    const piles = pilesIn(view)
      .filter(({ metres, cell: [x, y, z] }) => metres <= radius && canSee(body, [x + 0.5, y + 0.3, z + 0.5]))
      .slice(0, MOST_NAMED);
    const blocks = blocksInSight(body, radius).slice(0, MOST_NAMED);
    const ways = body.pilot === undefined ? waysOnFoot(body, radius) : [];
    const parts = [
      ...(bodies.length === 0 ? ['nobody in sight'] : bodies.map(({ name, at, metres }) => `${name} at ${at.join(' ')} (${metres} m)`)),
      ...piles.map(({ name, count, cell }) => `${count} ${name} on the ground at ${cellText(cell)}`),
      ...ways.map(({ side, steps, before }) => `${side}: ${steps} steps free${before === '' ? '' : `, then ${before}`}`),
      `blocks: ${blocks.map(({ block, count, nearest }) => `${count} ${block} (nearest ${cellText(nearest)})`).join(', ') || 'none'}`,
    ];
    return answer(`Within ${radius} m: ${parts.join('; ')}.`, {
      radiusMetres: radius,
      bodies: bodies.map(({ name, kind, at, metres }) => ({ name, kind, at, metres })),
      items: piles.map(({ name, count, cell }) => ({ name, count, at: [...cell] })),
      blocks: blocks.map(({ block, count, nearest }) => ({ block, count, nearest: [...nearest] })),
      ways: ways.map(({ side, steps, before }) => ({ side, steps, before })),
    });
  },
};

function canSee({ view, pilot }: SkillBody, point: readonly [number, number, number]): boolean {
  return canSeeFrom(view, view.x() - 0.5, view.y() - (pilot === undefined ? 0 : EYE_HEIGHT), view.z() - 0.5, point);
}

function bodiesInSight(
  body: SkillBody,
  radius: number,
): { name: string; kind: string; at: number[]; metres: number; [name: string]: FactValue }[] {
  const { view } = body;
  const targets: Target[] = [];
  const add = (kind: Target['kind'], slot: number) => targets.push({ kind, slot, name: targetName(view, kind, slot) });
  for (let slot = 0; slot < view.numAgents; slot++) if (slot !== view.slot && view.isAlive(slot)) add('agent', slot);
  for (let mob = 0; mob < view.numMobs; mob++) if (view.isMobAlive(mob)) add('mob', mob);
  for (let prop = 0; prop < view.numProps; prop++) add('prop', prop);
  return targets
    .map((target) => ({ target, metres: metresTo(view, target) }))
    .filter(({ target, metres }) => {
      if (metres > radius) return false;
      const [x, y, z] = placeOf(view, target);
      return canSee(body, [x, y + (target.kind === 'prop' ? 0.3 : 0.9), z]) || (target.kind !== 'prop' && canSee(body, [x, y + 1.6, z]));
    })
    .sort((a, b) => a.metres - b.metres)
    .slice(0, MOST_NAMED)
    .map(({ target, metres }) => ({ name: target.name, kind: target.kind, at: placeOf(view, target).map(tenths), metres: tenths(metres) }));
}

/** By kind, the nearest kind first: how many are seen, and the nearest cell. */
function blocksInSight(body: SkillBody, radius: number): { block: string; count: number; nearest: Cell }[] {
  const { view, pilot } = body;
  const eye: [number, number, number] = [view.x(), view.y() + (pilot === undefined ? EYE_HEIGHT : 0), view.z()];
  const [cx, cy, cz] = view.cellOf();
  const kinds = new Map<number, { count: number; nearest: Cell; square: number }>();
  for (let y = cy - radius; y <= cy + radius; y++)
    for (let z = cz - radius; z <= cz + radius; z++)
      for (let x = cx - radius; x <= cx + radius; x++) {
        if (!isInside(view, [x, y, z])) continue;
        const block = view.blockAt(x, y, z);
        if (view.blocks.targetable[block] === 0) continue;
        const square = (x + 0.5 - eye[0]) ** 2 + (y + 0.5 - eye[1]) ** 2 + (z + 0.5 - eye[2]) ** 2;
        if (square > radius * radius || !isExposed(view, x, y, z)) continue;
        const hit = firstBlock(view, eye, [x + 0.5, y + 0.5, z + 0.5], radius + 1);
        if (hit === undefined || hit.x !== x || hit.y !== y || hit.z !== z) continue;
        const known = kinds.get(block);
        if (known === undefined) kinds.set(block, { count: 1, nearest: [x, y, z], square });
        else {
          known.count++;
          if (square < known.square) [known.square, known.nearest] = [square, [x, y, z]];
        }
      }
  return [...kinds]
    .sort(([a, one], [b, other]) => one.square - other.square || a - b)
    .map(([block, { count, nearest }]) => ({ block: view.palette.names[block], count, nearest }));
}

const SIDES = [
  ['north', 0, -1],
  ['south', 0, 1],
  ['east', 1, 0],
  ['west', -1, 0],
] as const;

/** Straight on to each side, up and down single steps: how many cells one can go, and what comes then. */
function waysOnFoot({ view, ground }: SkillBody, radius: number): { side: string; steps: number; before: string }[] {
  return SIDES.map(([side, ux, uz]) => {
    let [x, y, z] = view.cellOf();
    for (let steps = 0; steps < radius; steps++) {
      [x, z] = [x + ux, z + uz];
      const rise = [0, 1, -1].find((dy) => ground.isPlace(x, y + dy, z));
      if (rise === undefined) {
        const before = !ground.isInside(x, y, z)
          ? 'the edge of the world'
          : ground.isSolid(x, y, z) || ground.isSolid(x, y + 1, z)
            ? `${view.palette.names[view.blockAt(x, ground.isSolid(x, y, z) ? y : y + 1, z)]} at ${cellText([x, y, z])}`
            : `a drop at ${cellText([x, y, z])}`;
        return { side, steps, before };
      }
      y += rise;
    }
    return { side, steps: radius, before: '' };
  });
}
