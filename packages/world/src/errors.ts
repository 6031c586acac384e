/**
 * Errors by who must act. Each message says what must be how, what was got and where, and the next step.
 */

export abstract class KinovoxError extends Error {
  /** Stable machine-readable name of the mistake. */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** One problem in a scenario file. `path` is a JSON path such as `agents[2].body`. */
export interface ScenarioIssue {
  code: string;
  path: string;
  message: string;
}

/** The author of a scenario, structure or map file must act. */
export class ScenarioError extends KinovoxError {
  readonly issues: readonly ScenarioIssue[];

  constructor(code: string, message: string, issues: readonly ScenarioIssue[] = [], options?: { cause?: unknown }) {
    super(code, message, options);
    this.issues = issues;
  }
}

/** The caller passed an array of the wrong length or a value out of its declared range. */
export class ShapeError extends KinovoxError {}

/** The caller stepped an environment whose episode is over, or before its first reset. */
export class ResetNeededError extends KinovoxError {}

/** A peer on a socket, or a file from outside, broke the protocol or format. */
export class ProtocolError extends KinovoxError {}

/** The user gave a command line option or path that cannot be used. */
export class UsageError extends KinovoxError {}

/** The machine let a run down: a thread that died, a device that was lost. The caller goes on from a snapshot. */
export class EngineError extends KinovoxError {}

/** A mistake of ours. */
export class InvariantError extends KinovoxError {}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition)
    throw new InvariantError('invariant', `${message} This is a defect in Kinovox; please report it with the command you ran.`);
}

/** The nearest of `candidates` to `got`: by edit distance, else one that begins with it; undefined when none is near. */
export function nearestName(got: string, candidates: Iterable<string>): string | undefined {
  const names = [...candidates];
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(got.length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(got.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? (got.length < 3 ? undefined : names.find((candidate) => candidate.toLowerCase().startsWith(got.toLowerCase())));
}

/** ` Did you mean "walker"?`, or an empty string. */
export function didYouMean(got: string, candidates: Iterable<string>): string {
  const name = nearestName(got, candidates);
  return name === undefined ? '' : ` Did you mean "${name}"?`;
}

/** Damerau-Levenshtein distance with adjacent transpositions. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      let best = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, rows[i - 2][j - 2] + 1);
      rows[i][j] = best;
    }
  }
  return rows[a.length][b.length];
}
