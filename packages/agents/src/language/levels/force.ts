/**
 * The level `force`: the columns of ACTION_SPEC, held for some ticks. Nothing is done for the model: what it presses is what the body does.
 * Data flow: arguments, derived from ACTION_SPEC -> the same row in every tick -> an answer with where that led.
 */
import { ACTION_SPEC, ACTION_WORD, INTERACT } from '@kinovox/world';
import { z } from 'zod';
import type { Skill, SkillStep } from '../skill.js';
import { sayOrRefuse } from './message.js';

/** Longest hold, ticks. */
const MAX_TICKS = 200;
const INTERACT_NAMES = Object.keys(INTERACT) as (keyof typeof INTERACT)[];

/** Columns but `interact` and `message`, which have names. */
const PLAIN = ACTION_SPEC.filter(({ name }) => name !== 'interact' && name !== 'message');

const ForceSchema = z
  .strictObject({
    ticks: z.int().min(1).max(MAX_TICKS).default(10).describe('How long everything is held, ticks of 1/20 s.'),
    interact: z.enum(INTERACT_NAMES).default('none').describe('What the hands do.'),
    message: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe('Said once, in the first tick: a word of the scenario, or a text that holds one.'),
  })
  .extend(
    Object.fromEntries(
      PLAIN.map(({ name, kind, min, max, neutral, unit, description }) => {
        const words = unit === '' || unit === '1' ? description : `${description} ${unit}.`;
        if (kind === 'button') return [name, z.boolean().default(false).describe(words)];
        const number = kind === 'choice' ? z.int() : z.number();
        return [name, number.min(min).max(max).default(neutral).describe(words)];
      }),
    ),
  );

interface ForceArguments {
  ticks: number;
  interact: keyof typeof INTERACT;
  message?: string | undefined;
  [column: string]: unknown;
}

export const hold: Skill<ForceArguments> = {
  name: 'hold',
  description:
    'Presses keys for some ticks, then lets go: walk by forward and strafe, turn and look by an angle per tick, jump, sprint, sneak, and use the hands.',
  parameters: ForceSchema as unknown as z.ZodType<ForceArguments>,
  precondition: 'None.',
  effect: 'The body does what is pressed, under its dynamics.',
  refusals: { unheard: 'the message holds no word of the scenario, it is not yet time to speak again, or nobody can speak here' },
  interruptible: true,
  begin(body, args) {
    const from = { tick: body.view.tick, x: body.view.x(), y: body.view.y(), z: body.view.z() };
    const ends = from.tick + args.ticks;
    return {
      doing: `Holding keys until tick ${ends}`,
      get progress() {
        return Math.min(1, (body.view.tick - from.tick) / args.ticks);
      },
      step(c): SkillStep {
        const { view } = c;
        if (args.message !== undefined && view.tick === from.tick) {
          const refusal = sayOrRefuse(body, args.message);
          if (refusal !== undefined) return { status: 'refused', refusal };
        }
        if (view.tick < ends) {
          for (const { name } of PLAIN) c.row[ACTION_WORD[name]] = Number(args[name]);
          c.row[ACTION_WORD.interact] = INTERACT[args.interact];
          return { status: 'running' };
        }
        const moved = Math.sqrt((view.x() - from.x) ** 2 + (view.y() - from.y) ** 2 + (view.z() - from.z) ** 2);
        return {
          status: 'done',
          answer: {
            sentence: `Held for ${args.ticks} ticks; you moved ${moved.toFixed(2)} m${view.isBlocked ? ' and something is in the way' : ''}.`,
            facts: { movedMetres: Math.round(100 * moved) / 100, isBlocked: view.isBlocked },
          },
        };
      },
    };
  },
};
