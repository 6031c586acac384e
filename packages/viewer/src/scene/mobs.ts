/**
 * Mobs: boxes that walk, flash red when hurt, fall over and leave a puff when they die. One draw for all boxes of all mobs, one for the
 * puffs and one for the health bars of the hurt, however many there are.
 */
import type { SurvivalInfo } from '@kinovox/world';
import * as THREE from 'three';
import type { FrameSample } from '../frame-timeline.js';
import { type MobPose, MobPoses } from '../mob-poses.js';
import type { LampLight } from './lamp-light.js';
import { type MobPart, type MobShape, mobShape } from './mob-shapes.js';

/** Radians of gait per metre, and the speed at which legs swing fully. */
const STRIDE = 3.2;
const FULL_SWING_SPEED = 2.2;
const PUFFS = 9;
const PUFF_EDGE = 0.34;
/** Share of the dying after which the body is gone and the puff begins. */
const FALLEN = 0.5;
const BAR_WIDTH = 0.8;
const HURT = new THREE.Color(0xff3a30);

export class Mobs {
  readonly group = new THREE.Group();
  readonly #lamps: LampLight;
  readonly #poses = new MobPoses();
  #shapeBySlot: MobShape[] = [];
  #healthBySlot: number[] = [];
  /** First box of each slot; one more entry ends the last. */
  #firstBox: number[] = [0];
  #boxes: THREE.InstancedMesh | undefined;
  #puffs: THREE.InstancedMesh | undefined;
  #bars: THREE.InstancedMesh | undefined;

  constructor(lamps: LampLight) {
    this.#lamps = lamps;
  }

  /** Mobs drawn now, dying ones included. */
  get numShown(): number {
    return this.#poses.size;
  }

  setKinds(info: SurvivalInfo | undefined): void {
    for (const mesh of [this.#boxes, this.#puffs, this.#bars]) {
      mesh?.geometry.dispose();
      mesh?.dispose();
    }
    this.group.clear();
    this.#poses.reset();
    this.#boxes = this.#puffs = this.#bars = undefined;
    const slots = info?.mobKindBySlot ?? [];
    if (info === undefined || slots.length === 0) return;
    this.#shapeBySlot = slots.map((kind) => mobShape(info.mobKinds[kind]?.kind ?? ''));
    this.#healthBySlot = slots.map((kind) => info.mobKinds[kind]?.health ?? 20);
    this.#firstBox = [0];
    for (const { parts } of this.#shapeBySlot) this.#firstBox.push(this.#firstBox[this.#firstBox.length - 1] + parts.length);
    const numBoxes = this.#firstBox[slots.length];
    this.#boxes = createInstances(new THREE.BoxGeometry(1, 1, 1), this.#lamps.material(), numBoxes);
    this.#boxes.castShadow = this.#boxes.receiveShadow = true;
    this.#puffs = createInstances(
      new THREE.BoxGeometry(PUFF_EDGE, PUFF_EDGE, PUFF_EDGE),
      this.#lamps.material({ color: 0xf2f2f0 }),
      slots.length * PUFFS,
    );
    this.#bars = createInstances(
      new THREE.PlaneGeometry(1, 0.1),
      new THREE.MeshBasicMaterial({ transparent: true, depthWrite: false, fog: false }),
      slots.length * 2,
    );
    this.#bars.renderOrder = 6;
    this.group.add(this.#boxes, this.#puffs, this.#bars);
  }

  /** Forgets who was where: time jumped. */
  reset(): void {
    this.#poses.reset();
  }

  update(sample: FrameSample, camera: THREE.Camera): void {
    if (this.#boxes === undefined) return;
    this.#poses.update(sample);
    const meshes = [this.#boxes, this.#puffs!, this.#bars!];
    for (const mesh of meshes) mesh.count = 0;
    this.#poses.forEach((slot, pose) => {
      const shape = this.#shapeBySlot[slot];
      if (shape === undefined) return;
      if (pose.dying < FALLEN) this.#addBody(shape, pose);
      else this.#addPuff(slot, shape, pose);
      if (pose.dying < 0 && pose.health < this.#healthBySlot[slot]) this.#addBar(slot, shape, pose, camera);
    });
    for (const mesh of meshes) {
      mesh.instanceMatrix.needsUpdate = true;
      mesh.instanceColor!.needsUpdate = true;
    }
  }

  #addBody(shape: MobShape, pose: MobPose): void {
    body.makeRotationY(pose.yaw).setPosition(pose.x, pose.y, pose.z);
    if (pose.dying >= 0) body.multiply(matrix.makeRotationZ((Math.min(1, (pose.dying / FALLEN) * 1.6) * Math.PI) / 2));
    const gait = Math.sin(pose.walked * STRIDE) * Math.min(1, pose.speed / FULL_SWING_SPEED);
    for (const part of shape.parts) {
      poseJoint(part, gait);
      matrix
        .multiplyMatrices(body, joint)
        .multiply(box.makeTranslation(...part.offset))
        .multiply(box.makeScale(...part.size));
      color.set(part.color ?? shape.color);
      if (part.tint !== undefined) color.multiplyScalar(part.tint);
      append(this.#boxes!, matrix, color.lerp(HURT, 0.65 * pose.flash));
    }
  }

  /** White boxes that rise, drift apart and shrink. */
  #addPuff(slot: number, shape: MobShape, pose: MobPose): void {
    const share = (pose.dying - FALLEN) / (1 - FALLEN);
    const size = 1 - share;
    for (let i = 0; i < PUFFS; i++) {
      const angle = (i / PUFFS) * 2 * Math.PI + slot;
      const reach = 0.2 + 0.55 * share * (1 + (i % 3) * 0.25);
      matrix
        .makeScale(size, size, size)
        .setPosition(
          pose.x + Math.cos(angle) * reach,
          pose.y + shape.height * (0.2 + 0.15 * (i % 4)) + 0.5 * share,
          pose.z + Math.sin(angle) * reach,
        );
      append(this.#puffs!, matrix, color.set(0xffffff));
    }
  }

  #addBar(slot: number, shape: MobShape, pose: MobPose, camera: THREE.Camera): void {
    const share = Math.max(0, pose.health / this.#healthBySlot[slot]);
    body.makeRotationFromQuaternion(camera.quaternion).setPosition(pose.x, pose.y + shape.height + 0.12, pose.z);
    matrix.multiplyMatrices(body, joint.makeScale(BAR_WIDTH, 1, 1));
    append(this.#bars!, matrix, color.set(0x1b222d));
    joint.makeScale(BAR_WIDTH * 0.96 * share, 0.7, 1).setPosition(-BAR_WIDTH * 0.48 * (1 - share), 0, 0.01);
    matrix.multiplyMatrices(body, joint);
    append(this.#bars!, matrix, color.set(0xe2574c));
  }
}

const body = new THREE.Matrix4();
const joint = new THREE.Matrix4();
const box = new THREE.Matrix4();
const matrix = new THREE.Matrix4();
const color = new THREE.Color();
const euler = new THREE.Euler();

/** Sets `joint` to where the part hangs, as it swings. */
function poseJoint({ pivot, turn = [0, 0, 0], swing = 0, axis }: MobPart, gait: number): void {
  const angle = swing * gait;
  euler.set(turn[0] + (axis === undefined ? angle : 0), turn[1] + (axis === 'y' ? angle : 0), turn[2], 'YXZ');
  joint.makeRotationFromEuler(euler).setPosition(...pivot);
}

function append(mesh: THREE.InstancedMesh, at: THREE.Matrix4, tint: THREE.Color): void {
  mesh.setMatrixAt(mesh.count, at);
  mesh.setColorAt(mesh.count, tint);
  mesh.count++;
}

function createInstances(geometry: THREE.BufferGeometry, material: THREE.Material, most: number): THREE.InstancedMesh {
  const mesh = new THREE.InstancedMesh(geometry, material, Math.max(1, most));
  mesh.instanceMatrix.setUsage(THREE.DynamicDrawUsage);
  mesh.setColorAt(0, color.set(0xffffff));
  mesh.count = 0;
  // Its boxes move each picture; finding their bounds costs more than drawing them.
  mesh.frustumCulled = false;
  return mesh;
}
