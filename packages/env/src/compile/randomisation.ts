/** Ranges of what episodes draw, as the kernel's integers. A range that is left out holds the neutral value alone. */
import type { RandomisationTables } from '@kinovox/physics';
import type { Randomisation } from '@kinovox/world';

const Q12 = 4096;

/** @returns undefined where nothing is drawn. */
export function compileRandomisation(randomisation: Randomisation | undefined): RandomisationTables | undefined {
  const { speed, jump, friction, actionDelayTicks } = randomisation ?? {};
  if (speed === undefined && jump === undefined && friction === undefined && actionDelayTicks === undefined) return undefined;
  const [speedLowQ12, speedSpan] = lowAndSpan(speed ?? [1, 1], Q12);
  const [jumpLowQ12, jumpSpan] = lowAndSpan(jump ?? [1, 1], Q12);
  const [frictionLowQ12, frictionSpan] = lowAndSpan(friction ?? [1, 1], Q12);
  const [delayLow, delaySpan] = lowAndSpan(actionDelayTicks ?? [0, 0], 1);
  return { speedLowQ12, speedSpan, jumpLowQ12, jumpSpan, frictionLowQ12, frictionSpan, delayLow, delaySpan };
}

function lowAndSpan([from, to]: readonly [number, number], unit: number): [low: number, span: number] {
  const low = Math.round(from * unit);
  return [low, Math.round(to * unit) - low + 1];
}
