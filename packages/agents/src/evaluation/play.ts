/** Episodes of one assignment of policies, one seed after another: the data that every table of an evaluation is made from. */
import { type BatchEnv, type CompiledScenario, createBatchEnv, recordRow } from '@kinovox/env';
import { EngineError, EVENT, EVENT_WORDS, MAX_EVENTS_PER_TICK, type Split } from '@kinovox/world';
import { observationFor, type PolicyAssignment, policyProfile, runPolicies } from '../run-policies.js';
import { type Conduct, ConductMeter } from './conduct.js';
import { teamsWithTasks } from './suite.js';

export interface PlayOptions {
  /** Episodes: seeds firstSeed, firstSeed + 1, ... */
  seeds: number;
  firstSeed: number;
  split: Split;
  /** Called after every episode, and awaited: a host may let other things happen in between. */
  onEpisode?: ((episode: PlayedEpisode) => void | Promise<void>) | undefined;
  /** Team whose conduct is watched; default all agents. */
  team?: string | undefined;
  /** Records the first episodes to a new `.kvr` file. */
  record?: RecordTo | undefined;
}

export interface RecordTo {
  path: string;
  /** At least 1. */
  episodes: number;
}

export interface PlayedEpisode {
  seed: number;
  /** Per task of the scenario (one per team where it has `perTeam`): whether it succeeded. */
  succeeded: boolean[];
  ticks: number;
  /** Mean over all agents of the undiscounted sum of rewards. */
  return: number;
  /** Of the first task, 0..1. */
  progress: number;
  /** Whether an agent pushed a prop in it; false without props. */
  pushed: boolean;
  conduct: Conduct;
}

/** NODE_STATUS of a task that succeeded. */
const SATISFIED = 1;

/** @throws UsageError for an assignment that does not fit the scenario or its action profile. */
export async function playEpisodes(
  compiled: CompiledScenario,
  assignment: PolicyAssignment,
  { seeds, firstSeed, split, onEpisode, team, record }: PlayOptions,
): Promise<PlayedEpisode[]> {
  const played: PlayedEpisode[] = [];
  // Roots of rewards with a formula of their own follow those of the tasks.
  const numTasks = Math.max(1, teamsWithTasks(compiled).length);
  const { taskOfAgent } = compiled.program;
  const env = await createBatchEnv({
    scenario: compiled,
    split,
    seed: firstSeed,
    autoreset: 'disabled',
    actionProfile: policyProfile(compiled, assignment),
    observation: observationFor(compiled, assignment),
  });
  let recorder: ReturnType<typeof recordRow> | undefined;
  try {
    const run = runPolicies(env, assignment);
    const { agents } = compiled.base;
    const conduct = new ConductMeter(
      env,
      agents.flatMap((agent, slot) => (team === undefined || agent.team === team ? [slot] : [])),
    );
    if (record !== undefined) recorder = recordRow(env, 0, record.path);
    let succeeded: boolean[] = [];
    let pushed = false;
    env.onEpisodeEnd = ({ ticks, return: total, progress }) =>
      played.push({ seed: firstSeed + played.length, succeeded, ticks, return: total, progress, pushed, conduct: conduct.report() });
    for (let episode = 0; episode < seeds; episode++) {
      env.reset({ seed: firstSeed + episode });
      conduct.begin();
      succeeded = new Array<boolean>(numTasks).fill(false);
      pushed = false;
      for (let ended = false; !ended; ) {
        await run.think();
        const result = await env.step(run.act());
        ended = result.ended[0] === 1;
        conduct.note();
        if (ended) {
          played[played.length - 1].pushed ||= hasPushed(env);
          played[played.length - 1].conduct = conduct.report();
        } else pushed ||= hasPushed(env);
        // A score over episodes that broke off would be none.
        for (const { message } of env.takeCrashes())
          throw new EngineError(
            'evaluation-crash',
            `An evaluated world must not fail; got "${message}" in ${compiled.program.id} with seed ${firstSeed + episode}. It is a fault of ours or of a policy: please report it.`,
          );
        // A task is decided for good in the tick that ends its agents; its monitor runs on while others still play.
        taskOfAgent.forEach((task, slot) => {
          if (result.terminated[slot] === 1 && env.engine.outputs.rootStatus[task] === SATISFIED) succeeded[task] = true;
        });
      }
      if (episode + 1 === record?.episodes) {
        recorder?.close();
        recorder = undefined;
      }
      await onEpisode?.(played[played.length - 1]);
    }
  } finally {
    recorder?.close();
    env.close();
  }
  return played;
}

/** Whether a prop was pushed in the tick that has passed. */
function hasPushed({ engine }: BatchEnv): boolean {
  if (engine.program.numProps === 0) return false;
  const { events, eventCount } = engine.buffers;
  for (let k = 0; k < Math.min(eventCount[0], MAX_EVENTS_PER_TICK); k++) if (events[k * EVENT_WORDS] === EVENT.pushed) return true;
  return false;
}
