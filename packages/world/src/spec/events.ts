/**
 * What happened in a tick, as rows of i32 words: kind, agent slot (-1: the world), two data words, and the id + 1 of the event that caused it (0: none).
 * An event's id is its number within the episode, so ids and parents are the same on every engine.
 */

export interface EventKind {
  id: number;
  name: string;
  data0: string;
  data1: string;
  description: string;
}

/** Words per event row. */
export const EVENT_WORDS = 5;
/** Most events a world can report in one tick; further ones are counted, not stored. */
export const MAX_EVENTS_PER_TICK = 64;

export const EVENT_SPEC = [
  { id: 1, name: 'reset', data0: 'variant', data1: 'episode', description: 'An episode began.' },
  { id: 2, name: 'dug', data0: 'cell', data1: 'block id', description: 'The agent broke a block.' },
  { id: 3, name: 'gained', data0: 'item id', data1: 'count', description: 'Items went into the inventory of the agent.' },
  { id: 4, name: 'placed', data0: 'cell', data1: 'block id', description: 'The agent placed a block.' },
  { id: 5, name: 'used', data0: 'cell', data1: 'block id', description: 'The agent used a lever or a door.' },
  {
    id: 6,
    name: 'contested',
    data0: 'cell',
    data1: 'winner slot',
    description: 'The agent lost a cell to another in the same tick and kept its item.',
  },
  { id: 7, name: 'touched', data0: 'other slot', data1: '0', description: 'Contact between two agents began.' },
  {
    id: 8,
    name: 'landed',
    data0: 'fall distance, Q16',
    data1: 'damage',
    description: 'The agent landed after a fall of over three blocks.',
  },
  { id: 9, name: 'hurt', data0: 'damage', data1: 'DAMAGE cause', description: 'The agent lost health.' },
  {
    id: 10,
    name: 'died',
    data0: 'DAMAGE cause',
    data1: 'killer slot + 1, or 0',
    description: 'The agent left the episode, or waits to return.',
  },
  { id: 11, name: 'said', data0: 'symbol, from 0', data1: '0', description: 'The agent sent a message.' },
  { id: 12, name: 'heard', data0: 'symbol, from 0', data1: 'sender slot', description: 'A message entered the ring of the agent.' },
  { id: 13, name: 'pressed', data0: 'mechanism', data1: '0', description: 'The condition of a mechanism became true.' },
  { id: 14, name: 'released', data0: 'mechanism', data1: '0', description: 'The condition of a mechanism became false.' },
  { id: 15, name: 'switched', data0: 'mechanism', data1: '1 on, 0 off', description: 'A mechanism changed its blocks.' },
  { id: 16, name: 'progressed', data0: 'formula node', data1: 'progress, Q14', description: 'A part of the task advanced.' },
  { id: 17, name: 'violated', data0: 'formula node', data1: '0', description: 'A part of the task became impossible.' },
  { id: 18, name: 'succeeded', data0: 'task', data1: '0', description: 'The task is done.' },
  { id: 19, name: 'failed', data0: 'task', data1: '0', description: 'The task cannot be done any more.' },
  { id: 20, name: 'outOfTime', data0: 'ticks', data1: '0', description: 'The episode reached its last tick.' },
  { id: 21, name: 'lost', data0: 'item id', data1: 'count', description: 'A drop found no room in the inventory and vanished.' },
  { id: 22, name: 'pushed', data0: 'prop', data1: 'impulse, Q16 kg block/tick', description: 'The agent pushed a prop.' },
  {
    id: 23,
    name: 'unstable',
    data0: 'prop',
    data1: '1 not finite, 2 too fast, 3 outside the world, 4 crashed',
    description: 'Rigid bodies could no longer be simulated; the episode ended.',
  },
  { id: 24, name: 'crafted', data0: 'item id', data1: 'count', description: 'The agent made items by hand or at a crafting table.' },
  { id: 25, name: 'ate', data0: 'item id', data1: 'food gained', description: 'The agent ate one item.' },
  { id: 26, name: 'dropped', data0: 'item id', data1: 'count', description: 'Items of the agent now lie in its cell.' },
  { id: 27, name: 'gave', data0: 'receiver slot', data1: 'item id', description: 'The agent handed one item to another.' },
  { id: 28, name: 'attacked', data0: 'victim slot', data1: 'damage', description: 'The agent hit another.' },
  { id: 29, name: 'slept', data0: 'cell', data1: '0', description: 'The agent fell asleep in a bed.' },
  { id: 30, name: 'woke', data0: '1 rested, 0 disturbed', data1: 'ticks asleep', description: 'The agent woke up.' },
  { id: 31, name: 'broke', data0: 'item id', data1: 'slot', description: 'A tool of the agent wore out.' },
  { id: 32, name: 'smelted', data0: 'item id', data1: 'count', description: 'The agent made items in a furnace.' },
  { id: 33, name: 'grew', data0: 'cell', data1: 'block id', description: 'A plant grew.' },
  {
    id: 34,
    name: 'consumed',
    data0: 'item id',
    data1: 'count',
    description: 'Items of the agent went into what it made, burnt, or planted.',
  },
  { id: 35, name: 'fell', data0: 'cell it came to', data1: 'block id', description: 'A loose block fell.' },
  { id: 36, name: 'respawned', data0: 'cell', data1: '0', description: 'A dead agent returned.' },
  {
    id: 37,
    name: 'traded',
    data0: 'mob slot',
    data1: 'item id',
    description: 'The agent took an offer of a trader and received that item.',
  },
  { id: 38, name: 'mobSpawned', data0: 'mob slot', data1: 'cell', description: 'A mob came to be during the episode.' },
  { id: 39, name: 'struck', data0: 'mob slot', data1: 'damage', description: 'The agent hit a mob.' },
  {
    id: 40,
    name: 'slain',
    data0: 'mob slot',
    data1: 'DAMAGE cause',
    description: 'A mob died or vanished; the agent is the one that killed it, or the world where none did.',
  },
  { id: 41, name: 'mobAttacked', data0: 'mob slot', data1: 'damage', description: 'A mob hit the agent.' },
  { id: 42, name: 'mobDropped', data0: 'item id', data1: 'count', description: 'Items of a mob that died now lie in its cell.' },
  { id: 43, name: 'pickedUp', data0: 'prop', data1: '0', description: 'The agent took a prop up and carries it.' },
  {
    id: 44,
    name: 'putDown',
    data0: 'prop',
    data1: '0 by hand, 1 it was stuck or too far, 2 the carrier left',
    description: 'The agent carries a prop no more.',
  },
  { id: 45, name: 'threw', data0: 'prop', data1: 'impulse, Q16 kg block/tick', description: 'The agent threw the prop that it carried.' },
  {
    id: 46,
    name: 'outreached',
    data0: 'prop',
    data1: 'winner slot',
    description: 'The agent reached for a prop that another took in the same tick.',
  },
] as const satisfies readonly EventKind[];

export type EventName = (typeof EVENT_SPEC)[number]['name'];

/** Event kind ids by name. */
export const EVENT: Record<EventName, number> = Object.fromEntries(EVENT_SPEC.map((kind) => [kind.name, kind.id])) as Record<
  EventName,
  number
>;

/** Causes of damage. */
export const DAMAGE = { fall: 1, lava: 2, void: 3, drowning: 4, attack: 5, starving: 6, mob: 7, burning: 8, despawned: 9 } as const;
