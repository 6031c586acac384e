/**
 * `planner:lacam`: moves whole teams by one plan. The tasks say where each is to go, LaCAM* finds ways on which nobody meets, and the march keeps the order
 * in which they come through each cell, however fast they really are. Walkers, rovers and quadcopters; those of one kind plan together.
 * Limits: walkers and rovers do not share a world; quadcopters leave the layer in which rovers drive to them. Doors count as they are now, props not at all.
 */
import { UsageError } from '@kinovox/world';
import type { PolicyFactory } from '../policy.js';
import { Squad, type SquadPlanning } from './squad.js';
import { SQUAD_KINDS } from './squad-kind.js';
import { createTeamPolicy } from './team-policy.js';

export interface TeamPlannerOptions {
  /** Most expansions of one plan. */
  expansions?: number;
  /** Expansions that a tick of waiting pays for; the plan begins when all are paid. */
  expansionsPerTick?: number;
  /** Plans elsewhere, in a thread, say, while the world waits: then await `PolicyRun.think` before `act`. The same plans come out. */
  plan?: SquadPlanning;
}

export const TEAM_PLANNER_DEFAULTS = Object.freeze({ expansions: 20_000, expansionsPerTick: 2_000 });

export function createTeamPlanner(options: TeamPlannerOptions = {}): PolicyFactory {
  const settings = { ...TEAM_PLANNER_DEFAULTS, ...options };
  return createTeamPolicy({
    name: 'planner:lacam',
    kinds: SQUAD_KINDS,
    thinks: settings.plan !== undefined,
    check({ compiled: { base } }, kinds) {
      if (kinds.includes('walker') && kinds.includes('rover'))
        throw new UsageError(
          'planner-body',
          `planner:lacam must not be given walkers and rovers on one ground, whose cells differ; got both in ${base.id}. Give it one kind, and another policy to the other.`,
        );
    },
    createSquad: (kind, views, others) => new Squad(kind, views, settings, others),
  });
}
