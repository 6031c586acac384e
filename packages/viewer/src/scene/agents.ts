/**
 * Agents as figures of 1.8 m: head, trunk, arms and legs that swing with the distance walked, in the agent's colour, with name,
 * held item, and a health bar only when hurt. One instanced mesh per limb, so 256 agents take eight draws.
 */
import { type AgentInfo, BLOCK_BY_ID } from '@kinovox/world';
import * as THREE from 'three';
import { type AgentPose, createPose, numAgentsOf, poseInto } from '../agent-pose.js';
import type { FrameSample } from '../frame-timeline.js';
import { cubeBlockOf } from '../textures/paint-item.js';
import { ItemSprites } from './item-sprites.js';
import { createLabel, disposeLabel } from './label.js';
import type { LampLight } from './lamp-light.js';

/** A limb: box size, pivot on the body, centre of the box below the pivot, and how it moves. Metres; the figure looks to -z. */
interface Limb {
  size: readonly [number, number, number];
  pivot: readonly [number, number, number];
  /** Box centre from the pivot. */
  hang: number;
  /** Amplitude of its swing; the sign alternates left and right. */
  swing: number;
  turnsWithPitch: boolean;
  /** Factor on the agent's colour, or `skin`. */
  tint: number | 'skin';
}

const LIMBS: readonly Limb[] = [
  { size: [0.46, 0.46, 0.46], pivot: [0, 1.36, 0], hang: 0.23, swing: 0, turnsWithPitch: true, tint: 'skin' },
  { size: [0.46, 0.64, 0.25], pivot: [0, 1.36, 0], hang: -0.32, swing: 0, turnsWithPitch: false, tint: 1 },
  { size: [0.18, 0.62, 0.2], pivot: [-0.325, 1.33, 0], hang: -0.26, swing: 0.9, turnsWithPitch: false, tint: 0.86 },
  { size: [0.18, 0.62, 0.2], pivot: [0.325, 1.33, 0], hang: -0.26, swing: -0.9, turnsWithPitch: false, tint: 0.86 },
  { size: [0.21, 0.72, 0.22], pivot: [-0.12, 0.72, 0], hang: -0.36, swing: -0.8, turnsWithPitch: false, tint: 0.55 },
  { size: [0.21, 0.72, 0.22], pivot: [0.12, 0.72, 0], hang: -0.36, swing: 0.8, turnsWithPitch: false, tint: 0.55 },
];
const RIGHT_ARM = 3;
const SKIN = new THREE.Color(0xe6c3a3);
const HURT = new THREE.Color(0xff3a30);
/** Ticks that a figure is red after it was hurt. */
const FLASH_TICKS = 8;
const HELD_EDGE = 0.24;
const HELD_PICTURE_EDGE = 0.5;
const LABEL_HEIGHT = 0.3;
/** Radians of swing per metre walked. */
const STRIDE = 2.6;
/** Radians of a digging arm's swing per tick. */
const DIG_SWING = 0.9;
const FULL_HEALTH = 20;

export class AgentFigures {
  readonly group = new THREE.Group();
  readonly #lamps: LampLight;
  #limbs: THREE.InstancedMesh[] = [];
  #held: THREE.InstancedMesh | undefined;
  #heldPictures: ItemSprites | undefined;
  #labels: THREE.Sprite[] = [];
  #bars: THREE.Group[] = [];
  #poses: AgentPose[] = [];
  /** Phase of each agent's gait, its last position, and how far it is swinging an arm to dig. */
  #phase: Float64Array = new Float64Array(0);
  #last: Float64Array = new Float64Array(0);
  #lastTick = 0;
  #heldItem: Int32Array = new Int32Array(0);
  #colors: THREE.Color[] = [];
  /** Health of each agent in the last picture, the tick at which it was last hurt, and whether its figure is red. */
  #health: Int32Array = new Int32Array(0);
  #hurtTick: Float64Array = new Float64Array(0);
  #isRed: boolean[] = [];
  /** Whose figure is a vehicle, drawn elsewhere: only the name is drawn here. */
  #isVehicle: boolean[] = [];
  showNames = true;
  /** Slot whose figure is not drawn, for its own eyes; -1 for none. */
  hiddenSlot = -1;

  constructor(lamps: LampLight) {
    this.#lamps = lamps;
  }

  get poses(): readonly AgentPose[] {
    return this.#poses;
  }

  setAgents(agents: readonly AgentInfo[]): void {
    for (const label of this.#labels) disposeLabel(label);
    for (const mesh of [...this.#limbs, ...(this.#held ? [this.#held] : [])]) {
      mesh.geometry.dispose();
      mesh.dispose();
    }
    this.#heldPictures?.dispose();
    this.group.clear();
    const n = agents.length;
    this.#poses = agents.map(createPose);
    this.#phase = new Float64Array(n);
    this.#last = new Float64Array(n * 3);
    this.#heldItem = new Int32Array(n).fill(-1);
    this.#limbs = LIMBS.map((limb, i) =>
      this.#createInstances(
        new THREE.BoxGeometry(...limb.size).translate(0, limb.hang, 0),
        n,
        i === 0 ? faceMaterials(this.#lamps) : this.#lamps.material(),
      ),
    );
    this.#colors = agents.map((agent) => new THREE.Color(agent.color));
    this.#health = new Int32Array(n);
    this.#hurtTick = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
    this.#isRed = agents.map(() => false);
    this.#isVehicle = agents.map(({ vehicle }) => vehicle !== undefined);
    for (let slot = 0; slot < n; slot++) this.#colorFigure(slot, 0);
    this.#held = this.#createInstances(new THREE.BoxGeometry(HELD_EDGE, HELD_EDGE, HELD_EDGE), n, this.#lamps.material());
    this.#heldPictures = new ItemSprites(Math.max(1, n), this.#lamps);
    this.#labels = agents.map((agent) => createLabel(agent.id, { height: LABEL_HEIGHT, color: agent.color }));
    this.#bars = agents.map(createHealthBar);
    this.group.add(...this.#limbs, this.#held, this.#heldPictures.mesh, ...this.#labels, ...this.#bars);
  }

  /** Poses every figure. */
  update(sample: FrameSample, camera: THREE.Camera): void {
    const numAgents = Math.min(this.#poses.length, numAgentsOf(sample.after));
    const rewound = sample.tick < this.#lastTick;
    this.#lastTick = sample.tick;
    this.#heldPictures!.begin();
    for (let slot = 0; slot < numAgents; slot++) {
      const pose = poseInto(this.#poses[slot], sample, slot);
      const walked = Math.hypot(pose.x - this.#last[slot * 3], pose.z - this.#last[slot * 3 + 2]);
      if (!rewound && walked < 2) this.#phase[slot] += walked * STRIDE;
      this.#last.set([pose.x, pose.y, pose.z], slot * 3);
      this.#poseFigure(slot, pose, sample.tick);
      this.#flash(slot, pose, sample.tick, rewound);
      this.#poseSigns(slot, pose, camera);
    }
    this.#heldPictures!.end();
    for (const mesh of [...this.#limbs, this.#held!]) {
      mesh.instanceMatrix.needsUpdate = true;
      mesh.computeBoundingSphere();
    }
  }

  #poseFigure(slot: number, pose: AgentPose, tick: number): void {
    const visible = pose.alive && slot !== this.hiddenSlot && !this.#isVehicle[slot];
    body.makeRotationY(pose.yaw).setPosition(pose.x, pose.y - (pose.sneaking ? 0.12 : 0), pose.z);
    if (pose.asleep) body.multiply(LYING);
    const gait = Math.sin(this.#phase[slot]) * Math.min(1, pose.speed / 3.5);
    const digging = pose.digCell >= 0 ? 0.9 + 0.6 * Math.sin(tick * DIG_SWING + slot) : 0;
    LIMBS.forEach((limb, i) => {
      const holds = i === RIGHT_ARM && (pose.heldItem > 0 || digging > 0);
      const angle = limb.turnsWithPitch ? pose.pitch : limb.swing * gait * (holds ? 0.35 : 1) + (holds ? 0.45 + digging : 0);
      joint.makeRotationX(angle).setPosition(...limb.pivot);
      this.#limbs[i].setMatrixAt(slot, visible ? matrix.multiplyMatrices(body, joint) : NOWHERE);
      if (i === RIGHT_ARM) this.#poseHeld(slot, pose, visible);
    });
  }

  /** A figure that loses health turns red for a moment. */
  #flash(slot: number, pose: AgentPose, tick: number, rewound: boolean): void {
    if (rewound) this.#hurtTick[slot] = Number.NEGATIVE_INFINITY;
    else if (pose.health < this.#health[slot]) this.#hurtTick[slot] = tick;
    this.#health[slot] = pose.health;
    const share = Math.max(0, 1 - (tick - this.#hurtTick[slot]) / FLASH_TICKS);
    if (share === 0 && !this.#isRed[slot]) return;
    this.#isRed[slot] = share > 0;
    this.#colorFigure(slot, share);
  }

  /** @param red 0 own colours .. 1 just hurt. */
  #colorFigure(slot: number, red: number): void {
    LIMBS.forEach((limb, i) => {
      color.copy(limb.tint === 'skin' ? SKIN : this.#colors[slot]);
      if (limb.tint !== 'skin') color.multiplyScalar(limb.tint);
      this.#limbs[i].setColorAt(slot, color.lerp(HURT, 0.65 * red));
      this.#limbs[i].instanceColor!.needsUpdate = true;
    });
  }

  /** The held item sits in the right hand; `matrix` is that arm's. Blocks are cubes, the rest pictures. */
  #poseHeld(slot: number, pose: AgentPose, visible: boolean): void {
    const held = this.#held!;
    const holds = visible && pose.heldItem > 0;
    const isCube = holds && cubeBlockOf(pose.heldItem) !== undefined;
    if (holds && !isCube) this.#heldPictures!.add(pose.heldItem, picture.multiplyMatrices(matrix, PICTURE_IN_HAND));
    held.setMatrixAt(slot, isCube ? matrix.multiply(HAND) : NOWHERE);
    if (pose.heldItem === this.#heldItem[slot]) return;
    this.#heldItem[slot] = pose.heldItem;
    held.setColorAt(slot, color.set(BLOCK_BY_ID.get(pose.heldItem)?.colorSide ?? 0xd8d8d8));
    held.instanceColor!.needsUpdate = true;
  }

  #poseSigns(slot: number, pose: AgentPose, camera: THREE.Camera): void {
    const label = this.#labels[slot];
    const visible = pose.alive && slot !== this.hiddenSlot;
    label.visible = visible && this.showNames;
    label.position.set(pose.x, pose.y + 2.06, pose.z);
    // From afar a name keeps a readable size on the screen.
    const distance = camera.position.distanceTo(label.position);
    const scale = LABEL_HEIGHT * Math.max(1, distance / 15);
    label.scale.set((label.scale.x / label.scale.y) * scale, scale, 1);
    const bar = this.#bars[slot];
    bar.visible = visible && pose.health < FULL_HEALTH;
    if (!bar.visible) return;
    bar.position.set(pose.x, pose.y + 1.96, pose.z);
    bar.quaternion.copy(camera.quaternion);
    const share = Math.max(0, pose.health / FULL_HEALTH);
    bar.children[1].scale.x = Math.max(0.001, share);
    bar.children[1].position.x = -0.4 * (1 - share);
  }

  #createInstances(geometry: THREE.BufferGeometry, n: number, material: THREE.Material | THREE.Material[]): THREE.InstancedMesh {
    const mesh = new THREE.InstancedMesh(geometry, material as THREE.Material, Math.max(1, n));
    mesh.count = n;
    mesh.castShadow = true;
    mesh.receiveShadow = true;
    mesh.instanceMatrix.setUsage(THREE.DynamicDrawUsage);
    for (let i = 0; i < n; i++) {
      mesh.setMatrixAt(i, NOWHERE);
      mesh.setColorAt(i, color.set(0xffffff));
    }
    return mesh;
  }
}

const body = new THREE.Matrix4();
const joint = new THREE.Matrix4();
const matrix = new THREE.Matrix4();
const picture = new THREE.Matrix4();
const color = new THREE.Color();
const NOWHERE = new THREE.Matrix4().makeScale(0, 0, 0);
const HAND = new THREE.Matrix4().makeTranslation(0, -0.6, -0.1);
/** Upright in the plane of the arm's swing, its lower left corner, where handles end, in the hand. */
const PICTURE_IN_HAND = new THREE.Matrix4()
  .makeTranslation(0, -0.46, -0.26)
  .multiply(new THREE.Matrix4().makeRotationY(Math.PI / 2))
  .scale(new THREE.Vector3().setScalar(HELD_PICTURE_EDGE));
/** On the back, the middle of the body where the feet were. */
const LYING = new THREE.Matrix4().makeRotationX(Math.PI / 2).setPosition(0, 0.2, -0.9);

/** The head's six sides: hair above and behind, a face to -z. */
function faceMaterials(lamps: LampLight): THREE.Material[] {
  const plain = lamps.material();
  const hair = lamps.material({ color: 0x8a6a4e });
  const face = lamps.material({ map: faceTexture() });
  return [plain, plain, hair, plain, hair, face];
}

function faceTexture(): THREE.CanvasTexture {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 8;
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, 8, 8);
  context.fillStyle = '#8a6a4e';
  context.fillRect(0, 0, 8, 2);
  context.fillStyle = '#27303c';
  context.fillRect(1, 4, 2, 1);
  context.fillRect(5, 4, 2, 1);
  context.fillStyle = '#c98f78';
  context.fillRect(3, 6, 2, 1);
  const texture = new THREE.CanvasTexture(canvas);
  texture.magFilter = THREE.NearestFilter;
  texture.minFilter = THREE.NearestFilter;
  texture.colorSpace = THREE.SRGBColorSpace;
  return texture;
}

function createHealthBar(): THREE.Group {
  const bar = new THREE.Group();
  const plane = (width: number, colorOfBar: number, order: number) => {
    const mesh = new THREE.Mesh(
      new THREE.PlaneGeometry(width, 0.09),
      new THREE.MeshBasicMaterial({ color: colorOfBar, depthWrite: false, transparent: true, fog: false }),
    );
    mesh.renderOrder = order;
    return mesh;
  };
  bar.add(plane(0.84, 0x1b222d, 6), plane(0.8, 0xe2574c, 7));
  bar.visible = false;
  return bar;
}
