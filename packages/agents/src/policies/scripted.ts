/**
 * The scripted policy: reads the task, plans with the map and acts under real dynamics; works with others by the map, by turns and by messages.
 * Data flow per tick: messages -> beliefs -> task reader -> a job -> a skill -> keys. Nothing here knows a scenario by name.
 * What a scenario hides from an agent stays hidden: it acts on the published rules and on what it was told.
 */
import { TOOL_CLASS } from '@kinovox/env';
import type { AgentView } from '../agent-view.js';
import { Ground } from '../navigation/ground.js';
import { Navigator } from '../navigation/navigator.js';
import { SearchSpace } from '../navigation/search-space.js';
import type { Policy, PolicyFactory } from '../policy.js';
import { BlockIndex } from '../skills/block-index.js';
import { isColumn } from '../skills/building.js';
import { propClauses } from '../skills/carry-prop.js';
import { Carriage } from '../skills/carry-to.js';
import { Combat } from '../skills/combat.js';
import { Controls } from '../skills/controls.js';
import { Dealing } from '../skills/dealing.js';
import { placeCell, tillCell, type WorkStatus } from '../skills/hands.js';
import { findSlot, heldBlocks } from '../skills/inventory.js';
import { collect, eatItem, meal, sleepIn } from '../skills/needs.js';
import { Pilot } from '../skills/pilot.js';
import { chase, Evasion } from '../skills/pursuit.js';
import { pushProp } from '../skills/push-prop.js';
import { Quarry } from '../skills/quarry.js';
import { canSeeFrom } from '../skills/sight.js';
import { Stacking } from '../skills/stack-props.js';
import { Teamwork } from '../skills/teamwork.js';
import { Beliefs } from '../task/beliefs.js';
import type { Job, Orders } from '../task/job.js';
import { Provision } from '../task/provision.js';
import { TaskReader } from '../task/task-reader.js';

/** Scripted policies that share one search memory. */
export function createScriptedFactory(): PolicyFactory {
  const space = new SearchSpace();
  return { name: 'scripted', create: () => new ScriptedPolicy(space) };
}

class ScriptedPolicy implements Policy {
  readonly #space: SearchSpace;
  #mind: Mind | undefined;

  constructor(space: SearchSpace) {
    this.#space = space;
  }

  reset(view: AgentView): void {
    if (this.#mind === undefined || this.#mind.view !== view) this.#mind = new Mind(view, this.#space);
    this.#mind.reset();
  }

  act(view: AgentView, out: Float32Array): void {
    if (this.#mind === undefined || this.#mind.view !== view) this.reset(view);
    this.#mind!.act(out);
  }
}

/** Food points at which an agent that carries none looks for some. */
const HUNGRY = 6;
/** Jobs that are done in moments, the way there apart, and how long they may take with it. */
const QUICK_JOBS: readonly Job['kind'][] = ['build', 'till', 'collect', 'go', 'eat'];
const QUICK_TICKS = 400;

/** What one agent keeps between ticks. */
class Mind {
  readonly view: AgentView;
  readonly #beliefs: Beliefs;
  readonly #reader: TaskReader;
  readonly #ground: Ground;
  readonly #navigator: Navigator;
  readonly #teamwork: Teamwork;
  readonly #evasion = new Evasion();
  readonly #combat: Combat;
  readonly #dealing: Dealing;
  readonly #quarry: Quarry;
  readonly #stacking = new Stacking();
  readonly #carriage = new Carriage();
  /** Undefined for a walker. */
  readonly #pilot: Pilot | undefined;
  readonly #index: BlockIndex;
  readonly #provision: Provision | undefined;
  /** The quick job at hand, and since when. */
  #quickJob = '';
  #quickSince = 0;
  #spokeAt = Number.NEGATIVE_INFINITY;

  constructor(view: AgentView, space: SearchSpace) {
    this.view = view;
    this.#beliefs = new Beliefs(view);
    this.#index = new BlockIndex(view);
    this.#provision = view.survival === undefined ? undefined : new Provision(view, view.survival, this.#index);
    this.#reader = new TaskReader(view, this.#provision);
    this.#ground = new Ground(view);
    this.#navigator = new Navigator(this.#ground, space);
    this.#teamwork = new Teamwork(view, this.#navigator);
    this.#combat = new Combat(view, this.#navigator);
    this.#dealing = new Dealing(view, this.#navigator);
    this.#quarry = new Quarry(view, this.#navigator);
    const { body } = view.roster[view.slot];
    this.#pilot = 'vehicle' in body ? new Pilot(view, body) : undefined;
  }

  reset(): void {
    this.#beliefs.reset();
    this.#reader.reset();
    this.#navigator.forget();
    this.#teamwork.reset();
    this.#evasion.reset();
    this.#combat.reset();
    this.#dealing.reset();
    this.#quarry.reset();
    this.#stacking.reset();
    this.#carriage.reset();
    this.#pilot?.reset();
    this.#index.reset();
    this.#provision?.reset();
    this.#quickJob = '';
    this.#spokeAt = Number.NEGATIVE_INFINITY;
  }

  act(out: Float32Array): void {
    const c = new Controls(this.view, out);
    this.#beliefs.listen();
    const { formula } = this.#beliefs;
    const orders = formula === undefined ? this.#search() : this.#reader.read(formula);
    // Whoever only passes leaves props where they are.
    const isPassing = orders.job?.kind === 'go' && this.view.rules.props.length > 0;
    this.#ground.keepOut = isPassing ? [...orders.keepOut, ...propClauses(this.view)] : orders.keepOut;
    if (this.#pilot !== undefined) {
      if (orders.job?.kind === 'go') this.#pilot.go(out, orders.job.box);
      else this.#pilot.stay(out);
    } else if (!this.#live(c)) {
      if (orders.job === undefined) this.#teamwork.standBy(c, orders.goals);
      else if (this.#work(c, orders.job, orders) === 'blocked' || this.#isStuck(orders.job)) {
        this.#reader.setAside(orders.job);
        this.#provision?.reject(orders.job);
      }
    }
    this.#speak(c, orders.job);
  }

  /** Goes to see what the task needs and nobody has told; nothing where no clue is left. */
  #search(): Orders {
    const box = this.#beliefs.lookout;
    return { job: box === undefined ? undefined : { kind: 'go', box }, goals: [], keepOut: [] };
  }

  /** What life asks for before any task: enemies and hunger. False when nothing is pressing. */
  #live(c: Controls): boolean {
    const { view } = this;
    const { survival } = view;
    if (survival === undefined) return false;
    const enemy = this.#combat.threat();
    if (enemy >= 0) {
      this.#combat.answer(c, enemy);
      return true;
    }
    const food = meal(view, survival);
    if (food !== 0) {
      eatItem(c, food);
      c.displace(0, 0, false);
      return true;
    }
    if (survival.hungerTicks > 0 && view.food <= HUNGRY) {
      const hunt = this.#provision!.jobToEat(undefined, (one) => this.#reader.isWork(one));
      if (hunt !== undefined) {
        if (this.#work(c, hunt, { job: hunt, goals: [], keepOut: [] }) === 'blocked') this.#reader.setAside(hunt);
        return true;
      }
    }
    return false;
  }

  /** Whether a job that takes no time of its own has been at hand for too long: something stands in its way that no skill has noticed. */
  #isStuck(job: Job): boolean {
    if (this.view.survival === undefined || !QUICK_JOBS.includes(job.kind)) {
      this.#quickJob = '';
      return false;
    }
    const key = JSON.stringify(job);
    if (key !== this.#quickJob) {
      this.#quickJob = key;
      this.#quickSince = this.view.tick;
    }
    if (this.view.tick - this.#quickSince < QUICK_TICKS) return false;
    this.#quickJob = '';
    this.#navigator.forget();
    return true;
  }

  #work(c: Controls, job: Job, orders: Orders): WorkStatus {
    switch (job.kind) {
      case 'go':
        this.#teamwork.go(c, job, orders.goals);
        break;
      case 'dig':
        return this.#quarry.dig(c, job.blocks);
      case 'build':
        return this.#build(c, job.cells);
      case 'switch':
        this.#teamwork.work(c, job.mechanism);
        break;
      case 'chase':
        chase(c, this.#navigator, job.slots);
        break;
      case 'evade':
        this.#evasion.step(c, this.#navigator, job.slots);
        break;
      case 'look':
        this.#look(c, job);
        break;
      case 'push':
        pushProp(c, this.#navigator, job.prop, job.box);
        break;
      case 'stack':
        this.#stacking.step(c, this.#navigator, job.props, job.isGiven);
        break;
      case 'carry':
        this.#carriage.step(c, this.#navigator, job.prop, job.box);
        break;
      case 'craft':
        c.displace(0, 0, false);
        c.craft(job.recipe);
        break;
      case 'till':
        return tillCell(c, this.#navigator, job.cell, this.#hoeSlot());
      case 'eat':
        eatItem(c, job.item);
        c.displace(0, 0, false);
        break;
      case 'sleep':
        return sleepIn(c, this.#navigator, job.cell);
      case 'collect':
        return collect(c, this.#navigator, job.cell);
      case 'hunt':
        return this.#combat.hunt(c, job.kinds);
      case 'give':
        this.#dealing.give(c, job.slot, job.item);
        break;
      case 'trade':
        this.#dealing.trade(c, job.mobKind, job.offer, job.item);
        break;
      case 'meet':
        this.#dealing.meet(c);
        break;
      case 'wait':
        c.displace(0, 0, false);
        break;
      case 'say':
        break;
    }
    return 'working';
  }

  #hoeSlot(): number {
    const { survival } = this.view;
    return findSlot(this.view, (item) => survival?.toolClass[item] === TOOL_CLASS.hoe);
  }

  /** Lowest cell first. A cell over the one that was built last, with the builder on top, is built by jumping. */
  #build(c: Controls, cells: Extract<Job, { kind: 'build' }>['cells']): WorkStatus {
    const mine = cells.filter(({ block }) => heldBlocks(this.view, block) >= 0);
    if (mine.length === 0) {
      c.displace(0, 0, false);
      return 'working';
    }
    const [first] = mine;
    if (isColumn(this.view, this.#ground, mine)) {
      const top = mine[mine.length - 1].y + 1;
      this.#navigator.travel(c, { box: [first.x, top, first.z, first.x, top, first.z] });
      return 'working';
    }
    return placeCell(c, this.#navigator, [first.x, first.y, first.z], first.block);
  }

  #look(c: Controls, { x, y, z, metres }: Extract<Job, { kind: 'look' }>): void {
    const { view } = this;
    const [dx, dy, dz] = [x - view.x(), y - view.y() - 1.62, z - view.z()];
    if (dx * dx + dy * dy + dz * dz <= metres * metres && canSeeFrom(view, view.x() - 0.5, view.y(), view.z() - 0.5, [x, y, z])) {
      c.displace(0, 0, false);
      c.lookAt(x, y, z);
      return;
    }
    const range = metres - 1;
    this.#navigator.travel(c, {
      box: [0, 0, 0, view.sizeX - 1, view.sizeY - 1, view.sizeZ - 1],
      accept: (ax, ay, az) =>
        (ax + 0.5 - x) ** 2 + (ay + 1.62 - y) ** 2 + (az + 0.5 - z) ** 2 <= range * range && canSeeFrom(view, ax, ay, az, [x, y, z]),
      mayEdit: false,
    });
  }

  /** Says what the task asks for, or what others cannot see, as often as the scenario lets it. */
  #speak(c: Controls, job: Job | undefined): void {
    const { messages } = this.view.rules;
    if (!messages.enabled || !this.view.roster[this.view.slot].can.message || this.view.tick - this.#spokeAt < messages.everyTicks) return;
    const symbol = job?.kind === 'say' ? job.symbol : this.#beliefs.nextStatement();
    if (symbol < 0) return;
    this.#spokeAt = this.view.tick;
    c.say(symbol);
  }
}
