/**
 * The observation as text, for language models and people: what an agent is given, in words, and nothing else.
 * A transcript only grows, and each turn tells what changed since the one before: an earlier prompt is a prefix of a later one.
 * Facts are lines under fixed names, in world coordinates rounded to 0.1 m: what stands still is told once, wherever the agent goes.
 */
import { BLOCK_BY_ID, EVENT_SPEC, ITEM_BY_ID } from '@kinovox/world';
import type { EventRecord, HeardMessage } from './event-record.js';
import type { NamedObservation, NamedRow } from './structured-observation.js';

/** What a transcript is written from at a moment. */
export interface TextMoment {
  tick: number;
  observation: NamedObservation;
  /** Events that concern the agent or the world since the turn before. */
  events: readonly EventRecord[];
  messages: readonly HeardMessage[];
}

/** What does not change in an episode. */
export interface TextFrame {
  agentId: string;
  team: string;
  title: string;
  /** The task, in a sentence. */
  goal: string;
  agentIds: readonly string[];
  mechanismNames: readonly string[];
  mobKinds: readonly string[];
  propIds: readonly string[];
  symbols: readonly string[];
}

export class Transcript {
  readonly #frame: TextFrame;
  #facts = new Map<string, string>();
  #text = '';
  #lastMessage = -1;

  constructor(frame: TextFrame) {
    this.#frame = frame;
  }

  /** All turns so far. */
  get text(): string {
    return this.#text;
  }

  /** Adds a turn and returns it: everything in the first, afterwards what changed. */
  turn(moment: TextMoment): string {
    const facts = factsOf(this.#frame, moment.observation);
    const lines = this.#text === '' ? preamble(this.#frame) : [];
    const changes = [...facts].filter(([name, value]) => this.#facts.get(name) !== value).map(([name, value]) => `${name}: ${value}`);
    for (const name of this.#facts.keys()) if (!facts.has(name)) changes.push(`${name}: no longer seen`);
    const news = [...this.#eventLines(moment), ...this.#messageLines(moment.messages)];
    const seconds = (moment.tick / 20).toFixed(1);
    lines.push(changes.length + news.length === 0 ? `[${seconds} s] nothing new` : `[${seconds} s]`, ...news, ...changes);
    this.#facts = facts;
    const turn = `${lines.join('\n')}\n`;
    this.#text += turn;
    return turn;
  }

  #eventLines({ events }: TextMoment): string[] {
    return events.filter(({ kind }) => !SILENT.has(kind)).map((event) => `* ${eventText(event, this.#frame)}`);
  }

  /** Messages heard since the turn before. */
  #messageLines(messages: readonly HeardMessage[]): string[] {
    const fresh = messages.filter(({ tick }) => tick > this.#lastMessage);
    for (const { tick } of fresh) this.#lastMessage = Math.max(this.#lastMessage, tick);
    return fresh.map(({ sender, symbol, text }) => `* ${this.#frame.agentIds[sender]} says ${JSON.stringify(text ?? symbol)}`);
  }
}

/** Told elsewhere: by the preamble, the goals, the inventory, or the message itself. */
const SILENT: ReadonlySet<string> = new Set(['reset', 'said', 'heard', 'progressed']);
const META = new Map<string, (typeof EVENT_SPEC)[number]>(EVENT_SPEC.map((kind) => [kind.name, kind]));
const COMPASS = ['north', 'north-west', 'west', 'south-west', 'south', 'south-east', 'east', 'north-east'];

function preamble({ agentId, team, title, goal, agentIds, symbols }: TextFrame): string[] {
  const others = agentIds.filter((id) => id !== agentId);
  return [
    `You are ${agentId} of team ${team} in "${title}".`,
    `Task: ${goal}.`,
    ...(others.length === 0 ? [] : [`Others: ${others.join(', ')}.`]),
    ...(symbols.length === 0 ? [] : [`Words you can send: ${symbols.join(', ')}.`]),
    'Places are x y z in metres: x to the east, y up, z to the south. What is not told again is as before.',
  ];
}

function factsOf(frame: TextFrame, seen: NamedObservation): Map<string, string> {
  const facts = new Map<string, string>();
  const { self } = seen;
  facts.set('you', `at ${metres(self.x)} ${metres(self.y)} ${metres(self.z)}, facing ${facing(self)}${stance(self)}`);
  facts.set('health', `${Math.round(20 * self.health)} of 20`);
  if (seen.vitals !== undefined) facts.set('food', `${Math.round(20 * seen.vitals.food)} of 20`);
  if (seen.inventory !== undefined) facts.set('inventory', seen.inventory.length === 0 ? 'empty' : seen.inventory.map(itemText).join(', '));
  facts.set('in hand', self.heldCount === 0 ? 'nothing' : itemText({ item: self.heldItem, count: self.heldCount }));
  if (self.digProgress > 0) facts.set('digging', `${Math.floor(10 * self.digProgress) * 10} %`);
  for (const goal of seen.goals ?? [])
    facts.set(`goal ${goal.id}`, goal.done === 1 ? 'done' : `at ${place(self, goal)}, ${Math.floor(100 * goal.progress)} % done`);
  if (seen.guidance !== undefined) {
    const { known, left } = seen.guidance;
    facts.set('way', known === 1 ? `${metres(left)} m left, next over ${place(self, seen.guidance)}` : 'not known from here');
  }
  if (seen.rivalGuidance !== undefined) {
    const { known, left } = seen.rivalGuidance;
    facts.set(
      'way to a rival',
      known === 1 ? `${metres(left)} m left, next over ${place(self, seen.rivalGuidance)}` : 'not known from here',
    );
  }
  if (seen.vehicle?.isVehicle === 1) {
    const { vAhead, vRight, downUp } = seen.vehicle;
    const stands = downUp < -0.9 ? 'upright' : downUp > 0 ? 'turned over' : 'on its side';
    facts.set('vehicle', `${metres(vAhead)} m/s ahead, ${metres(vRight)} m/s to the right, ${stands}`);
  }
  for (const other of seen.agents ?? [])
    facts.set(frame.agentIds[other.slot], `at ${place(self, other)}${other.touching === 1 ? ', touching you' : ''}`);
  for (const mob of seen.mobs ?? [])
    facts.set(`${frame.mobKinds[mob.kind - 1]} ${mob.slot}`, `at ${place(self, mob)}${mob.afterMe === 1 ? ', after you' : ''}`);
  (seen.mechanisms ?? []).forEach((part, i) => {
    facts.set(
      `${PARTS[part.kind - 1]} of ${frame.mechanismNames[part.mechanism]} (${i + 1})`,
      `at ${place(self, part)}, ${part.on === 1 ? 'on' : 'off'}`,
    );
  });
  for (const prop of seen.props ?? [])
    facts.set(
      `prop ${frame.propIds[prop.prop]}`,
      `at ${place(self, prop)}${prop.mine === 1 ? ', in your hands' : prop.carried === 1 ? ', carried' : ''}`,
    );
  if (seen.crop !== undefined) for (const [name, cell] of nearestBlocks(seen.crop, self)) facts.set(`nearest ${name}`, cell);
  return facts;
}

const PARTS = ['plates', 'lever', 'blocks'];

/** The nearest block of each kind in the crop but air, by its cell; ties to the first in y, z, x. */
function nearestBlocks(crop: readonly (readonly (readonly string[])[])[], self: NamedRow): Map<string, string> {
  const half = crop.length >> 1;
  const [x0, y0, z0] = [self.x, self.y, self.z].map((value) => Math.floor(value) - half);
  const best = new Map<string, { square: number; place: string }>();
  crop.forEach((layer, y) => {
    layer.forEach((row, z) => {
      row.forEach((name, x) => {
        if (name === 'air') return;
        const square = (x - half) ** 2 + (y - half) ** 2 + (z - half) ** 2;
        const found = best.get(name);
        if (found === undefined || square < found.square) best.set(name, { square, place: `block ${x0 + x} ${y0 + y} ${z0 + z}` });
      });
    });
  });
  return new Map([...best].map(([name, { place }]) => [name, place]));
}

function stance(self: NamedRow): string {
  const words = [
    self.pitch > 0.2 ? 'looking up' : self.pitch < -0.2 ? 'looking down' : '',
    self.inWater === 1 ? 'in water' : '',
    self.onLadder === 1 ? 'on a ladder' : '',
    self.collided === 1 ? 'against something' : '',
  ].filter((word) => word !== '');
  return words.length === 0 ? '' : `, ${words.join(', ')}`;
}

/** Yaw 0 is north (-z), positive counter-clockwise: eighths of a turn. */
function facing({ sinYaw, cosYaw }: NamedRow): string {
  const diagonal = Math.min(Math.abs(sinYaw), Math.abs(cosYaw)) > 0.3826834;
  if (diagonal) return COMPASS[cosYaw > 0 ? (sinYaw > 0 ? 1 : 7) : sinYaw > 0 ? 3 : 5];
  return Math.abs(cosYaw) > Math.abs(sinYaw) ? COMPASS[cosYaw > 0 ? 0 : 4] : COMPASS[sinYaw > 0 ? 2 : 6];
}

function eventText(event: EventRecord, frame: TextFrame): string {
  const who = event.agent < 0 ? '' : event.agent === frame.agentIds.indexOf(frame.agentId) ? 'you' : frame.agentIds[event.agent];
  const { data0, data1 } = META.get(event.kind)!;
  const words = [wordOf(data0, event.data0, frame), wordOf(data1, event.data1, frame)].filter((word) => word !== '');
  return `${[who, event.kind, ...words].filter((word) => word !== '').join(' ')}`;
}

/** A number of an event in words, by what EVENT_SPEC says it is; numbers that mean nothing to a reader are left out. */
function wordOf(meaning: string, value: number, frame: TextFrame): string {
  if (meaning === 'item id') return ITEM_BY_ID.get(value)?.name ?? '';
  if (meaning === 'block id') return BLOCK_BY_ID.get(value)?.name ?? '';
  if (meaning === 'mechanism') return frame.mechanismNames[value] ?? '';
  if (meaning === 'other slot' || meaning === 'receiver slot' || meaning === 'victim slot') return frame.agentIds[value] ?? '';
  if (meaning === 'prop') return frame.propIds[value] ?? '';
  if (meaning === 'count' || meaning === 'damage' || meaning === 'food gained') return String(value);
  return meaning === '1 on, 0 off' ? (value === 1 ? 'on' : 'off') : '';
}

function itemText({ item, count }: NamedRow): string {
  return `${count} ${ITEM_BY_ID.get(item)?.name ?? `item ${item}`}`;
}

function place(self: NamedRow, { dx, dy, dz }: NamedRow): string {
  return `${metres(self.x + dx)} ${metres(self.y + dy)} ${metres(self.z + dz)}`;
}

function metres(value: number): string {
  const text = value.toFixed(1);
  return text === '-0.0' ? '0.0' : text;
}
