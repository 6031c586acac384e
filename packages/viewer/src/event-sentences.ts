/** Events as plain sentences for people. */
import { BLOCK_BY_ID, DAMAGE, EVENT_SPEC, type EventName, ITEM_BY_ID, type ScenarioInfo } from '@kinovox/world';
import type { WorldEvent } from './world-model.js';

export type Tone = 'plain' | 'good' | 'bad' | 'quiet';

export interface EventSentence {
  text: string;
  tone: Tone;
}

const NAME_BY_KIND: ReadonlyMap<number, EventName> = new Map(EVENT_SPEC.map((kind) => [kind.id, kind.name]));
const CAUSE_WORDS: Readonly<Record<number, string>> = {
  [DAMAGE.fall]: 'a fall',
  [DAMAGE.lava]: 'lava',
  [DAMAGE.void]: 'the void',
  [DAMAGE.drowning]: 'drowning',
  [DAMAGE.attack]: 'an attack',
  [DAMAGE.starving]: 'hunger',
  [DAMAGE.mob]: 'a mob',
  [DAMAGE.burning]: 'daylight',
};
const PERCENT_OF_Q14 = 100 / 16384;

type Phrase = (event: WorldEvent, info: ScenarioInfo, who: string) => EventSentence;

const PHRASES: Readonly<Record<EventName, Phrase>> = {
  reset: (event) => quiet(`Episode ${event.data1 + 1} begins on level ${event.data0}.`),
  dug: (event, _, who) => plain(`${who} dug ${blockWords(event.data1)}.`),
  gained: (event, _, who) => quiet(`${who} got ${counted(event.data1, itemWords(event.data0))}.`),
  placed: (event, _, who) => plain(`${who} placed ${blockWords(event.data1)}.`),
  used: (event, _, who) => plain(`${who} used ${blockWords(event.data1)}.`),
  contested: (event, info, who) =>
    plain(`${who} and ${agentName(info, event.data1)} wanted the same block; ${agentName(info, event.data1)} had it.`),
  touched: (event, info, who) => plain(`${who} touched ${agentName(info, event.data0)}.`),
  landed: (event, _, who) => plain(`${who} landed after falling ${(event.data0 / 65536).toFixed(1)} m.`),
  hurt: (event, _, who) => bad(`${who} lost ${hearts(event.data0)} to ${causeWords(event.data1)}.`),
  died: (event, _, who) => bad(`${who} died of ${causeWords(event.data0)}.`),
  said: (event, info, who) => plain(`${who} said “${info.symbols[event.data0] ?? event.data0}”.`),
  heard: (event, info, who) => quiet(`${who} heard “${info.symbols[event.data0] ?? event.data0}” from ${agentName(info, event.data1)}.`),
  pressed: (event, info) => plain(`${mechanismName(info, event.data0)} is pressed.`),
  released: (event, info) => quiet(`${mechanismName(info, event.data0)} is released.`),
  switched: (event, info) => plain(`${mechanismName(info, event.data0)} switched ${event.data1 === 1 ? 'on' : 'off'}.`),
  progressed: (event, info) =>
    event.data1 >= 16384
      ? good(`Done: ${nodeName(info, event.data0)}.`)
      : plain(`${Math.floor(event.data1 * PERCENT_OF_Q14)} %: ${nodeName(info, event.data0)}.`),
  violated: (event, info) => bad(`Broken: ${nodeName(info, event.data0)}.`),
  succeeded: (event, info) => good(`${taskName(info, event.data0)} succeeded.`),
  failed: (event, info) => bad(`${taskName(info, event.data0)} failed.`),
  outOfTime: (event) => bad(`Time ran out after ${event.data0} ticks.`),
  lost: (event, _, who) => bad(`${who} had no room for ${counted(event.data1, itemWords(event.data0))}.`),
  pushed: (event, _, who) => quiet(`${who} pushed prop ${event.data0 + 1}.`),
  crafted: (event, _, who) => good(`${who} made ${counted(event.data1, itemWords(event.data0))}.`),
  ate: (event, _, who) => plain(`${who} ate ${itemWords(event.data0)}.`),
  dropped: (event, _, who) => plain(`${who} dropped ${counted(event.data1, itemWords(event.data0))}.`),
  gave: (event, info, who) => good(`${who} gave ${agentName(info, event.data0)} ${itemWords(event.data1)}.`),
  attacked: (event, info, who) => bad(`${who} hit ${agentName(info, event.data0)} for ${hearts(event.data1)}.`),
  slept: (_, __, who) => quiet(`${who} fell asleep.`),
  woke: (event, _, who) => quiet(event.data0 === 1 ? `${who} woke up rested.` : `${who} woke up early.`),
  broke: (event, _, who) => bad(`The ${itemWords(event.data0)} of ${who} broke.`),
  smelted: (event, _, who) => good(`${who} smelted ${counted(event.data1, itemWords(event.data0))}.`),
  grew: (event) => quiet(`${sentenceStart(blockWords(event.data1))} grew.`),
  consumed: (event, _, who) => quiet(`${who} used up ${counted(event.data1, itemWords(event.data0))}.`),
  fell: (event) => quiet(`${sentenceStart(blockWords(event.data1))} fell.`),
  respawned: (_, __, who) => plain(`${who} returned.`),
  traded: (event, info, who) => good(`${who} traded with ${mobWords(info, event.data0)} for ${itemWords(event.data1)}.`),
  mobSpawned: (event, info) => quiet(`${sentenceStart(mobWords(info, event.data0))} appeared.`),
  struck: (event, info, who) => plain(`${who} hit ${mobWords(info, event.data0)} for ${hearts(event.data1)}.`),
  slain: (event, info, who) => {
    if (event.slot >= 0) return good(`${who} killed ${mobWords(info, event.data0)}.`);
    const mob = sentenceStart(mobWords(info, event.data0));
    return event.data1 === DAMAGE.despawned ? quiet(`${mob} went away.`) : plain(`${mob} died of ${causeWords(event.data1)}.`);
  },
  mobAttacked: (event, info, who) => bad(`${sentenceStart(mobWords(info, event.data0))} hit ${who} for ${hearts(event.data1)}.`),
  mobDropped: (event) => quiet(`${counted(event.data1, itemWords(event.data0))} ${event.data1 === 1 ? 'lies' : 'lie'} where a mob died.`),
  pickedUp: (event, _, who) => plain(`${who} picked up prop ${event.data0 + 1}.`),
  putDown: (event, _, who) =>
    plain(event.data1 === 1 ? `${who} lost hold of prop ${event.data0 + 1}.` : `${who} put down prop ${event.data0 + 1}.`),
  threw: (event, _, who) => plain(`${who} threw prop ${event.data0 + 1}.`),
  outreached: (event, info, who) =>
    plain(`${who} and ${agentName(info, event.data1)} reached for prop ${event.data0 + 1}; ${agentName(info, event.data1)} had it.`),
  unstable: (event) => bad(`Prop ${event.data0 + 1} could no longer be simulated.`),
};

/** A sentence for an event; kinds unknown to this version are named by number. */
export function eventSentence(event: WorldEvent, info: ScenarioInfo): EventSentence {
  const name = NAME_BY_KIND.get(event.kind);
  if (name === undefined) return quiet(`Event of kind ${event.kind}.`);
  return PHRASES[name](event, info, event.slot < 0 ? 'The world' : agentName(info, event.slot));
}

function agentName(info: ScenarioInfo, slot: number): string {
  return info.agents[slot]?.id ?? `agent ${slot}`;
}

function taskName(info: ScenarioInfo, task: number): string {
  const name = info.taskNames[task] ?? '';
  return info.taskNames.length < 2 || name === '' ? 'The task' : `The task of ${name}`;
}

function nodeName(info: ScenarioInfo, node: number): string {
  return info.nodeNames[node] || `part ${node} of the task`;
}

function mechanismName(info: ScenarioInfo, index: number): string {
  return `Mechanism ${info.mechanismNames[index] ?? index}`;
}

/** What the scenario calls the mob in a slot, as one of its kind. */
function mobWords(info: ScenarioInfo, slot: number): string {
  const kind = info.survival?.mobKindBySlot[slot];
  const name = kind === undefined ? undefined : info.survival?.mobKinds[kind]?.name;
  return name === undefined ? `mob ${slot + 1}` : someone(name.replaceAll('_', ' ').replaceAll('-', ' '));
}

function hearts(halves: number): string {
  return `${halves / 2} ${halves === 2 ? 'heart' : 'hearts'}`;
}

function blockWords(id: number): string {
  return withArticle((BLOCK_BY_ID.get(id)?.name ?? `block ${id}`).replaceAll('_', ' '));
}

function itemWords(id: number): string {
  return (ITEM_BY_ID.get(id)?.name ?? `item ${id}`).replaceAll('_', ' ');
}

function causeWords(cause: number): string {
  return CAUSE_WORDS[cause] ?? 'an unknown cause';
}

function sentenceStart(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function counted(count: number, words: string): string {
  return `${count} ${words}`;
}

/** Materials take no article, things do. */
function withArticle(words: string): string {
  if (!/(door|lever|button|plate|ladder|torch|block|log|table|furnace|pad|lamp|pumpkin|bookshelf|wall)( on| open| pressed)?$/.test(words))
    return words;
  return someone(words);
}

function someone(words: string): string {
  return `${/^[aeiou]/i.test(words) ? 'an' : 'a'} ${words}`;
}

const plain = (text: string): EventSentence => ({ text, tone: 'plain' });
const quiet = (text: string): EventSentence => ({ text, tone: 'quiet' });
const good = (text: string): EventSentence => ({ text, tone: 'good' });
const bad = (text: string): EventSentence => ({ text, tone: 'bad' });
