/** How the followed agent fares, where the scenario has survival: hearts, food, breath under water, what it makes, and the nine slots it carries. */
import {
  FRAME_AGENT_WORD,
  FRAME_AGENT_WORDS,
  FRAME_SLOT,
  FRAME_SLOT_WORDS,
  FRAME_VITAL,
  FRAME_VITALS,
  FRAME_WHOLE,
  type Frame,
  INVENTORY_SLOTS,
  ITEM_BY_ID,
  type ScenarioInfo,
} from '@kinovox/world';
import { ICON_PIXELS, paintItem } from '../textures/paint-item.js';
import { element, setText } from './element.js';
import { createMeter, type Meter } from './meter.js';

const ICONS = 10;
const TICKS_PER_SECOND = 20;

interface Slot {
  root: HTMLElement;
  picture: HTMLCanvasElement;
  count: HTMLElement;
  wear: HTMLElement;
  /** What is shown, so that a picture is painted only when it changes. */
  shown: string;
}

export class AgentStatus {
  readonly root: HTMLElement;
  readonly #swatch = element('i', {});
  readonly #name = element('b', {});
  readonly #doing = element('span', { class: 'doing' });
  readonly #share = element('i', {});
  readonly #work = element('div', { class: 'work' }, this.#share);
  readonly #hearts: Meter = createMeter('heart', 'Health', ICONS);
  readonly #food: Meter = createMeter('food', 'Food', ICONS);
  readonly #breath: Meter = createMeter('bubble', 'Breath', ICONS);
  readonly #slots: Slot[] = Array.from({ length: INVENTORY_SLOTS }, createSlot);
  #info: ScenarioInfo | undefined;

  constructor() {
    this.root = element(
      'section',
      { class: 'agent-status', ariaLabel: 'The followed agent' },
      element('div', { class: 'who' }, this.#swatch, this.#name, this.#doing, this.#work),
      element('div', { class: 'meters' }, this.#breath.root, this.#hearts.root, this.#food.root),
      element('div', { class: 'hotbar' }, ...this.#slots.map(({ root }) => root)),
    );
    this.root.hidden = true;
  }

  setScenario(info: ScenarioInfo): void {
    this.#info = info;
    this.root.hidden = true;
  }

  draw({ agents, survival }: Frame, slot: number): void {
    const info = this.#info;
    const agent = info?.agents[slot];
    this.root.hidden = survival === undefined || info?.survival === undefined || agent === undefined;
    if (survival === undefined || info?.survival === undefined || agent === undefined) return;
    const vital = (at: number) => survival.vitals[slot * FRAME_VITALS + at] ?? 0;
    this.#swatch.style.background = `#${agent.color.toString(16).padStart(6, '0')}`;
    setText(this.#name, agent.id);
    const health = Math.max(0, agents[slot * FRAME_AGENT_WORDS + FRAME_AGENT_WORD.health] ?? 0);
    this.#hearts.set(health);
    this.#food.set(vital(FRAME_VITAL.food));
    this.#food.root.hidden = !info.survival.hunger;
    const breath = vital(FRAME_VITAL.breath) / FRAME_WHOLE;
    this.#breath.root.hidden = breath >= 1 || health === 0;
    this.#breath.set(Math.ceil(breath * 2 * ICONS));
    const recipe = vital(FRAME_VITAL.recipe);
    const share = vital(FRAME_VITAL.craftShare) / FRAME_WHOLE;
    setText(this.#doing, this.#doingOf(health, vital(FRAME_VITAL.respawnTicks), vital(FRAME_VITAL.sleeping) > 0, recipe));
    this.#work.hidden = recipe === 0;
    this.#share.style.width = `${Math.round(share * 100)}%`;
    const held = vital(FRAME_VITAL.heldSlot);
    this.#slots.forEach((shown, i) => {
      drawSlot(shown, survival.inventory, (slot * INVENTORY_SLOTS + i) * FRAME_SLOT_WORDS);
      shown.root.classList.toggle('held', i === held);
    });
  }

  /** What it is about, in a few words. */
  #doingOf(health: number, respawnTicks: number, asleep: boolean, recipe: number): string {
    if (respawnTicks > 0) return `returns in ${Math.ceil(respawnTicks / TICKS_PER_SECOND)} s`;
    if (health === 0) return 'dead';
    if (asleep) return 'asleep';
    return recipe === 0 ? '' : `makes ${(this.#info?.survival?.recipes[recipe - 1] ?? `recipe ${recipe}`).replaceAll('_', ' ')}`;
  }
}

function createSlot(): Slot {
  const picture = element('canvas', { width: ICON_PIXELS, height: ICON_PIXELS });
  const count = element('span', { class: 'count' });
  const wear = element('i', { class: 'wear' });
  return { root: element('div', { class: 'slot' }, picture, count, wear), picture, count, wear, shown: '' };
}

function drawSlot(slot: Slot, words: Uint16Array, at: number): void {
  const item = words[at + FRAME_SLOT.item];
  const count = words[at + FRAME_SLOT.count];
  const wear = words[at + FRAME_SLOT.wear];
  const shown = `${item} ${count} ${wear}`;
  if (shown === slot.shown) return;
  slot.shown = shown;
  const context = slot.picture.getContext('2d')!;
  context.clearRect(0, 0, ICON_PIXELS, ICON_PIXELS);
  setText(slot.count, count > 1 ? String(count) : '');
  const left = 1 - wear / FRAME_WHOLE;
  slot.wear.hidden = wear === 0;
  slot.wear.style.width = `${Math.max(4, left * 100)}%`;
  slot.wear.style.background = `hsl(${Math.round(left * 120)} 75% 50%)`;
  slot.root.title = '';
  slot.root.dataset.item = '';
  if (item === 0) return;
  context.putImageData(new ImageData(paintItem(item), ICON_PIXELS, ICON_PIXELS), 0, 0);
  const name = ITEM_BY_ID.get(item)?.name ?? `item ${item}`;
  slot.root.dataset.item = name;
  slot.root.title = `${count} ${name.replaceAll('_', ' ')}${wear === 0 ? '' : `, ${Math.round(left * 100)} % of its uses left`}`;
}
