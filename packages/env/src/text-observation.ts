/**
 * The observation as text, for language models and people: what an agent is given, in words, and nothing else.
 * A transcript only grows, and each turn tells what changed since the one before: an earlier prompt is a prefix of a later one.
 * Facts are lines under fixed names, in world coordinates rounded to 0.1 m: what stands still is told once, wherever the agent goes.
 */
import { BLOCK_BY_ID, EVENT_SPEC, ITEM_BY_ID } from '@kinovox/world';
import type { EventRecord, HeardMessage } from './event-record.js';
import { nearestBlocks } from './nearest-blocks.js';
import type { NamedObservation, NamedRow } from './structured-observation.js';
import { estimateTokens } from './text-tokens.js';

/** What transcripts call people who watch: ids of agents have no blanks. */
export const SPECTATOR = 'a spectator (a person outside the world)';

/** How a transcript is written. */
export interface TranscriptOptions {
  /** Where others are: `absolute` (default), x y z in the world; `egocentric`, metres ahead, to a side and up. The agent's own place is told either way. */
  readonly coordinates?: 'absolute' | 'egocentric';
  /** `full` (default) tells everything observed; `normal` the nearest few of each group; `brief` fewer, and no blocks. */
  readonly detail?: TextDetail;
  /** Most tokens of a turn's events and changes, as `estimateTokens` counts them; what does not fit is told later. Default: no limit. */
  readonly turnTokens?: number;
  /** Whether every turn repeats the task; default false: the first tells it. */
  readonly repeatsGoal?: boolean;
  /** Whether `text` keeps all turns, which grows as long as the episode lasts; default true. */
  readonly keepsText?: boolean;
}

export const TEXT_DETAILS = ['brief', 'normal', 'full'] as const;
export type TextDetail = (typeof TEXT_DETAILS)[number];

/** What a transcript is written from at a moment. */
export interface TextMoment {
  tick: number;
  /** Its `crop` is not read. */
  observation: NamedObservation;
  /** Block ids around the agent, as `Observation.crop`; absent: no blocks are told. */
  crop?: ArrayLike<number> | undefined;
  /** Events that concern the agent or the world since the turn before. */
  events: readonly EventRecord[];
  messages: readonly HeardMessage[];
  /** What people who watch have said since the turn before; absent: nothing. */
  spoken?: readonly string[];
  /** What came of what the agent did last, in a sentence; absent: nothing to tell. */
  result?: string | undefined;
  /** Its own goal, in its own words. */
  ownGoal?: string | undefined;
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
  /** Of the scenario; empty where nobody talks. */
  symbols: readonly string[];
  /** Whether this agent may send them; default true. */
  maySpeak?: boolean;
}

export class Transcript {
  readonly #frame: TextFrame;
  readonly #options: TranscriptOptions;
  /** As told last. */
  #facts = new Map<string, string>();
  /** Events and messages that did not fit into their turn. */
  #news: string[] = [];
  #text = '';
  #hasBegun = false;
  #lastMessage = -1;

  constructor(frame: TextFrame, options: TranscriptOptions = {}) {
    this.#frame = frame;
    this.#options = options;
  }

  /** All turns so far; empty where they are not kept. */
  get text(): string {
    return this.#text;
  }

  /** Adds a turn and returns it: everything in the first, afterwards what changed. */
  turn(moment: TextMoment): string {
    const facts = factsOf(this.#frame, moment, this.#options);
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    const lines = isFirst ? preamble(this.#frame, this.#options) : [];
    const news = [...this.#news, ...this.#eventLines(moment), ...this.#messageLines(moment.messages), ...spokenLines(moment.spoken)];
    const changes: Change[] = [];
    for (const [name, value] of facts) if (this.#facts.get(name) !== value) changes.push({ name, value, line: `${name}: ${value}` });
    const gone = (this.#options.detail ?? 'full') === 'full' ? 'no longer seen' : 'no longer among the nearest';
    for (const name of this.#facts.keys()) if (!facts.has(name)) changes.push({ name, value: undefined, line: `${name}: ${gone}` });
    const told = this.#fit(news, changes);
    const head = [
      ...(moment.result === undefined ? [] : [`> ${moment.result}`]),
      ...(this.#options.repeatsGoal === true && !isFirst ? [`task: ${this.#frame.goal}`] : []),
      ...(moment.ownGoal === undefined ? [] : [`your goal: ${moment.ownGoal}`]),
    ];
    const seconds = (moment.tick / 20).toFixed(1);
    const isQuiet = told.length === 0 && moment.result === undefined;
    lines.push(isQuiet ? `[${seconds} s] nothing new` : `[${seconds} s]`, ...head, ...told);
    const turn = `${lines.join('\n')}\n`;
    if (this.#options.keepsText !== false) this.#text += turn;
    return turn;
  }

  /** The lines that fit into a turn, news first; the rest stays untold for the next one, and is counted. */
  #fit(news: readonly string[], changes: readonly Change[]): string[] {
    const most = this.#options.turnTokens;
    const lines: string[] = [];
    let tokens = 0;
    const fits = (line: string, share = 1) => {
      if (most === undefined) {
        lines.push(line);
        return true;
      }
      // A line break and, at the end, the line that counts what is left.
      const after = tokens + estimateTokens(line) + 1;
      if (after + REST_TOKENS > share * most && lines.length > 0) return false;
      tokens = after;
      lines.push(line);
      return true;
    };
    let k = 0;
    // Changes have half of the turn, however much happens.
    while (k < news.length && fits(news[k], changes.length > 0 ? 0.5 : 1)) k++;
    this.#news = news.slice(k);
    let left = this.#news.length;
    let isFull = false;
    for (const { name, value, line } of changes) {
      if (isFull || !fits(line)) {
        isFull = true;
        left++;
        continue;
      }
      if (value === undefined) this.#facts.delete(name);
      else this.#facts.set(name, value);
    }
    if (left > 0) lines.push(`(${left} more to tell next time)`);
    return lines;
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

/**
 * A person's words are in quotes, with what would end them escaped, under a name that no agent can have: they are told as data, and no line of the
 * world can be written with them.
 */
function spokenLines(spoken: readonly string[] = []): string[] {
  return spoken.map((text) => `* ${SPECTATOR} says ${JSON.stringify(text)}`);
}

interface Change {
  readonly name: string;
  /** Undefined: it is no longer told. */
  readonly value: string | undefined;
  readonly line: string;
}

/** Tokens of the line that counts what is left. */
const REST_TOKENS = 12;

/** How many of each group are told, nearest first. */
const MOST_OF: Readonly<Record<TextDetail, { agents: number; mobs: number; mechanisms: number; props: number; blocks: number }>> = {
  brief: { agents: 3, mobs: 3, mechanisms: 4, props: 3, blocks: 0 },
  normal: { agents: 8, mobs: 6, mechanisms: 8, props: 8, blocks: 6 },
  full: { agents: 256, mobs: 256, mechanisms: 256, props: 256, blocks: 256 },
};

/** Told elsewhere: by the preamble, the goals, the inventory, or the message itself. */
const SILENT: ReadonlySet<string> = new Set(['reset', 'said', 'heard', 'progressed']);
const META = new Map<string, (typeof EVENT_SPEC)[number]>(EVENT_SPEC.map((kind) => [kind.name, kind]));
const COMPASS = ['north', 'north-west', 'west', 'south-west', 'south', 'south-east', 'east', 'north-east'];

function preamble(
  { agentId, team, title, goal, agentIds, symbols, maySpeak = true }: TextFrame,
  { coordinates }: TranscriptOptions,
): string[] {
  const others = agentIds.filter((id) => id !== agentId);
  return [
    `You are ${agentId} of team ${team} in "${title}".`,
    `Task: ${goal}.`,
    ...(others.length === 0 ? [] : [`Others: ${others.join(', ')}.`]),
    ...(symbols.length === 0 ? [] : [`Words you can ${maySpeak ? 'send' : 'hear'}: ${symbols.join(', ')}.`]),
    'Places are x y z in metres: x to the east, y up, z to the south. What is not told again is as before.',
    ...(coordinates === 'egocentric'
      ? ['Where others are is told from where you look, in metres: ahead or behind, left or right, up or down.']
      : []),
  ];
}

function factsOf(
  frame: TextFrame,
  { observation: seen, crop }: Pick<TextMoment, 'observation' | 'crop'>,
  options: TranscriptOptions,
): Map<string, string> {
  const place = options.coordinates === 'egocentric' ? placeSeenFrom : placeInWorld;
  const most = MOST_OF[options.detail ?? 'full'];
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
  for (const other of (seen.agents ?? []).slice(0, most.agents))
    facts.set(frame.agentIds[other.slot], `at ${place(self, other)}${other.touching === 1 ? ', touching you' : ''}`);
  for (const mob of (seen.mobs ?? []).slice(0, most.mobs))
    facts.set(`${frame.mobKinds[mob.kind - 1]} ${mob.slot}`, `at ${place(self, mob)}${mob.afterMe === 1 ? ', after you' : ''}`);
  (seen.mechanisms ?? []).slice(0, most.mechanisms).forEach((part, i) => {
    facts.set(
      `${PARTS[part.kind - 1]} of ${frame.mechanismNames[part.mechanism]} (${i + 1})`,
      `at ${place(self, part)}, ${part.on === 1 ? 'on' : 'off'}`,
    );
  });
  for (const prop of (seen.props ?? []).slice(0, most.props))
    facts.set(
      `prop ${frame.propIds[prop.prop]}`,
      `at ${place(self, prop)}${prop.mine === 1 ? ', in your hands' : prop.carried === 1 ? ', carried' : ''}`,
    );
  if (crop !== undefined && most.blocks > 0)
    for (const [name, [x, y, z]] of nearestBlocks(crop, self, most.blocks)) {
      const from = { dx: x + 0.5 - self.x, dy: y - self.y, dz: z + 0.5 - self.z };
      facts.set(`nearest ${name}`, options.coordinates === 'egocentric' ? placeSeenFrom(self, from) : `block ${x} ${y} ${z}`);
    }
  return facts;
}

const PARTS = ['plates', 'lever', 'blocks'];

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

function placeInWorld(self: NamedRow, { dx, dy, dz }: NamedRow): string {
  return `${metres(self.x + dx)} ${metres(self.y + dy)} ${metres(self.z + dz)}`;
}

/** Along the heading, across it and up: yaw 0 looks to -z, positive counter-clockwise. */
function placeSeenFrom({ sinYaw, cosYaw }: NamedRow, { dx, dy, dz }: NamedRow): string {
  const ahead = -sinYaw * dx - cosYaw * dz;
  const right = cosYaw * dx - sinYaw * dz;
  const parts = [
    [ahead, 'ahead', 'behind'],
    [right, 'right', 'left'],
    [dy, 'up', 'down'],
  ] as const;
  const words = parts.flatMap(([value, plus, minus]) =>
    Math.abs(value) < 0.05 ? [] : [`${metres(Math.abs(value))} ${value > 0 ? plus : minus}`],
  );
  return words.length === 0 ? 'your own place' : words.join(', ');
}

function metres(value: number): string {
  const text = value.toFixed(1);
  return text === '-0.0' ? '0.0' : text;
}
