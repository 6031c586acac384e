/**
 * Why a walker finds no way: what lies at the end of the way that there is, towards where it should have led. A search on foot tells which cells can be
 * reached; from the one nearest to the goal the next cells are looked at: a gap, a wall, a drop, a closed door, or what the task forbids.
 * Limits: it looks along the axis on which more is missing, then along the other; what it names is in the way there, and need not be all that is.
 */
import type { AgentView } from '../agent-view.js';
import type { Box } from '../navigation/ground.js';
import { type Destination, footing, longestGap } from '../navigation/navigator.js';
import { findPath } from '../navigation/path-search.js';
import type { Cell } from '../skills/hands.js';
import { countBlocks } from '../skills/inventory.js';
import { blockName, isInside } from './names.js';
import { cellText, plural, refuse, tenths } from './outcome.js';
import type { FactValue, Refusal, SkillBody } from './skill.js';

type Refused = { readonly refusal: Refusal };

/** As in the search: deeper than this nobody drops. */
const DEEPEST_DROP = 3;
/** Widest gap and highest wall that are measured. */
const MOST_MEASURED = 64;
/** How far about a goal that has no room a place to stand is looked for. */
const NEARBY = 3;

/** What to answer when the navigator found no way to `to`. @param what the goal in words, such as `18 8 10`. */
export function explainBlockedWay(body: SkillBody, to: Destination, what: string): Refused {
  const room = noStandingRoom(body, to, what);
  if (room !== undefined) return room;
  const end = endOfTheWay(body, to);
  const middle = middleOf(to.box);
  const missing = [middle[0] - end[0] - 0.5, middle[1] - end[1], middle[2] - end[2] - 0.5] as const;
  const metres = Math.sqrt(missing[0] ** 2 + missing[1] ** 2 + missing[2] ** 2);
  const alongX = Math.abs(missing[0]) >= Math.abs(missing[2]);
  const directions: [number, number][] = alongX
    ? [
        [sign(missing[0]), 0],
        [0, sign(missing[2])],
      ]
    : [
        [0, sign(missing[2])],
        [sign(missing[0]), 0],
      ];
  for (const [ux, uz] of directions) {
    if (ux === 0 && uz === 0) continue;
    const found = obstacle(body, end, ux, uz, what, metres);
    if (found !== undefined) return found;
  }
  return refuse(
    'no-way',
    `No way leads to ${what}; the nearest cell that you can reach is ${cellText(end)}, ${tenths(metres)} m from it.`,
    {
      nearest: [...end],
      leftMetres: tenths(metres),
      blocksHeld: countBlocks(body.view),
    },
  );
}

/** Where nobody can stand at the goal at all. */
function noStandingRoom({ view, ground }: SkillBody, { box, accept }: Destination, what: string): Refused | undefined {
  let forbidden = false;
  for (let y = box[1]; y <= box[4]; y++)
    for (let z = box[2]; z <= box[5]; z++)
      for (let x = box[0]; x <= box[3]; x++) {
        if (accept !== undefined && !accept(x, y, z)) continue;
        if (ground.isPlace(x, y, z)) return undefined;
        forbidden ||= ground.isInside(x, y, z) && ground.isKeptOut(x, y, z) && ground.isRoom(x, y, z);
      }
  if (forbidden) return refuse('forbidden', `The task forbids to be at ${what}.`, { at: [box[0], box[1], box[2]] });
  const cell: Cell = [Math.floor((box[0] + box[3]) / 2), Math.floor((box[1] + box[4]) / 2), Math.floor((box[2] + box[5]) / 2)];
  const [x, y, z] = cell;
  const head: Cell = [x, y + 1, z];
  const why = ground.isSolid(...cell)
    ? `${blockName(view, cell)} fills it`
    : ground.isSolid(...head)
      ? `${blockName(view, head)} fills the cell above it, and a body is two cells high`
      : ground.isLava(...cell)
        ? 'it is lava'
        : 'nothing there holds you up';
  const near = nearestPlace(view, cell, (ax, ay, az) => ground.isPlace(ax, ay, az));
  const hint = near === undefined ? '' : ` You could stand at ${cellText(near)}.`;
  return refuse('no-standing-room', `Nobody can stand at ${what}: ${why}.${hint}`, {
    at: [...cell],
    ...(near === undefined ? {} : { nearest: [...near] }),
  });
}

/** Of the cells that can be reached on foot the nearest to a box; of equals the least cell. */
function endOfTheWay(body: SkillBody, to: Destination): Cell {
  const { view, ground, space } = body;
  const { body: frame } = view.roster[view.slot];
  const from = footing(ground, view);
  findPath(ground, space, {
    from,
    to: to.box,
    accept: () => false,
    canDig: false,
    maxBlocks: 0,
    canPillar: false,
    canJump: frame.type !== 'walker' || frame.jump,
    longestGap: longestGap(frame),
  });
  let best: Cell = from;
  let least = Number.POSITIVE_INFINITY;
  const { sizeX, sizeZ } = view;
  const numCells = sizeX * view.sizeY * sizeZ;
  for (let cell = 0; cell < numCells; cell++) {
    if (!space.isReached(cell)) continue;
    const x = cell % sizeX;
    const row = (cell - x) / sizeX;
    const z = row % sizeZ;
    const y = (row - z) / sizeZ;
    const square = squareToBox(to.box, x, y, z);
    if (square < least) [least, best] = [square, [x, y, z]];
  }
  return best;
}

function obstacle(body: SkillBody, end: Cell, ux: number, uz: number, what: string, metres: number): Refused | undefined {
  const { view, ground } = body;
  const [x, y, z] = end;
  const next: Cell = [x + ux, y, z + uz];
  if (!isInside(view, next)) return undefined;
  const facts = { end: [...end], leftMetres: tenths(metres), blocksHeld: countBlocks(view) };
  if (ground.isRoom(...next)) {
    if (ground.isKeptOut(...next))
      return refuse('forbidden', `The way to ${what} would lead over ${cellText(next)}, where the task forbids to be.`, {
        ...facts,
        at: [...next],
      });
    if (ground.isPlace(...next)) return undefined;
    return gap(body, end, ux, uz, facts) ?? drop(body, next, facts);
  }
  const solid: Cell = ground.isSolid(...next) ? next : [next[0], y + 1, next[2]];
  return door(view, solid, facts) ?? wall(body, end, next, solid, ux, uz, facts);
}

function gap(body: SkillBody, [x, y, z]: Cell, ux: number, uz: number, facts: Readonly<Record<string, FactValue>>): Refused | undefined {
  const { view, ground } = body;
  let width = 0;
  for (; width < MOST_MEASURED; width++) {
    const [fx, fz] = [x + ux * (width + 1), z + uz * (width + 1)];
    if (!isInside(view, [fx, y, fz])) return undefined;
    if ([1, 0, -1, -2].some((rise) => ground.isFooting(fx, y + rise, fz))) break;
  }
  if (width === MOST_MEASURED || width === 0) return undefined;
  const first: Cell = [x + ux, y, z + uz];
  const last: Cell = [x + ux * width, y, z + uz * width];
  const { can, body: frame } = view.roster[view.slot];
  const jumpBlocks = longestGap(frame);
  const held = countBlocks(view);
  const axis = ux !== 0 ? 'x' : 'z';
  const [from, to] = ux !== 0 ? [first[0], last[0]] : [first[2], last[2]];
  const where = width === 1 ? `at ${axis} ${from}` : `between ${axis} ${Math.min(from, to)} and ${axis} ${Math.max(from, to)}`;
  const jump = jumpBlocks === 0 ? 'you cannot jump' : `a sprint jump carries ${jumpBlocks}`;
  // What is left of a gap that has been bridged so far is leapt over.
  const bridgeBlocks = width > jumpBlocks ? width - jumpBlocks : width;
  const takes = bridgeBlocks === width ? `${width}` : `${bridgeBlocks}, and a jump over the rest`;
  const hands = can.place
    ? `You hold ${plural(held, 'block')} to build with; bridging takes ${takes}.`
    : `You may not place blocks; bridging would take ${takes}.`;
  const { depthBlocks, below } = beneath(body, first);
  return refuse('gap', `A gap of ${plural(width, 'block')} ${where} blocks the way, over ${below} ${depthBlocks} down; ${jump}. ${hands}`, {
    ...facts,
    gapBlocks: width,
    jumpBlocks,
    bridgeBlocks,
    depthBlocks,
    below,
    at: [...first],
    axis,
  });
}

function drop(body: SkillBody, next: Cell, facts: Readonly<Record<string, FactValue>>): Refused | undefined {
  const { depthBlocks, below } = beneath(body, next);
  if (depthBlocks <= DEEPEST_DROP && below !== 'lava') return undefined;
  return refuse(
    'drop',
    `At ${cellText(next)} it goes ${plural(depthBlocks, 'block')} down to ${below}; ${below === 'lava' ? 'lava burns' : `more than ${DEEPEST_DROP} hurt`}.`,
    { ...facts, depthBlocks, dropBlocks: DEEPEST_DROP, below, at: [...next] },
  );
}

/** What a body would come down on from a cell, and how far below its floor that is. */
function beneath({ view, ground }: SkillBody, [x, y, z]: Cell): { depthBlocks: number; below: string } {
  let depth = 1;
  while (y - depth > 0 && !ground.isSolid(x, y - depth, z) && view.blocks.liquid[view.blockAt(x, y - depth, z)] === 0) depth++;
  return { depthBlocks: depth - 1, below: blockName(view, [x, y - depth, z]) };
}

function door(view: AgentView, cell: Cell, facts: Readonly<Record<string, FactValue>>): Refused | undefined {
  const block = view.blockAt(...cell);
  const name = view.palette.names[block];
  const mechanism = mechanismAt(view, cell);
  if (mechanism !== undefined)
    return refuse(
      'closed',
      `${name} at ${cellText(cell)} is part of the mechanism ${mechanism}, which is off; its plates or levers open the way.`,
      {
        ...facts,
        block: name,
        at: [...cell],
        mechanism,
      },
    );
  if (view.blocks.usable[block] === 0) return undefined;
  return refuse('closed', `A closed ${name} at ${cellText(cell)} blocks the way; use it to open it.`, {
    ...facts,
    block: name,
    at: [...cell],
  });
}

/** The mechanism that is off and would change a cell; an agent from whom goals are hidden does not know where they are. */
function mechanismAt(view: AgentView, [x, y, z]: Cell): string | undefined {
  const index = (view.level?.mechanisms ?? []).findIndex(
    ({ effects }, k) =>
      !view.isActive(k) &&
      effects.some(({ region }) => {
        const [low, high] = region as unknown as readonly [Cell, Cell];
        return [x, y, z].every((value, axis) => value >= low[axis] && value <= high[axis]);
      }),
  );
  return index < 0 ? undefined : view.program.mechanisms.names[index];
}

function wall(
  { view, ground }: SkillBody,
  end: Cell,
  next: Cell,
  solid: Cell,
  ux: number,
  uz: number,
  facts: Readonly<Record<string, FactValue>>,
): Refused {
  const [x, y, z] = next;
  let height = 1;
  while (height < MOST_MEASURED && y + height < view.sizeY && !ground.isFooting(x, y + height, z)) height++;
  const isEndless = height === MOST_MEASURED || y + height >= view.sizeY;
  let thickness = 1;
  while (
    thickness < MOST_MEASURED &&
    isInside(view, [x + ux * thickness, y, z + uz * thickness]) &&
    !ground.isRoom(x + ux * thickness, y, z + uz * thickness)
  )
    thickness++;
  const { can, body: frame } = view.roster[view.slot];
  const name = blockName(view, solid);
  const digTicks = ground.digTicks(...solid);
  const mayDig = can.dig && view.rules.world.diggable !== 'none' && digTicks >= 0;
  const climb = frame.type === 'walker' && frame.jump ? 1 : 0;
  const dig = mayDig ? `It can be dug, ${plural(digTicks, 'tick')} a block.` : can.dig ? 'It cannot be dug.' : 'You may not dig.';
  const tall = isEndless ? 'up to the top of the world' : `${plural(height, 'block')} high`;
  const step = climb === 0 ? 'you cannot jump' : 'you step up 1';
  return refuse('wall', `${name} at ${cellText(solid)} blocks the way, ${tall} and ${plural(thickness, 'block')} thick; ${step}. ${dig}`, {
    ...facts,
    block: name,
    at: [...solid],
    from: [...end],
    heightBlocks: isEndless ? view.sizeY - y : height,
    thicknessBlocks: thickness,
    climbBlocks: climb,
    canDig: mayDig,
    ...(mayDig ? { digTicks } : {}),
  });
}

/** The nearest cell about another that passes; of equals the first in y, z, x. */
export function nearestPlace(view: AgentView, [x, y, z]: Cell, accept: (x: number, y: number, z: number) => boolean): Cell | undefined {
  let best: Cell | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let dy = -NEARBY; dy <= NEARBY; dy++)
    for (let dz = -NEARBY; dz <= NEARBY; dz++)
      for (let dx = -NEARBY; dx <= NEARBY; dx++) {
        const square = dx * dx + dy * dy + dz * dz;
        if (square >= least || !isInside(view, [x + dx, y + dy, z + dz]) || !accept(x + dx, y + dy, z + dz)) continue;
        least = square;
        best = [x + dx, y + dy, z + dz];
      }
  return best;
}

function middleOf(box: Box): readonly [number, number, number] {
  return [(box[0] + box[3] + 1) / 2, (box[1] + box[4]) / 2, (box[2] + box[5] + 1) / 2];
}

function squareToBox(box: Box, x: number, y: number, z: number): number {
  const beyond = (value: number, low: number, high: number) => (value < low ? low - value : value > high ? value - high : 0);
  return beyond(x, box[0], box[3]) ** 2 + beyond(y, box[1], box[4]) ** 2 + beyond(z, box[2], box[5]) ** 2;
}

/** Below half a block nothing is missing along an axis. */
function sign(value: number): number {
  return Math.abs(value) < 0.5 ? 0 : Math.sign(value);
}
