/** The watched world in the address of the page: `#world=37`, beside what else stands there. */

/** The world that the address names, or 0. */
export function worldOfAddress(): number {
  const world = Number(new URLSearchParams(location.hash.slice(1)).get('world') ?? 0);
  return Number.isInteger(world) && world >= 0 ? world : 0;
}

/** Keeps the watched world in the address, so that reloading and sharing it come back to it. */
export function rememberWorld(world: number): void {
  const parameters = new URLSearchParams(location.hash.slice(1));
  parameters.set('world', String(world));
  history.replaceState(null, '', `#${parameters}`);
}
