/**
 * Reads the task formula, tick by tick, as one agent: what is satisfied, and what that leaves for it to do.
 * It follows the semantics of the task language (docs/tasks.md) as far as a player must: steps of a sequence stay done, predicates do not.
 * Order decides: of several open parts, the first that has work for this agent gives the job; what is satisfied is held meanwhile.
 */
import { BLOCKS, blockByName, formulaKind, itemByName, type ResolvedFormula, selectAgents } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { type Box, type CellTest, isIn, type KeepOut } from '../navigation/ground.js';
import { countItems } from '../skills/inventory.js';
import type { Goal, Job, Orders } from './job.js';
import type { Provision } from './provision.js';
import { type SurvivalBody, type SurvivalKind, SurvivalReader } from './survival-reader.js';

type Cell = readonly [number, number, number];
type Names = string | readonly string[];
/** Bodies of predicates: the keys that their kind has. */
interface Body {
  agents: Names;
  quantifier?: 'all' | 'any';
  region: readonly [Cell, Cell];
  each?: boolean;
  of: Names | Cell;
  target: Names | Cell;
  by: Names;
  prop: Names;
  props?: readonly string[];
  order?: 'given' | 'any';
  metres: number;
  rangeMetres: number;
  item: string;
  block: string;
  atLeast: number;
  y: number;
  mechanism: string;
  symbol: string;
  ticks: number;
  pattern?: readonly { at: Cell; block: string }[];
}
interface Reading {
  done: boolean;
  /** Work for this agent: to satisfy the part, or to keep it so. */
  job: Job | undefined;
  /** Where agents are sent, this one and others. */
  goals?: readonly Goal[];
}

/** Half the body's width, twice, and the margin within which bodies touch. */
const TOUCH = 0.6 + 1 / 16;
/** Ticks for which a job to which there was no way comes after all others. */
const ASIDE_TICKS = 240;
const NOTHING: Reading = { done: false, job: undefined };
/** How far from the limit a distance is aimed at, metres. */
const NEAR_MARGIN = 0.45;

export class TaskReader {
  readonly #view: AgentView;
  /** Steps done, by formula node. */
  readonly #steps = new Map<object, number>();
  readonly #latched = new Set<object>();
  /** Agents that arrived, for `reach` with `each`; blocks at the start, for `dug` without survival. */
  readonly #arrived = new Map<object, Set<number>>();
  readonly #dugFrom = new Map<object, number>();
  readonly #provision: Provision | undefined;
  readonly #survival: SurvivalReader | undefined;
  /** Slots by selector; names are those of one scenario, so there are few. */
  readonly #selected = new Map<Names, readonly number[]>();
  /** Jobs without a way, and until when. */
  readonly #setAside = new Map<string, number>();
  #keepOut: CellTest[][] = [];
  /** Whether the job of the part that is read now will be looked at: jobs of survival are dear. */
  #wantsJob = true;

  constructor(view: AgentView, provision: Provision | undefined) {
    this.#view = view;
    this.#provision = provision;
    this.#survival = provision === undefined ? undefined : new SurvivalReader(view, provision);
  }

  reset(): void {
    this.#steps.clear();
    this.#latched.clear();
    this.#arrived.clear();
    this.#dugFrom.clear();
    this.#setAside.clear();
  }

  /** Notes that there is no way to do a job now: other work comes before it for a while. */
  setAside(job: Job): void {
    this.#setAside.set(keyOf(job), this.#view.tick + ASIDE_TICKS);
  }

  /** Whether a job is more than waiting for something or somebody, and can be done as far as is known. */
  isWork(job: Job | undefined): boolean {
    if (job === undefined || job.kind === 'wait' || job.kind === 'meet') return false;
    return this.#setAside.size === 0 || (this.#setAside.get(keyOf(job)) ?? -1) <= this.#view.tick;
  }

  read(formula: ResolvedFormula): Orders {
    this.#keepOut = [];
    this.#wantsJob = true;
    this.#survival?.begin(formula);
    const { job, goals } = this.#visit(formula);
    return { job, goals: goals ?? [], keepOut: this.#keepOut as KeepOut };
  }

  #visit(formula: ResolvedFormula): Reading {
    const kind = formulaKind(formula);
    const body = (formula as unknown as Record<string, unknown>)[kind];
    switch (kind) {
      case 'all':
        return this.#all(body as ResolvedFormula[]);
      case 'any':
        return this.#any(body as ResolvedFormula[]);
      case 'sequence':
        return this.#sequence(formula, body as ResolvedFormula[]);
      case 'until':
      case 'before':
      case 'within': {
        const parts = body as { goal?: ResolvedFormula; first?: ResolvedFormula; hold?: ResolvedFormula };
        if (parts.hold !== undefined) this.#visit(parts.hold);
        return this.#latch(formula, this.#visit((parts.goal ?? parts.first)!));
      }
      case 'count': {
        const { of } = body as { of: ResolvedFormula[] };
        return this.#latch(formula, this.#any(of));
      }
      case 'never':
        return this.#never(body as ResolvedFormula);
      case 'not':
        return {
          done: !this.#predicate(formula, formulaKind(body as object), (body as Record<string, Body>)[formulaKind(body as object)]).done,
          job: undefined,
        };
      default:
        return this.#predicate(formula, kind, body as Body);
    }
  }

  #all(parts: readonly ResolvedFormula[]): Reading {
    const wantsJob = this.#wantsJob;
    const readings = parts.map((part) => {
      const reading = this.#visit(part);
      if (!reading.done && this.isWork(reading.job)) this.#wantsJob = false;
      return reading;
    });
    this.#wantsJob = wantsJob;
    const goals = readings.flatMap((one) => one.goals ?? []);
    const open = readings.find((one) => !one.done && this.isWork(one.job)) ?? readings.find((one) => !one.done && one.job !== undefined);
    if (open !== undefined) return { done: false, job: open.job, goals };
    const held = readings.find((one) => one.job !== undefined);
    return { done: readings.every((one) => one.done), job: held?.job, goals };
  }

  #any(parts: readonly ResolvedFormula[]): Reading {
    const readings = parts.map((part) => this.#visit(part));
    return readings.find((one) => one.done) ?? readings.find((one) => one.job !== undefined) ?? NOTHING;
  }

  #sequence(node: object, parts: readonly ResolvedFormula[]): Reading {
    let step = this.#steps.get(node) ?? 0;
    // Parts that keep memory are read even before their turn.
    const readings = parts.map((part) => this.#visit(part));
    if (step < parts.length && readings[step].done) this.#steps.set(node, ++step);
    return step >= parts.length ? { done: true, job: undefined } : readings[step];
  }

  #latch(node: object, reading: Reading): Reading {
    if (reading.done) this.#latched.add(node);
    return this.#latched.has(node) ? { done: true, job: undefined } : reading;
  }

  /** What must not happen: cells to keep out of, and agents to evade. */
  #never(inner: ResolvedFormula): Reading {
    const kind = formulaKind(inner);
    const body = (inner as unknown as Record<string, unknown>)[kind];
    if (kind === 'touched' || kind === 'near') {
      const { agents, by, of } = body as Body;
      const others = kind === 'touched' ? by : (of as Names);
      if (this.#includesMe(agents) && typeof others !== 'number') return { done: true, job: { kind: 'evade', slots: this.#slots(others) } };
    }
    const parts = kind === 'all' ? (body as ResolvedFormula[]) : kind === 'any' ? undefined : [inner];
    if (parts !== undefined) {
      const tests = parts.map((part) => this.#cellTest(part));
      if (tests.every((test) => test !== undefined)) this.#keepOut.push(tests as CellTest[]);
    } else for (const part of body as ResolvedFormula[]) this.#never(part);
    return { done: true, job: undefined };
  }

  /** A condition on this agent's own cell, or undefined when it is about something else. */
  #cellTest(formula: ResolvedFormula): CellTest | undefined {
    const kind = formulaKind(formula);
    const body = (formula as unknown as Record<string, Body>)[kind];
    if (kind === 'not') {
      const inner = this.#cellTest(body as unknown as ResolvedFormula);
      return inner !== undefined && 'box' in inner ? { box: inner.box, inside: !inner.inside } : undefined;
    }
    if ((kind !== 'reach' && kind !== 'below') || !this.#includesMe(body.agents)) return undefined;
    return kind === 'below' ? { below: Math.ceil(body.y) } : { box: boxOf(body.region), inside: true };
  }

  #predicate(node: object, kind: string, body: Body): Reading {
    const view = this.#view;
    if (this.#survival?.reads(kind)) return this.#survived(this.#survival, node, kind, body);
    switch (kind) {
      case 'reach': {
        const box = boxOf(body.region);
        return this.#aboutAgents(body, (slot) => this.#hasReached(node, slot, box, body.each === true), { kind: 'go', box });
      }
      case 'near':
        return this.#near(body);
      case 'holds': {
        const item = itemByName(body.item);
        if (this.#provision !== undefined) return this.#provided(body, item.id, this.#provision);
        const sources = view.palette.names.flatMap((name, p) =>
          BLOCKS.find((block) => block.name === name)?.drops === item.name ? [p] : [],
        );
        return this.#aboutAgents(body, (slot) => slot !== view.slot || countItems(view, item.id) >= body.atLeast, {
          kind: 'dig',
          blocks: sources,
        });
      }
      case 'dug':
        return this.#dug(node, body);
      case 'built':
        return this.#built(body);
      case 'triggered': {
        const mechanism = view.rules.mechanisms.findIndex((one) => one.id === body.mechanism);
        return { done: view.isActive(mechanism), job: { kind: 'switch', mechanism } };
      }
      case 'touched': {
        const touched = this.#slots(body.agents);
        const by = this.#slots(body.by);
        const done = touched.some((a) => by.some((b) => a !== b && this.#areTouching(a, b)));
        const slots = by.includes(view.slot) ? touched : touched.includes(view.slot) ? by : undefined;
        return { done, job: slots === undefined ? undefined : { kind: 'chase', slots } };
      }
      case 'sees': {
        const [x, y, z] = this.#pointOf(body.target, 0.5);
        return this.#aboutAgents(body, (slot) => this.#isLooking(slot, x, y, z, body.rangeMetres), {
          kind: 'look',
          x,
          y,
          z,
          metres: body.rangeMetres,
        });
      }
      case 'said': {
        const symbol = view.rules.messages.symbols.indexOf(body.symbol);
        return this.#aboutAgents(body, () => false, { kind: 'say', symbol });
      }
      case 'propIn':
      case 'inside': {
        if (body.region === undefined) return NOTHING;
        const ids = typeof body.prop === 'string' ? [body.prop] : body.prop;
        const box = boxOf(body.region);
        const props = view.rules.props.flatMap((prop, i) => (ids.includes(prop.id) ? [i] : []));
        const open = props.find((prop) => {
          const { x, y, z } = view.prop(prop);
          return view.carried() === prop || !isIn(box, Math.floor(x), Math.floor(y), Math.floor(z));
        });
        if (open === undefined) return { done: true, job: undefined };
        return { done: false, job: { kind: this.#canCarry(open) ? 'carry' : 'push', prop: open, box } };
      }
      case 'stacked': {
        const ids = body.props ?? [];
        const props = ids.map((id) => view.rules.props.findIndex((prop) => prop.id === id));
        // Whether they stand is the monitor's to say: the work is to put on top whatever is not.
        return { done: false, job: { kind: 'stack', props, isGiven: body.order !== 'any' } };
      }
      case 'elapsed':
        return { done: view.tick >= body.ticks, job: undefined };
      case 'below':
        return { done: this.#slots(body.agents).every((slot) => view.y(slot) < body.y), job: undefined };
      case 'alive':
        return { done: this.#slots(body.agents).every((slot) => view.isAlive(slot)), job: undefined };
      default:
        return NOTHING;
    }
  }

  /** A predicate about agents: done when all (or any) have it; work for this one while it has not; otherwise it holds on. */
  #aboutAgents(body: Body, has: (slot: number) => boolean, job: Job): Reading {
    const slots = this.#slots(body.agents);
    const done = body.quantifier === 'any' ? slots.some(has) : slots.every(has);
    const goals = job.kind === 'go' ? slots.map((slot) => ({ slot, box: job.box })) : [];
    if (!slots.includes(this.#view.slot)) return { done, job: undefined, goals };
    // Being somewhere and looking somewhere must be kept up; what else this agent has done is done.
    const lasting = job.kind === 'go' || job.kind === 'look';
    return { done, job: lasting || !has(this.#view.slot) ? job : undefined, goals };
  }

  #hasReached(node: object, slot: number, box: Box, each: boolean): boolean {
    const view = this.#view;
    const inside = view.isAlive(slot) && isIn(box, ...view.cellOf(slot));
    if (!each) return inside;
    let arrived = this.#arrived.get(node);
    if (arrived === undefined) this.#arrived.set(node, (arrived = new Set()));
    if (inside) arrived.add(slot);
    return arrived.has(slot);
  }

  #near(body: Body): Reading {
    const view = this.#view;
    const others = isCell(body.of) ? undefined : this.#slots(body.of).filter((slot) => slot !== view.slot);
    const [x, y, z] = this.#pointOf(body.of, 0);
    const isNear = (slot: number) => {
      const targets = others ?? [-1];
      return targets.some((target) => {
        const dx = view.x(slot) - (target < 0 ? x : view.x(target));
        const dy = view.y(slot) - (target < 0 ? y : view.y(target));
        const dz = view.z(slot) - (target < 0 ? z : view.z(target));
        return dx * dx + dy * dy + dz * dz <= body.metres * body.metres;
      });
    };
    const metres = Math.max(0.5, body.metres - NEAR_MARGIN);
    const reach = Math.ceil(metres);
    const box: Box = [
      Math.floor(x) - reach,
      Math.floor(y) - reach,
      Math.floor(z) - reach,
      Math.floor(x) + reach,
      Math.floor(y) + reach,
      Math.floor(z) + reach,
    ];
    return this.#aboutAgents(body, isNear, { kind: 'go', box, near: { x, y, z, metres } });
  }

  /** Counts by the blocks that are gone since the task began: the cells of a kind only become fewer by digging. */
  #dug(node: object, body: Body): Reading {
    const view = this.#view;
    const block = view.palette.indexOfName(blockByName(body.block).name);
    let present = 0;
    for (let i = 0; i < view.voxels.length; i++) if (view.voxels[i] === block) present++;
    const first = this.#dugFrom.get(node) ?? present;
    this.#dugFrom.set(node, first);
    const done = first - present >= body.atLeast;
    return this.#aboutAgents(body, () => done, { kind: 'dig', blocks: [block] });
  }

  /** Items to be carried, by digging and making them. */
  #provided(body: Body, item: number, provision: Provision): Reading {
    const view = this.#view;
    const has = (slot: number) => slot !== view.slot || countItems(view, item) >= body.atLeast;
    const job = this.#wantsJob && this.#includesMe(body.agents) && !has(view.slot) ? provision.jobFor(item, body.atLeast) : undefined;
    return job === undefined ? { done: has(view.slot), job } : this.#aboutAgents(body, has, job);
  }

  /** What agents have done, as the monitor counts it; who has what another is to be given brings it. */
  #survived(survival: SurvivalReader, node: object, kind: SurvivalKind, body: Body): Reading {
    const slots = this.#slots(body.agents);
    const mine = slots.indexOf(this.#view.slot);
    const facts = body as Body & SurvivalBody;
    const has = (k: number) => survival.has(node, kind, facts, k);
    const done = body.quantifier === 'any' ? slots.some((_, k) => has(k)) : slots.every((_, k) => has(k));
    if (done || !this.#wantsJob) return { done, job: undefined };
    if (mine >= 0 && !has(mine)) {
      const job = survival.jobOf(kind, facts);
      if (job !== undefined) return { done, job };
    }
    if (kind !== 'traded' || facts.from === 'traders') return { done, job: undefined };
    const other = slots.findIndex((slot, k) => slot !== this.#view.slot && !has(k) && this.#view.isAlive(slot));
    if (other >= 0 && mine < 0) return { done, job: survival.jobToSupply(slots[other], facts) };
    return { done, job: mine >= 0 && !has(mine) ? { kind: 'meet' } : undefined };
  }

  #built(body: Body): Reading {
    const view = this.#view;
    const cells: { x: number; y: number; z: number; block: number }[] = [];
    let found = 0;
    const look = (x: number, y: number, z: number, block: number) => {
      if (view.blockAt(x, y, z) === block) found++;
      else cells.push({ x, y, z, block });
    };
    if (body.pattern !== undefined)
      for (const { at, block } of body.pattern) look(at[0], at[1], at[2], view.palette.indexOfName(blockByName(block).name));
    else {
      const [x0, y0, z0, x1, y1, z1] = boxOf(body.region);
      const block = view.palette.indexOfName(blockByName(body.block).name);
      for (let y = y0; y <= y1; y++) for (let z = z0; z <= z1; z++) for (let x = x0; x <= x1; x++) look(x, y, z, block);
    }
    const done = body.pattern !== undefined ? cells.length === 0 : found >= body.atLeast;
    return done || !view.roster[view.slot].can.place ? { done, job: undefined } : { done, job: { kind: 'build', cells } };
  }

  /** Within range and 60 degrees of the view; what stands between is left to the skill that takes up the place. */
  #isLooking(slot: number, x: number, y: number, z: number, metres: number): boolean {
    const view = this.#view;
    const [dx, dy, dz] = [x - view.x(slot), y - view.y(slot) - 1.62, z - view.z(slot)];
    const squared = dx * dx + dy * dy + dz * dz;
    const [lx, ly, lz] = view.lookVector(slot);
    const along = dx * lx + dy * ly + dz * lz;
    return squared <= metres * metres && along > 0 && 4 * along * along >= squared;
  }

  #areTouching(a: number, b: number): boolean {
    const view = this.#view;
    if (a === view.slot) return view.touches(b);
    if (b === view.slot) return view.touches(a);
    return Math.abs(view.x(a) - view.x(b)) < TOUCH && Math.abs(view.z(a) - view.z(b)) < TOUCH && Math.abs(view.y(a) - view.y(b)) < 1.8;
  }

  /** A cell's floor centre raised by `lift`, the nearest of some agents at half their height, or a prop's centre. */
  #pointOf(target: Names | Cell, lift: number): [number, number, number] {
    const view = this.#view;
    if (isCell(target)) return [target[0] + 0.5, target[1] + lift, target[2] + 0.5];
    const names = typeof target === 'string' ? [target] : target;
    const prop = view.rules.props.findIndex((one) => names.includes(one.id));
    if (prop >= 0) {
      const { x, y, z } = view.prop(prop);
      return [x, y, z];
    }
    const slots = this.#slots(target).filter((slot) => slot !== view.slot);
    let best = slots[0] ?? view.slot;
    const distance = (slot: number) => (view.x(slot) - view.x()) ** 2 + (view.z(slot) - view.z()) ** 2;
    for (const slot of slots) if (distance(slot) < distance(best)) best = slot;
    return [view.x(best), view.y(best) + 1.8 * lift, view.z(best)];
  }

  /** Whether hands can lift the prop. */
  #canCarry(prop: number): boolean {
    const { carrying, props } = this.#view.rules;
    return carrying !== undefined && props[prop].massKg <= carrying.maxMassKg && this.#view.roster[this.#view.slot].can.use;
  }

  #slots(names: Names): readonly number[] {
    let slots = this.#selected.get(names);
    if (slots === undefined) this.#selected.set(names, (slots = selectAgents(this.#view.roster, names as string | string[])));
    return slots;
  }

  #includesMe(names: Names): boolean {
    return this.#slots(names).includes(this.#view.slot);
  }
}

/** What tells jobs of one kind apart. */
function keyOf(job: Job): string {
  return JSON.stringify(job);
}

export function boxOf([from, to]: readonly [Cell, Cell]): Box {
  return [from[0], from[1], from[2], to[0], to[1], to[2]];
}

function isCell(target: Names | Cell): target is Cell {
  return typeof target !== 'string' && typeof target[0] === 'number';
}
