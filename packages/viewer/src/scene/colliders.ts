/**
 * The shapes that collide, drawn over everything: props as Rapier has them, bright while awake and dim asleep, and the box of every walker, which does not turn.
 * Terrain collides as the cubes that are drawn, so it has no overlay.
 */
import { PROP_WORDS, type PropInfo } from '@kinovox/world';
import * as THREE from 'three';
import type { AgentPose } from '../agent-pose.js';
import type { FrameSample } from '../frame-timeline.js';
import { geometryOf, poseProp } from './props.js';

const AWAKE = 0x5dff9b;
const ASLEEP = 0x7f8c9a;
const WALKER = 0x6fd3ff;
/** Width and height of a walker's box, metres. */
const WALKER_WIDTH = 0.6;
const WALKER_HEIGHT = 1.8;
/** Word of a prop that says whether it sleeps. */
const SLEEPING = 13;
/** Edges of colliders: below this angle two faces are one, degrees. Balls and capsules are round, so theirs show as a mesh. */
const EDGE_ANGLE = 12;

type Lines = THREE.LineSegments<THREE.BufferGeometry, THREE.LineBasicMaterial>;

export class Colliders {
  readonly group = new THREE.Group();
  #props: Lines[] = [];
  #walkers: Lines[] = [];

  constructor() {
    this.group.visible = false;
  }

  setProps(props: readonly PropInfo[]): void {
    for (const lines of this.#props) this.#dispose(lines);
    this.#props = props.map(({ shape }) => this.#create(outlineOf(geometryOf(shape), shape.kind), AWAKE));
  }

  update(sample: FrameSample, poses: readonly AgentPose[]): void {
    if (!this.group.visible) return;
    this.#props.forEach((lines, i) => {
      lines.visible = poseProp(lines, sample, i);
      lines.material.color.setHex(sample.after.props[i * PROP_WORDS + SLEEPING] === 1 ? ASLEEP : AWAKE);
    });
    while (this.#walkers.length < poses.length) {
      const box = new THREE.BoxGeometry(WALKER_WIDTH, WALKER_HEIGHT, WALKER_WIDTH).translate(0, WALKER_HEIGHT / 2, 0);
      this.#walkers.push(this.#create(outlineOf(box, 'box'), WALKER));
    }
    this.#walkers.forEach((lines, slot) => {
      const pose = poses[slot];
      lines.visible = pose?.alive === true;
      if (lines.visible) lines.position.set(pose.x, pose.y, pose.z);
    });
  }

  #create(geometry: THREE.BufferGeometry, color: number): Lines {
    const lines = new THREE.LineSegments(geometry, new THREE.LineBasicMaterial({ color, depthTest: false, transparent: true }));
    lines.renderOrder = 4;
    this.group.add(lines);
    return lines;
  }

  #dispose(lines: Lines): void {
    this.group.remove(lines);
    lines.geometry.dispose();
    lines.material.dispose();
  }
}

function outlineOf(geometry: THREE.BufferGeometry, kind: PropInfo['shape']['kind']): THREE.BufferGeometry {
  const isRound = kind === 'ball' || kind === 'capsule';
  const lines = isRound ? new THREE.WireframeGeometry(geometry) : new THREE.EdgesGeometry(geometry, EDGE_ANGLE);
  geometry.dispose();
  return lines;
}
