/** Finding what was remembered for a scenario and a situation, by what is equal: no model is asked, and the same memory gives the same answer. */
import { mayRead, type Reader } from './permission.js';
import type { MemoryRecord, Situation } from './record.js';

/** What is looked for; what is left out is not compared. */
export type Query = Partial<Situation>;

/** Points for what is equal. */
const POINTS = { scenario: 8, code: 4, skill: 3, task: 2, place: 1 } as const;
/** Cells in each direction that count as the same place. */
const NEAR = 4;

/** How alike; 0: nothing that matters is. Of another scenario only the same refusal of the same verb matters. */
export function similarity(reader: Reader, query: Query, { from, situation }: Pick<MemoryRecord, 'from' | 'situation'>): number {
  const isHere = from.scenario === reader.scenario;
  const isSkill = query.skill !== undefined && query.skill === situation.skill;
  const isCode = query.code !== undefined && query.code === situation.code;
  if (query.skill !== undefined && !isSkill) return 0;
  if (query.code !== undefined && !isCode) return 0;
  if (!isHere && !(isSkill && isCode)) return 0;
  const isNear = query.place?.every((value, axis) => Math.abs(value - situation.place[axis]) <= NEAR);
  return (
    (isHere ? POINTS.scenario : 0) +
    (isCode ? POINTS.code : 0) +
    (isSkill ? POINTS.skill : 0) +
    (query.task === situation.task ? POINTS.task : 0) +
    (isHere && isNear ? POINTS.place : 0)
  );
}

/** The most alike of those that may be read, at most `most`; equals by where they come from, so that no order of writing matters. */
export function retrieve<R extends MemoryRecord>(records: readonly R[], reader: Reader, query: Query, most: number): R[] {
  return records
    .filter(({ from }) => mayRead(reader, from))
    .map((record) => ({ record, points: similarity(reader, query, record) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || compare(placeOf(a.record), placeOf(b.record)))
    .slice(0, most)
    .map(({ record }) => record);
}

/** Records by their place, which is written once: the same ones are sorted after every refusal. */
const places = new WeakMap<MemoryRecord, string>();

/** Tells records apart, in a fixed order. */
function placeOf(record: MemoryRecord): string {
  let place = places.get(record);
  if (place === undefined) {
    const { from, ...rest } = record;
    const { scenario, split, seed, agent, fromTick, toTick } = from;
    const pad = (value: number) => String(value).padStart(10, '0');
    places.set(record, (place = [scenario, split, seed, agent, pad(fromTick), pad(toTick), JSON.stringify(rest)].join(' ')));
  }
  return place;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
