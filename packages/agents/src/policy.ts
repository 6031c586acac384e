/**
 * What a policy is: it decides for one agent of one world, tick by tick, from what that agent may know.
 * Data flow: AgentView -> Policy.act -> one row of ACTION_SPEC columns; `runPolicies` does this for a whole batch.
 * Policies are deterministic: the same views in the same order give the same actions, on every machine and in every batch row.
 */
import type { ActionSource, BatchEnv, ObservationParts } from '@kinovox/env';
import type { SafetyOptions } from '@kinovox/planning';
import type { AgentPlan } from '@kinovox/world';
import type { AgentView } from './agent-view.js';

export interface Policy {
  /** Forgets the episode before; called before the first `act` of an episode and after a jump in time (a restored snapshot). */
  reset(view: AgentView): void;
  /**
   * For policies that take their time, on a GPU or elsewhere: called and awaited before `act` of the same tick, by hosts that can wait. The world waits.
   * A policy that has it must say in `act`, by a UsageError, when it was needed and not called.
   */
  think?(view: AgentView): Promise<void>;
  /** Whether its `think` may run while those of others do: it then must share nothing with them that changes. */
  readonly concurrent?: boolean;
  /** Takes in what a person who watches says to the agent: before `think` of the same tick. Absent: it does not listen. */
  hear?(view: AgentView, text: string): void;
  /** Writes the decision of this tick into `out`, `[ACTION_FIELDS]`, given as zeros (idle). */
  act(view: AgentView, out: Float32Array): void;
  /** What it meant to do when it last acted, for people; made when asked and changes nothing. Absent or undefined: it makes no plans. */
  plan?(view: AgentView): AgentPlan | undefined;
}

/** What a person who watches a world says. It reaches policies alone: no word of it enters the state of the world. */
export interface SpectatorWords {
  readonly row: number;
  /** Agent that is spoken to; undefined: everybody who listens. */
  readonly slot: number | undefined;
  readonly text: string;
}

/** What decides for all agents of a batch at once, where looking at them one by one would be too slow. */
export interface BatchDecider {
  /** @param slots that it is given. @throws UsageError where it cannot play them. */
  check?(host: PolicyHost, slots: readonly number[]): void;
  /** As `Policy.think`, for all its agents of all worlds. */
  think?(host: PolicyHost, slots: readonly number[]): Promise<void>;
  /**
   * Writes the rows of the agents whose slot is in `slots`, for every world.
   * @param out `[B, A, F]` f32; rows of these slots are given as zeros.
   */
  fill(host: PolicyHost, slots: readonly number[], out: Float32Array): void;
  /** The same for the discrete profile: a choice of DISCRETE_ACTIONS per agent into `out`, `[B, A]`, given as zeros (idle). Absent: it plays the native one only. */
  choose?(host: PolicyHost, slots: readonly number[], out: Float32Array): void;
  /** What the agents in `slots` of one world meant to do when it last filled; made when asked and changes nothing. Absent: it makes no plans. */
  plans?(host: PolicyHost, row: number, slots: readonly number[]): AgentPlan[];
}

/** Makes policies of one kind: `create` once per agent and world, or `batch` for all of them. */
export type PolicyFactory = {
  readonly name: string;
  /** Parts of a scenario's `observation` that it reads; make the environment with `observationFor`. */
  readonly observation?: ObservationParts;
  /** The twin that decides where the worlds are, for every agent of a batch; see `AsyncBatchEnv.advance`. */
  source?(profile: 'native' | 'discrete'): ActionSource | undefined;
  /** Whether a person decides. */
  readonly isPlayed?: true;
  /** A safety filter that looks at what its agents decide: see `createSafePolicy`. */
  readonly safety?: Omit<SafetyOptions, 'onIntervention'>;
} & ({ create(): Policy } | { readonly batch: BatchDecider });

/** What policies run on: an environment, or its parts. */
export type PolicyHost = Pick<BatchEnv, 'compiled' | 'split' | 'actionProfile'> & {
  readonly engine: Pick<BatchEnv['engine'], 'program' | 'numWorlds' | 'state' | 'observations'> &
    Partial<Pick<BatchEnv['engine'], 'buffers' | 'actionMask'>>;
  /** As `BatchEnv.say`; without it nobody says free text. */
  say?: BatchEnv['say'];
  /** As `BatchEnv.texts`; without it messages are their symbols alone. */
  readonly texts?: BatchEnv['texts'];
};
