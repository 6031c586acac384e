/** Fighting a mob, or another agent where the scenario lets agents fight. */
import { z } from 'zod';
import { weaponSlot } from '../../skills/combat.js';
import type { Controls } from '../../skills/controls.js';
import { chase } from '../../skills/pursuit.js';
import { canSeeFrom } from '../../skills/sight.js';
import { nameField } from '../arguments.js';
import { findTarget, isRefusal, isThere, metresTo, type Target } from '../names.js';
import { done, RUNNING, refuse, refused, tenths } from '../outcome.js';
import type { Skill, SkillBody, SkillRun, SkillStep } from '../skill.js';

/** Ticks without a hit after which a fight is given up. */
const VAIN_TICKS = 300;
/** Level distance from which a blow lands, metres, and the height aimed at. */
const HIT_METRES = 2.75;
const CHEST = 0.9;

const parameters = z.strictObject({
  target: nameField('A mob such as "zombie 3", a kind of mob for the nearest, or the id of an agent.'),
  hits: z.int().min(1).max(100).optional().describe('Stop after so many hits, 1..100; default: when the target is dead.'),
  minHealth: z.int().min(0).max(20).default(4).describe('Break off at or below this health of your own, half hearts, 0..20; default 4.'),
});
type Args = z.output<typeof parameters>;

export const attack: Skill<Args> = {
  name: 'attack',
  description: 'Goes after a mob or an agent and strikes it with the best weapon that you hold until it is dead.',
  parameters,
  precondition: 'The scenario has survival rules; the target lives and may be attacked; there is a way to it.',
  effect: 'The target is dead, or hit as often as asked.',
  refusals: {
    'no-fighting': 'Nobody fights in this scenario, or not agents.',
    self: 'You named yourself.',
    'unknown-target': 'Nobody is called so.',
    'target-gone': 'The target lives no more.',
    'same-team': 'The target is of your team, and the scenario has no friendly fire.',
    'too-hurt': 'Your health is at or below minHealth.',
    'not-hit': 'No blow landed for 15 s; the sentence says how far the target is and whether it is seen.',
  },
  interruptible: true,
  suits: (view) =>
    view.survival !== undefined &&
    (view.numMobs > 0 || (view.survival.attack === 1 && view.numAgents > 1)) &&
    !('vehicle' in view.roster[view.slot].body),
  begin(body, args) {
    const { view } = body;
    const { survival } = view;
    if (survival === undefined) return refuse('no-fighting', 'Nobody fights in this scenario: it has no survival rules.', {});
    const target = findTarget(view, args.target, ['agent', 'mob']);
    if (isRefusal(target)) return target;
    if (target.kind === 'agent') {
      if (survival.attack === 0) return refuse('no-fighting', 'Agents do not fight each other in this scenario.', { target: target.name });
      if (survival.friendlyFire === 0 && view.roster[target.slot].team === view.roster[view.slot].team)
        return refuse('same-team', `${target.name} is of your team, and this scenario has no friendly fire.`, { target: target.name });
    }
    return new Fighting(body, target, args);
  },
};

class Fighting implements SkillRun {
  readonly #body: SkillBody;
  readonly #target: Target;
  readonly #args: Args;
  readonly #since: number;
  #hits = 0;
  #lastHit: number;
  #cooldown = 0;

  constructor(body: SkillBody, target: Target, args: Args) {
    this.#body = body;
    this.#target = target;
    this.#args = args;
    this.#since = body.view.tick;
    this.#lastHit = body.view.tick;
    body.combat.reset();
    body.setOut();
  }

  get progress(): number {
    return this.#args.hits === undefined ? 0 : this.#hits / this.#args.hits;
  }

  get doing(): string {
    return `fighting ${this.#target.name}, ${tenths(metresTo(this.#body.view, this.#target))} m away, ${this.#hits} hits`;
  }

  step(c: Controls): SkillStep {
    const { view, combat } = this.#body;
    const { name, kind, slot } = this.#target;
    // The arm rests after a blow that landed on somebody.
    if (view.attackCooldown > this.#cooldown) {
      this.#hits++;
      this.#lastHit = view.tick;
    }
    this.#cooldown = view.attackCooldown;
    const ticks = view.tick - this.#since;
    const facts = { target: name, hits: this.#hits, ticks, health: view.health };
    if (!isThere(view, this.#target)) {
      c.displace(0, 0, false);
      return done(`${name} is dead after ${ticks / 20} s and ${this.#hits} hits of yours; your health is ${view.health} of 20.`, {
        ...facts,
        isDead: true,
      });
    }
    if (this.#args.hits !== undefined && this.#hits >= this.#args.hits) {
      c.displace(0, 0, false);
      return done(`You hit ${name} ${this.#hits} times in ${ticks / 20} s; your health is ${view.health} of 20.`, {
        ...facts,
        isDead: false,
      });
    }
    if (view.health <= this.#args.minHealth)
      return refused(
        refuse(
          'too-hurt',
          `Your health is ${view.health} of 20, at or below ${this.#args.minHealth}; you break off after ${this.#hits} hits.`,
          facts,
        ),
      );
    if (view.tick - this.#lastHit > VAIN_TICKS) {
      const metres = tenths(metresTo(view, this.#target));
      const seen = this.#sees();
      return refused(
        refuse(
          'not-hit',
          `No blow landed on ${name} for ${VAIN_TICKS / 20} s; it is ${metres} m away and ${seen ? 'in' : 'out of'} sight, and blows reach ${HIT_METRES} m.`,
          {
            ...facts,
            metres,
            reachMetres: HIT_METRES,
            isSeen: seen,
          },
        ),
      );
    }
    if (kind === 'mob') combat.fight(c, slot);
    else this.#fightAgent(c);
    return RUNNING;
  }

  #sees(): boolean {
    const { view, combat } = this.#body;
    const { kind, slot } = this.#target;
    if (kind === 'mob') return combat.sees(slot);
    return canSeeFrom(view, view.x() - 0.5, view.y(), view.z() - 0.5, [view.x(slot), view.y(slot) + CHEST, view.z(slot)]);
  }

  #fightAgent(c: Controls): void {
    const { view, navigator } = this.#body;
    const { slot } = this.#target;
    c.hold(weaponSlot(view));
    const [dx, dz] = [view.x(slot) - view.x(), view.z(slot) - view.z()];
    if (dx * dx + dz * dz > HIT_METRES * HIT_METRES || !this.#sees()) {
      chase(c, navigator, [slot]);
      return;
    }
    c.displace(0, 0, false);
    if (c.lookAt(view.x(slot), view.y(slot) + CHEST, view.z(slot)) && view.attackCooldown <= 1) c.attack();
  }
}
