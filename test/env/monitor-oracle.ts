/**
 * The task language by its definition: every part of a formula as a set of ticks over a whole recorded episode, with "there is a tick such that" written out.
 * Slow and without registers; shares no code with the interpreter or its compiler. Follows docs/tasks.md.
 */
import { BLOCKS } from '@kinovox/world';

/** One agent at the end of a tick; positions in Q16 blocks, angles in 2^-32 turns. */
export interface Body {
  alive: boolean;
  x: number;
  y: number;
  z: number;
  yaw: number;
  pitch: number;
  sneaking: boolean;
  health: number;
  items: { item: string; count: number }[];
  /** Slots touched. */
  touches: number[];
}

/** What an agent did: said a symbol, pushed a prop, handled an item or a block, killed mobs or an agent (`other`), gave to one, slept. */
export interface Deed {
  kind: 'said' | 'dug' | 'pushed' | 'placed' | 'crafted' | 'ate' | 'slept' | 'killed' | 'slew' | 'traded' | 'gave';
  agent: number;
  what: string;
  /** crafted: how many. */
  count?: number;
  /** killed, gave: slot of the other; slew: slot of the mob. */
  other?: number;
}

/** Everything that a formula can ask about at the end of a tick. */
export interface Moment {
  bodies: Body[];
  mechanisms: boolean[];
  /** Block names by "x,y,z"; air elsewhere. */
  blocks: ReadonlyMap<string, string>;
  /** Whether the tick reports edits; true whenever `blocks` differs from the tick before. */
  edited: boolean;
  events: Deed[];
  props: [number, number, number][];
  /** Where the props were when the episode began; read of the first moment. Absent: where they are in it. */
  propStarts?: [number, number, number][];
  /** Rotations, Q14 quaternions x y z w; absent: none. */
  propTurns?: [number, number, number, number][];
  /** Q16 blocks per tick; absent: at rest. */
  propVelocities?: [number, number, number][];
}

/** Who and what there is. */
export interface Cast {
  agents: { id: string; team: string; role?: string | undefined }[];
  props: string[];
  /** By prop; absent: cubes of 1 m. */
  shapes?: (
    | { box: [number, number, number] }
    | { ball: number }
    | { capsule: { radius: number; height: number } }
    | { container: { size: [number, number, number]; wall: number } }
  )[];
  mechanisms: string[];
}

export type Status = 'pending' | 'satisfied' | 'violated';

/** A part of a formula at every tick; index 0 is tick 1. */
export interface Verdict {
  kind: string;
  status: Status[];
  /** Q14. */
  progress: number[];
  /** First tick at which it is violated, or Infinity. */
  violatedAt: number;
  invariant: boolean;
  parts: Verdict[];
}

/** Thrown where real and integer geometry may differ: a line that grazes an edge, a point on the rim of the view cone, a prop at the edge of a region. */
export class AmbiguousSight extends Error {}

const ONE = 16384;
const OPAQUE = new Set(BLOCKS.filter((block) => block.opaque).map((block) => block.name));
// biome-ignore lint/suspicious/noExplicitAny: formulas are read as plain JSON here.
type Fields = Record<string, any>;

/** @param horizon the scenario's maxTicks. */
export function judge(formula: object, trace: readonly Moment[], cast: Cast, horizon: number): Verdict {
  const n = trace.length;
  const kind = Object.keys(formula).find((key) => key !== 'name' && key !== 'goal')!;
  const body = (formula as Fields)[kind];
  const ticks = Array.from({ length: n }, (_, i) => i + 1);
  const part = (one: object) => judge(one, trace, cast, horizon);
  const at = <T>(list: T[], t: number) => list[t - 1];
  const satisfied = (v: Verdict, t: number) => at(v.status, t) === 'satisfied';
  const violated = (v: Verdict, t: number) => v.violatedAt <= t;
  const first = (condition: (t: number) => boolean) => ticks.find(condition) ?? Number.POSITIVE_INFINITY;
  const firstSatisfied = (v: Verdict) => first((t) => satisfied(v, t));

  /** Puts a verdict together from its ticks; `open` is the progress while pending. */
  const verdict = (
    parts: Verdict[],
    invariant: boolean,
    violatedAt: number,
    isSatisfied: (t: number) => boolean,
    open: (t: number) => number,
  ): Verdict => {
    const status = ticks.map((t): Status => (t >= violatedAt ? 'violated' : isSatisfied(t) ? 'satisfied' : 'pending'));
    const free = ticks.map((t) => (isSatisfied(t) ? ONE : Math.min(ONE - 1, open(t))));
    const frozen = violatedAt > n ? 0 : violatedAt === 1 ? 0 : free[violatedAt - 2];
    return {
      kind,
      status,
      progress: ticks.map((t) => (t >= violatedAt ? frozen : at(free, t))),
      violatedAt: violatedAt <= n ? violatedAt : Number.POSITIVE_INFINITY,
      invariant,
      parts,
    };
  };
  const latched = (parts: Verdict[], satisfiedAt: number, violatedAt: number, open: (t: number) => number) =>
    verdict(
      parts,
      false,
      violatedAt < satisfiedAt ? violatedAt : Number.POSITIVE_INFINITY,
      (t) => satisfiedAt < violatedAt && t >= satisfiedAt,
      open,
    );

  switch (kind) {
    case 'not': {
      const p = part(body);
      return verdict(
        [p],
        false,
        Number.POSITIVE_INFINITY,
        (t) => !satisfied(p, t),
        () => 0,
      );
    }
    case 'never': {
      const f = part(body);
      return verdict(
        [f],
        true,
        firstSatisfied(f),
        (t) => t === horizon && firstSatisfied(f) > t,
        (t) => Math.floor((t * ONE) / horizon),
      );
    }
    case 'all': {
      const parts: Verdict[] = body.map(part);
      const invariant = parts.every((p) => p.invariant);
      const needed = invariant ? parts : parts.filter((p) => !p.invariant);
      const mean = (t: number) => Math.floor(needed.reduce((sum, p) => sum + at(p.progress, t), 0) / needed.length);
      return verdict(
        parts,
        invariant,
        first((t) => parts.some((p) => violated(p, t))),
        (t) => needed.every((p) => satisfied(p, t)),
        mean,
      );
    }
    case 'any': {
      const parts: Verdict[] = body.map(part);
      const best = (t: number) => Math.max(...parts.filter((p) => !violated(p, t)).map((p) => at(p.progress, t)));
      return verdict(
        parts,
        parts.every((p) => p.invariant),
        first((t) => parts.every((p) => violated(p, t))),
        (t) => parts.some((p) => satisfied(p, t)),
        best,
      );
    }
    case 'sequence': {
      const parts: Verdict[] = body.map(part);
      const done: number[] = [];
      for (const p of parts) done.push(first((t) => t > (done.at(-1) ?? 0) && satisfied(p, t)));
      const start = (i: number) => (i === 0 ? 0 : done[i - 1]);
      const broken = first((s) => parts.some((p, i) => s > start(i) && s <= done[i] && violated(p, s)));
      return latched(parts, done.at(-1)!, broken, (t) => {
        const steps = done.filter((s) => s <= t).length;
        const current = done.includes(t) ? 0 : at(parts[steps].progress, t);
        return Math.floor((steps * ONE + current) / parts.length);
      });
    }
    case 'until': {
      const [hold, goal] = [part(body.hold), part(body.goal)];
      const holds = (t: number) => satisfied(hold, t) || (hold.invariant && !violated(hold, t));
      const reached = firstSatisfied(goal);
      const broken = Math.min(
        first((t) => !holds(t)),
        goal.violatedAt,
      );
      return latched([hold, goal], reached, broken === reached ? Number.POSITIVE_INFINITY : broken, (t) => at(goal.progress, t));
    }
    case 'before': {
      const [one, other] = [part(body.first), part(body.then)];
      const came = firstSatisfied(one);
      const lost = Math.min(firstSatisfied(other), one.violatedAt);
      return latched([one, other], came, lost === came ? Number.POSITIVE_INFINITY : lost, (t) => at(one.progress, t));
    }
    case 'within': {
      const goal = part(body.goal);
      const reached = firstSatisfied(goal);
      return latched([goal], reached <= body.ticks ? reached : Number.POSITIVE_INFINITY, Math.min(body.ticks + 1, goal.violatedAt), (t) =>
        at(goal.progress, t),
      );
    }
    case 'count': {
      const parts: Verdict[] = body.of.map(part);
      const rises = parts.flatMap((p) => ticks.filter((s) => satisfied(p, s) && (s === 1 || !satisfied(p, s - 1))));
      const total = (t: number) => rises.filter((s) => s <= t).length;
      const forEver = (p: Verdict) => ['sequence', 'until', 'before', 'within', 'count'].includes(p.kind);
      const over = (p: Verdict, t: number) => violated(p, t) || (forEver(p) && satisfied(p, t));
      const reached = first((t) => total(t) >= body.atLeast);
      return latched(
        parts,
        reached,
        first((t) => t < reached && parts.every((p) => over(p, t))),
        (t) => Math.floor((total(t) * ONE) / body.atLeast),
      );
    }
    default: {
      const progress = ticks.map((t) => predicate(kind, body, trace, t, cast));
      return {
        kind,
        status: progress.map((p) => (p === ONE ? 'satisfied' : 'pending')),
        progress,
        violatedAt: Number.POSITIVE_INFINITY,
        invariant: false,
        parts: [],
      };
    }
  }
}

/** Parts in the order of evaluation: parts first, the whole last. */
export function flatten(verdict: Verdict): Verdict[] {
  return [...verdict.parts.flatMap(flatten), verdict];
}

/** Progress of a predicate at a tick, Q14; ONE when it is true. */
function predicate(kind: string, body: Fields, trace: readonly Moment[], t: number, cast: Cast): number {
  const now = trace[t - 1];
  const slots = (selector: string | string[]) => {
    const names = [selector].flat();
    return cast.agents.flatMap((a, i) =>
      names.some((name) => name === 'all' || name === a.id || name === a.team || name === a.role) ? [i] : [],
    );
  };
  const share = (have: number, need: number) => Math.floor((Math.min(have, need) * ONE) / need);
  const truth = (value: boolean) => (value ? ONE : 0);
  const inside = (x: number, y: number, z: number) =>
    [x, y, z].every((q, axis) => body.region[0][axis] <= Math.floor(q / 65536) && Math.floor(q / 65536) <= body.region[1][axis]);
  const over = (ask: (slot: number) => number) => {
    const each = slots(body.agents).map(ask);
    return body.quantifier === 'any' ? Math.max(...each) : Math.floor(each.reduce((a, b) => a + b, 0) / each.length);
  };
  const mean = (each: number[]) =>
    body.quantifier === 'any' ? Math.max(...each) : Math.floor(each.reduce((a, b) => a + b, 0) / each.length);
  const overProps = (ask: (p: number) => number) => mean(cast.props.flatMap((id, p) => ([body.prop].flat().includes(id) ? [ask(p)] : [])));
  const living = (ask: (me: Body, slot: number) => boolean) => over((slot) => truth(now.bodies[slot].alive && ask(now.bodies[slot], slot)));
  /** Share of `atLeast` of what each agent did up to now. */
  const counted = (amount: (deed: Deed, slot: number) => number) =>
    over((slot) =>
      share(
        trace
          .slice(0, t)
          .flatMap((m) => m.events)
          .reduce((sum, deed) => sum + amount(deed, slot), 0),
        body.atLeast,
      ),
    );
  const wanted = (deed: Deed) => body.item === undefined || deed.what === body.item;
  const points = (target: string | string[] | number[], slot: number, raise: number, raiseCell: number): number[][] => {
    if (typeof target[0] === 'number')
      return [[target[0] + 0.5, (target[1] as number) + raiseCell, (target[2] as number) + 0.5].map((m) => m * 65536)];
    const others = slots(target as string[]).filter((other) => other !== slot && now.bodies[other].alive);
    return [
      ...others.map((other) => [now.bodies[other].x, now.bodies[other].y + raise, now.bodies[other].z]),
      ...cast.props.flatMap((id, i) => ([target].flat().includes(id as never) ? [now.props[i]] : [])),
    ];
  };
  switch (kind) {
    case 'reach':
      return over((slot) => {
        const isIn = (m: Moment) => m.bodies[slot].alive && inside(m.bodies[slot].x, m.bodies[slot].y, m.bodies[slot].z);
        return truth(body.each ? trace.slice(0, t).some(isIn) : isIn(now));
      });
    case 'near':
      return living((me, slot) =>
        points(body.of, slot, 0, 0).some(([x, y, z]) => {
          const d = [me.x - x, me.y - y, me.z - z].map((q) => Math.floor(Math.abs(q) / 1024));
          return d[0] ** 2 + d[1] ** 2 + d[2] ** 2 <= Math.round(body.metres * 64) ** 2;
        }),
      );
    case 'sees':
      return living((me, slot) => points(body.target, slot, 58982, 0.5).some((p) => sees(me, p, now, body.rangeMetres)));
    case 'holds':
      return over((slot) => {
        const sum = now.bodies[slot].items.reduce((total, { item, count }) => total + (item === body.item ? count : 0), 0);
        return now.bodies[slot].alive ? share(sum, body.atLeast) : 0;
      });
    case 'below':
      return over((slot) => truth(now.bodies[slot].y < body.y * 65536));
    case 'healthBelow':
      return over((slot) => truth(now.bodies[slot].health < body.health));
    case 'alive':
      return living(() => true);
    case 'touched':
      return living((me, slot) => {
        const by = slots(body.by);
        const props = cast.props.filter((id) => [body.by].flat().includes(id));
        return (
          me.touches.some((other) => by.includes(other)) ||
          now.events.some((e) => e.kind === 'pushed' && e.agent === slot && props.includes(e.what))
        );
      });
    case 'said':
      return over((slot) => truth(now.events.some((e) => e.kind === 'said' && e.agent === slot && e.what === body.symbol)));
    case 'dug':
    case 'placed':
      return counted((e, slot) => (e.kind === kind && e.agent === slot && e.what === body.block ? 1 : 0));
    case 'crafted':
      return counted((e, slot) => (e.kind === 'crafted' && e.agent === slot && e.what === body.item ? e.count! : 0));
    case 'ate':
      return counted((e, slot) => (e.kind === 'ate' && e.agent === slot && wanted(e) ? 1 : 0));
    case 'slept':
      return counted((e, slot) => (e.kind === 'slept' && e.agent === slot ? 1 : 0));
    case 'killed':
      return counted((e, slot) =>
        e.agent === slot && (body.mob === undefined ? e.kind === 'killed' : e.kind === 'slew' && e.what === body.mob) ? 1 : 0,
      );
    case 'traded':
      return counted((e, slot) => {
        const fromTrader = e.kind === 'traded' && e.agent === slot && body.from !== 'agents';
        const fromAgent = e.kind === 'gave' && e.other === slot && body.from !== 'traders';
        return (fromTrader || fromAgent) && wanted(e) ? 1 : 0;
      });
    case 'survived':
      return over((slot) => {
        const lastDead = Math.max(0, ...trace.slice(0, t).flatMap((m, i) => (m.bodies[slot].alive ? [] : [i + 1])));
        return share(t - lastDead, body.ticks);
      });
    case 'built': {
      if (body.pattern !== undefined) {
        const right = body.pattern.filter((cell: Fields) => now.blocks.get(cell.at.join()) === cell.block);
        return share(right.length, body.pattern.length);
      }
      const found = [...now.blocks].filter(([cell, block]) => {
        const c = cell.split(',').map(Number);
        return block === body.block && c.every((v, axis) => v >= body.region[0][axis] && v <= body.region[1][axis]);
      });
      return share(found.length, body.atLeast);
    }
    case 'triggered':
      return truth(now.mechanisms[cast.mechanisms.indexOf(body.mechanism)]);
    case 'propIn': {
      const props = now.props.filter((_, i) => [body.prop].flat().includes(cast.props[i]));
      return share(props.filter(([x, y, z]) => inside(x, y, z)).length, props.length);
    }
    case 'moved': {
      const starts = trace[0].propStarts ?? trace[0].props;
      return overProps((p) => {
        const metres = Math.hypot(...now.props[p].map((q, axis) => q - starts[p][axis])) / 65536;
        return share(Math.floor(clear(metres * 64, 1e-6)), Math.round(body.metres * 64));
      });
    }
    case 'stacked': {
      const order: number[] = body.props.map((id: string) => cast.props.indexOf(id));
      if (body.order === 'any') order.sort((a, b) => now.props[a][1] - now.props[b][1] || order.indexOf(a) - order.indexOf(b));
      const rests = order.slice(1).filter((upper, i) => {
        const [high, low] = [boxOfProp(upper, now, cast), boxOfProp(order[i], now, cast)];
        const gap = clear(Math.abs(high.low[1] - low.high[1]) - 1 / 16, 0.001);
        const [x, z] = [high.centre[0] - low.centre[0], high.centre[2] - low.centre[2]];
        return gap < 0 && clear(Math.abs(x) - low.half[0], 0.001) < 0 && clear(Math.abs(z) - low.half[2], 0.001) < 0;
      });
      return share(rests.length, order.length - 1);
    }
    case 'inside':
      if (body.container !== undefined) return overProps((p) => truth(liesIn(p, cast.props.indexOf(body.container), now, cast)));
      return overProps((p) => {
        const { low, high } = boxOfProp(p, now, cast);
        const margins = [0, 1, 2].flatMap((axis) => [low[axis] - body.region[0][axis], body.region[1][axis] + 1 - high[axis]]);
        return truth(margins.every((margin) => clear(margin + 1 / 32, 0.001) > 0));
      });
    case 'upright':
      return overProps((p) => {
        const [x, y, z] = axesOf(p, now)[1];
        const tiltDeg = (Math.atan2(Math.hypot(x, z), y) * 180) / Math.PI;
        return truth(clear(tiltDeg - body.tiltDeg, 0.02) < 0);
      });
    case 'speedBelow': {
      const chosen = cast.props.flatMap((id, i) => ([body.of].flat().includes(id) ? [i] : []));
      const slower = (q16: number[]) => truth(clear((Math.hypot(...q16) / 65536) * 20 - body.metresPerSecond, 0.01) < 0);
      if (chosen.length > 0) return mean(chosen.map((p) => slower(now.propVelocities?.[p] ?? [0, 0, 0])));
      const last = trace[t - 2];
      const way = (a: Body, b: Body) => [a.x - b.x, a.y - b.y, a.z - b.z];
      return mean(
        slots(body.of).map((slot) =>
          last === undefined || !now.bodies[slot].alive ? 0 : slower(way(now.bodies[slot], last.bodies[slot])),
        ),
      );
    }
    default:
      return body.ticks === 0 ? ONE : share(t, body.ticks);
  }
}

/** `value`, unless it is so near to a threshold at 0, or to a whole number where it is to be cut to one, that integers may decide otherwise. */
function clear(value: number, margin: number): number {
  if (margin < 1e-5 ? value > margin && Math.abs(value - Math.round(value)) < margin : Math.abs(value) < margin) throw new AmbiguousSight();
  return value;
}

/** The prop's own axes in the world. */
function axesOf(p: number, now: Moment): [number, number, number][] {
  const [x, y, z, w] = (now.propTurns?.[p] ?? [0, 0, 0, 16384]).map((q) => q / 16384);
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)],
    [2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)],
    [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)],
  ];
}

function boxEdges(shape: object): number[] {
  return 'container' in shape ? (shape.container as { size: number[] }).size : (shape as { box: number[] }).box;
}

/** Whether every corner of a prop, or of the ends of a capsule grown by its radius, lies in a container's hollow and 1/32 m around it. */
function liesIn(p: number, q: number, now: Moment, cast: Cast): boolean {
  const shape = cast.shapes![p];
  const { size, wall } = (cast.shapes![q] as { container: { size: number[]; wall: number } }).container;
  const ends =
    'ball' in shape
      ? [[0, 0, 0]]
      : 'capsule' in shape
        ? [-1, 1].map((side) => [0, side * (shape.capsule.height / 2 - shape.capsule.radius), 0])
        : [-1, 1].flatMap((x) => [-1, 1].flatMap((y) => [-1, 1].map((z) => boxEdges(shape).map((edge, k) => ([x, y, z][k] * edge) / 2))));
  const grown = 'ball' in shape ? shape.ball : 'capsule' in shape ? shape.capsule.radius : 0;
  const [own, outer] = [axesOf(p, now), axesOf(q, now)];
  return ends.every((end) => {
    const world = [0, 1, 2].map((k) => now.props[p][k] / 65536 + own.reduce((sum, axis, j) => sum + axis[k] * end[j], 0));
    const local = outer.map((axis) => axis.reduce((sum, part, k) => sum + part * (world[k] - now.props[q][k] / 65536), 0));
    return local.every((at, k) => {
      const [low, high] = [wall - size[k] / 2, size[k] / 2 - (k === 1 ? 0 : wall)];
      return clear(at - grown - low + 1 / 32, 0.001) > 0 && clear(high - at - grown + 1 / 32, 0.001) > 0;
    });
  });
}

/** The box around a prop as it lies, metres. */
function boxOfProp(p: number, now: Moment, cast: Cast): { centre: number[]; half: number[]; low: number[]; high: number[] } {
  const shape = cast.shapes?.[p] ?? { box: [1, 1, 1] };
  const centre = now.props[p].map((q) => q / 65536);
  const axes = axesOf(p, now);
  const half = [0, 1, 2].map((axis) => {
    if ('ball' in shape) return shape.ball;
    if ('capsule' in shape) return shape.capsule.radius + Math.abs(axes[1][axis]) * (shape.capsule.height / 2 - shape.capsule.radius);
    return boxEdges(shape).reduce((sum, edge, k) => sum + (Math.abs(axes[k][axis]) * edge) / 2, 0);
  });
  return { centre, half, low: centre.map((c, axis) => c - half[axis]), high: centre.map((c, axis) => c + half[axis]) };
}

/** In range, within 60 degrees of the line of view, and no opaque cell but those of the two ends cut by the line; real arithmetic. */
function sees(me: Body, point: readonly number[], now: Moment, rangeMetres: number): boolean {
  const eye = [me.x, me.y + (me.sneaking ? 83231 : 106168), me.z].map((q) => Math.round(q / 1024));
  const end = point.map((q) => Math.round(q / 1024));
  const d = end.map((v, axis) => v - eye[axis]);
  const length = Math.hypot(d[0], d[1], d[2]);
  if (d[0] ** 2 + d[1] ** 2 + d[2] ** 2 > Math.round(rangeMetres * 64) ** 2) return false;
  if (length === 0) return true;
  const [yaw, pitch] = [me.yaw, me.pitch].map((angle) => (angle / 2 ** 32) * 2 * Math.PI);
  const look = [-Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), -Math.cos(yaw) * Math.cos(pitch)];
  const cosine = (d[0] * look[0] + d[1] * look[1] + d[2] * look[2]) / length;
  // The integer projection is cut to whole 1/64 blocks.
  if (Math.abs(cosine - 0.5) < 0.001 + 2 / length) throw new AmbiguousSight();
  if (cosine < 0.5) return false;
  if ([...eye, ...end].some((v) => v % 64 === 0)) throw new AmbiguousSight();
  for (const [cell, block] of now.blocks) {
    if (!OPAQUE.has(block)) continue;
    const low = cell.split(',').map((v) => Number(v) * 64);
    const holds = (p: readonly number[]) => p.every((v, axis) => v > low[axis] && v < low[axis] + 64);
    if (holds(eye) || holds(end)) continue;
    let enter = 0;
    let leave = 1;
    for (let axis = 0; axis < 3; axis++) {
      if (d[axis] === 0) {
        if (eye[axis] < low[axis] || eye[axis] > low[axis] + 64) leave = -1;
        continue;
      }
      const a = (low[axis] - eye[axis]) / d[axis];
      const b = (low[axis] + 64 - eye[axis]) / d[axis];
      enter = Math.max(enter, Math.min(a, b));
      leave = Math.min(leave, Math.max(a, b));
    }
    if (Math.abs(leave - enter) < 1e-9) throw new AmbiguousSight();
    if (leave > enter) return false;
  }
  return true;
}
