/** Loads Rapier, once per process and only when a rigid engine is asked for: batch runs never read its 4 MB. */
export type Rapier = typeof import('@dimforge/rapier3d');

/** The deterministic build: the same bytes on every platform, which the deterministic tier needs. */
export async function loadRapier(): Promise<Rapier> {
  const rapier = await import('@dimforge/rapier3d');
  await rapier.init();
  return rapier;
}
