/**
 * A team keyed by agent id, with the contract of PettingZoo's parallel environments: observations by name, discrete actions, and masks that
 * say what can be begun. Two hunters run down cows until each carries four pieces of beef, then meet by the hearth.
 * Run: node examples/team-by-name.mjs
 */
import { createEnv } from '@kinovox/env';
import { INTERACT } from '@kinovox/world';

const env = await createEnv({
  scenario: `${import.meta.dirname}/../scenarios/hunt-v1.scenario.json`,
  actionProfile: 'discrete',
  split: 'test',
});
let { infos } = env.reset({ seed: 1 });
console.log(`${env.possibleAgents.join(' and ')} choose among ${env.actionSpace('ada').n} actions`);

/** Radians from where the body looks to the way (dx, dz), positive to the left; x is east, z is south. */
function bearing({ sinYaw, cosYaw }, { dx, dz }) {
  return Math.atan2(-dx * cosYaw + dz * sinYaw, -dx * sinYaw - dz * cosYaw);
}

/** One agent's choice, from its own observation and mask alone. */
function choose({ self, mobs, goals, inventory }, { actionMask }) {
  const [, beef] = inventory; // the first slot holds the sword
  const isHunting = (beef?.count ?? 0) < 4 && mobs.length > 0;
  const target = isHunting ? mobs[0] : goals[0];
  const distance = Math.hypot(target.dx, target.dz);
  if (!isHunting && distance < 1.5) return 'idle';
  const turn = bearing(self, target);
  if (Math.abs(turn) > Math.PI / 12) return turn > 0 ? 'turn-left' : 'turn-right';
  const isNear = isHunting && distance < 2.5;
  const look = Math.atan2(isNear ? -0.9 : 0, distance) - self.pitch; // a cow's middle lies 0.9 m below the eyes
  if (Math.abs(look) > Math.PI / 12) return look > 0 ? 'look-up' : 'look-down';
  if (isNear && actionMask[INTERACT.attack] === 1) return 'attack'; // closed while no cow is in reach, or the arm rests
  return self.collided ? 'sprint-jump' : 'sprint';
}

const counts = Object.fromEntries(env.possibleAgents.map((id) => [id, { attack: 0, closed: 0, return: 0 }]));
let outcome;
// Agents leave `env.agents` in the step that ends them.
while (env.agents.length > 0) {
  const actions = Object.fromEntries(env.agents.map((id) => [id, choose(env.describe(id), infos[id])]));
  for (const id of env.agents) {
    if (actions[id] === 'attack') counts[id].attack++;
    if (infos[id].actionMask[INTERACT.attack] === 0) counts[id].closed++;
  }
  const step = env.step(actions);
  infos = step.infos;
  for (const [id, reward] of Object.entries(step.rewards)) {
    counts[id].return += reward;
    outcome ??= infos[id].outcome;
  }
}
for (const id of env.possibleAgents)
  console.log(
    `${id}: ${counts[id].attack} blows (attack was closed in ${counts[id].closed} ticks), return ${counts[id].return.toFixed(2)}`,
  );
console.log(`${outcome.outcome} after ${outcome.ticks} ticks. ${outcome.explanation}`);
