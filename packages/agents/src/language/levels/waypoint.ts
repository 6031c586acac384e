/**
 * The level `waypoint`: a place and the time to be there. The body goes straight, within its acceleration, and jumps at what it runs into;
 * ways around obstacles are the model's business. Method as that of env's waypoint profile: what this tick shall move is what is left over the ticks left.
 */
import { ACTION_WORD, INTERACT, TICKS_PER_SECOND } from '@kinovox/world';
import { z } from 'zod';
import { WALK_SPEED } from '../../navigation/motion.js';
import type { Controls } from '../../skills/controls.js';
import type { Skill, SkillStep } from '../skill.js';
import { sayOrRefuse } from './message.js';

const INTERACT_NAMES = Object.keys(INTERACT) as (keyof typeof INTERACT)[];
const MAX_SECONDS = 60;
/** A place this much higher is jumped for, metres, once something is in the way. */
const STEP_UP = 0.2;
/** Nearer than this, metres, a wall is not worth a jump. */
const ARRIVED = 0.02;

const metres = (axis: string) => z.number().min(-64).max(320).describe(`Place, ${axis} of the feet, metres.`);
const WaypointSchema = z.strictObject({
  x: metres('x'),
  y: metres('y'),
  z: metres('z'),
  seconds: z.number().min(0.05).max(MAX_SECONDS).describe('Time until the body shall be there. A walker makes 4.3 m/s, sprinting 5.6.'),
  interact: z.enum(INTERACT_NAMES).default('none').describe('What the hands do all the way, to what the view meets.'),
  slot: z.int().min(0).max(9).default(0).describe('Inventory slot to take in hand, from 1; 0 keeps the one in hand.'),
  message: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe('Said once, in the first tick: a word of the scenario, or a text that holds one.'),
});
type WaypointArguments = z.infer<typeof WaypointSchema>;

export const waypoint: Skill<WaypointArguments> = {
  name: 'waypoint',
  description: 'Goes straight to a place, to be there after some seconds; jumps at what it runs into, and knows no way around.',
  parameters: WaypointSchema,
  precondition: 'None.',
  effect: 'The body is as near to the place as its acceleration and what stands in between allow.',
  refusals: { unheard: 'the message holds no word of the scenario, it is not yet time to speak again, or nobody can speak here' },
  interruptible: true,
  begin(body, args) {
    const { tick } = body.view;
    const ticks = Math.max(1, Math.ceil(args.seconds * TICKS_PER_SECOND));
    const ends = tick + ticks;
    return {
      doing: `On the way to ${args.x} ${args.y} ${args.z}, to be there at tick ${ends}`,
      get progress() {
        return Math.min(1, (body.view.tick - tick) / ticks);
      },
      step(c): SkillStep {
        const { view } = c;
        if (args.message !== undefined && view.tick === tick) {
          const refusal = sayOrRefuse(body, args.message);
          if (refusal !== undefined) return { status: 'refused', refusal };
        }
        if (view.tick >= ends) return arrived(c, args);
        if (body.pilot !== undefined) body.pilot.steer(c.row, { x: args.x, y: args.y, z: args.z, last: true });
        else follow(c, args, ends - view.tick);
        if (args.slot > 0) c.hold(args.slot - 1);
        c.row[ACTION_WORD.interact] = INTERACT[args.interact];
        return { status: 'running' };
      },
    };
  },
};

function follow(c: Controls, { x, y, z }: WaypointArguments, ticksLeft: number): void {
  const { view } = c;
  const [dx, dy, dz] = [x - view.x(), y - view.y(), z - view.z()];
  const distance = Math.sqrt(dx * dx + dz * dz);
  if (distance / ticksLeft > WALK_SPEED * c.speedScale && view.onGround) c.sprint();
  c.displace(dx / ticksLeft, dz / ticksLeft, distance > 0.5);
  const blocked = view.isBlocked && distance > ARRIVED;
  if (view.inWater ? dy > -STEP_UP : (view.onLadder && dy > STEP_UP) || (view.onGround && blocked)) c.jump();
}

function arrived({ view }: Controls, { x, y, z }: WaypointArguments): SkillStep {
  const off = Math.sqrt((x - view.x()) ** 2 + (y - view.y()) ** 2 + (z - view.z()) ** 2);
  return {
    status: 'done',
    answer: {
      sentence:
        off < 0.5
          ? `There in time, ${off.toFixed(2)} m off.`
          : `The time is up and the place is ${off.toFixed(2)} m away${view.isBlocked ? '; something is in the way' : ''}.`,
      facts: { offMetres: Math.round(100 * off) / 100, isBlocked: view.isBlocked },
    },
  };
}
