/** Agents that are vehicles: their tables, their chassis among the props, and the places where they have room to start. */
import { type PropSpawn, type ScenarioProgram, type VariantData, type VehicleTables, vehicleRoom } from '@kinovox/physics';
import { type ResolvedScenario, ScenarioError, type Vehicle } from '@kinovox/world';

type Prop = ResolvedScenario['props'][number];

/** @throws ScenarioError for parameters that contradict each other, and for vehicles beside survival. */
export function compileVehicles(resolved: ResolvedScenario): VehicleTables | undefined {
  const agents = resolved.agents.flatMap(({ body }, a) => ('vehicle' in body ? [a] : []));
  if (agents.length === 0) return undefined;
  if (resolved.survival !== undefined)
    throw refusal(
      `"survival" must be left out of a scenario with vehicles; got both in ${resolved.id}. Let all agents walk, or leave it out.`,
      'survival',
    );
  const bodies = agents.map((a) => {
    const body = resolved.agents[a].body as Vehicle;
    assertSound(body, `agents[${a}].body`, resolved.id);
    if (Object.keys(resolved.agents[a].inventory).length > 0)
      throw refusal(
        `agents[${a}].inventory must be left out for a vehicle, which has no hands; got items in ${resolved.id}. Give them to a walker.`,
        `agents[${a}].inventory`,
      );
    return body;
  });
  const ofAgent = Int32Array.from(resolved.agents, (_, a) => agents.indexOf(a));
  return { agents: Int32Array.from(agents), ofAgent, firstProp: resolved.props.length, bodies };
}

/** The chassis of vehicles as props, by slot of their agents; none can be named in a task, where the agent is. */
export function chassisOf({ agents }: ResolvedScenario): Prop[] {
  return agents.flatMap(({ id, team, color, body }): Prop[] => {
    if (!('vehicle' in body)) return [];
    const { size, massKg, friction, restitution } = body;
    const spawn = { at: [0, 0, 0] as [number, number, number], yawDeg: 0 };
    return [{ id, team, ...(color === undefined ? {} : { color }), shape: { box: size }, massKg, friction, restitution, spawn }];
  });
}

/** A place for each chassis, which the start of an episode replaces by that of its agent. */
export function chassisSpawns({ vehicles }: ScenarioProgram): PropSpawn[] {
  return Array.from({ length: vehicles?.agents.length ?? 0 }, () => ({ cells: new Int32Array(0), exact: [0, 0, 0] as const, yaw: 0 }));
}

/** Spawn points of a level without those where a vehicle would stand in a block or outside. @throws ScenarioError where none is left. */
export function vehicleSpawns(
  program: ScenarioProgram,
  { rows, spawnFirst, spawnPoints, spawnYaw, variant }: VariantData,
): Pick<VariantData, 'spawnFirst' | 'spawnPoints'> {
  const { vehicles, numAgents, agentIds, id } = program;
  if (vehicles === undefined) return { spawnFirst, spawnPoints };
  const first = new Int32Array(numAgents + 1);
  const points: number[] = [];
  for (let a = 0; a < numAgents; a++) {
    const v = vehicles.ofAgent[a];
    for (let at = 3 * spawnFirst[a]; at < 3 * spawnFirst[a + 1]; at += 3) {
      const [x, y, z] = spawnPoints.subarray(at, at + 3);
      if (v < 0 || isClear(program, rows, vehicleRoom(vehicles.bodies[v], x, y, z, spawnYaw[a]))) points.push(x, y, z);
    }
    first[a + 1] = points.length / 3;
    if (first[a + 1] === first[a])
      throw new ScenarioError(
        'no-room-for-vehicle',
        `A ${vehicles.bodies[v].vehicle} must have room where it starts; got a block or the edge of the world in its way at every place of "${agentIds[a]}" in variant ${variant} of ${id}. Move its spawn, or clear the place.`,
      );
  }
  return { spawnFirst: first, spawnPoints: Int32Array.from(points) };
}

/** Whether a box of Q16 corners lies within the world, which is open above, and holds no solid cell. */
function isClear({ size, rowWords }: ScenarioProgram, rows: Uint32Array, [x0, y0, z0, x1, y1, z1]: readonly number[]): boolean {
  if (x0 < 0 || y0 < 0 || z0 < 0 || x1 > size[0] << 16 || z1 > size[2] << 16) return false;
  for (let y = y0 >> 16; y <= Math.min(size[1] - 1, (y1 - 1) >> 16); y++) {
    for (let z = z0 >> 16; z <= (z1 - 1) >> 16; z++) {
      for (let x = x0 >> 16; x <= (x1 - 1) >> 16; x++)
        if (((rows[(y * size[2] + z) * rowWords + (x >> 5)] >>> (x & 31)) & 1) === 1) return false;
    }
  }
  return true;
}

/** Parameters that are each within their limits may still contradict each other. */
function assertSound(body: Vehicle, path: string, id: string): void {
  const [width, , length] = body.size;
  if (body.vehicle === 'quadcopter') {
    const { massKg, maxThrust } = body;
    if (4 * maxThrust <= 1.1 * massKg * 9.80665)
      throw refusal(
        `${path}.maxThrust must be more than ${((1.1 * massKg * 9.80665) / 4).toFixed(2)} N, so that four rotors lift ${massKg} kg by a tenth more than its weight; got ${maxThrust} in ${id}. Give it stronger motors, or less mass.`,
        `${path}.maxThrust`,
      );
    return;
  }
  if (body.track > width)
    throw refusal(
      `${path}.track must be at most the width of ${width} m; got ${body.track} in ${id}. Set its wheels nearer.`,
      `${path}.track`,
    );
  if (body.vehicle === 'car' && body.wheelbase > length)
    throw refusal(
      `${path}.wheelbase must be at most the length of ${length} m; got ${body.wheelbase} in ${id}. Set its axles nearer.`,
      `${path}.wheelbase`,
    );
  // A suspension that its load presses together is none.
  const sag = 9.80665 / (4 * body.stiffness);
  if (sag >= body.suspensionLength)
    throw refusal(
      `${path}.stiffness must be more than ${(9.80665 / (4 * body.suspensionLength)).toFixed(1)} 1/s^2 for a suspension of ${body.suspensionLength} m, or its own weight presses it together; got ${body.stiffness} in ${id}. Make it stiffer or longer.`,
      `${path}.stiffness`,
    );
}

function refusal(message: string, path: string): ScenarioError {
  return new ScenarioError('not-simulated', message, [{ code: 'not-simulated', path, message }]);
}
