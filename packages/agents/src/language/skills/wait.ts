/** Standing still for a time. */
import { z } from 'zod';
import type { Controls } from '../../skills/controls.js';
import { done, plural, RUNNING } from '../outcome.js';
import type { Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';

const parameters = z.strictObject({
  ticks: z.int().min(1).max(1200).default(20).describe('For how long, in ticks (20 per second), 1..1200; default 20.'),
});
type Args = z.output<typeof parameters>;

export const wait: Skill<Args> = {
  name: 'wait',
  description: 'Stands still, or brakes and hovers, for a time.',
  parameters,
  precondition: 'None.',
  effect: 'The time has passed.',
  refusals: {},
  interruptible: true,
  begin: (body, { ticks }) => new Waiting(body, ticks),
};

class Waiting implements SkillRun {
  readonly #body: SkillBody;
  readonly #ticks: number;
  readonly #since: number;

  constructor(body: SkillBody, ticks: number) {
    this.#body = body;
    this.#ticks = ticks;
    this.#since = body.view.tick;
  }

  get #past(): number {
    return this.#body.view.tick - this.#since;
  }

  get progress(): number {
    return Math.min(1, this.#past / this.#ticks);
  }

  get doing(): string {
    return `waiting, ${plural(Math.max(0, this.#ticks - this.#past), 'tick')} left`;
  }

  step(c: Controls): SkillStep {
    if (this.#body.pilot !== undefined) this.#body.pilot.stay(c.row);
    else c.displace(0, 0, false);
    if (this.#past < this.#ticks) return RUNNING;
    return done(`You waited ${this.#past / 20} s.`, { ticks: this.#past });
  }
}
