/**
 * The shapes that collide, drawn over everything: props and the chassis of vehicles as Rapier has them, bright while awake and dim asleep, and the box of every walker, which does not turn.
 * Terrain collides as the cubes that are drawn, so it has no overlay.
 */
import { type AgentInfo, PROP_WORDS, type PropInfo } from '@kinovox/world';
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
  /** Of the props of the level, then of the chassis: the order of frames. */
  #bodies: Lines[] = [];
  #agents: readonly AgentInfo[] = [];
  /** By slot; those of vehicles stay hidden. */
  #walkers: Lines[] = [];

  constructor() {
    this.group.visible = false;
  }

  setAgents(agents: readonly AgentInfo[]): void {
    this.#agents = agents;
  }

  /** @param props those of the level; the chassis of vehicles come after them. */
  setProps(props: readonly PropInfo[]): void {
    for (const lines of this.#bodies) this.#dispose(lines);
    const chassis = this.#agents.flatMap(({ vehicle }) => (vehicle === undefined ? [] : [{ kind: 'box' as const, size: vehicle.size }]));
    this.#bodies = [...props.map(({ shape }) => shape), ...chassis].map((shape) =>
      this.#create(outlineOf(geometryOf(shape), shape.kind), AWAKE),
    );
  }

  update(sample: FrameSample, poses: readonly AgentPose[]): void {
    if (!this.group.visible) return;
    this.#bodies.forEach((lines, i) => {
      lines.visible = poseProp(lines, sample, i);
      lines.material.color.setHex(sample.after.props[i * PROP_WORDS + SLEEPING] === 1 ? ASLEEP : AWAKE);
    });
    while (this.#walkers.length < poses.length) {
      const box = new THREE.BoxGeometry(WALKER_WIDTH, WALKER_HEIGHT, WALKER_WIDTH).translate(0, WALKER_HEIGHT / 2, 0);
      this.#walkers.push(this.#create(outlineOf(box, 'box'), WALKER));
    }
    this.#walkers.forEach((lines, slot) => {
      const pose = poses[slot];
      lines.visible = pose?.alive === true && this.#agents[slot]?.vehicle === undefined;
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
