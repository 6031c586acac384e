/**
 * `safe:MODE:POLICY`: any policy with a safety filter behind it (docs/safety-filter.md). The policy decides as ever; what the filter says is in
 * `PolicyRun.interventions`. It plays the native profile, which the filter's brake needs, and never where the worlds are on a device.
 */
import { SAFETY_MODES, type SafetyMode, type SafetyOptions } from '@kinovox/planning';
import { didYouMean, UsageError } from '@kinovox/world';
import type { PolicyFactory } from '../policy.js';

/** Before the mode and the name of a policy. */
export const SAFE_PREFIX = 'safe:';

/** @param options of the filter, beside its mode. */
export function createSafePolicy(
  inner: PolicyFactory,
  mode: SafetyMode,
  options: Omit<SafetyOptions, 'mode' | 'onIntervention'> = {},
): PolicyFactory {
  const { observation, isPlayed } = inner;
  const parts = {
    name: `${SAFE_PREFIX}${mode}:${inner.name}`,
    ...(observation === undefined ? {} : { observation }),
    ...(isPlayed === undefined ? {} : { isPlayed }),
    safety: { ...options, mode },
  };
  if ('create' in inner) return { ...parts, create: () => inner.create() };
  const { batch } = inner;
  const { think } = batch;
  return {
    ...parts,
    batch: {
      check: (host, slots) => batch.check?.(host, slots),
      ...(think === undefined ? {} : { think: (host, slots) => think(host, slots) }),
      fill: (host, slots, out) => batch.fill(host, slots, out),
      plans: (host, row, slots) => batch.plans?.(host, row, slots) ?? [],
    },
  };
}

/** The mode and the policy that a name such as `safe:enforce:random` is made of. @throws UsageError for a mode that does not exist. */
export function parseSafeName(name: string): { mode: SafetyMode; inner: string } {
  const [mode, ...rest] = name.slice(SAFE_PREFIX.length).split(':');
  if (!(SAFETY_MODES as readonly string[]).includes(mode) || rest.length === 0)
    throw new UsageError(
      'safe-policy',
      `A policy behind a safety filter must be named safe:MODE:POLICY, MODE one of ${SAFETY_MODES.join(', ')}; got "${name}".${didYouMean(mode, SAFETY_MODES)}`,
    );
  return { mode: mode as SafetyMode, inner: rest.join(':') };
}
