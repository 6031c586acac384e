/** What is known of one thing: a block, a body, or an item. */
import { MOB_BEHAVIOUR, MOB_COLUMN, MOB_COLUMNS } from '@kinovox/env';
import { BLOCK_BY_NAME, ITEM_BY_NAME } from '@kinovox/world';
import { z } from 'zod';
import type { AgentView } from '../../agent-view.js';
import { isEnemy } from '../../skills/combat.js';
import type { Cell } from '../../skills/hands.js';
import { countItems } from '../../skills/inventory.js';
import { HAND_REACH } from '../../skills/sight.js';
import { givenPlace, nameField, optionalCell } from '../arguments.js';
import { blockName, findItem, findTarget, isRefusal, metresTo, outside, placeOf } from '../names.js';
import { answer, cellText, refuse, tenths } from '../outcome.js';
import type { Begun, FactValue, Skill, SkillBody } from '../skill.js';
import { recipesFor, recipeText } from './craft.js';

const parameters = z.strictObject({
  ...optionalCell,
  target: nameField('An agent, mob or prop; in place of x y z.').optional(),
  item: nameField('An item: what it is for and how it is made; in place of x y z.').optional(),
});
type Args = z.output<typeof parameters>;

export const inspect: Skill<Args> = {
  name: 'inspect',
  description:
    'Tells what is known of a block at a cell, of an agent, mob or prop, or of a kind of item: what it is, where, and what can be done with it.',
  parameters,
  precondition: 'None.',
  effect: 'Nothing changes.',
  refusals: {
    'no-place': 'Not exactly one of a cell, a target and an item was given.',
    'outside-world': 'The cell is outside the world.',
    self: 'You named yourself.',
    'unknown-target': 'Nobody is called so.',
    'target-gone': 'The target lives no more.',
    'unknown-item': 'No item is called so.',
  },
  interruptible: false,
  begin(body, args) {
    const place = givenPlace(args);
    const given = [place, args.target, args.item].filter((one) => one !== undefined).length;
    if (place === 'partial' || given !== 1)
      return refuse('no-place', 'inspect must be given x, y and z, or a target, or an item; one of them.', {});
    if (place !== undefined) return outside(body.view, place) ?? inspectBlock(body, place);
    return args.item === undefined ? inspectBody(body, args.target!) : inspectItem(body, args.item);
  },
};

function inspectBlock({ view, ground }: SkillBody, cell: Cell): Begun {
  const block = view.blockAt(...cell);
  const name = blockName(view, cell);
  const type = BLOCK_BY_NAME.get(name)!;
  const { blocks, survival } = view;
  const isDiggable =
    blocks.targetable[block] === 1 && ground.digTicks(...cell) !== -1 && blocks.digTicks[block] >= 0 && view.mayDigAt(...cell);
  const hand = survival === undefined ? blocks.digTicks[block] : survival.digTicks[block * survival.numToolRows];
  const facts: Record<string, FactValue> = {
    block: name,
    at: [...cell],
    isSolid: blocks.solid[block] === 1,
    canDig: isDiggable,
    canUse: blocks.usable[block] !== 0,
    canStand: ground.isPlace(cell[0], cell[1], cell[2]),
  };
  const words = [blocks.solid[block] === 1 ? 'solid' : 'not solid'];
  if (isDiggable) {
    facts.digTicks = Math.max(1, hand);
    words.push(`dug by hand in ${Math.max(1, hand)} ticks`);
    if (type.drops !== null) {
      facts.drops = type.drops;
      words.push(`drops ${type.drops}`);
    }
  } else if (blocks.targetable[block] === 1) words.push('cannot be dug here');
  if (blocks.usable[block] !== 0) words.push('can be used');
  if (blocks.plate[block] === 1) words.push('a pressure plate: stand on it');
  if (blocks.signal[block] === 1) words.push('on');
  if (facts.canStand) words.push('you can stand in this cell');
  const [x, y, z] = cell;
  const metres = Math.sqrt((x + 0.5 - view.x()) ** 2 + (y + 0.5 - view.y() - 1.62) ** 2 + (z + 0.5 - view.z()) ** 2);
  facts.metres = tenths(metres);
  facts.reachMetres = HAND_REACH;
  return answer(`${name} at ${cellText(cell)}: ${words.join(', ')}; ${tenths(metres)} m from your eyes. ${type.description}`, facts);
}

function inspectBody({ view }: SkillBody, name: string): Begun {
  const target = findTarget(view, name);
  if (isRefusal(target)) return target;
  const at = placeOf(view, target).map(tenths);
  const metres = tenths(metresTo(view, target));
  const head = { name: target.name, kind: target.kind, at, metres };
  const where = `at ${at.join(' ')}, ${metres} m away`;
  if (target.kind === 'agent') {
    const { team, role, body } = view.roster[target.slot];
    const speed = tenths(20 * Math.sqrt(view.vx(target.slot) ** 2 + view.vy(target.slot) ** 2 + view.vz(target.slot) ** 2));
    const frame = 'vehicle' in body ? String(body.vehicle) : body.type;
    return answer(
      `${target.name} is an agent of team ${team}${role === undefined ? '' : `, ${role}`}: a ${frame} ${where}, moving at ${speed} m/s.`,
      {
        ...head,
        team,
        ...(role === undefined ? {} : { role }),
        body: frame,
        speedMetresPerSecond: speed,
      },
    );
  }
  if (target.kind === 'mob') {
    const { kinds } = view.survival!.mobs!;
    const row = view.mobKind(target.slot) * MOB_COLUMNS;
    const behaviour = Object.entries(MOB_BEHAVIOUR).find(([, value]) => value === kinds[row + MOB_COLUMN.behaviour])![0];
    const hostile = isEnemy(view, view.mobKind(target.slot));
    return answer(
      `${target.name} is a ${behaviour} mob ${where}; ${hostile ? 'it attacks you' : 'it does not attack you'}, and begins with ${kinds[row + MOB_COLUMN.health]} half hearts.`,
      {
        ...head,
        behaviour,
        attacksYou: hostile,
        fullHealth: kinds[row + MOB_COLUMN.health],
        damage: kinds[row + MOB_COLUMN.damage],
      },
    );
  }
  const [width, height, depth] = view.propHalf(target.slot).map((half) => tenths(2 * half));
  const massKg = view.program.props.massKg[target.slot];
  const carrier = view.roster.findIndex((_, slot) => view.isAlive(slot) && view.carried(slot) === target.slot);
  return answer(
    `${target.name} is a prop ${where}: ${width} by ${height} by ${depth} m, ${massKg} kg${carrier < 0 ? '' : `, carried by ${carrier === view.slot ? 'you' : view.roster[carrier].id}`}.`,
    {
      ...head,
      sizeMetres: [width, height, depth],
      massKg,
      ...(carrier < 0 ? {} : { carriedBy: view.roster[carrier].id }),
    },
  );
}

function inspectItem({ view }: SkillBody, name: string): Begun {
  const found = findItem(name);
  if (isRefusal(found)) return found;
  const { survival } = view;
  const held = countItems(view, found.item);
  const words = [`you hold ${held}`];
  const facts: Record<string, FactValue> = { item: found.name, held };
  const placed = view.blockOfItem(found.item);
  if (placed > 0) {
    words.push(`placed it becomes ${view.palette.names[placed]}`);
    facts.places = view.palette.names[placed];
  }
  if (survival !== undefined) Object.assign(facts, usesOf(view, found.item, found.name, words));
  facts.stack = ITEM_BY_NAME.get(found.name)!.stack;
  return answer(`${found.name}: ${words.join('; ')}.`, facts);
}

function usesOf({ survival }: AgentView, item: number, name: string, words: string[]): Record<string, FactValue> {
  const rules = survival!;
  const facts: Record<string, FactValue> = {};
  if (rules.food[item] > 0) {
    words.push(`eaten it gives ${rules.food[item]} food`);
    facts.food = rules.food[item];
  }
  if (rules.fuelTicks[item] > 0) {
    words.push(`burns for ${rules.fuelTicks[item]} ticks`);
    facts.fuelTicks = rules.fuelTicks[item];
  }
  if (rules.damage[item] > 1) {
    words.push(`strikes for ${rules.damage[item]} half hearts`);
    facts.damage = rules.damage[item];
  }
  const recipes = recipesFor(rules, name).slice(0, 4).map(recipeText);
  if (recipes.length > 0) {
    words.push(`made: ${recipes.join(', or ')}`);
    facts.recipes = recipes;
  }
  return facts;
}
