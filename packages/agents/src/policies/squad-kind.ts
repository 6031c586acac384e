/** Kinds of bodies, and those that plan as teams. */
import type { AgentView } from '../agent-view.js';

export const SQUAD_KINDS = ['walker', 'rover', 'quadcopter'] as const;
export type SquadKind = (typeof SQUAD_KINDS)[number];

/** The vehicle that a body is, or its type. */
export function bodyKind({ body }: AgentView['roster'][number]): string {
  return 'vehicle' in body ? body.vehicle : body.type;
}

export function isSquadKind(kind: string): kind is SquadKind {
  return (SQUAD_KINDS as readonly string[]).includes(kind);
}
