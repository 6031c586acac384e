/** From the names that a model writes to what they mean here: agents, mobs, items, blocks, props. Unknown names are refused with what was meant, perhaps. */
import { BLOCK_BY_NAME, didYouMean, INVENTORY_SLOTS, ITEM_ALIASES, ITEM_BY_ID, ITEM_BY_NAME, ITEMS } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { refuse } from './outcome.js';
import type { Refusal } from './skill.js';

type Refused = { readonly refusal: Refusal };

/** A body in the world other than one's own. */
export type Target = {
  readonly name: string;
  readonly kind: 'agent' | 'mob' | 'prop';
  /** Slot of an agent or mob, index of a prop. */
  readonly slot: number;
};

export function isRefusal<T extends object>(value: T | Refused): value is Refused {
  return 'refusal' in value;
}

export function targetName(view: AgentView, kind: Target['kind'], slot: number): string {
  if (kind === 'agent') return view.roster[slot].id;
  return kind === 'mob' ? `${view.survival!.mobs!.kindNames[view.mobKind(slot)]} ${slot}` : view.program.props.ids[slot];
}

/** Feet of a body, or the centre of a prop, metres. */
export function placeOf(view: AgentView, { kind, slot }: Target): readonly [number, number, number] {
  if (kind === 'agent') return [view.x(slot), view.y(slot), view.z(slot)];
  if (kind === 'mob') return [view.mobX(slot), view.mobY(slot), view.mobZ(slot)];
  const { x, y, z } = view.prop(slot);
  return [x, y, z];
}

export function isThere(view: AgentView, { kind, slot }: Target): boolean {
  return kind === 'agent' ? view.isAlive(slot) : kind === 'mob' ? view.isMobAlive(slot) : slot < view.numProps;
}

/** Metres from feet to feet, or to the centre of a prop. */
export function metresTo(view: AgentView, target: Target): number {
  const [x, y, z] = placeOf(view, target);
  return Math.sqrt((x - view.x()) ** 2 + (y - view.y()) ** 2 + (z - view.z()) ** 2);
}

/** An agent by its id, a mob by kind and number (`zombie 3`) or kind alone (the nearest), a prop by its id. */
export function findTarget(view: AgentView, name: string, kinds: readonly Target['kind'][] = ['agent', 'mob', 'prop']): Target | Refused {
  const agents = kinds.includes('agent') ? view.roster.map(({ id }) => id) : [];
  const slot = agents.indexOf(name);
  if (slot === view.slot) return refuse('self', `${name} is you; name another.`, { target: name });
  if (slot >= 0)
    return view.isAlive(slot)
      ? { name, kind: 'agent', slot }
      : refuse('target-gone', `${name} is no longer in the world.`, { target: name });
  const props = kinds.includes('prop') ? view.program.props.ids.slice(0, view.numProps) : [];
  const prop = props.indexOf(name);
  if (prop >= 0) return { name, kind: 'prop', slot: prop };
  const mobs = kinds.includes('mob') ? (view.survival?.mobs?.kindNames ?? []) : [];
  const [, kindName, number] = /^(.*?)(?:[ -](\d+))?$/.exec(name) ?? [];
  const kind = mobs.indexOf(kindName);
  if (kind >= 0) return findMob(view, kind, kindName, number === undefined ? undefined : Number(number));
  const known = [...agents.filter((_, one) => one !== view.slot), ...mobs, ...props];
  const hint =
    didYouMean(name, known) || (known.length === 0 ? ' There is nobody else here.' : ` Known: ${known.slice(0, 12).join(', ')}.`);
  return refuse('unknown-target', `Nobody here is called "${name}".${hint}`, { target: name, known: known.slice(0, 12) });
}

function findMob(view: AgentView, kind: number, kindName: string, number: number | undefined): Target | Refused {
  const alive: number[] = [];
  for (let mob = 0; mob < view.numMobs; mob++) if (view.isMobAlive(mob) && view.mobKind(mob) === kind) alive.push(mob);
  if (number !== undefined) {
    if (alive.includes(number)) return { name: `${kindName} ${number}`, kind: 'mob', slot: number };
    return refuse(
      'target-gone',
      `${kindName} ${number} does not live.${alive.length === 0 ? '' : ` Alive: ${alive.map((mob) => `${kindName} ${mob}`).join(', ')}.`}`,
      { target: `${kindName} ${number}`, alive },
    );
  }
  if (alive.length === 0) return refuse('target-gone', `No ${kindName} lives now.`, { target: kindName, alive });
  const nearest = alive.reduce((best, mob) => (distance(view, mob) < distance(view, best) ? mob : best));
  return { name: `${kindName} ${nearest}`, kind: 'mob', slot: nearest };
}

function distance(view: AgentView, mob: number): number {
  return (view.mobX(mob) - view.x()) ** 2 + (view.mobY(mob) - view.y()) ** 2 + (view.mobZ(mob) - view.z()) ** 2;
}

/** Id of an item of the registry, by its name or short name. */
export function findItem(name: string): { readonly item: number; readonly name: string } | Refused {
  const found = ITEM_BY_NAME.get(Object.hasOwn(ITEM_ALIASES, name) ? ITEM_ALIASES[name] : name);
  if (found !== undefined) return { item: found.id, name: found.name };
  return refuse(
    'unknown-item',
    `No item is called "${name}".${didYouMean(name, [...ITEMS.map((item) => item.name), ...Object.keys(ITEM_ALIASES)])}`,
    { item: name },
  );
}

/** Palette index of a block that can stand in this world. */
export function findBlock(view: AgentView, name: string): { readonly block: number; readonly name: string } | Refused {
  const full = Object.hasOwn(ITEM_ALIASES, name) && !BLOCK_BY_NAME.has(name) ? ITEM_ALIASES[name] : name;
  const block = view.palette.names.indexOf(full);
  if (block >= 0) return { block, name: full };
  const known = BLOCK_BY_NAME.has(full);
  const hint = didYouMean(full, view.palette.names) || ` Blocks of this world: ${view.palette.names.slice(0, 12).join(', ')}.`;
  return refuse('unknown-block', known ? `There is no ${full} in this world.${hint}` : `No block is called "${name}".${hint}`, {
    block: name,
    known: view.palette.names.slice(0, 12),
  });
}

/** What is carried, item by item in the order of the slots. */
export function carriedItems(view: AgentView): Map<string, number> {
  const counts = new Map<string, number>();
  for (let k = 0; k < INVENTORY_SLOTS; k++) {
    const item = view.itemAt(k);
    if (item === 0) continue;
    const name = ITEM_BY_ID.get(item)!.name;
    counts.set(name, (counts.get(name) ?? 0) + view.countAt(k));
  }
  return counts;
}

export function blockName(view: AgentView, cell: readonly [number, number, number]): string {
  return view.palette.names[view.blockAt(...cell)];
}

export function isInside(view: AgentView, [x, y, z]: readonly [number, number, number]): boolean {
  return x >= 0 && y >= 0 && z >= 0 && x < view.sizeX && y < view.sizeY && z < view.sizeZ;
}

/** A refusal for a cell outside the world; undefined for one inside. */
export function outside(view: AgentView, cell: readonly [number, number, number]): Refused | undefined {
  if (isInside(view, cell)) return undefined;
  const most = [view.sizeX - 1, view.sizeY - 1, view.sizeZ - 1];
  return refuse('outside-world', `The cell ${cell.join(' ')} is outside the world, which goes from 0 0 0 to ${most.join(' ')}.`, {
    at: [...cell],
    most,
  });
}
