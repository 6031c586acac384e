/** What the skills of one agent share: its map, its way-finding and its crafts, made once. */
import type { Library } from '@kinovox/planning';
import type { AgentPlan } from '@kinovox/world';
import type { AgentView } from '../agent-view.js';
import { Ground } from '../navigation/ground.js';
import { Navigator } from '../navigation/navigator.js';
import { SearchSpace } from '../navigation/search-space.js';
import { BlockIndex } from '../skills/block-index.js';
import { Carriage } from '../skills/carry-to.js';
import { Combat } from '../skills/combat.js';
import { Dealing } from '../skills/dealing.js';
import { Pilot } from '../skills/pilot.js';
import { Quarry } from '../skills/quarry.js';
import { Beliefs } from '../task/beliefs.js';
import { TaskReader } from '../task/task-reader.js';
import type { Intentions, SkillBody } from './skill.js';

export interface SkillBodyOptions {
  /** Says something in this tick; default: nothing can be said. */
  say?(text: string): boolean;
  /** What others mean to do and let this agent know; default what its view knows. */
  sharedPlans?(): readonly AgentPlan[];
  /** Most nodes of one search of `plan` and `validatePlan`; default 40,000, as many as the policy `planner:voxel` allows itself. */
  searchNodes?: number;
  /** Memory of searches, for all agents of a factory; default: one of its own. */
  space?: SearchSpace;
  /** Certified moves by body, for all agents of a factory: making them takes about a second. Default: made for this agent when asked for. */
  libraries?: MoveLibraries;
}

const SEARCH_NODES = 40_000;

/** By program, and slot. */
export type MoveLibraries = WeakMap<object, Map<number, Library | undefined>>;

export function createSkillBody(view: AgentView, options: SkillBodyOptions = {}): SkillBody {
  const space = options.space ?? new SearchSpace();
  const ground = new Ground(view);
  const navigator = new Navigator(ground, space);
  const quarry = new Quarry(view, navigator);
  const combat = new Combat(view, navigator);
  const dealing = new Dealing(view, navigator);
  const carriage = new Carriage();
  const index = new BlockIndex(view);
  const { body: frame } = view.roster[view.slot];
  const pilot = 'vehicle' in frame ? new Pilot(view, frame) : undefined;
  // Tasks of survival are read by what they ask to be made; where they forbid to be is left to the model.
  const beliefs = view.survival === undefined ? new Beliefs(view) : undefined;
  const reader = new TaskReader(view, undefined);
  const heed = () => {
    beliefs?.listen();
    const formula = beliefs?.formula;
    ground.keepOut = formula === undefined ? [] : reader.read(formula).keepOut;
  };
  let saidAtTick = -1;
  const intentions: Intentions = { goal: undefined, plan: undefined };
  return {
    view,
    ground,
    navigator,
    space,
    quarry,
    combat,
    dealing,
    carriage,
    index,
    pilot,
    intentions,
    libraries: options.libraries ?? new WeakMap(),
    searchNodes: options.searchNodes ?? SEARCH_NODES,
    say(text) {
      if (options.say?.(text) !== true) return false;
      saidAtTick = view.tick;
      return true;
    },
    get hasSaid() {
      return saidAtTick === view.tick;
    },
    sharedPlans: () => options.sharedPlans?.() ?? view.sharedPlans(),
    heed,
    setOut() {
      navigator.forget();
      heed();
    },
    die() {
      beliefs?.reset();
      reader.reset();
      ground.keepOut = [];
      navigator.reset();
      quarry.reset();
      combat.reset();
      dealing.reset();
      carriage.reset();
      index.reset();
      pilot?.reset();
      saidAtTick = -1;
      intentions.plan = undefined;
    },
    reset() {
      this.die();
      intentions.goal = undefined;
    },
  };
}
