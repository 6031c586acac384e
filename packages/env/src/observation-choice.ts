/**
 * What agents are given, chosen by the environment in place of parts of what the scenario says: by profile names, which combine, or part by part.
 * Nothing of it enters state or levels, so runs with different observations hash alike.
 */
import { didYouMean, ObservationSchema, type Scenario, UsageError } from '@kinovox/world';

export type ObservationSpec = Scenario['observation'];
/** Parts of a scenario's `observation`; those left out are the scenario's. */
export type ObservationParts = { [K in keyof ObservationSpec]?: unknown };

/**
 * `state`: the vector of numbers alone, no crop and no pictures; `symbolic`: with a crop of blocks and the parts of mechanisms;
 * `camera`: a picture with the defaults of `observation.camera`. `text` is made of what the others show: `Env.text`.
 */
export const OBSERVATION_PROFILES = {
  state: { crop: 0, camera: undefined, lidar: undefined },
  symbolic: { crop: 7, mechanisms: 16 },
  camera: { camera: {} },
} as const satisfies Readonly<Record<string, ObservationParts>>;
export type ObservationProfile = keyof typeof OBSERVATION_PROFILES;
/** Profiles, the later over the earlier, or parts. */
export type ObservationChoice = readonly ObservationProfile[] | ObservationParts;

/** @throws UsageError for an unknown profile or a part that is not valid. */
export function observationOf(scenario: Scenario, choice: ObservationChoice | undefined): ObservationSpec {
  if (choice === undefined) return scenario.observation;
  const parts = Array.isArray(choice) ? Object.assign({}, ...choice.map(partsOf)) : choice;
  const merged = Object.fromEntries(Object.entries({ ...scenario.observation, ...parts }).filter(([, value]) => value !== undefined));
  const parsed = ObservationSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
  const where = ['observation', ...issue.path, ...keys].join('.');
  throw new UsageError(
    'observation-choice',
    `observation must hold parts as a scenario's does; got ${where}: ${issue.message}.${didYouMean(keys[0] ?? '', Object.keys(ObservationSchema.shape)) || ' docs/environments.md lists them.'}`,
  );
}

function partsOf(name: string): ObservationParts {
  if (Object.hasOwn(OBSERVATION_PROFILES, name)) return OBSERVATION_PROFILES[name as ObservationProfile];
  const known = Object.keys(OBSERVATION_PROFILES);
  throw new UsageError(
    'unknown-observation-profile',
    `observation must name profiles of ${known.join(', ')}; got "${name}".${didYouMean(name, known) || ' text is read from Env.text.'}`,
  );
}
