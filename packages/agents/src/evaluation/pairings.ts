/** Tables of pairs: how well contestants work together (cross-play), and how they fare against one another (matches and ratings). */
import type { CompiledScenario } from '@kinovox/env';
import { UsageError } from '@kinovox/world';
import type { PolicyFactory } from '../policy.js';
import { type PlayOptions, playEpisodes } from './play.js';
import { fitRatings } from './ratings.js';
import { mean } from './statistics.js';
import { teamsWithTasks } from './suite.js';

export interface Player {
  name: string;
  policy: PolicyFactory;
}

/** A team mixed from two contestants. */
export interface CrossPlay {
  scenario: string;
  players: string[];
  /** `[P][P]` share of episodes that succeeded: the row's policy decides for the first agent, the column's for all others. Null: cannot be played. */
  success: (number | null)[][];
}

/** Two teams against each other. */
export interface Matches {
  scenario: string;
  players: string[];
  teams: string[];
  /** `[P][P]` mean points of the row's policy as the first team against the column's as the second: 1 a win, 1/2 a draw. Null: not played. */
  points: (number | null)[][];
  /** `[P]` Elo's scale, mean 1000; see ratings.ts. Null for a player without a game. */
  ratings: (number | null)[];
}

/** @param players in the order of rows and columns. */
export async function playCross(compiled: CompiledScenario, players: readonly Player[], options: PlayOptions): Promise<CrossPlay> {
  const [first] = compiled.base.agents;
  const success: (number | null)[][] = [];
  for (const row of players) {
    const line: (number | null)[] = [];
    for (const column of players)
      line.push(
        await orNull(async () => {
          const episodes = await playEpisodes(compiled, { default: column.policy, [first.id]: row.policy }, options);
          return mean(episodes.map(({ succeeded }) => (succeeded[0] ? 1 : 0)));
        }),
      );
    success.push(line);
  }
  return { scenario: compiled.scenario.id, players: players.map(({ name }) => name), success };
}

/** Every ordered pair plays; with more than two teams, the column's policy plays all but the first. */
export async function playMatches(compiled: CompiledScenario, players: readonly Player[], options: PlayOptions): Promise<Matches> {
  const teams = teamsWithTasks(compiled);
  const points: (number | null)[][] = [];
  for (const row of players) {
    const line: (number | null)[] = [];
    for (const column of players)
      line.push(
        await orNull(async () => {
          const episodes = await playEpisodes(compiled, { default: column.policy, [teams[0]]: row.policy }, options);
          return mean(episodes.map(({ succeeded }) => pointsOf(succeeded)));
        }),
      );
    points.push(line);
  }
  return {
    scenario: compiled.scenario.id,
    players: players.map(({ name }) => name),
    teams,
    points,
    ratings: ratingsOf(points, options.seeds),
  };
}

/** Of the first team: 1 when it alone succeeded, 0 when only others did, 1/2 otherwise. */
export function pointsOf(succeeded: readonly boolean[]): number {
  const own = succeeded[0];
  const other = succeeded.slice(1).some(Boolean);
  return own === other ? 0.5 : own ? 1 : 0;
}

/** Both sides of every pair are counted, so which team is the stronger one does not matter. Games of a player with itself are left out. */
function ratingsOf(points: readonly (readonly (number | null)[])[], games: number): (number | null)[] {
  const seats = points.map((_, i) => i).filter((i) => points[i].some((value, j) => j !== i && value !== null));
  const won = seats.map((i) =>
    seats.map((j) => {
      const asFirst = points[i][j];
      const asSecond = points[j][i];
      return games * ((asFirst ?? 0) + (asSecond === null ? 0 : 1 - asSecond));
    }),
  );
  const fitted = fitRatings(won);
  return points.map((_, i) => (seats.includes(i) ? fitted[seats.indexOf(i)] : null));
}

/** A pair that cannot play the scenario is a hole in the table, not the end of it. */
async function orNull(play: () => Promise<number>): Promise<number | null> {
  try {
    return await play();
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}
