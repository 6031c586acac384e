/**
 * Ratings of players from the games between them, on the scale of Elo: 400 points are odds of ten to one.
 * Fitted to all games at once (no order of games enters): the Bradley-Terry maximum, with one virtual draw between every two players,
 * which keeps the rating of one that never lost finite. A draw counts as half a win for each.
 * @source Hunter, "MM algorithms for generalized Bradley-Terry models", Annals of Statistics 32 (2004), eq. 3.
 */

/** Mean of all ratings. */
export const MEAN_RATING = 1000;
const SCALE = 400 / Math.log(10);
const ITERATIONS = 10_000;
const TOLERANCE = 1e-10;

/**
 * @param points `[P][P]` points[i][j] is what i won against j: 1 a win, 1/2 a draw. The diagonal is not read.
 * @returns `[P]` ratings with mean MEAN_RATING.
 */
export function fitRatings(points: readonly (readonly number[])[]): number[] {
  const size = points.length;
  const withPrior = points.map((row, i) => row.map((value, j) => (i === j ? 0 : value + 0.5)));
  const won = withPrior.map((row) => row.reduce((sum, value) => sum + value, 0));
  let strength = points.map(() => 1);
  for (let iteration = 0; iteration < ITERATIONS && size > 1; iteration++) {
    const next = strength.map((own, i) => {
      let weight = 0;
      for (let j = 0; j < size; j++) if (j !== i) weight += (withPrior[i][j] + withPrior[j][i]) / (own + strength[j]);
      return won[i] / weight;
    });
    const logMean = next.reduce((sum, value) => sum + Math.log(value), 0) / size;
    const scaled = next.map((value) => value / Math.exp(logMean));
    const moved = Math.max(...scaled.map((value, i) => Math.abs(value / strength[i] - 1)));
    strength = scaled;
    if (moved < TOLERANCE) break;
  }
  return strength.map((value) => MEAN_RATING + SCALE * Math.log(value));
}
