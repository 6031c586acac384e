/** Turning the view to a point or a body, and saying what it meets. */
import { z } from 'zod';
import { wrapAngle, yawTo } from '../../geometry/heading.js';
import type { Controls } from '../../skills/controls.js';
import { EYE_HEIGHT, firstBlock } from '../../skills/sight.js';
import { givenPlace, nameField, optionalPoint } from '../arguments.js';
import { Patience } from '../journey.js';
import { blockName, findTarget, isRefusal, isThere, placeOf, type Target } from '../names.js';
import { cellText, done, RUNNING, refuse, refused, tenths } from '../outcome.js';
import type { Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';

/** A body is looked at here, metres above its feet. */
const CHEST = 0.9;
/** Full stick of a vehicle, rad/tick, and how near its nose must point. */
const FULL_TURN = Math.PI / 12;
const POINTED = 0.06;

const parameters = z.strictObject({
  ...optionalPoint,
  target: nameField('Id of an agent or prop, or a mob such as "cow 2"; in place of x y z.').optional(),
});
type Args = z.output<typeof parameters>;

export const lookAt: Skill<Args> = {
  name: 'lookAt',
  description: 'Turns the view to a point or a body and says what it meets. Rovers and quadcopters turn their nose.',
  parameters,
  precondition: 'None for a walker; a car turns only by driving.',
  effect: 'You look there; the answer names the block or body in the middle of the view.',
  refusals: {
    'no-place': 'Neither a whole point nor a target was given, or both were.',
    self: 'You named yourself.',
    'unknown-target': 'Nobody is called so.',
    'target-gone': 'The target lives no more.',
    'cannot-turn': 'A car cannot turn where it stands.',
    stuck: 'The view did not get there in 8 s.',
  },
  interruptible: true,
  begin(body, args) {
    const { view } = body;
    const place = givenPlace(args);
    if (place === 'partial' || (place === undefined) === (args.target === undefined))
      return refuse('no-place', 'lookAt must be given x, y and z, or a target; not both.', {});
    const frame = view.roster[view.slot].body;
    if ('vehicle' in frame && frame.vehicle === 'car')
      return refuse('cannot-turn', 'A car turns only by driving; go somewhere with moveTo.', {});
    if (place !== undefined) return new Looking(body, () => place, cellText(place.map(tenths)), undefined);
    const target = findTarget(view, args.target!);
    if (isRefusal(target)) return target;
    const rise = target.kind === 'prop' ? 0 : CHEST;
    const at = () => {
      const [x, y, z] = placeOf(view, target);
      return [x, y + rise, z] as const;
    };
    return new Looking(body, at, target.name, target);
  },
};

class Looking implements SkillRun {
  readonly #body: SkillBody;
  readonly #at: () => readonly [number, number, number];
  readonly #what: string;
  readonly #target: Target | undefined;
  readonly #patience: Patience;
  #isOn = false;

  constructor(body: SkillBody, at: () => readonly [number, number, number], what: string, target: Target | undefined) {
    this.#body = body;
    this.#at = at;
    this.#what = what;
    this.#target = target;
    this.#patience = new Patience(body);
  }

  get progress(): number {
    return this.#isOn ? 1 : 0;
  }

  get doing(): string {
    return `looking at ${this.#what}`;
  }

  step(c: Controls): SkillStep {
    const { view, pilot } = this.#body;
    if (this.#target !== undefined && !isThere(view, this.#target))
      return refused(refuse('target-gone', `${this.#what} is no longer in the world.`, { target: this.#what }));
    const point = this.#at();
    if (pilot === undefined) {
      c.displace(0, 0, false);
      this.#isOn = c.lookAt(...point);
    } else {
      const yaw = yawTo(point[0] - view.x(), point[2] - view.z());
      this.#isOn = Math.abs(wrapAngle(yaw - view.yaw())) < POINTED;
      if (this.#isOn) pilot.stay(c.row);
      else c.turnTo(yaw, FULL_TURN);
    }
    if (this.#isOn) return this.#seen(point);
    const stuck = this.#patience.check(`Looking at ${this.#what}`);
    return stuck === undefined ? RUNNING : refused(stuck);
  }

  #seen(point: readonly [number, number, number]): SkillStep {
    const { view, pilot } = this.#body;
    const eye: [number, number, number] = [view.x(), view.y() + (pilot === undefined ? EYE_HEIGHT : 0), view.z()];
    const metres = Math.sqrt((point[0] - eye[0]) ** 2 + (point[1] - eye[1]) ** 2 + (point[2] - eye[2]) ** 2);
    const hit = firstBlock(view, eye, point, metres + 0.9);
    const facts = { metres: tenths(metres), at: point.map(tenths) };
    if (hit === undefined)
      return done(`You look at ${this.#what}, ${tenths(metres)} m away; nothing is before it.`, { ...facts, isClear: true });
    const cell = [hit.x, hit.y, hit.z] as const;
    const block = blockName(view, cell);
    const away = Math.sqrt((hit.x + 0.5 - eye[0]) ** 2 + (hit.y + 0.5 - eye[1]) ** 2 + (hit.z + 0.5 - eye[2]) ** 2);
    const isIt = point.every((value, axis) => Math.floor(value) === cell[axis]) || (this.#target !== undefined && away > metres);
    const sentence = isIt
      ? `You look at ${this.#what}, ${tenths(metres)} m away${this.#target === undefined ? `: ${block}` : ''}.`
      : away > metres
        ? `You look at ${this.#what}, ${tenths(metres)} m away; behind it is ${block} at ${cellText(cell)}.`
        : `You look towards ${this.#what}, ${tenths(metres)} m away, but ${block} at ${cellText(cell)} is before it.`;
    return done(sentence, { ...facts, block, blockAt: [...cell], isClear: isIt || away > metres });
  }
}
