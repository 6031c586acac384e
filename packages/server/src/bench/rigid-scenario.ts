/** The scene of the rigid benchmark: ten crates that fall onto a heap on flat ground, and a walker who walks into it. Exact places: every library has the same. */
import type { ScenarioInput } from '@kinovox/world';

/** An episode; long enough to fall, to be pushed about and for some of it to come to rest. */
export const EPISODE_TICKS = 128;
export const NUM_CRATES = 10;
export const CRATE_SIZE = 0.8;
export const CRATE_KG = 12;
/** Height of the ground. */
export const GROUND = 4;

export function rigidBenchScenario(): ScenarioInput {
  const crates = Array.from({ length: NUM_CRATES }, (_, k) => ({
    id: `crate-${k}`,
    shape: { box: [CRATE_SIZE, CRATE_SIZE, CRATE_SIZE] as [number, number, number] },
    massKg: CRATE_KG,
    // Five layers of two, each a little aside of the one below.
    spawn: {
      atMetres: [12 + 0.3 * (k % 4), GROUND + 0.45 + Math.floor(k / 2), 15.6 + 1.1 * (k % 2) + 0.1 * (k % 3)] as [number, number, number],
    },
  }));
  return {
    version: 1,
    id: 'bench-rigid-v1',
    title: 'A heap of crates',
    world: { size: [32, 24, 32], terrain: { generator: 'flat', ground: GROUND } },
    agents: [{ id: 'ada', body: 'walker', spawn: { atMetres: [8.5, GROUND, 16.1], yawDeg: -90 } }],
    props: crates,
    task: { elapsed: { ticks: 100_000 } },
    episode: { maxTicks: EPISODE_TICKS, variants: 2 },
  };
}
