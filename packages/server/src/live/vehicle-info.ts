/** What a watcher is told of a vehicle: its chassis, and where its wheels or rotors are. */
import type { AgentInfo, Vehicle } from '@kinovox/world';

type VehicleInfo = NonNullable<AgentInfo['vehicle']>;
type Place = [number, number, number];

const GRAVITY = 9.80665;

export function describeVehicle(body: Vehicle): VehicleInfo {
  const size: VehicleInfo['size'] = [...body.size];
  if (body.vehicle === 'quadcopter') {
    const a = body.armLength;
    const y = body.size[1] / 2 + 0.05;
    const parts: Place[] = [
      [-a, y, -a],
      [a, y, -a],
      [-a, y, a],
      [a, y, a],
    ];
    return { kind: body.vehicle, size, parts, partRadius: 0.8 * a, wheelbase: 0 };
  }
  // Wheels hang as far down as the weight leaves their springs.
  const y = -Math.max(0, body.suspensionLength - GRAVITY / (4 * body.stiffness));
  const x = body.track / 2;
  if (body.vehicle === 'rover') {
    // Castors are in the places of their rays.
    const z = (0.85 * body.size[2]) / 2;
    const parts: Place[] = [
      [-x, y, 0],
      [x, y, 0],
      [0, y, -z],
      [0, y, z],
    ];
    return { kind: body.vehicle, size, parts, partRadius: body.wheelRadius, wheelbase: 0 };
  }
  const z = body.wheelbase / 2;
  const parts: Place[] = [
    [-x, y, -z],
    [x, y, -z],
    [-x, y, z],
    [x, y, z],
  ];
  return { kind: body.vehicle, size, parts, partRadius: body.wheelRadius, wheelbase: body.wheelbase };
}
