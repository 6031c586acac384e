/** What an agent can be asked to do next: the vocabulary between the task and the skills. */
import type { Box, KeepOut } from '../navigation/ground.js';

export type Job =
  /** Be in a box; `radius` narrows it to a distance from a point, metres. */
  | { kind: 'go'; box: Box; near?: { x: number; y: number; z: number; metres: number } }
  /** Dig the nearest block of one of these palette entries. */
  | { kind: 'dig'; blocks: readonly number[] }
  /** Put blocks into cells. */
  | { kind: 'build'; cells: readonly { x: number; y: number; z: number; block: number }[] }
  /** Make a mechanism active by its plates and levers. */
  | { kind: 'switch'; mechanism: number }
  /** Touch one of these agents. */
  | { kind: 'chase'; slots: readonly number[] }
  /** Stay out of reach of these agents. */
  | { kind: 'evade'; slots: readonly number[] }
  /** Have a point in view, from at most so far. */
  | { kind: 'look'; x: number; y: number; z: number; metres: number }
  | { kind: 'say'; symbol: number }
  /** Wait for something that takes its time; other work comes before. */
  | { kind: 'wait' }
  /** Use a hoe on soil. */
  | { kind: 'till'; cell: readonly [number, number, number] }
  /** Eat an item that is carried. */
  | { kind: 'eat'; item: number }
  /** Sleep in a bed. */
  | { kind: 'sleep'; cell: readonly [number, number, number] }
  /** Walk over items that lie in a cell. */
  | { kind: 'collect'; cell: readonly [number, number, number] }
  /** Kill a mob of one of these kinds. */
  | { kind: 'hunt'; kinds: readonly number[] }
  /** Be where others can hand something over. */
  | { kind: 'meet' }
  /** Hand an item to another agent. */
  | { kind: 'give'; slot: number; item: number }
  /** Take an offer of a trader of a kind. */
  | { kind: 'trade'; mobKind: number; offer: number; item: number }
  /** Work on a recipe, by its place in the scenario's list, from 0. */
  | { kind: 'craft'; recipe: number }
  /** Put props on one another, the lowest first where the order is given. */
  | { kind: 'stack'; props: readonly number[]; isGiven: boolean }
  /** Carry a prop into a box. */
  | { kind: 'carry'; prop: number; box: Box }
  /** Move a prop into a box. */
  | { kind: 'push'; prop: number; box: Box };

/** Where an agent is sent. */
export interface Goal {
  slot: number;
  box: Box;
}

export interface Orders {
  /** What to do now; undefined: nothing is asked of this agent. */
  job: Job | undefined;
  /** Where the agents of the task are sent now, this one and others. */
  goals: readonly Goal[];
  /** Where the task forbids to be. */
  keepOut: KeepOut;
}
