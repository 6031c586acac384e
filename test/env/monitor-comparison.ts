/** Draws formulas and episodes, runs the monitors and their definition on both, and reports where they first differ. */
import { NODE_STATUS, nodeProgress, nodeStatus, runMonitors, violationTick } from '@kinovox/physics';
import { AmbiguousSight, flatten, judge, type Moment, type Status, type Verdict } from './monitor-oracle.js';
import {
  CAST,
  COMBINATORS,
  createBench,
  createScenario,
  Dice,
  drawFormula,
  drawTrace,
  type MonitorBench,
  PREDICATES,
  writeMoment,
} from './monitor-worlds.js';

export interface ComparisonReport {
  traces: number;
  /** Nodes times ticks compared. */
  comparisons: number;
  /** Share of the traces with this combinator at the root in which it became true. */
  trueShare: Record<string, number>;
  /** How often each predicate was evaluated true, and not. */
  predicates: Record<string, { yes: number; no: number }>;
  /** Traces by depth of their formula. */
  depths: Record<number, number>;
  /** Nodes violated at tick 1, and later. */
  violations: { atOnce: number; later: number };
  /** A sentence about the first difference. */
  firstMismatch: string | undefined;
}

/** Worlds that play the same formula side by side. */
const ROWS = 5;
const STATUS_NAMES: readonly Status[] = ['pending', 'satisfied', 'violated'];
/** Episodes tried with a formula. */
const MAX_DRAWS = 20;
/** Unwanted outcomes after which a formula is given up. */
const MAX_REJECTED = 6;
/** Probability that a formula whose outcomes are one-sided is kept all the same. */
const KEEP = 0.03;

/** @param run the interpreter to hold against the definition. */
export function compareTraces(seed: number, traces: number, run: typeof runMonitors = runMonitors): ComparisonReport {
  const base = createScenario();
  const dice = new Dice(seed);
  const spare = new Map<number, Moment[][]>();
  const roots = Object.fromEntries(COMBINATORS.map((kind) => [kind, { yes: 0, all: 0 }]));
  const predicates = Object.fromEntries(PREDICATES.map((kind) => [kind, { yes: 0, no: 0 }]));
  const report: ComparisonReport = {
    traces: 0,
    comparisons: 0,
    trueShare: {},
    predicates,
    depths: {},
    violations: { atOnce: 0, later: 0 },
    firstMismatch: undefined,
  };
  for (let group = 0; report.traces < traces && report.firstMismatch === undefined; group++) {
    const kind = COMBINATORS[group % COMBINATORS.length];
    const levels = 1 + (Math.floor(group / COMBINATORS.length) % 3);
    const ticks = 6 + dice.below(14);
    const horizon = dice.chance(0.8) ? ticks : ticks + 3;
    const { formula, episodes } = drawGroup(dice, spare, kind, levels, ticks, horizon);
    const bench = createBench({ ...base, task: formula as never, episode: { ...base.episode, maxTicks: horizon } }, ROWS);
    for (const { verdict } of episodes) {
      roots[kind].all++;
      if (becomesTrue(verdict)) roots[kind].yes++;
      const depth = depthOf(verdict);
      report.depths[depth] = (report.depths[depth] ?? 0) + 1;
      for (const part of flatten(verdict)) {
        if (part.violatedAt === 1) report.violations.atOnce++;
        else if (part.violatedAt < Number.POSITIVE_INFINITY) report.violations.later++;
        if (!(part.kind in predicates)) continue;
        for (const status of part.status) predicates[part.kind][status === 'satisfied' ? 'yes' : 'no']++;
      }
    }
    report.firstMismatch = compareGroup(bench, formula, episodes, run, report);
    report.traces += episodes.length;
  }
  for (const kind of COMBINATORS) report.trueShare[kind] = roots[kind].yes / Math.max(1, roots[kind].all);
  return report;
}

interface Episode {
  trace: Moment[];
  verdict: Verdict;
}

/**
 * A formula and ROWS episodes of it, of which about half make it true where that is possible.
 * @param spare episodes by length that did not suit the formulas before; each is used once.
 */
function drawGroup(
  dice: Dice,
  spare: Map<number, Moment[][]>,
  kind: (typeof COMBINATORS)[number],
  levels: number,
  ticks: number,
  horizon: number,
): { formula: object; episodes: Episode[] } {
  const traces = spare.get(ticks) ?? [];
  spare.set(ticks, traces);
  for (;;) {
    const formula = drawFormula(dice, levels, horizon, kind);
    const numTrue = 1 + dice.below(ROWS - 1);
    const wanted = { yes: numTrue, no: ROWS - numTrue };
    const episodes: Episode[] = [];
    const rejected: Episode[] = [];
    // A formula that is true or false whatever happens is kept now and then, not half of the time.
    const keep = dice.chance(KEEP);
    for (let draw = 0; draw < MAX_DRAWS && episodes.length < ROWS; draw++) {
      if (draw === traces.length) traces.push(drawTrace(dice, ticks));
      const episode = tryJudge(formula, traces[draw], horizon);
      if (episode === undefined) continue;
      const outcome = becomesTrue(episode.verdict) ? 'yes' : 'no';
      if (wanted[outcome]-- > 0) episodes.push(episode);
      else rejected.push(episode);
      if (!keep && rejected.length === MAX_REJECTED) break;
    }
    if (episodes.length < ROWS && keep) episodes.push(...rejected.slice(0, ROWS - episodes.length));
    if (episodes.length < ROWS) continue;
    const used = new Set(episodes.map(({ trace }) => trace));
    spare.set(
      ticks,
      traces.filter((trace) => !used.has(trace)),
    );
    return { formula, episodes };
  }
}

/** Undefined where real and integer geometry may differ. */
function tryJudge(formula: object, trace: Moment[], horizon: number): Episode | undefined {
  try {
    return { trace, verdict: judge(formula, trace, CAST, horizon) };
  } catch (error) {
    if (error instanceof AmbiguousSight) return undefined;
    throw error;
  }
}

function depthOf(verdict: Verdict): number {
  return 1 + Math.max(0, ...verdict.parts.map(depthOf));
}

function becomesTrue(verdict: Verdict): boolean {
  return verdict.status.includes('satisfied');
}

function compareGroup(
  bench: MonitorBench,
  formula: object,
  episodes: readonly Episode[],
  run: typeof runMonitors,
  report: ComparisonReport,
): string | undefined {
  const { state, buffers, outputs } = bench;
  const { monitor } = bench.program;
  const flat = episodes.map(({ verdict }) => flatten(verdict));
  const tell = (w: number, t: number, node: number, what: string) =>
    `Node ${node} (${monitor.names[node]}) at tick ${t} of ${JSON.stringify(formula)}, row ${w}: ${what}.`;
  if (flat[0].length !== monitor.numNodes) return tell(0, 0, 0, `${monitor.numNodes} nodes were compiled from ${flat[0].length} parts`);
  for (let t = 1; t <= episodes[0].trace.length; t++) {
    for (const [w, { trace }] of episodes.entries()) {
      writeMoment(bench, w, trace[t - 1], t);
      run(state, buffers, bench.program, w, outputs);
    }
    for (const [w, parts] of flat.entries()) {
      for (const [node, part] of parts.entries()) {
        const status = STATUS_NAMES[nodeStatus(state, monitor, w, node)];
        const progress = nodeProgress(state, monitor, w, node);
        report.comparisons++;
        if (status !== part.status[t - 1]) return tell(w, t, node, `${status} instead of ${part.status[t - 1]}`);
        if (progress !== part.progress[t - 1]) return tell(w, t, node, `progress ${progress} instead of ${part.progress[t - 1]}`);
        const brokenAt = violationTick(state, monitor, w, node);
        const expected = part.violatedAt <= t ? part.violatedAt : 0;
        if (brokenAt !== expected) return tell(w, t, node, `violated at tick ${brokenAt} instead of ${expected}`);
      }
      const root = parts[parts.length - 1];
      const rootStatus = outputs.rootStatus[w];
      if (rootStatus !== NODE_STATUS[root.status[t - 1]]) return tell(w, t, parts.length - 1, `root status ${rootStatus}`);
      if (outputs.rootProgress[w] !== root.progress[t - 1]) return tell(w, t, parts.length - 1, `root progress ${outputs.rootProgress[w]}`);
    }
  }
  return undefined;
}
