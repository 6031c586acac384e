/**
 * Vehicles: a chassis in its agent's colour with a cab that shows where it looks, wheels that turn with the way driven and steer with the curve, rotors that spin.
 * Frames hold the chassis after the props of the level. Wheels and rotors are drawn from the motion of the chassis; how far springs are out is not shown.
 */
import { type AgentInfo, FRAME_AGENT_WORD, FRAME_AGENT_WORDS, PROP_WORDS } from '@kinovox/world';
import * as THREE from 'three';
import type { FrameSample } from '../frame-timeline.js';
import { poseProp } from './props.js';

type VehicleInfo = NonNullable<AgentInfo['vehicle']>;

const METRES = 1 / 65536;
const ALIVE = 1;
const TYRE = 0x23262b;
const GLASS = 0x9fc3d6;
const ROTOR = 0xd8dde2;
/** Turn of a rotor per tick in pictures, radians: fast enough to blur, slow enough not to seem to stand. */
const ROTOR_TURN = 2.3;
const MOST_STEER = 0.8;
/** Slower than this, metres per tick, a curve tells no steering angle. */
const LEAST_SPEED = 0.01;

interface Figure {
  slot: number;
  info: VehicleInfo;
  body: THREE.Group;
  /** By wheel or rotor: what steers, and in it what turns. */
  hubs: THREE.Group[];
  spinners: THREE.Object3D[];
  turned: number;
}

export class Vehicles {
  readonly group = new THREE.Group();
  #figures: Figure[] = [];
  #numProps = 0;
  #lastTick = 0;

  setAgents(agents: readonly AgentInfo[]): void {
    this.group.traverse((object) => {
      if (object instanceof THREE.Mesh) object.geometry.dispose();
    });
    this.group.clear();
    this.#figures = agents.flatMap(({ vehicle, color }, slot) => (vehicle === undefined ? [] : [createFigure(vehicle, color, slot)]));
    if (this.#figures.length > 0) this.group.add(...this.#figures.map(({ body }) => body));
  }

  /** @param numProps props of the level, which come first in frames. */
  setLevel(numProps: number): void {
    this.#numProps = numProps;
  }

  update(sample: FrameSample): void {
    const ticks = Math.max(0, Math.min(5, sample.tick - this.#lastTick));
    this.#lastTick = sample.tick;
    this.#figures.forEach((figure, v) => {
      figure.body.visible = poseProp(figure.body, sample, this.#numProps + v);
      if (figure.body.visible) moveParts(figure, sample.after.props, (this.#numProps + v) * PROP_WORDS, sample.after.agents, ticks);
    });
  }
}

function moveParts(figure: Figure, props: Int32Array, at: number, agents: Int32Array, ticks: number): void {
  const { info, body, hubs, spinners } = figure;
  if (info.kind === 'quadcopter') {
    const alive = (agents[figure.slot * FRAME_AGENT_WORDS + FRAME_AGENT_WORD.flags] & ALIVE) !== 0;
    if (alive) figure.turned += ROTOR_TURN * ticks;
    spinners.forEach((rotor, k) => {
      rotor.rotation.y = k === 0 || k === 3 ? figure.turned : -figure.turned;
    });
    return;
  }
  velocity.set(props[at + 7], props[at + 8], props[at + 9]).multiplyScalar(METRES);
  const speed = -velocity.applyQuaternion(inverse.copy(body.quaternion).invert()).z;
  figure.turned += (speed * ticks) / info.partRadius;
  const yawRate = props[at + 11] * METRES;
  const curve = Math.abs(speed) < LEAST_SPEED ? 0 : Math.atan((info.wheelbase * yawRate) / speed);
  spinners.forEach((wheel, k) => {
    wheel.rotation.x = -figure.turned;
    if (info.kind === 'car' && k < 2) hubs[k].rotation.y = Math.max(-MOST_STEER, Math.min(MOST_STEER, curve));
  });
}

function createFigure(info: VehicleInfo, color: number, slot: number): Figure {
  const body = new THREE.Group();
  body.visible = false;
  const [x, y, z] = info.size;
  body.add(box(x, y, z, color, [0, 0, 0]));
  // A cab or a nose, so that one sees where it looks.
  if (info.kind === 'car') body.add(box(0.84 * x, 0.8 * y, 0.5 * z, GLASS, [0, 0.9 * y, 0.06 * z]));
  else body.add(box(0.4 * x, 0.5 * y, 0.12 * z, GLASS, [0, 0.4 * y, -0.48 * z]));
  const parts = info.parts.map(([px, py, pz]) => {
    const hub = new THREE.Group();
    hub.position.set(px, py, pz);
    const spinner = info.kind === 'quadcopter' ? rotor(info.partRadius) : wheel(info.partRadius);
    hub.add(spinner);
    body.add(hub);
    return { hub, spinner };
  });
  return { slot, info, body, hubs: parts.map(({ hub }) => hub), spinners: parts.map(({ spinner }) => spinner), turned: 0 };
}

function box(x: number, y: number, z: number, color: number, at: [number, number, number]): THREE.Mesh {
  const mesh = shaded(new THREE.BoxGeometry(x, y, z), color);
  mesh.position.set(...at);
  return mesh;
}

function wheel(radius: number): THREE.Object3D {
  const spinner = new THREE.Group();
  const tyre = shaded(new THREE.CylinderGeometry(radius, radius, 0.6 * radius, 20), TYRE);
  tyre.rotation.z = Math.PI / 2;
  // A spoke shows that it turns.
  spinner.add(tyre, box(0.66 * radius, 0.24 * radius, 1.5 * radius, ROTOR, [0, 0, 0]));
  return spinner;
}

function rotor(radius: number): THREE.Object3D {
  const spinner = new THREE.Group();
  spinner.add(box(2 * radius, 0.015, 0.16 * radius, ROTOR, [0, 0, 0]), box(0.1, 0.08, 0.1, TYRE, [0, -0.04, 0]));
  return spinner;
}

function shaded(geometry: THREE.BufferGeometry, color: number): THREE.Mesh {
  const mesh = new THREE.Mesh(geometry, new THREE.MeshLambertMaterial({ color }));
  mesh.castShadow = true;
  mesh.receiveShadow = true;
  return mesh;
}

const velocity = new THREE.Vector3();
const inverse = new THREE.Quaternion();
