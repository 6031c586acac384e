/** Checks of props that their shape alone cannot express: joints that fit nothing, and masses that Rapier's solver cannot hold together. */
import type { CheckContext, LiteralScenario, Path } from './check-context.js';
import { hint } from './check-context.js';
import { propExtent } from './prop-shape.js';
import { expandedIds } from './selection.js';

type PropEntry = LiteralScenario['props'][number];

/** Largest ratio of two masses that a joint ties together: at 100 its ends part by 6 cm in a swing, at 1000 by half a metre (pendulum of 1 kg and a ball). */
const MAX_JOINT_RATIO = 100;
/** Largest ratio of two masses, of props and vehicles, that may touch: a crate sinks 18 cm into one of a 500th of its mass, and squeezes out one of a 1000th. */
const MAX_CONTACT_RATIO = 500;
/** How far an anchor may be outside the box of what it is fastened to, metres: a bracket. */
export const MAX_BRACKET = 1;
/** Shortest axis. */
const LEAST_AXIS = 0.01;

export function checkProps(check: CheckContext): void {
  const { props } = check.scenario;
  checkMasses(check);
  const byId = new Map(props.flatMap((entry) => expandedIds(entry).map((id) => [id, entry] as const)));
  for (const [i, entry] of props.entries()) if (entry.joint !== undefined) checkJoint(check, entry, i, byId);
}

/** Props and vehicles are dynamic bodies that may meet; a walker is moved by rules, not by the solver. */
function checkMasses(check: CheckContext): void {
  const { agents, props } = check.scenario;
  const vehicles = agents.flatMap(({ id, body }, i) =>
    'massKg' in body ? [{ id, kind: 'vehicle', massKg: body.massKg, path: ['agents', i, 'body', 'massKg'] as Path }] : [],
  );
  const bodies = [...props.map(({ id, massKg }, i) => ({ id, kind: 'prop', massKg, path: ['props', i, 'massKg'] as Path })), ...vehicles];
  if (bodies.length === 0) return;
  const lightest = bodies.reduce((least, body) => (body.massKg < least.massKg ? body : least));
  const heaviest = bodies.reduce((most, body) => (body.massKg > most.massKg ? body : most));
  if (heaviest.massKg > MAX_CONTACT_RATIO * lightest.massKg)
    check.add(
      'mass-ratio',
      heaviest.path,
      `must be at most ${MAX_CONTACT_RATIO} times that of the lightest ${lightest.kind}, "${lightest.id}" of ${lightest.massKg} kg, since what touches it would be crushed`,
      heaviest.massKg,
      'Bring them nearer to each other, or build what never moves of blocks.',
    );
}

function checkJoint(check: CheckContext, entry: PropEntry, i: number, byId: ReadonlyMap<string, PropEntry>): void {
  const joint = entry.joint!;
  const kind = 'hinge' in joint ? 'hinge' : 'slider';
  const body = 'hinge' in joint ? joint.hinge : joint.slider;
  const path: Path = ['props', i, 'joint', kind];
  if (Math.hypot(...body.axis) < LEAST_AXIS)
    check.add('joint-axis', [...path, 'axis'], 'must point somewhere', body.axis, 'Use [0, 1, 0].');
  if (body.damping > 0 && body.friction > 0)
    check.add('joint-brake', path, 'must have "damping" or "friction", not both', { damping: body.damping, friction: body.friction });
  const [limits, key] = 'hinge' in joint ? [joint.hinge.limitsDeg, 'limitsDeg'] : [joint.slider.limitsMetres, 'limitsMetres'];
  if (limits !== undefined && limits[0] > limits[1]) check.add('joint-limits', [...path, key], 'must have its lower limit first', limits);
  else if (limits !== undefined && (limits[0] > 0 || limits[1] < 0))
    check.add('joint-limits', [...path, key], 'must have 0, where it starts, between its limits', limits);
  if ('hinge' in joint) {
    const far = bracketOf(joint.hinge.anchor, propExtent(entry.shape));
    if (far > MAX_BRACKET)
      check.add(
        'joint-anchor',
        [...path, 'anchor'],
        `must be at most ${MAX_BRACKET} m outside the box of "${entry.id}", about its centre`,
        joint.hinge.anchor,
        'Anchors are in the frame of the prop, not of the world.',
      );
  }
  if (body.to !== undefined) checkPartner(check, entry, body.to, [...path, 'to'], byId);
}

function checkPartner(check: CheckContext, entry: PropEntry, to: string, path: Path, byId: ReadonlyMap<string, PropEntry>): void {
  if (expandedIds(entry).includes(to)) {
    check.add('joint-self', path, 'must be another prop', to, 'Leave it out to tie the prop to the world.');
    return;
  }
  const partner = byId.get(to);
  if (partner === undefined) {
    check.add('unknown-prop', path, 'must be the id of a prop', to, hint(to, byId.keys()));
    return;
  }
  for (const one of [entry, partner])
    if ('region' in one.spawn)
      check.add('joint-spawn', path, `must tie props that start at a place, "at" or "atMetres", not in a region like "${one.id}"`, to);
  const ratio = Math.max(entry.massKg / partner.massKg, partner.massKg / entry.massKg);
  if (ratio > MAX_JOINT_RATIO)
    check.add(
      'mass-ratio',
      path,
      `must have at most ${MAX_JOINT_RATIO} times the mass of "${entry.id}" and at least a ${MAX_JOINT_RATIO}th, since the joint would part`,
      `${entry.massKg} kg at ${partner.massKg} kg`,
    );
  const ring = ringOf(entry, byId);
  if (ring !== undefined)
    check.add(
      'joint-ring',
      path,
      'must not close a ring of joints, which could not move',
      ring.join(' - '),
      'Tie one of them to the world.',
    );
}

/** Ids from an entry along its joints back to itself; undefined where they end. */
function ringOf(entry: PropEntry, byId: ReadonlyMap<string, PropEntry>): string[] | undefined {
  const ids = [entry.id];
  for (let at = entry, steps = 0; steps <= byId.size; steps++) {
    const body = at.joint === undefined ? undefined : 'hinge' in at.joint ? at.joint.hinge : at.joint.slider;
    const next = body?.to === undefined ? undefined : byId.get(body.to);
    if (next === undefined) return undefined;
    ids.push(next.id);
    if (next === entry) return ids;
    at = next;
  }
  return undefined;
}

/** How far a point about the centre of a box is outside it, metres; 0 inside. */
export function bracketOf(point: readonly number[], extent: readonly number[]): number {
  return Math.hypot(...point.map((value, axis) => Math.max(0, Math.abs(value) - extent[axis] / 2)));
}
