/** Blocks being dug: a dark shell that grows denser as the dig goes on. */
import * as THREE from 'three';
import type { AgentPose } from '../agent-pose.js';

export class DigMarks {
  readonly group = new THREE.Group();
  readonly #shells: THREE.Mesh<THREE.BoxGeometry, THREE.MeshBasicMaterial>[] = [];

  /** @param size blocks of the world along x, y, z. */
  update(poses: readonly AgentPose[], size: readonly [number, number, number]): void {
    poses.forEach((pose, slot) => {
      const shell = (this.#shells[slot] ??= this.#createShell());
      shell.visible = pose.alive && pose.digCell >= 0;
      if (!shell.visible) return;
      const x = pose.digCell % size[0];
      const z = Math.floor(pose.digCell / size[0]) % size[2];
      const y = Math.floor(pose.digCell / (size[0] * size[2]));
      shell.position.set(x + 0.5, y + 0.5, z + 0.5);
      shell.material.opacity = 0.12 + 0.5 * pose.digShare;
    });
    for (let slot = poses.length; slot < this.#shells.length; slot++) this.#shells[slot].visible = false;
  }

  #createShell(): THREE.Mesh<THREE.BoxGeometry, THREE.MeshBasicMaterial> {
    const shell = new THREE.Mesh(
      new THREE.BoxGeometry(1.01, 1.01, 1.01),
      new THREE.MeshBasicMaterial({ color: 0x10161f, transparent: true, depthWrite: false }),
    );
    const edges = new THREE.LineSegments(new THREE.EdgesGeometry(shell.geometry), new THREE.LineBasicMaterial({ color: 0x10161f }));
    shell.add(edges);
    this.group.add(shell);
    return shell;
  }
}
