/**
 * A recording as a table: one row per agent and tick in which the agent acted, with the columns that a learner asks for.
 * Data flow: entries of the file -> rows; for `observation` alone the world is simulated again, each tick held to its recorded hash.
 * A column that the recording lacks is an error that names it; nothing is made up.
 */
import { hashWorldInto } from '@kinovox/physics';
import { ACTION_SPEC, ACTION_WORDS, didYouMean, formatHash, type ResolvedScenario, UsageError } from '@kinovox/world';
import type { EventRecord } from '../event-record.js';
import {
  type AgentColumns,
  type EpisodeRecordEntry,
  type KeyframeEntry,
  OUTCOME_END,
  type OutcomesEntry,
  type TickEntry,
} from './format.js';
import type { Recording } from './reader.js';
import { createRecordedWorld, type RecordedWorld } from './recorded-world.js';

/** Columns by name, and what they hold. */
export const STEP_COLUMNS = {
  scenario: 'id of the scenario',
  scenario_hash: 'content hash of the scenario',
  rules_version: 'RULES_VERSION of the engine that recorded',
  split: 'split of the levels',
  row: 'row of the batch',
  episode: 'number of the episode in its row',
  variant: 'level variant',
  row_seed: 'seed of the row',
  drawn: "what the episode drew: the level's parameters by name, and of the randomisation what concerns the agent",
  group_id: 'group of rows that share seed, variant and first state; -1 without',
  reset_hash: 'state hash at the start of the episode: equal in a group',
  tick: 'tick of the episode, from 1',
  agent_id: 'id of the agent',
  role: 'its role in the scenario, or as supplied; null without',
  team: 'its team',
  action: 'what its body carried out, fields of the native profile in their units',
  decision: 'what the policy chose in its own terms, as supplied',
  reward: 'sum of the reward terms',
  reward_terms: 'reward by term, in the order of the scenario',
  terminated: 'whether its task ended in this tick',
  truncated: 'whether the time limit ended it in this tick',
  events: 'events of the tick that concern it or the world, each with its number and those of its parents',
  state_hash: 'state hash after the tick, before any reset',
  policy_version: 'version of the policy, as supplied',
  behaviour_log_prob: 'log-probability of the decision, as supplied or summed over tokens',
  raw_action:
    'what was decided where a safety filter did not let it pass, or in monitor would not have, fields of the native profile; null where it did',
  safety: 'why it did not pass, or would not have; null where it did',
  token_ids: 'tokens that the policy wrote, as supplied',
  token_log_probs: 'log-probability of each token, as supplied',
  observation: 'observation vector before the action; simulated again, and each tick held to its recorded hash',
} as const;
export type StepColumn = keyof typeof STEP_COLUMNS;
export type StepValue = string | number | boolean | null | readonly number[] | readonly StepEvent[] | StepDraws;
export type AgentStep = Partial<Record<StepColumn, StepValue>>;

/** As `infos[id].drawn` after a reset. */
export interface StepDraws {
  parameters: EpisodeRecordEntry['parameters'];
  randomisation?: Record<string, number>;
}

/** An event of a tick. */
export interface StepEvent {
  id: number;
  kind: string;
  /** Slot; -1 is the world. */
  agent: number;
  data: [number, number];
  /** Ids of the events that caused it. */
  parents: number[];
}

/** Columns that the caller of a recorder supplies: a file has them or not. */
const SUPPLIED: Partial<Record<StepColumn, keyof AgentColumns>> = {
  decision: 'decision',
  policy_version: 'policyVersion',
  behaviour_log_prob: 'behaviourLogProb',
  raw_action: 'rawAction',
  safety: 'safety',
  token_ids: 'tokenIds',
  token_log_probs: 'tokenLogProbs',
};

/** The columns that a recording has in every tick: all but the simulated `observation`, and of those supplied what never lacks. */
export function columnsOf(recording: Recording): StepColumn[] {
  const lacking = new Set<StepColumn>(['observation']);
  if (recording.header.rewardTerms === undefined) for (const name of OUTCOME_COLUMNS) lacking.add(name);
  for (const { columns } of ticksOf(recording))
    for (const [name, key] of Object.entries(SUPPLIED) as [StepColumn, keyof AgentColumns][])
      if (columns?.[key] === undefined) lacking.add(name);
  return (Object.keys(STEP_COLUMNS) as StepColumn[]).filter((name) => !lacking.has(name));
}

/** @throws UsageError for a name that is no column. */
export function parseColumns(names: readonly string[]): StepColumn[] {
  const known = Object.keys(STEP_COLUMNS);
  for (const name of names)
    if (!known.includes(name))
      throw new UsageError('unknown-column', `A column must be one of ${known.join(', ')}; got "${name}".${didYouMean(name, known)}`);
  return names as StepColumn[];
}

/**
 * The table, row by row: by tick, then slot.
 * @throws UsageError naming a column that the recording lacks, with the first tick that lacks it.
 */
export async function* agentSteps(recording: Recording, columns: readonly StepColumn[]): AsyncGenerator<AgentStep> {
  const world = columns.includes('observation') ? await openWorld(recording) : undefined;
  try {
    yield* tableOf(recording, columns, world);
  } finally {
    world?.engine.dispose();
  }
}

const OUTCOME_COLUMNS: readonly StepColumn[] = ['reward', 'reward_terms', 'terminated', 'truncated'];

/** A tick with all that belongs to it. */
interface WholeTick {
  episode: EpisodeRecordEntry;
  tick: TickEntry;
  columns: AgentColumns | undefined;
  outcomes: OutcomesEntry | undefined;
  /** `[A]` who acts in it. */
  live: boolean[];
  /** `[A, ACTION_WORDS]`, overwritten by the next tick. */
  words: Int32Array;
  /** A keyframe that stands before it. */
  keyframe: { frame: KeyframeEntry; base: KeyframeEntry } | undefined;
}

function* ticksOf(recording: Recording): Generator<WholeTick> {
  const numAgents = recording.header.agentIds.length;
  const words = new Int32Array(numAgents * ACTION_WORDS);
  let live: boolean[] = [];
  let episode: EpisodeRecordEntry | undefined;
  let base: KeyframeEntry | undefined;
  let keyframe: WholeTick['keyframe'];
  let columns: AgentColumns | undefined;
  let outcomes: OutcomesEntry | undefined;
  for (const entry of recording.entries()) {
    if (entry.type === 'episode') {
      episode = entry;
      live = new Array<boolean>(numAgents).fill(true);
    } else if (entry.type === 'keyframe') {
      if (entry.voxels !== undefined) base = entry;
      keyframe = { frame: entry, base: base! };
      words.fill(0);
    } else if (entry.type === 'columns') columns = entry.columns;
    else if (entry.type === 'outcomes') {
      for (const [slot, bits] of entry.ends) if (bits === OUTCOME_END.before) live[slot] = false;
      outcomes = entry;
    } else if (entry.type === 'tick') {
      for (let i = 0; i < entry.changes.length; i += 2) words[entry.changes[i]] = entry.changes[i + 1];
      const own = outcomes?.tick === entry.tick ? outcomes : undefined;
      yield { episode: episode!, tick: entry, columns, outcomes: own, live, words, keyframe };
      for (const [slot] of own?.ends ?? []) live[slot] = false;
      columns = undefined;
      outcomes = undefined;
      keyframe = undefined;
    }
  }
}

async function* tableOf(recording: Recording, names: readonly StepColumn[], world: RecordedWorld | undefined): AsyncGenerator<AgentStep> {
  const { header } = recording;
  const agents = agentsOf(recording);
  const numTerms = header.rewardTerms?.length ?? 0;
  const noRewards = new Array<number>(numTerms).fill(0);
  const lanes = new Uint32Array(2);
  for (const whole of ticksOf(recording)) {
    const { episode, tick, columns, outcomes, live, words } = whole;
    if (world !== undefined && whole.keyframe !== undefined) world.restore(whole.keyframe.frame, whole.keyframe.base);
    const seen = world?.engine.observations;
    for (const [slot, agent] of agents.entries()) {
      if (!live[slot]) continue;
      const terms = noRewards.slice();
      for (const [index, value] of outcomes?.rewards ?? []) if (Math.floor(index / numTerms) === slot) terms[index % numTerms] = value;
      const end = outcomes?.ends.find(([ended]) => ended === slot)?.[1] ?? 0;
      const valueIn = (name: StepColumn): StepValue => {
        const key = SUPPLIED[name];
        if (key !== undefined) return suppliedOf(recording, whole, name, key, slot);
        if (header.rewardTerms === undefined && OUTCOME_COLUMNS.includes(name))
          throw lacks(recording, name, 'the build that wrote it kept no rewards and ends');
        switch (name) {
          case 'scenario':
            return agent.scenario;
          case 'scenario_hash':
            return header.scenarioHash;
          case 'rules_version':
            return header.rulesVersion;
          case 'split':
            return header.split;
          case 'row':
            return header.row;
          case 'episode':
            return episode.episode;
          case 'variant':
            return episode.variant;
          case 'row_seed':
            return episode.rowSeed;
          case 'drawn':
            return drawnBy(episode, slot);
          case 'group_id':
            return columns?.groupId ?? episode.groupId;
          case 'reset_hash':
            return formatHash(episode.hash0, episode.hash1);
          case 'tick':
            return tick.tick;
          case 'agent_id':
            return header.agentIds[slot];
          case 'role':
            return columns?.role === undefined ? agent.role : columns.role[slot];
          case 'team':
            return agent.team;
          case 'action':
            return ACTION_SPEC.map((field, k) => words[slot * ACTION_WORDS + k] / (1 << field.bits));
          case 'reward':
            return terms.reduce((sum, value) => sum + value, 0);
          case 'reward_terms':
            return terms;
          case 'terminated':
            return (end & OUTCOME_END.terminated) !== 0;
          case 'truncated':
            return (end & OUTCOME_END.truncated) !== 0;
          case 'events':
            return tick.events.filter((event) => event.agent === slot || event.agent < 0).map(asStepEvent);
          case 'state_hash':
            return formatHash(tick.hash0, tick.hash1);
          default:
            return Array.from(seen!.vector.subarray(slot * seen!.size, (slot + 1) * seen!.size));
        }
      };
      yield Object.fromEntries(names.map((name) => [name, valueIn(name)]));
    }
    if (world === undefined) continue;
    world.step(tick);
    hashWorldInto(lanes, world.engine.state, 0);
    if (lanes[0] !== tick.hash0 >>> 0 || lanes[1] !== tick.hash1 >>> 0)
      throw lacks(
        recording,
        'observation',
        `its simulation differs at tick ${tick.tick} of episode ${episode.episode}; check it with "kinovox replay --verify"`,
      );
  }
}

function drawnBy({ parameters, randomisation }: EpisodeRecordEntry, slot: number): StepDraws {
  if (randomisation === undefined) return { parameters };
  const own = Object.entries(randomisation).map(([name, value]) => [name, Array.isArray(value) ? value[slot] : value]);
  return { parameters, randomisation: Object.fromEntries(own) };
}

function suppliedOf(
  recording: Recording,
  { episode, tick, columns }: WholeTick,
  name: StepColumn,
  key: keyof AgentColumns,
  slot: number,
): StepValue {
  const values = columns?.[key] as readonly (string | number | number[] | null)[] | undefined;
  if (values === undefined)
    throw lacks(
      recording,
      name,
      `none was supplied at tick ${tick.tick} of episode ${episode.episode}; supply it with recorder.addColumns({ ${key} })`,
    );
  return values[slot];
}

async function openWorld(recording: Recording): Promise<RecordedWorld> {
  const world = await createRecordedWorld(recording, { observe: true });
  if (world.sameRules) return world;
  world.engine.dispose();
  throw lacks(
    recording,
    'observation',
    `it was recorded under rules version ${recording.header.rulesVersion}, which this build does not simulate`,
  );
}

function lacks(recording: Recording, name: StepColumn, why: string): UsageError {
  return new UsageError(
    'missing-column',
    `A recording must have the columns that are exported; "${name}" is lacking in ${recording.where}: ${why}. Leave "${name}" out, or record it.`,
  );
}

/** What the scenario says of each slot. */
function agentsOf({ header }: Recording): { scenario: string; role: string | null; team: string }[] {
  const { id, agents } = header.scenario as Pick<ResolvedScenario, 'id'> & { agents: { count?: number; role?: string; team: string }[] };
  return agents.flatMap(({ count = 1, role = null, team }) => Array.from({ length: count }, () => ({ scenario: id, role, team })));
}

function asStepEvent({ id, kind, agent, data0, data1, cause }: EventRecord): StepEvent {
  return { id, kind, agent, data: [data0, data1], parents: cause === null ? [] : [cause] };
}
