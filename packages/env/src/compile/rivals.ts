/**
 * What ways to agents of other teams are made of: the moves of a walker as tables, and per level where each of them ends. The fields themselves are made
 * in the tick, since their goals move.
 */
import {
  BODY_WORD,
  BODY_WORDS,
  moveArrivals,
  moveOffsets,
  type RivalTables,
  type ScenarioProgram,
  type VariantData,
  WALK_MOVES,
} from '@kinovox/physics';
import { ScenarioError } from '@kinovox/world';
import { filled } from './ways.js';

/** @throws ScenarioError where all agents are of one team. */
export function compileRivals({
  bodies,
  numAgents,
  size,
  id,
  teams,
}: Pick<ScenarioProgram, 'bodies' | 'numAgents' | 'size' | 'id' | 'teams'>): RivalTables {
  const numTeams = 1 + Math.max(...Array.from({ length: numAgents }, (_, a) => bodies[a * BODY_WORDS + BODY_WORD.team]));
  if (numTeams < 2)
    throw new ScenarioError(
      'no-rivals',
      `observation.rivalGuidance must have agents of another team to lead to; got ${id}, where all agents are of the team "${teams[0]}". Leave \`rivalGuidance\` out, or give agents teams of their own.`,
    );
  const { moves } = WALK_MOVES;
  return {
    numTeams,
    numMoves: moves.length,
    offsets: Int32Array.from(moveOffsets(size, WALK_MOVES)),
    costs: Int32Array.from(moves, ({ cost }) => cost),
  };
}

/** What a level adds for a program that asks for ways to rivals. */
export function compileRivalLevel(
  { size, blocks, rivals }: Pick<ScenarioProgram, 'size' | 'blocks' | 'rivals'>,
  voxels: Uint8Array,
): Pick<VariantData, 'arrivals' | 'footing'> {
  if (rivals === undefined) return {};
  // Plain loops, as levels are made by the thousand.
  const solid = new Uint8Array(voxels.length);
  for (let cell = 0; cell < voxels.length; cell++) solid[cell] = blocks.solid[voxels[cell]];
  const { arrivals, standable } = moveArrivals({ size, solid }, WALK_MOVES);
  const own = new Int32Array(voxels.length);
  for (let cell = 0; cell < voxels.length; cell++) own[cell] = standable[cell] === 1 ? cell : -1;
  return { arrivals, footing: filled(size, solid, own, -1, -1) };
}
