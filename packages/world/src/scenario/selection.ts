/** Names of agents and props, and what a selector selects. */
import type { Literal, Selector } from './values.js';

/** The selector that means every agent. */
export const ALL = 'all';

interface NamedEntry {
  id: string;
  count?: number | undefined;
  team?: string | undefined;
  role?: string | undefined;
}

/** Ids of an entry: its own, or id-0, id-1, ... when it is counted. */
export function expandedIds(entry: NamedEntry): string[] {
  return entry.count === undefined ? [entry.id] : Array.from({ length: entry.count }, (_, i) => `${entry.id}-${i}`);
}

/** Slots by every name that selects agents: ids, counted entries, teams, roles, "all". */
export function createAgentIndex(agents: readonly NamedEntry[]): Map<string, number[]> {
  return createIndex(agents, true);
}

/** Indices by every name that selects props: ids and counted entries. */
export function createPropIndex(props: readonly NamedEntry[]): Map<string, number[]> {
  return createIndex(props, false);
}

/**
 * Slots that a selector selects, ascending, each once.
 * @returns an empty list when a name selects nobody; parsed scenarios hold no such name.
 */
export function selectAgents(agents: readonly NamedEntry[], selector: Literal<Selector>): number[] {
  const index = createAgentIndex(agents);
  const names = typeof selector === 'string' ? [selector] : selector;
  return [...new Set(names.flatMap((name) => index.get(name) ?? []))].sort((a, b) => a - b);
}

/** Names that mean different sets in different roles, such as a team called like another team's agent. */
export function ambiguousNames(agents: readonly NamedEntry[], props: readonly NamedEntry[]): string[] {
  const setsByName = new Map<string, Set<string>>();
  const add = (name: string, set: string) => setsByName.set(name, (setsByName.get(name) ?? new Set()).add(set));
  const slots: { id: string; entry: NamedEntry }[] = agents.flatMap((entry) => expandedIds(entry).map((id) => ({ id, entry })));
  const members = (belongs: (slot: { id: string; entry: NamedEntry }) => boolean) =>
    slots.flatMap((slot, i) => (belongs(slot) ? [i] : [])).join();
  add(ALL, 'every agent');
  for (const { id } of slots)
    add(
      id,
      members((slot) => slot.id === id),
    );
  for (const entry of agents) {
    if (entry.count !== undefined)
      add(
        entry.id,
        members((slot) => slot.entry === entry),
      );
    if (entry.team !== undefined)
      add(
        entry.team,
        members((slot) => slot.entry.team === entry.team),
      );
    if (entry.role !== undefined)
      add(
        entry.role,
        members((slot) => slot.entry.role === entry.role),
      );
  }
  for (const entry of props) for (const id of new Set([entry.id, ...expandedIds(entry)])) add(id, `prop ${entry.id}`);
  return [...setsByName].filter(([, sets]) => sets.size > 1).map(([name]) => name);
}

function createIndex(entries: readonly NamedEntry[], withGroups: boolean): Map<string, number[]> {
  const index = new Map<string, number[]>();
  const add = (name: string | undefined, slot: number) => {
    if (name === undefined) return;
    const slots = index.get(name);
    if (slots === undefined) index.set(name, [slot]);
    else if (slots[slots.length - 1] !== slot) slots.push(slot);
  };
  let slot = 0;
  for (const entry of entries) {
    for (const id of expandedIds(entry)) {
      add(id, slot);
      if (entry.count !== undefined) add(entry.id, slot);
      if (withGroups) {
        add(entry.team, slot);
        add(entry.role, slot);
        add(ALL, slot);
      }
      slot++;
    }
  }
  return index;
}
