/** Places that the task names: translucent boxes with an outline and a label. */
import type { GoalRegion } from '@kinovox/world';
import * as THREE from 'three';
import { createLabel, disposeLabel } from './label.js';

/** How far a box stands off the blocks it encloses, in metres, so that faces do not fight. */
const GAP = 0.02;

export class Goals {
  readonly group = new THREE.Group();
  #labels: THREE.Sprite[] = [];

  setGoals(regions: readonly GoalRegion[]): void {
    for (const label of this.#labels) disposeLabel(label);
    for (const child of this.group.children) (child as THREE.Mesh).geometry?.dispose();
    this.group.clear();
    this.#labels = [];
    for (const { region, label, color } of regions) {
      const low = new THREE.Vector3(...region[0]).subScalar(GAP);
      const high = new THREE.Vector3(...region[1]).addScalar(1 + GAP);
      const size = high.clone().sub(low);
      const geometry = new THREE.BoxGeometry(size.x, size.y, size.z);
      const box = new THREE.Mesh(
        geometry,
        new THREE.MeshBasicMaterial({ color, transparent: true, opacity: 0.14, depthWrite: false, side: THREE.DoubleSide }),
      );
      const edges = new THREE.LineSegments(
        new THREE.EdgesGeometry(geometry),
        new THREE.LineBasicMaterial({ color, transparent: true, opacity: 0.9 }),
      );
      box.position.copy(low).addScaledVector(size, 0.5);
      edges.position.copy(box.position);
      box.renderOrder = 2;
      const sign = createLabel(label, { height: 0.42, color });
      sign.position.set(box.position.x, high.y + 0.15, box.position.z);
      this.#labels.push(sign);
      this.group.add(box, edges, sign);
    }
  }

  /** Keeps the labels readable from afar. */
  update(camera: THREE.Camera): void {
    for (const sign of this.#labels) {
      const height = 0.42 * Math.max(1, camera.position.distanceTo(sign.position) / 18);
      sign.scale.set((sign.scale.x / sign.scale.y) * height, height, 1);
    }
  }
}
