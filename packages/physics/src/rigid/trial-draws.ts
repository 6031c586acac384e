/** Draws the start of a level's first episodes before any is played, so that a level whose regions are too small is refused and not played overlapping. */
import { PURPOSE, randomU32, ScenarioError } from '@kinovox/world';
import type { ScenarioProgram, VariantData } from '../program.js';
import type { TickContext } from '../stages/context.js';
import { takenByEarlier } from '../stages/reset.js';
import { standAtSpawn } from '../stages/spawn-point.js';
import { drawPropCentres } from './prop-spawns.js';
import { placeVehicles } from './vehicles/vehicle-spawns.js';

/** Seeds 0..31: a level that has room in all of them may still be crowded in another, where bodies are then pushed apart. */
const TRIAL_SEEDS = 32;
/** As in a reset. */
const SPAWN_DRAWS = 16;

/** @throws ScenarioError naming the first prop or vehicle for which one of the draws left no place in its region. */
export function assertDrawsFit(program: ScenarioProgram, level: VariantData): void {
  const { numAgents, vehicles } = program;
  const isDrawn = level.propSpawns.some(({ cells, exact }) => exact === undefined && cells.length > 3);
  if (!isDrawn && vehicles === undefined) return;
  const perAgent = () => new Int32Array(TRIAL_SEEDS * numAgents);
  const state = {
    seedLow: Int32Array.from({ length: TRIAL_SEEDS }, (_, seed) => seed),
    seedHigh: new Int32Array(TRIAL_SEEDS),
    variants: new Array<VariantData>(TRIAL_SEEDS).fill(level),
    posX: perAgent(),
    posY: perAgent(),
    posZ: perAgent(),
  };
  const c = { program, numAgents, state } as unknown as TickContext;
  for (let w = 0; w < TRIAL_SEEDS; w++) {
    for (let a = 0; a < numAgents; a++) {
      for (let draw = 0; draw < SPAWN_DRAWS; draw++) {
        standAtSpawn(c, w, a, randomU32(state.seedLow[w], state.seedHigh[w], 0, a, PURPOSE.spawn, draw));
        if (!takenByEarlier(c, w, a)) break;
      }
    }
    if (vehicles !== undefined)
      placeVehicles(c, vehicles, w, (a) => {
        // Two at given places were held against each other, as they are turned.
        if (level.spawnFirst[a + 1] - level.spawnFirst[a] > 1)
          refuse('crowded-spawn', `agents[${a}].spawn.region`, `"${program.agentIds[a]}"`, 'agent', w, program, level);
      });
    drawPropCentres(c, w, (p) =>
      refuse('crowded-props', `props[${p}].spawn.region`, `"${program.props.ids[p]}"`, 'agent and no other prop', w, program, level),
    );
  }
}

function refuse(
  code: string,
  path: string,
  who: string,
  others: string,
  seed: number,
  program: ScenarioProgram,
  level: VariantData,
): never {
  const message = `${path} must have a place for ${who} in every draw that no other ${others} takes; got none in that of seed ${seed} at ${program.id} (variant ${level.variant}). Enlarge the region, lower the count or move the others.`;
  throw new ScenarioError(code, message, [{ code, path, message }]);
}
