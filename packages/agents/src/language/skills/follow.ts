/** Staying near somebody for a time. */
import { z } from 'zod';
import type { Controls } from '../../skills/controls.js';
import { nameField } from '../arguments.js';
import { explainBlockedWay } from '../blocked-way.js';
import { findTarget, isRefusal, isThere, metresTo, placeOf, type Target } from '../names.js';
import { done, RUNNING, refuse, refused, tenths } from '../outcome.js';
import type { Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';

/** Ticks without a way to whom one follows before it is given up: a body in the air has no place for a moment. */
const BLOCKED_TICKS = 40;

const parameters = z.strictObject({
  target: nameField('Id of an agent, or a mob such as "cow 2", or a kind of mob for the nearest.'),
  distance: z.int().min(1).max(16).default(2).describe('Blocks at which it stays, 1..16; default 2.'),
  ticks: z.int().min(1).max(1200).default(200).describe('For how long, in ticks (20 per second), 1..1200; default 200.'),
});
type Args = z.output<typeof parameters>;

export const follow: Skill<Args> = {
  name: 'follow',
  description: 'Stays near an agent or a mob for a time, wherever it goes.',
  parameters,
  precondition: 'The target lives, and there is a way to it without digging or building.',
  effect: 'You are near the target when the time is over.',
  refusals: {
    self: 'You named yourself.',
    'unknown-target': 'Nobody is called so.',
    'target-gone': 'The target lives no more.',
    'no-standing-room': 'Nobody can stand near the target.',
    gap: 'A gap lies between.',
    wall: 'A wall lies between.',
    drop: 'It goes down too deep in between.',
    closed: 'A door or mechanism shuts the way.',
    forbidden: 'The task forbids to be on the way.',
    'no-way': 'No way was found.',
  },
  interruptible: true,
  suits: (view) => !('vehicle' in view.roster[view.slot].body) && (view.numAgents > 1 || view.numMobs > 0),
  begin(body, args) {
    const target = findTarget(body.view, args.target, ['agent', 'mob']);
    return isRefusal(target) ? target : new Following(body, target, args);
  },
};

class Following implements SkillRun {
  readonly #body: SkillBody;
  readonly #target: Target;
  readonly #args: Args;
  readonly #since: number;
  #blockedTicks = 0;
  #nearTicks = 0;

  constructor(body: SkillBody, target: Target, args: Args) {
    this.#body = body;
    this.#target = target;
    this.#args = args;
    this.#since = body.view.tick;
    body.setOut();
  }

  get progress(): number {
    return Math.min(1, (this.#body.view.tick - this.#since) / this.#args.ticks);
  }

  get doing(): string {
    return `following ${this.#target.name}, ${tenths(metresTo(this.#body.view, this.#target))} m away`;
  }

  step(c: Controls): SkillStep {
    const { view, navigator } = this.#body;
    const { name } = this.#target;
    const { distance, ticks } = this.#args;
    if (!isThere(view, this.#target)) return refused(refuse('target-gone', `${name} is no longer in the world.`, { target: name }));
    const metres = metresTo(view, this.#target);
    if (metres <= distance + 0.5) this.#nearTicks++;
    const past = view.tick - this.#since;
    if (past >= ticks)
      return done(`You followed ${name} for ${past / 20} s and are ${tenths(metres)} m from it.`, {
        metres: tenths(metres),
        ticks: past,
        nearTicks: this.#nearTicks,
      });
    const [tx, ty, tz] = placeOf(view, this.#target);
    if (metres <= distance && Math.abs(ty - view.y()) < 1.5) {
      c.displace(0, 0, false);
      c.lookAt(tx, ty + 1.4, tz);
      return RUNNING;
    }
    const [x, y, z] = [Math.floor(tx), Math.floor(ty + 0.01), Math.floor(tz)];
    const to = {
      box: [x - distance, y - 1, z - distance, x + distance, y + 1, z + distance] as const,
      accept: (ax: number, _: number, az: number) => (ax - x) ** 2 + (az - z) ** 2 <= distance * distance,
      mayEdit: false,
    };
    if (navigator.travel(c, to) !== 'blocked') {
      this.#blockedTicks = 0;
      return RUNNING;
    }
    return ++this.#blockedTicks > BLOCKED_TICKS ? refused(explainBlockedWay(this.#body, to, name)) : RUNNING;
  }
}
