/** Where blocks of a kind are, nearest first. */
import { z } from 'zod';
import type { AgentView } from '../../agent-view.js';
import type { Cell } from '../../skills/hands.js';
import { nameField } from '../arguments.js';
import { findBlock, isRefusal } from '../names.js';
import { answer, cellText, plural, refuse, tenths } from '../outcome.js';
import type { Skill } from '../skill.js';

const parameters = z.strictObject({
  block: nameField('Kind of block, such as "oak_log".'),
  maxDistance: z.number().min(1).max(256).default(32).describe('Metres from your feet, 1..256; default 32.'),
  count: z.int().min(1).max(32).default(8).describe('How many to name, 1..32; default 8.'),
});
type Args = z.output<typeof parameters>;

export const findBlocks: Skill<Args> = {
  name: 'findBlocks',
  description: 'Names the cells of the nearest blocks of a kind, from the map.',
  parameters,
  precondition: 'The kind of block is one of this world.',
  effect: 'Nothing changes; the answer lists cells, nearest first, with how many there are in all.',
  refusals: {
    'unknown-block': 'No such block is in this world.',
    'not-found': 'None is within the distance; the sentence says how many the world has.',
  },
  interruptible: false,
  begin({ view, index }, { block: name, maxDistance, count }) {
    const found = findBlock(view, name);
    if (isRefusal(found)) return found;
    const total = index.count(found.block);
    const near = cellsWithin(view, found.block, maxDistance);
    if (near.length === 0)
      return refuse('not-found', `No ${found.name} within ${maxDistance} m; the world has ${total}.`, {
        block: found.name,
        maxMetres: maxDistance,
        total,
      });
    const shown = near.slice(0, count);
    const text = shown.map(({ at, metres }) => `${cellText(at)} (${tenths(metres)} m)`).join(', ');
    return answer(`${plural(near.length, `${found.name} block`)} within ${maxDistance} m; nearest: ${text}.`, {
      block: found.name,
      within: near.length,
      total,
      cells: shown.map(({ at }) => [...at]),
      metres: shown.map(({ metres }) => tenths(metres)),
    });
  },
};

/** Cells of a palette entry whose middles are so near to the feet, nearest first; of equals the least cell first. */
function cellsWithin(view: AgentView, block: number, most: number): { at: Cell; metres: number }[] {
  const found: { at: Cell; metres: number }[] = [];
  const span = (at: number, size: number) => [Math.max(0, Math.floor(at - most)), Math.min(size - 1, Math.floor(at + most))] as const;
  const [x0, x1] = span(view.x(), view.sizeX);
  const [y0, y1] = span(view.y(), view.sizeY);
  const [z0, z1] = span(view.z(), view.sizeZ);
  for (let y = y0; y <= y1; y++)
    for (let z = z0; z <= z1; z++)
      for (let x = x0; x <= x1; x++) {
        if (view.voxels[(y * view.sizeZ + z) * view.sizeX + x] !== block) continue;
        const metres = Math.sqrt((x + 0.5 - view.x()) ** 2 + (y + 0.5 - view.y()) ** 2 + (z + 0.5 - view.z()) ** 2);
        if (metres <= most) found.push({ at: [x, y, z], metres });
      }
  return found.sort((a, b) => a.metres - b.metres);
}
