/**
 * What a skill is: a verb that a language model calls by name, that runs over many ticks under the body's dynamics, and that ends with what came of it.
 * Data flow: a model's call -> `begin` -> a run, or at once an answer or a refusal -> `step` per tick -> an answer or a refusal.
 * A skill is a pure function of its arguments and of what the agent is shown: no clock, no draws; searches end by the cells of the level or by expansions.
 */
import type { VoxelPlan } from '@kinovox/planning';
import type { AgentPlan } from '@kinovox/world';
import type { z } from 'zod';
import type { AgentView } from '../agent-view.js';
import type { Ground } from '../navigation/ground.js';
import type { Navigator } from '../navigation/navigator.js';
import type { SearchSpace } from '../navigation/search-space.js';
import type { BlockIndex } from '../skills/block-index.js';
import type { Carriage } from '../skills/carry-to.js';
import type { Combat } from '../skills/combat.js';
import type { Controls } from '../skills/controls.js';
import type { Dealing } from '../skills/dealing.js';
import type { Pilot } from '../skills/pilot.js';
import type { Quarry } from '../skills/quarry.js';
import type { MoveLibraries } from './skill-body.js';

/** A number with its unit in the name (`gapBlocks`, `waitTicks`), a name, a place `[x, y, z]`, or lists and records of those. */
export type FactValue = number | string | boolean | readonly FactValue[] | { readonly [name: string]: FactValue };
export type Facts = Readonly<Record<string, FactValue>>;

/** Why something was not done, or not to its end. */
export interface Refusal {
  /** Kebab-case, stable; those of each skill are in docs/language-skills.md. */
  readonly code: string;
  /** What is in the way, with numbers, and what would help. */
  readonly sentence: string;
  readonly facts: Facts;
}

/** What was done, or found out. */
export interface Answer {
  readonly sentence: string;
  readonly facts: Facts;
}

export type SkillStep =
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly answer: Answer }
  | { readonly status: 'refused'; readonly refusal: Refusal };

/** A skill under way. After a step that is not `running` it must not be stepped again. */
export interface SkillRun {
  /** Decides one tick. The row of the controls is given as zeros. */
  step(c: Controls): SkillStep;
  /** 0..1 */
  readonly progress: number;
  /** What it is doing, a short sentence. */
  readonly doing: string;
}

/** A way of certified moves. */
export interface PlannedWay {
  readonly to: readonly [number, number, number];
  readonly way: VoxelPlan;
  /** How far it has been played: so many of its ticks by the end of tick `at` of the episode. */
  played?: { readonly ticks: number; readonly at: number };
}

/** What an agent keeps between calls. */
export interface Intentions {
  /** Its goal in the model's own words; undefined: the task alone. */
  goal: string | undefined;
  /** The way that it planned last, and the cell that it leads to. */
  plan: PlannedWay | undefined;
}

/** What skills work with: one per agent and world, built once; `reset` at the beginning of an episode. */
export interface SkillBody {
  readonly view: AgentView;
  readonly ground: Ground;
  readonly navigator: Navigator;
  /** Memory of searches, shared by the agents of a factory: one search runs at a time. */
  readonly space: SearchSpace;
  readonly quarry: Quarry;
  readonly combat: Combat;
  readonly dealing: Dealing;
  readonly carriage: Carriage;
  readonly index: BlockIndex;
  /** Undefined for a walker. */
  readonly pilot: Pilot | undefined;
  readonly intentions: Intentions;
  /** Certified moves, made when the first plan is. */
  readonly libraries: MoveLibraries;
  /** Most nodes of one search of `plan` and `validatePlan`. */
  readonly searchNodes: number;
  /** Queues a symbol, or free text that holds one, for this tick; false where nothing will be said. */
  say(text: string): boolean;
  /** Whether something is queued for this tick already: a second text would take its place. */
  readonly hasSaid: boolean;
  /** What others mean to do and let this agent know. */
  sharedPlans(): readonly AgentPlan[];
  /** Takes over where the task, as far as it is known, forbids to be. What is under way goes on. */
  heed(): void;
  /** Before a way is gone anew: drops the one before, and heeds the task. */
  setOut(): void;
  /** Forgets what it did and saw, not what it wants. */
  die(): void;
  /** An episode begins. */
  reset(): void;
}

/** What `begin` gives: a run, or what is known at once. */
export type Begun = SkillRun | { readonly answer: Answer } | { readonly refusal: Refusal };

export interface Skill<A = unknown> {
  /** As mineflayer has it where it has the verb. */
  readonly name: string;
  /** For the model: what it does, in a sentence or two. */
  readonly description: string;
  /** What is added to the description for an agent, such as names that its scenario has; empty: nothing. */
  describeFor?(view: AgentView): string;
  /** An object; every field described, with its unit and range. */
  readonly parameters: z.ZodType<A>;
  readonly precondition: string;
  readonly effect: string;
  /** Codes of its refusals, each with what it means. */
  readonly refusals: Readonly<Record<string, string>>;
  /** Whether it may be left before its end without harm. */
  readonly interruptible: boolean;
  /** Whether the skill makes sense for this body in this scenario; absent: always. */
  suits?(view: AgentView): boolean;
  /** @param args checked by `parameters`. */
  begin(body: SkillBody, args: A): Begun;
}
