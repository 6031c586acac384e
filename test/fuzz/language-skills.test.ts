/** Skills called with drawn arguments in shipped scenarios: whatever is asked, they answer, refuse by a declared code, or go on; nothing throws. */
import { SKILLS, type Skill } from '@kinovox/agents';
import { createBatchEnv, loadScenario } from '@kinovox/env';
import { describe, expect, it } from 'vitest';
import { Stage } from '../agents/language/call-skill.js';

const SCENARIOS = [
  'bridge-gap-v1',
  'build-tower-v1',
  'lever-vault-v1',
  'relay-code-v1',
  'survival-team-v1',
  'trade-emerald-v1',
  'stack-boxes-v1',
  'rover-slalom-v1',
];
const CALLS = Number(process.env.KINOVOX_SKILL_CALLS ?? 40);
const MOST_TICKS = 60;

/** Draws 32 bits (splitmix32). */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  };
}

/** Arguments that the schema takes, near to what is there. */
function argumentsFor({ name }: Skill, { view }: Stage, draw: () => number): object {
  const pick = <T>(list: readonly T[]): T => list[draw() % list.length];
  const near = (at: number, spread: number) => Math.floor(at) + (draw() % (2 * spread + 1)) - spread;
  const cell = { x: near(view.x(), 8), y: near(view.y(), 3), z: near(view.z(), 8) };
  const somebody = pick([
    ...view.roster.map(({ id }) => id),
    ...(view.survival?.mobs?.kindNames ?? []),
    ...view.program.props.ids,
    'nobody',
    'cow 3',
  ]);
  const item = pick(['oak_planks', 'stick', 'bread', 'apple', 'crafting_table', 'wooden_pickaxe', 'emerald', 'stone', 'nothing']);
  const block = pick([...view.palette.names, 'nothing']);
  const count = 1 + (draw() % 3);
  switch (name) {
    case 'moveTo':
      return { ...cell, range: draw() % 3, edit: draw() % 2 === 0 };
    case 'follow':
      return { target: somebody, ticks: 1 + (draw() % 80) };
    case 'lookAt':
      return draw() % 2 === 0 ? cell : { target: somebody };
    case 'dig':
      return draw() % 2 === 0 ? cell : { block, count };
    case 'placeBlock':
      return { ...cell, item };
    case 'use':
      return draw() % 2 === 0 ? cell : { item };
    case 'craft':
      return { item, count };
    case 'attack':
      return { target: somebody };
    case 'pickUp':
      return draw() % 2 === 0 ? {} : { what: pick([item, somebody]) };
    case 'carryTo':
      return { what: pick([item, ...view.program.props.ids]), ...cell };
    case 'give':
      return { to: somebody, item, count };
    case 'chat':
      return { text: pick([...view.rules.messages.symbols, 'hello']) };
    case 'wait':
      return { ticks: 1 + (draw() % 30) };
    case 'scan':
      return { radius: 1 + (draw() % 16) };
    case 'findBlocks':
      return { block, maxDistance: 1 + (draw() % 40) };
    case 'inspect':
      return pick<object>([cell, { target: somebody }, { item }]);
    case 'plan':
      return { ...cell, edit: draw() % 2 === 0 };
    case 'validatePlan':
      return { waypoints: [{ ...cell, tick: 1 + (draw() % 100) }] };
    case 'explainConflict':
      return draw() % 2 === 0 ? {} : { waypoints: [{ ...cell, tick: 1 + (draw() % 60) }] };
    case 'setGoal':
      return { goal: pick(['', 'go on']) };
    default:
      return {
        cells: [
          { ...cell, block },
          { x: cell.x, y: cell.y + 1, z: cell.z, block },
        ],
      };
  }
}

describe.each(SCENARIOS)('%s', (id) => {
  it(`takes ${CALLS} calls of seed 7 without throwing`, async () => {
    const draw = draws(7);
    const compiled = loadScenario(`scenarios/${id}.scenario.json`);
    const slot = draw() % compiled.base.agents.length;
    const stage = new Stage(await createBatchEnv({ scenario: compiled, autoreset: 'disabled', observe: false }), slot, 7);
    const { view, body, env } = stage;
    let outcomes = 0;
    for (let call = 0; call < CALLS; call++) {
      if (env.engine.state.status[0] !== 0 || !view.isAlive()) {
        env.reset({ seed: call });
        body.reset();
      }
      const skill = SKILLS[draw() % SKILLS.length];
      const args = skill.parameters.parse(argumentsFor(skill, stage, draw));
      const begun = skill.begin(body, args);
      const outcome = 'step' in begun ? stage.run(begun, MOST_TICKS) : begun;
      if (outcome === undefined) continue;
      outcomes++;
      const { refusal, answer } = outcome as { refusal?: { code: string; sentence: string }; answer?: { sentence: string } };
      if (refusal !== undefined) expect(Object.keys(skill.refusals), `${skill.name}: ${refusal.sentence}`).toContain(refusal.code);
      expect(refusal?.sentence ?? answer!.sentence, skill.name).not.toMatch(/undefined|NaN|Infinity|\[object/);
      JSON.stringify(outcome);
    }
    expect(outcomes).toBeGreaterThan(CALLS / 4);
  });
});
