/** Going to a cell: on foot by the navigator, or exactly as planned where a plan to it was just made; by the pilot in a vehicle. */
import { WALKER_WORDS } from '@kinovox/planning';
import { ACTION_FIELDS } from '@kinovox/world';
import { z } from 'zod';
import { readWalkerWords } from '../../policies/walker-query.js';
import type { Controls } from '../../skills/controls.js';
import type { Cell } from '../../skills/hands.js';
import { countBlocks } from '../../skills/inventory.js';
import { cellOf, pointFields } from '../arguments.js';
import { isForeseen, standsAtStart } from '../intended-way.js';
import { Journey, Patience } from '../journey.js';
import { blockName, outside } from '../names.js';
import { cellText, done, plural, RUNNING, refuse, refused, tenths } from '../outcome.js';
import type { Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';

const parameters = z.strictObject({
  ...pointFields,
  range: z
    .int()
    .min(0)
    .max(16)
    .default(0)
    .describe('Blocks to every side within which it is near enough, 0..16; default 0: the very cell.'),
  edit: z.boolean().default(true).describe('Whether it may dig and place blocks on the way where it is allowed to; default true.'),
});
type Args = z.output<typeof parameters>;

export const moveTo: Skill<Args> = {
  name: 'moveTo',
  description:
    'Goes to a place and stops there. On foot it walks, jumps, climbs and swims, and digs or bridges where that is needed and allowed; vehicles drive or fly straight there.',
  parameters,
  precondition: 'There is a way to the cell, with the blocks that you hold where it must be bridged.',
  effect: 'You stand in the cell, or within range of it.',
  refusals: {
    'outside-world': 'The place is outside the world.',
    'no-standing-room': 'No body fits there, or nothing would hold it up.',
    gap: 'A gap is wider than a jump, and there are too few blocks to bridge it.',
    wall: 'A wall is higher than a step and cannot be dug.',
    drop: 'It goes down too deep, or into lava.',
    closed: 'A door or the blocks of a mechanism shut the way.',
    forbidden: 'The task forbids to be there or on the way.',
    'no-way': 'No way was found, for a reason that has no name here.',
    stuck: 'Nothing moved for 8 s.',
  },
  interruptible: true,
  begin(body, args) {
    const { view, intentions } = body;
    const cell = cellOf(args);
    const wrong = outside(view, cell);
    if (wrong !== undefined) return wrong;
    if (body.pilot !== undefined) {
      if (view.solidAt(...cell))
        return refuse('no-standing-room', `No body fits at ${cellText(cell)}: ${blockName(view, cell)} fills it.`, { at: [...cell] });
      return new Drive(body, cell, args.range);
    }
    const { plan } = intentions;
    if (plan !== undefined && args.range === 0 && plan.to.every((value, axis) => value === cell[axis]) && standsAtStart(body))
      return new Played(body, cell, args);
    return new Walk(body, cell, args);
  },
};

class Walk implements SkillRun {
  readonly #body: SkillBody;
  readonly #cell: Cell;
  readonly #args: Pick<Args, 'range' | 'edit'>;
  readonly #journey: Journey;
  readonly #since: number;
  readonly #blocks: number;

  constructor(body: SkillBody, cell: Cell, args: Pick<Args, 'range' | 'edit'>) {
    this.#body = body;
    this.#cell = cell;
    this.#args = args;
    this.#journey = new Journey(body, cellText(cell));
    this.#since = body.view.tick;
    this.#blocks = countBlocks(body.view);
  }

  get progress(): number {
    return this.#journey.progress;
  }

  get doing(): string {
    return `going to ${cellText(this.#cell)}, ${plural(this.#body.navigator.ahead.length, 'step')} left`;
  }

  step(c: Controls): SkillStep {
    const [x, y, z] = this.#cell;
    const { range, edit } = this.#args;
    const status = this.#journey.step(c, { box: [x - range, y - range, z - range, x + range, y + range, z + range], mayEdit: edit });
    if (status === 'moving') return RUNNING;
    if (status !== 'arrived') return refused(status);
    return arrived(this.#body, this.#since, countBlocks(this.#body.view) - this.#blocks);
  }
}

/** Plays the controls of a plan while the walker is where it was foreseen to be; from where it is not, it walks. */
class Played implements SkillRun {
  readonly #body: SkillBody;
  readonly #cell: Cell;
  readonly #args: Pick<Args, 'range' | 'edit'>;
  readonly #words = new Int32Array(WALKER_WORDS);
  readonly #since: number;
  #tick = 0;
  #walk: Walk | undefined;

  constructor(body: SkillBody, cell: Cell, args: Pick<Args, 'range' | 'edit'>) {
    this.#body = body;
    this.#cell = cell;
    this.#args = args;
    this.#since = body.view.tick;
  }

  get #ticks(): number {
    return (this.#body.intentions.plan?.way.actions.length ?? 0) / ACTION_FIELDS;
  }

  get progress(): number {
    return this.#walk?.progress ?? (this.#ticks === 0 ? 1 : this.#tick / this.#ticks);
  }

  get doing(): string {
    return this.#walk?.doing ?? `going to ${cellText(this.#cell)} as planned, tick ${this.#tick} of ${this.#ticks}`;
  }

  step(c: Controls): SkillStep {
    if (this.#walk !== undefined) return this.#walk.step(c);
    const { view, intentions } = this.#body;
    const way = intentions.plan?.way;
    readWalkerWords(this.#words, view);
    if (way === undefined || !isForeseen(this.#words, way.states, this.#tick)) {
      intentions.plan = undefined;
      this.#walk = new Walk(this.#body, this.#cell, this.#args);
      return this.#walk.step(c);
    }
    if (this.#tick * ACTION_FIELDS >= way.actions.length) {
      intentions.plan = undefined;
      return arrived(this.#body, this.#since, 0, true);
    }
    c.row.set(way.actions.subarray(this.#tick * ACTION_FIELDS, (this.#tick + 1) * ACTION_FIELDS));
    this.#tick++;
    intentions.plan!.played = { ticks: this.#tick, at: view.tick };
    return RUNNING;
  }
}

/** A vehicle is there when it is this near to the middle, metres, and this slow, metres per tick. */
const THERE_METRES = 0.5;
const SLOW = 0.02;

class Drive implements SkillRun {
  readonly #body: SkillBody;
  readonly #cell: Cell;
  readonly #range: number;
  readonly #patience: Patience;
  readonly #since: number;
  readonly #whole: number;

  constructor(body: SkillBody, cell: Cell, range: number) {
    this.#body = body;
    this.#cell = cell;
    this.#range = range;
    this.#patience = new Patience(body);
    this.#since = body.view.tick;
    this.#whole = Math.max(1, this.#left);
    body.pilot!.reset();
  }

  /** Metres; for what cannot climb, on the level. */
  get #left(): number {
    const { view } = this.#body;
    const [x, y, z] = this.#cell;
    const { body } = view.roster[view.slot];
    const rise = 'vehicle' in body && body.vehicle === 'quadcopter' ? y + 0.5 - view.y() : 0;
    return Math.sqrt((x + 0.5 - view.x()) ** 2 + rise * rise + (z + 0.5 - view.z()) ** 2);
  }

  get progress(): number {
    return Math.max(0, 1 - this.#left / this.#whole);
  }

  get doing(): string {
    return `going to ${cellText(this.#cell)}, ${tenths(this.#left)} m left`;
  }

  step(c: Controls): SkillStep {
    const { view, pilot } = this.#body;
    const [x, y, z] = this.#cell;
    const speed = Math.sqrt(view.vx() ** 2 + view.vy() ** 2 + view.vz() ** 2);
    if (this.#left <= THERE_METRES + this.#range && speed <= SLOW) {
      pilot!.stay(c.row);
      return arrived(this.#body, this.#since, 0);
    }
    pilot!.go(c.row, [x, y, z, x, y, z]);
    const stuck = this.#patience.check(`On the way to ${cellText(this.#cell)}, ${tenths(this.#left)} m left`);
    return stuck === undefined ? RUNNING : refused(stuck);
  }
}

/** @param blocks how many more are carried than before. */
function arrived({ view }: SkillBody, since: number, blocks: number, certified = false): SkillStep {
  const at = [tenths(view.x()), tenths(view.y()), tenths(view.z())];
  const ticks = view.tick - since;
  const change = blocks < 0 ? `, ${plural(-blocks, 'block')} placed` : blocks > 0 ? `, ${plural(blocks, 'block')} gained` : '';
  return done(`You are at ${at.join(' ')} after ${ticks / 20} s${certified ? ', as planned' : ''}${change}.`, {
    at,
    ticks,
    blocksChanged: blocks,
    ...(certified ? { asPlanned: true } : {}),
  });
}
