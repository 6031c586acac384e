/** Bodily needs: eating, sleeping, and room in the bag. */
import type { SurvivalTables } from '@kinovox/env';
import { INVENTORY_SLOTS, ITEM_BY_ID } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import type { Navigator } from '../navigation/navigator.js';
import type { Controls } from './controls.js';
import { type Cell, faceCell, type WorkStatus } from './hands.js';
import { countFreeSlots, findSlot } from './inventory.js';

/** Food points that one lets go before a meal, so that little of it is lost: alone, and where others may need the food more. */
const APPETITE = 6;
const SHARED_APPETITE = 14;

/** Best food that is carried and would not be wasted; 0 for none. */
export function meal(view: AgentView, rules: SurvivalTables): number {
  const room = rules.maxFood - view.food;
  const appetite = view.numAgents > 1 ? SHARED_APPETITE : APPETITE;
  let best = 0;
  for (let k = 0; k < INVENTORY_SLOTS; k++) {
    const item = view.itemAt(k);
    const points = rules.food[item];
    if (points > 0 && points > (best === 0 ? 0 : rules.food[best]) && (points <= room || room >= appetite)) best = item;
  }
  return room >= appetite || (best !== 0 && view.health < 14 && view.food < rules.regenFood) ? best : 0;
}

/** Keeps at a bite; whatever else the body does goes on. */
export function eatItem(c: Controls, item: number): void {
  const slot = findSlot(c.view, (held) => held === item);
  if (slot < 0) return;
  c.hold(slot);
  c.eat();
}

/** Goes to a bed and lies there. */
export function sleepIn(c: Controls, navigator: Navigator, cell: Cell): WorkStatus {
  const status = faceCell(c, navigator, cell);
  if (status === 'facing') c.sleep();
  return status === 'blocked' ? 'blocked' : 'working';
}

/**
 * Walks over items that lie in a cell, and makes room for them there: what is laid down elsewhere is soon in the bag again.
 * `blocked` too when the items stay where they are.
 */
export function collect(c: Controls, navigator: Navigator, [x, y, z]: Cell): WorkStatus {
  const { view } = c;
  const [px, py, pz] = view.cellOf();
  if (Math.abs(x - px) <= 1 && Math.abs(y - py) <= 1 && Math.abs(z - pz) <= 1) {
    const burden = burdenSlot(view, view.survival!);
    c.displace(0, 0, false);
    if (burden < 0) return 'blocked';
    c.hold(burden);
    c.drop();
    return 'working';
  }
  const status = navigator.travel(c, { box: [x - 1, y - 1, z - 1, x + 1, y + 1, z + 1] });
  return status === 'moving' ? 'working' : 'blocked';
}

/** Slot whose content is lightest to part with; -1 while there is room, or nothing to part with. */
function burdenSlot(view: AgentView, rules: SurvivalTables): number {
  if (countFreeSlots(view) > 0) return -1;
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < INVENTORY_SLOTS; k++) {
    const burden = worth(view, rules, k);
    if (burden >= least) continue;
    least = burden;
    best = k;
  }
  return best;
}

/** What a slot is worth; infinite for what is kept. */
function worth(view: AgentView, rules: SurvivalTables, slot: number): number {
  const item = view.itemAt(slot);
  const kind = rules.toolClass[item];
  for (let k = 0; k < INVENTORY_SLOTS; k++) {
    if (k === slot) continue;
    const other = view.itemAt(k);
    if (kind > 0 && rules.toolClass[other] === kind && (rules.toolRow[other] > rules.toolRow[item] || (other === item && k < slot)))
      return 0;
    if (kind === 0 && other === item && k < slot) return 100 + view.countAt(slot);
  }
  if (kind > 0) return Number.POSITIVE_INFINITY;
  const { name } = ITEM_BY_ID.get(item)!;
  if (USELESS.includes(name)) return view.countAt(slot);
  return Number.POSITIVE_INFINITY;
}

/** Neither food nor a part of anything that is soon made. */
const USELESS: readonly string[] = [
  ...['leather', 'bone', 'dirt', 'gravel', 'rotten_flesh', 'oak_leaves', 'short_grass', 'granite', 'andesite', 'diorite', 'ladder'],
  ...['torch', 'oak_sapling', 'wheat_seeds', 'string', 'sandstone', 'glass'],
];
