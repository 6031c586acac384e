/** The skills in their fixed order, and those that make sense for a body in a scenario. */
import type { AgentView } from '../../agent-view.js';
import type { Skill } from '../skill.js';
import { attack } from './attack.js';
import { build } from './build.js';
import { carryTo } from './carry-to.js';
import { chat } from './chat.js';
import { craft } from './craft.js';
import { dig } from './dig.js';
import { explainConflict } from './explain-conflict.js';
import { findBlocks } from './find-blocks.js';
import { follow } from './follow.js';
import { give } from './give.js';
import { inspect } from './inspect.js';
import { lookAt } from './look-at.js';
import { moveTo } from './move-to.js';
import { pickUp } from './pick-up.js';
import { placeBlock } from './place-block.js';
import { plan } from './plan.js';
import { scan } from './scan.js';
import { setGoal } from './set-goal.js';
import { use } from './use.js';
import { validatePlan } from './validate-plan.js';
import { wait } from './wait.js';

export const SKILLS: readonly Skill[] = [
  moveTo,
  follow,
  lookAt,
  dig,
  placeBlock,
  use,
  craft,
  attack,
  pickUp,
  carryTo,
  give,
  chat,
  wait,
  scan,
  findBlocks,
  inspect,
  plan,
  validatePlan,
  explainConflict,
  setGoal,
  build,
];

/** Skills for this agent, in the order of SKILLS: none that its body or the scenario rules out for the whole episode. */
export function skillsFor(view: AgentView): readonly Skill[] {
  return SKILLS.filter((skill) => skill.suits?.(view) ?? true).map((skill) => {
    const more = skill.describeFor?.(view) ?? '';
    return more === '' ? skill : { ...skill, description: `${skill.description}${more}` };
  });
}
