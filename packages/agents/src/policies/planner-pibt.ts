/**
 * `planner:pibt`: moves teams of rovers and quadcopters at speed. The tasks say where each is to go; in rounds of a quarter of a second each reserves a way that ends
 * at rest, by PIBT over moves of a model of its body, and a controller keeps the body on what it has reserved. Those of one kind plan together.
 * Limits: sure to be safe as long as bodies stay within their reservations, not sure to arrive. Quadcopters leave the layer in which rovers drive to them. Props
 * and doors count as `planner:lacam` has it.
 */
import type { TeamPay } from '@kinovox/planning';
import type { PolicyFactory } from '../policy.js';
import { ReservedSquad } from './reserved-squad.js';
import { createTeamPolicy } from './team-policy.js';

/** Moves, and nodes of the guides, that a tick pays for. */
export const PIBT_DEFAULTS: TeamPay = Object.freeze({ expansionsPerTick: 400, nodesPerTick: 50_000 });

export function createPibtFactory(options: Partial<TeamPay> = {}): PolicyFactory {
  const settings = { ...PIBT_DEFAULTS, ...options };
  return createTeamPolicy({
    name: 'planner:pibt',
    kinds: ['rover', 'quadcopter'],
    thinks: false,
    createSquad: (kind, views, others) => new ReservedSquad(kind, views, settings, others),
  });
}
