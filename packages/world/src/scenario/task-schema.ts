/**
 * The task language: predicates over state and events, composed by combinators.
 * Reading: every part is asked at the end of every tick. Predicates hold or not at that tick; `sequence`, `until`, `before`, `within` and `count` stay satisfied once they are.
 * Limits: depth <= 8, at most 256 nodes.
 */
import { z } from 'zod';
import {
  BlockRefSchema,
  CellSchema,
  ItemRefSchema,
  integer,
  NameRefSchema,
  NameSchema,
  type ParameterRef,
  type ParameterRefSchema,
  RegionSchema,
  SelectorSchema,
  scalar,
} from './values.js';

export const MAX_FORMULA_DEPTH = 8;
export const MAX_FORMULA_NODES = 256;

const agents = SelectorSchema.describe('Agents asked: an agent id, a counted entry, a team, a role, "all", or a list of ids.');
const quantifier = z
  .enum(['all', 'any'])
  .default('all')
  .describe('Whether all of the agents or any one of them must satisfy it at the same tick; default "all".');
const target = z.union([NameRefSchema, CellSchema, z.array(NameRefSchema).min(1).max(256)]);
const atLeast = integer(1, 65535).default(1);

const ReachSchema = z.strictObject({
  agents,
  region: RegionSchema.describe('Region of block cells that the feet must be in.'),
  each: z
    .boolean()
    .default(false)
    .describe('true: agents may arrive at different ticks and leave again; false (default): they must be inside at the same tick.'),
  quantifier,
});
const NearSchema = z.strictObject({
  agents,
  of: target.describe(
    'What they must be near: agents or props by id, team, role or list (the nearest other one counts), or a cell (the centre of its floor).',
  ),
  metres: scalar(0, 512).describe('Largest distance between feet, or to the prop centre, in metres, 0..512.'),
  quantifier,
});
const HoldsSchema = z.strictObject({
  agents,
  item: ItemRefSchema.describe('Item that must be in the inventory.'),
  atLeast: atLeast.describe('Smallest count, 1..65535; default 1.'),
  quantifier,
});
const BelowSchema = z.strictObject({ agents, y: scalar(0, 128).describe('Height in metres that the feet are below, 0..128.'), quantifier });
const BuiltSchema = z.union([
  z.strictObject({
    region: RegionSchema.describe('Region of block cells that is counted.'),
    block: BlockRefSchema.describe('Block that must stand in the region.'),
    atLeast: atLeast.describe('Smallest count of such blocks, 1..65535; default 1.'),
  }),
  z.strictObject({
    pattern: z
      .array(
        z.strictObject({
          at: CellSchema.describe('Cell that is looked at.'),
          block: BlockRefSchema.describe('Block that must be in that cell.'),
        }),
      )
      .min(1)
      .max(256)
      .describe('Cells with the block each must hold, 1..256; all must hold at the same tick.'),
  }),
]);
const TriggeredSchema = z.strictObject({ mechanism: NameRefSchema.describe('Id of the mechanism that must be active.') });
const SeesSchema = z.strictObject({
  agents,
  target: target.describe('What must be in a clear line of sight: agents or props by id, team, role or list (one is enough), or a cell.'),
  rangeMetres: scalar(0, 512).default(32).describe('Longest distance from the eyes, in metres, 0..512; default 32.'),
  quantifier,
});
const TouchedSchema = z.strictObject({
  agents,
  by: SelectorSchema.describe('Who or what touches them: agents or props by id, team, role or list (one is enough).'),
  quantifier,
});
const AliveSchema = z.strictObject({ agents, quantifier });
const HealthBelowSchema = z.strictObject({
  agents,
  health: scalar(0, 20).describe('Health points that they are below, 0..20 (20 is full).'),
  quantifier,
});
const SaidSchema = z.strictObject({
  agents,
  symbol: z.union([z.string().min(1).max(40), NameRefSchema]).describe('Declared symbol that they send.'),
  quantifier: z.enum(['all', 'any']).default('any').describe('Whether all of the agents or any one of them must send it; default "any".'),
});
const CraftedSchema = z.strictObject({
  agents,
  item: ItemRefSchema.describe('Item that must have been crafted.'),
  atLeast: atLeast.describe('Smallest number crafted in this episode, 1..65535; default 1.'),
  quantifier,
});
const SleptSchema = z.strictObject({
  agents,
  atLeast: atLeast.describe('Smallest number of nights slept through in this episode, 1..65535; default 1.'),
  quantifier,
});
const KilledSchema = z.strictObject({
  agents,
  mob: NameSchema.optional().describe('Name of the mobs of "survival" that count; absent: other agents are counted.'),
  atLeast: atLeast.describe('Smallest number of them killed in this episode, 1..65535; default 1.'),
  quantifier,
});
const TradedSchema = z.strictObject({
  agents,
  item: ItemRefSchema.optional().describe('Item that they received; absent: any.'),
  from: z
    .enum(['traders', 'agents', 'any'])
    .default('any')
    .describe('Whom they received it from: "traders" among the mobs, other "agents" by "give", or "any" (default).'),
  atLeast: atLeast.describe('Smallest number of times in this episode, 1..65535; default 1.'),
  quantifier,
});
const AteSchema = z.strictObject({
  agents,
  item: ItemRefSchema.optional().describe('Item that they ate; absent: any.'),
  atLeast: atLeast.describe('Smallest number eaten in this episode, 1..65535; default 1.'),
  quantifier,
});
const PlacedSchema = z.strictObject({
  agents,
  block: BlockRefSchema.describe('Block that must have been placed.'),
  atLeast: atLeast.describe('Smallest number placed in this episode, 1..65535; default 1.'),
  quantifier,
});
const SurvivedSchema = z.strictObject({
  agents,
  ticks: integer(1, 100000).describe('Ticks (20 per second) that they have lived without dying, 1..100000.'),
  quantifier,
});
const DugSchema = z.strictObject({
  agents,
  block: BlockRefSchema.describe('Block that must have been dug.'),
  atLeast: atLeast.describe('Smallest number dug in this episode, 1..65535; default 1.'),
  quantifier,
});
const PropInSchema = z.strictObject({
  prop: SelectorSchema.describe('Props: an id, a counted entry, or a list of ids; all of them must be inside.'),
  region: RegionSchema.describe('Region of block cells that the prop centre must be in.'),
});
const props = SelectorSchema.describe('Props: an id, a counted entry, or a list of ids.');
const propQuantifier = z
  .enum(['all', 'any'])
  .default('all')
  .describe('Whether all of the props or any one of them must satisfy it at the same tick; default "all".');
const MovedSchema = z.strictObject({
  prop: props,
  metres: scalar(0.1, 512).describe('Least distance between the centre and where it was when the episode began, in metres, 0.1..512.'),
  quantifier: propQuantifier,
});
const StackedSchema = z.strictObject({
  props: z
    .array(NameRefSchema)
    .min(2)
    .max(64)
    .describe('Ids of the props, 2..64, the lowest first; each but the first must rest on the one before it.'),
  order: z
    .enum(['given', 'any'])
    .default('given')
    .describe('"given" (default): in the order of the list; "any": whichever of them is lowest comes first.'),
});
const InsideSchema = z.union([
  z.strictObject({
    prop: props,
    region: RegionSchema.describe('Region of block cells that the box around the prop must lie in.'),
    quantifier: propQuantifier,
  }),
  z.strictObject({
    prop: props,
    container: NameRefSchema.describe('Id of a prop of shape "container" between whose walls the prop must lie, not above its rim.'),
    quantifier: propQuantifier,
  }),
]);
const UprightSchema = z.strictObject({
  prop: props,
  tiltDeg: scalar(0, 180).describe("Largest angle between the prop's own upright axis and the world's, in degrees, 0..180."),
  quantifier: propQuantifier,
});
const SpeedBelowSchema = z.strictObject({
  of: SelectorSchema.describe('Whose speed: agents or props by id, team, role or list.'),
  metresPerSecond: scalar(0.01, 100).describe('Speed that they are below, in metres per second, 0.01..100.'),
  quantifier: z
    .enum(['all', 'any'])
    .default('all')
    .describe('Whether all of them or any one must be slower at the same tick; default "all".'),
});
const ElapsedSchema = z.strictObject({ ticks: integer(0, 100000).describe('Ticks since the episode began (20 per second), 0..100000.') });

const label = {
  name: z.string().min(1).max(60).optional().describe('Short name shown in progress lists, at most 60 characters.'),
  goal: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Sentence that states this part of the task in place of the generated one, at most 200 characters.'),
};

export const PredicateSchema = z.union([
  z.strictObject({ reach: ReachSchema.describe('The feet of the agents are in a region.'), ...label }),
  z.strictObject({ near: NearSchema.describe('The agents are close to something.'), ...label }),
  z.strictObject({ holds: HoldsSchema.describe('The agents carry items.'), ...label }),
  z.strictObject({ below: BelowSchema.describe('The feet of the agents are lower than a height.'), ...label }),
  z.strictObject({ built: BuiltSchema.describe('Blocks stand in a region, or in a pattern of cells.'), ...label }),
  z.strictObject({ triggered: TriggeredSchema.describe('A mechanism is active.'), ...label }),
  z.strictObject({ sees: SeesSchema.describe('The agents have something in a clear line of sight.'), ...label }),
  z.strictObject({ touched: TouchedSchema.describe('The agents are touched by another agent or a prop at this tick.'), ...label }),
  z.strictObject({ alive: AliveSchema.describe('The agents are alive.'), ...label }),
  z.strictObject({ healthBelow: HealthBelowSchema.describe('The health of the agents is below a value.'), ...label }),
  z.strictObject({ said: SaidSchema.describe('The agents send a symbol at this tick.'), ...label }),
  z.strictObject({
    crafted: CraftedSchema.describe('The agents have crafted or smelted items in this episode; needs "survival".'),
    ...label,
  }),
  z.strictObject({ dug: DugSchema.describe('The agents have dug blocks in this episode.'), ...label }),
  z.strictObject({ slept: SleptSchema.describe('The agents have slept through nights in this episode; needs "survival".'), ...label }),
  z.strictObject({
    killed: KilledSchema.describe('The agents have killed mobs or other agents in this episode; needs "survival".'),
    ...label,
  }),
  z.strictObject({
    traded: TradedSchema.describe('The agents have received items from traders or other agents in this episode; needs "survival".'),
    ...label,
  }),
  z.strictObject({ ate: AteSchema.describe('The agents have eaten in this episode; needs "survival".'), ...label }),
  z.strictObject({ placed: PlacedSchema.describe('The agents have placed blocks in this episode.'), ...label }),
  z.strictObject({ survived: SurvivedSchema.describe('The agents have lived for a time without dying; needs "survival".'), ...label }),
  z.strictObject({ propIn: PropInSchema.describe('The centre of a prop is in a region.'), ...label }),
  z.strictObject({ moved: MovedSchema.describe('Props are away from where they started.'), ...label }),
  z.strictObject({ stacked: StackedSchema.describe('Props rest on one another.'), ...label }),
  z.strictObject({ inside: InsideSchema.describe('Props lie wholly in a region, or in a container.'), ...label }),
  z.strictObject({ upright: UprightSchema.describe('Props stand upright.'), ...label }),
  z.strictObject({ speedBelow: SpeedBelowSchema.describe('Props or agents are slower than a speed.'), ...label }),
  z.strictObject({ elapsed: ElapsedSchema.describe('A number of ticks has passed since the episode began.'), ...label }),
]);

export const PREDICATE_NAMES = [
  'reach',
  'near',
  'holds',
  'below',
  'built',
  'triggered',
  'sees',
  'touched',
  'alive',
  'healthBelow',
  'said',
  'crafted',
  'dug',
  'slept',
  'killed',
  'traded',
  'ate',
  'placed',
  'survived',
  'propIn',
  'moved',
  'stacked',
  'inside',
  'upright',
  'speedBelow',
  'elapsed',
] as const;
export const COMBINATOR_NAMES = ['all', 'any', 'sequence', 'until', 'before', 'within', 'never', 'not', 'count'] as const;

export type PredicateName = (typeof PREDICATE_NAMES)[number];
export type CombinatorName = (typeof COMBINATOR_NAMES)[number];

export type PredicateInput = z.input<typeof PredicateSchema>;
export type Predicate = z.output<typeof PredicateSchema>;

interface Label {
  name?: string | undefined;
  goal?: string | undefined;
}
type IntegerInput = number | z.input<typeof ParameterRefSchema>;

interface AllOf<F> extends Label {
  all: F[];
}
interface AnyOf<F> extends Label {
  any: F[];
}
interface SequenceOf<F> extends Label {
  sequence: F[];
}
interface UntilOf<F> extends Label {
  until: { hold: F; goal: F };
}
interface BeforeOf<F> extends Label {
  before: { first: F; then: F };
}
interface WithinOf<F, N> extends Label {
  within: { goal: F; ticks: N };
}
interface NeverOf<F> extends Label {
  never: F;
}
interface NotOf<P> extends Label {
  not: P;
}
interface CountOf<F, N> extends Label {
  count: { of: F[]; atLeast: N };
}

type I = IntegerInput;
type N = number | ParameterRef;
type In = FormulaInput;

export type FormulaInput =
  | PredicateInput
  | AllOf<In>
  | AnyOf<In>
  | SequenceOf<In>
  | UntilOf<In>
  | BeforeOf<In>
  | WithinOf<In, I>
  | NeverOf<In>
  | NotOf<PredicateInput>
  | CountOf<In, I>;

export type Formula =
  | Predicate
  | AllOf<Formula>
  | AnyOf<Formula>
  | SequenceOf<Formula>
  | UntilOf<Formula>
  | BeforeOf<Formula>
  | WithinOf<Formula, N>
  | NeverOf<Formula>
  | NotOf<Predicate>
  | CountOf<Formula, N>;

/** The parts of a formula: `{ kind: 'reach', ... }` is the key under which its body stands. */
export function formulaKind(formula: object): PredicateName | CombinatorName {
  for (const name of PREDICATE_NAMES) if (name in formula) return name;
  for (const name of COMBINATOR_NAMES) if (name in formula) return name;
  throw new TypeError('not a formula');
}

const inner = (): z.ZodType<Formula, FormulaInput> => z.lazy(() => FormulaSchema);
const many = () => z.array(inner()).min(1).max(64);

const combinators = [
  z.strictObject({
    all: many().describe('Every part is satisfied at the same tick; a "never" among other parts must only be unbroken (1..64 parts).'),
    ...label,
  }),
  z.strictObject({ any: many().describe('One of the parts is satisfied (1..64 parts).'), ...label }),
  z.strictObject({
    sequence: many().describe('The parts are satisfied one after another, each at a later tick than the one before it (1..64 parts).'),
    ...label,
  }),
  z.strictObject({
    until: z
      .strictObject({
        hold: inner().describe('What must hold at every tick before the goal.'),
        goal: inner().describe('What ends the obligation.'),
      })
      .describe('"goal" is satisfied, and "hold" was at every tick before; violated when "hold" fails first.'),
    ...label,
  }),
  z.strictObject({
    before: z
      .strictObject({ first: inner().describe('What must come first.'), then: inner().describe('What must come later.') })
      .describe('"first" is satisfied before "then" is; violated when "then" comes first.'),
    ...label,
  }),
  z.strictObject({
    within: z
      .strictObject({
        goal: inner().describe('What must be satisfied in time.'),
        ticks: integer(1, 100000).describe('Deadline in ticks (20 per second) after the episode began, 1..100000.'),
      })
      .describe('The goal is satisfied by its deadline; violated when that passes.'),
    ...label,
  }),
  z.strictObject({
    never: inner().describe('What must not happen in the whole episode; violated at the first tick at which it does.'),
    ...label,
  }),
  z.strictObject({ not: PredicateSchema.describe('A predicate that must be false.'), ...label }),
  z.strictObject({
    count: z
      .strictObject({
        of: many().describe('What is counted (1..64 parts).'),
        atLeast: integer(1, 1000).describe('How often the parts must become satisfied, all together, 1..1000.'),
      })
      .describe('The parts became satisfied at least so often, all together; one part counts again each time it begins to hold.'),
    ...label,
  }),
] as const;

/** A predicate, or a combinator over formulas: an object with exactly one of those keys, and optionally `name` and `goal`. */
export const FormulaSchema: z.ZodType<Formula, FormulaInput> = z
  .union([...PredicateSchema.options, ...combinators])
  .meta({ id: 'Formula', description: 'A predicate or combinator: exactly one of their keys, optionally with "name" and "goal".' });

/** One formula for everybody, or one per team (the first listed team's verdict is the episode's). */
export const TaskSchema = z.union([
  z.strictObject({
    perTeam: z
      .record(NameSchema, FormulaSchema)
      .describe(
        'Team name -> formula. Each team is judged by its own; the verdict of the first team listed is the success of the episode.',
      ),
  }),
  FormulaSchema,
]);
