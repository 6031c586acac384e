/** The geometry of plans: flat bands along ways, dots on them, and the plane of a value slice. Metres. */
import type { AgentPlan, ValueSlice } from '@kinovox/world';
import * as THREE from 'three';
import { valueColor } from './value-colors.js';

/** Ticks ahead at which a band has faded. */
const FADE_TICKS = 160;
const NEAR_ALPHA = 0.95;
const FAR_ALPHA = 0.3;
/** Above the way, so that it does not lie in the ground. */
const LIFT = 0.09;
const TICKS_PER_DOT = 20;

type Path = AgentPlan['path'];

export interface BandWay {
  path: Path;
  color: THREE.Color;
  width: number;
}

/** One geometry for all ways: a band along each, whose colour fades with the time until the agent is there. */
export function bandsOf(ways: readonly BandWay[], tick: number): THREE.BufferGeometry {
  const positions: number[] = [];
  const colors: number[] = [];
  const indices: number[] = [];
  const side = new THREE.Vector3();
  for (const { path, color, width } of ways) {
    side.set(width / 2, 0, 0);
    const base = positions.length / 3;
    path.forEach(([x, y, z, at], k) => {
      const [before, after] = [path[Math.max(0, k - 1)], path[Math.min(path.length - 1, k + 1)]];
      const [dx, dz] = [after[0] - before[0], after[2] - before[2]];
      const length = Math.hypot(dx, dz);
      // Straight up or down, the band keeps its side.
      if (length > 0.01) side.set((-dz / length) * (width / 2), 0, (dx / length) * (width / 2));
      positions.push(x + side.x, y + LIFT, z + side.z, x - side.x, y + LIFT, z - side.z);
      const alpha = NEAR_ALPHA + (FAR_ALPHA - NEAR_ALPHA) * Math.min(1, Math.max(0, at - tick) / FADE_TICKS);
      for (let edge = 0; edge < 2; edge++) colors.push(color.r, color.g, color.b, alpha);
      const at0 = base + 2 * k;
      if (k > 0) indices.push(at0 - 2, at0, at0 - 1, at0 - 1, at0, at0 + 1);
    });
  }
  return geometryOf(positions, colors, indices);
}

/** Where agents are at whole seconds from now. */
export function dotsOf(path: Path, tick: number): THREE.Vector3[] {
  const dots: THREE.Vector3[] = [];
  for (let k = 1, next = tick + TICKS_PER_DOT; k < path.length; k++) {
    const [from, to] = [path[k - 1], path[k]];
    for (; next <= to[3]; next += TICKS_PER_DOT) {
      const share = to[3] > from[3] ? Math.max(0, (next - from[3]) / (to[3] - from[3])) : 1;
      dots.push(
        new THREE.Vector3(
          from[0] + (to[0] - from[0]) * share,
          from[1] + (to[1] - from[1]) * share + LIFT + 0.01,
          from[2] + (to[2] - from[2]) * share,
        ),
      );
    }
  }
  return dots;
}

/** Lines along the ways that were tried. */
export function linesOf(ways: readonly { points: AgentPlan['rollouts'][number]; color: THREE.Color }[]): THREE.BufferGeometry {
  const positions: number[] = [];
  const colors: number[] = [];
  for (const { points, color } of ways)
    for (let k = 1; k < points.length; k++)
      for (const [x, y, z] of [points[k - 1], points[k]]) {
        positions.push(x, y + LIFT, z);
        colors.push(color.r, color.g, color.b, 0.5);
      }
  return geometryOf(positions, colors);
}

/** The plane of a slice; squares with a node in which no body fits are left out. */
export function sliceOf({ origin, y, spacing, nodes, values }: ValueSlice): THREE.BufferGeometry {
  const positions: number[] = [];
  const colors: number[] = [];
  const indices: number[] = [];
  const color = new THREE.Color();
  for (let nz = 0, i = 0; nz < nodes; nz++)
    for (let nx = 0; nx < nodes; nx++, i++) {
      positions.push(origin[0] + nx * spacing, y + LIFT / 2, origin[1] + nz * spacing);
      valueColor(values[i] ?? 0, color);
      colors.push(color.r, color.g, color.b, 0.72);
      if (nx === 0 || nz === 0) continue;
      const corners = [i - nodes - 1, i - nodes, i - 1, i];
      if (corners.some((corner) => values[corner] === null)) continue;
      indices.push(corners[0], corners[2], corners[1], corners[1], corners[2], corners[3]);
    }
  return geometryOf(positions, colors, indices);
}

function geometryOf(positions: number[], colors: number[], indices?: number[]): THREE.BufferGeometry {
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute('position', new THREE.Float32BufferAttribute(positions, 3));
  geometry.setAttribute('color', new THREE.Float32BufferAttribute(colors, 4));
  if (indices !== undefined) geometry.setIndex(indices);
  return geometry;
}
