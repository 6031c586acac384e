/**
 * Compiles a scenario to the tables that engines run: one `ScenarioProgram` for all worlds, and a source of level variants per split.
 * Data flow: scenario -> variant 0 of `train` resolved -> program; per variant: parameters drawn -> level, constants, spawns.
 * Limit: between variants only constants, voxels and spawns may differ; a scenario whose tables differ at an extreme of its parameters is refused.
 */
import {
  assertDrawsFit,
  MECHANISM_CLOCK,
  MECHANISM_EFFECT_COLUMNS,
  MECHANISM_INPUT_COLUMNS,
  MECHANISM_LINK,
  type ScenarioProgram,
  type VariantData,
} from '@kinovox/physics';
import {
  type Blueprint,
  buildLevel,
  DEFAULT_OBSERVED_MOBS,
  drawParameters,
  hashLanesOf,
  levelSeed,
  type Palette,
  type ParameterValues,
  type ReadFile,
  type ResolvedScenario,
  readBlueprints,
  resolveScenario,
  rowWordsOf,
  type Scenario,
  ScenarioError,
  ShapeError,
  type Split,
  scenarioHash,
  scenarioPalette,
  splitIndex,
  variantCount,
} from '@kinovox/world';
import { compileBlocks, compilePlacedByItem } from './compile/blocks.js';
import { compileBodies } from './compile/bodies.js';
import { farPropSpawns, MAX_FAR_PROPS, withFarProps } from './compile/far-props.js';
import { idlePropSpawns, MAX_IDLE_PROPS, withIdleProps } from './compile/idle-props.js';
import { compileLevel } from './compile/level.js';
import { compileMechanisms } from './compile/mechanisms.js';
import { compileMessages } from './compile/messages.js';
import { askingNoProps } from './compile/no-props.js';
import { compileProps } from './compile/props.js';
import { compileRandomisation } from './compile/randomisation.js';
import { compileRivalLevel, compileRivals } from './compile/rivals.js';
import { compileSurvival } from './compile/survival.js';
import { chassisOf, chassisSpawns, compileVehicles, vehicleSpawns } from './compile/vehicles.js';
import { compileGuidance, compileShaping, compileWays } from './compile/ways.js';
import { ConstantPool } from './constant-pool.js';
import { type ObservationChoice, type ObservationSpec, observationOf } from './observation-choice.js';
import { PlayableLevels } from './playable-levels.js';
import { compileTask } from './task/compile-task.js';
import { VariantPool } from './variant-pool.js';

export interface CompileOptions {
  /** Reads structure files by their path relative to the folder of the scenario. */
  readFile?: ReadFile | undefined;
  /** Bytes of levels kept per split; default 256 MiB. */
  maxPoolBytes?: number | undefined;
  /**
   * What agents are given, in place of parts of the scenario's `observation`, or profiles that name such parts. It changes no level and no state:
   * the scenario, its hash and its levels stay what they are.
   */
  observation?: ObservationChoice | undefined;
  /** Measure how far agents are from the first place that their task sends them to: the shaping channel. It changes no level, no reward and no state. */
  shaping?: boolean | undefined;
  /**
   * So many props out of everybody's way, 0..16, default 0: they put the scenario on the rigid tier and leave its levels, seeds and hash what they are.
   * For comparing tiers: a recording of it does not hold them.
   */
  idleProps?: number | undefined;
  /** The same with props that float above the world, 0..16, default 0: at least 8 blocks from everybody, and the first of them always in motion. */
  farProps?: number | undefined;
  /** Take the scenario's props out of the program, see `withoutProps`; default no. */
  withoutProps?: boolean | undefined;
}

export interface CompiledScenario {
  scenario: Scenario;
  program: ScenarioProgram;
  palette: Palette;
  /** The resolved scenario that the program was compiled from: variant 0 of `train`. */
  base: ResolvedScenario;
  /** What can be built by name. */
  blueprints: ReadonlyMap<string, Blueprint>;
  /** Structure files that were read, by path; a recording carries them. */
  files: ReadonlyMap<string, Uint8Array>;
  /** As given; each thread that compiles the scenario again holds to it. */
  maxPoolBytes: number | undefined;
  /** As given, in place of parts of the scenario's own. */
  observation: ObservationChoice | undefined;
  /** As given. */
  shaping: boolean | undefined;
  /** As given, default 0. */
  idleProps: number;
  /** As given, default 0. */
  farProps: number;
  /** As given, default no; each thread that compiles the scenario again holds to it. */
  withoutProps: boolean;
  /** Levels of a split, or the error of one that cannot be built; one pool per split, shared by all callers. */
  variantSource(split: Split): VariantPool;
  /** The same as episodes play them: in place of a level that cannot be built stands another. */
  playableLevels(split: Split): PlayableLevels;
  /** Values that the variant which episodes play drew for the scenario's parameters: part of `resolve`, at little cost. */
  parametersOf(split: Split, variant: number): ParameterValues;
  /** What episodes of a variant play, with its parameters written in: the variant itself, or the one that replaces it. */
  resolve(split: Split, variant: number): ResolvedScenario;
}

/** @throws ScenarioError when something asked for is not simulated, or tables would differ between variants. */
export function compileScenario(scenario: Scenario, options: CompileOptions = {}): CompiledScenario {
  const files = new Map<string, Uint8Array>();
  const readFile = options.readFile === undefined ? undefined : remember(options.readFile, files);
  const palette = scenarioPalette(scenario, readFile);
  const resolveOwn = (split: Split, variant: number) => resolveScenario(scenario, split, variant, { readFile, palette });
  const observed = observationOf(scenario, options.observation);
  const { idleProps = 0, farProps = 0 } = options;
  assertCount('idleProps', 'idle-props', idleProps, MAX_IDLE_PROPS);
  assertCount('farProps', 'far-props', farProps, MAX_FAR_PROPS);
  const tablesOf = (resolved: ResolvedScenario) =>
    compileTables(withFarProps(withIdleProps(resolved, idleProps), farProps), palette, observed);
  const base = resolveOwn('train', 0);
  const tables = tablesOf(base);
  const shape = shapeOf(tables);
  for (const values of outerValues(scenario.parameters)) {
    const own = tablesOf(resolveScenario(withParameters(scenario, values), 'train', 0, { readFile, palette }));
    if (shapeOf(own) !== shape) throw differs(scenario, `with ${JSON.stringify(values)}`, tables.program, own.program);
  }
  const program: ScenarioProgram = {
    ...tables.program,
    scenarioHash: scenario.resolved?.scenarioHash ?? scenarioHash(scenario),
    numVariants: variantCount(scenario),
    ...(options.shaping === true ? { shaping: compileShaping(tables.program) } : {}),
    ...(observed.guidance === undefined ? {} : { guidance: compileGuidance(tables.program) }),
    ...(observed.rivalGuidance === undefined ? {} : { rivals: compileRivals(tables.program) }),
  };

  const build = (split: Split, variant: number): VariantData => {
    const resolved = resolveOwn(split, variant);
    const own = tablesOf(resolved);
    if (shapeOf(own) !== shape) throw differs(scenario, `in variant ${variant} of ${split}`, tables.program, own.program);
    const level = buildLevel(resolved, levelSeed(resolved), readFile);
    const made = compileLevel(level, variant, Int32Array.from(own.constants));
    const idle = idleProps === 0 ? [] : idlePropSpawns(level, resolved, idleProps);
    const propSpawns = [...made.propSpawns, ...idle, ...farPropSpawns(resolved, farProps), ...chassisSpawns(program)];
    const placed = { ...made, ...vehicleSpawns(program, made), propSpawns };
    assertDrawsFit(program, placed);
    return {
      ...placed,
      ...compileWays(program, made.voxels, made.constants),
      ...compileRivalLevel(program, made.voxels),
    };
  };
  const pools = new Map<Split, VariantPool>();
  const variantSource = (split: Split): VariantPool => {
    let pool = pools.get(split);
    if (pool === undefined) pools.set(split, (pool = new VariantPool((variant) => build(split, variant), options.maxPoolBytes)));
    return pool;
  };
  const playable = new Map<Split, PlayableLevels>();
  const playableLevels = (split: Split): PlayableLevels => {
    let levels = playable.get(split);
    if (levels === undefined) playable.set(split, (levels = new PlayableLevels(variantSource(split), split, program.numVariants)));
    return levels;
  };
  const resolve = (split: Split, variant: number) => {
    const isPlayed = Number.isInteger(variant) && variant >= 0 && variant < program.numVariants;
    return resolveOwn(split, isPlayed ? playableLevels(split).played(variant) : variant);
  };
  const parametersOf = (split: Split, variant: number): ParameterValues => {
    const { low, high } = hashLanesOf(program.scenarioHash);
    const drawn = drawParameters(scenario.parameters, low, high, splitIndex(split), playableLevels(split).played(variant));
    return { ...scenario.resolved?.parameters, ...drawn };
  };
  const { maxPoolBytes, observation, shaping } = options;
  const blueprints = readBlueprints(scenario, readFile);
  const sources = { variantSource, playableLevels, resolve, parametersOf };
  const { withoutProps = false } = options;
  const given = { maxPoolBytes, observation, shaping, idleProps, farProps, withoutProps };
  return { scenario, program: withoutProps ? askingNoProps(program) : program, palette, base, blueprints, files, ...given, ...sources };
}

function assertCount(name: string, code: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new ShapeError(code, `${name} must be an integer in 0..${most}; got ${value}. Leave it out for none.`);
}

/** Assignments in which both ends of every range and every choice occur: a part of a scenario depends on one parameter, so these show all tables there are. */
function outerValues(parameters: Scenario['parameters']): ParameterValues[] {
  const named = Object.entries(parameters).map(([name, parameter]): [string, readonly (number | string)[]] => [
    name,
    'int' in parameter ? parameter.int : 'real' in parameter ? parameter.real : parameter.choice,
  ]);
  const most = Math.max(0, ...named.map(([, values]) => values.length));
  return Array.from({ length: most }, (_, k) => Object.fromEntries(named.map(([name, values]) => [name, values[k % values.length]])));
}

/** The scenario whose parameters can take these values only: each is drawn as it was, from a range or list of one. */
function withParameters(scenario: Scenario, values: ParameterValues): Scenario {
  const parameters = Object.entries(values).map(([name, value]) => {
    const parameter = scenario.parameters[name];
    const only = 'int' in parameter ? { int: [value, value] } : 'real' in parameter ? { real: [value, value] } : { choice: [value] };
    return [name, { ...parameter, ...only }];
  });
  return { ...scenario, parameters: Object.fromEntries(parameters) };
}

interface Tables {
  program: Omit<ScenarioProgram, 'scenarioHash' | 'numVariants'>;
  constants: readonly number[];
}

function compileTables(resolved: ResolvedScenario, palette: Palette, observed: ObservationSpec = resolved.observation): Tables {
  const constants = new ConstantPool();
  const bodies = compileBodies(resolved);
  const task = compileTask(resolved, palette, constants);
  const blocks = compileBlocks(palette, resolved.world.diggable);
  const survival = compileSurvival(resolved, palette, blocks);
  const mechanisms = compileMechanisms(resolved.mechanisms, palette, constants);
  const randomisation = compileRandomisation(resolved.randomisation);
  const vehicles = compileVehicles(resolved);
  const { size } = resolved.world;
  const { nearestAgents, crop, goals, inventory, messages, camera, lidar, guidance, rivalGuidance } = observed;
  const observedParts = Math.min(observed.mechanisms ?? 0, numParts(mechanisms));
  const nearestProps = Math.min(observed.props ?? 0, resolved.props.length);
  return {
    constants: constants.values,
    program: {
      id: resolved.id,
      numAgents: resolved.agents.length,
      ...bodies,
      size,
      rowWords: rowWordsOf(size[0]),
      blocks,
      placedByItem: compilePlacedByItem(palette),
      mechanisms,
      messages: compileMessages(resolved.messages),
      ...task,
      observation: {
        nearestAgents,
        crop,
        goals,
        inventory,
        messages,
        ...(survival === undefined ? {} : { recipes: survival.recipeNames }),
        ...(survival?.mobs === undefined ? {} : { nearestMobs: observed.mobs ?? DEFAULT_OBSERVED_MOBS }),
        ...(nearestProps === 0 ? {} : { nearestProps }),
        ...(observedParts === 0 ? {} : { mechanisms: observedParts }),
        ...(guidance === undefined ? {} : { guidance }),
        ...(rivalGuidance === undefined ? {} : { rivalGuidance }),
        ...(vehicles === undefined ? {} : { vehicle: true }),
        ...(camera === undefined ? {} : { camera }),
        ...(lidar === undefined ? {} : { lidar }),
      },
      maxTicks: resolved.episode.maxTicks,
      ...(resolved.carrying === undefined ? {} : { carrying: resolved.carrying }),
      numProps: resolved.props.length + (vehicles?.agents.length ?? 0),
      props: compileProps({ ...resolved, props: [...resolved.props, ...chassisOf(resolved)] }),
      ...(vehicles === undefined ? {} : { vehicles }),
      ...(survival === undefined ? {} : { survival }),
      ...(randomisation === undefined ? {} : { randomisation }),
    },
  };
}

/** Parts of mechanisms that have a place: inputs that are no links or clocks, and sets of blocks. */
function numParts({ inputs, effects }: ScenarioProgram['mechanisms']): number {
  let places = effects.length / MECHANISM_EFFECT_COLUMNS;
  for (let at = 0; at < inputs.length; at += MECHANISM_INPUT_COLUMNS)
    if (inputs[at] !== MECHANISM_LINK && inputs[at] !== MECHANISM_CLOCK) places++;
  return places;
}

/** Everything that must be equal between variants, as text. Sentences may differ: they hold the variant's numbers. */
function shapeOf({ program, constants }: Tables): string {
  return JSON.stringify([constants.length, program], withoutNames);
}

function withoutNames(key: string, value: unknown): unknown {
  if (key === 'names' || key === 'taskNames') return undefined;
  return ArrayBuffer.isView(value) ? Array.from(value as Int32Array) : value;
}

function differs(scenario: Scenario, where: string, base: object, own: object): ScenarioError {
  const part =
    Object.keys(base).find((key) => JSON.stringify(base[key as never], withoutNames) !== JSON.stringify(own[key as never], withoutNames)) ??
    'constants';
  return new ScenarioError(
    'variant-structure',
    `Variants of ${scenario.id} must differ only in numbers, cells and terrain; got other "${part}" ${where} than in variant 0 of train. Use parameters for numbers and cells only, or make two scenarios.`,
  );
}

function remember(readFile: ReadFile, files: Map<string, Uint8Array>): ReadFile {
  return (path) => {
    let bytes = files.get(path);
    if (bytes === undefined) files.set(path, (bytes = readFile(path)));
    return bytes;
  };
}
