/** Three ways to look: orbit (mouse around a point), follow (behind an agent), first person (through its eyes). */
import * as THREE from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import type { AgentPose } from '../agent-pose.js';

export const CAMERA_MODES = ['orbit', 'follow', 'first-person'] as const;
export type CameraMode = (typeof CAMERA_MODES)[number];

const EYE_HEIGHT = 1.62;
const SNEAKING_EYE_HEIGHT = 1.27;
const FOLLOW_DISTANCE = 5.5;
const FOLLOW_HEIGHT = 2.4;
/** Time constant of the follower's lag, in seconds. */
const LAG = 0.22;
const FIELD_OF_VIEW = { orbit: 50, follow: 58, 'first-person': 72 } as const;

export class Cameras {
  readonly #camera: THREE.PerspectiveCamera;
  readonly #orbit: OrbitControls;
  #mode: CameraMode = 'orbit';
  #home = { position: new THREE.Vector3(20, 20, 40), target: new THREE.Vector3(16, 8, 16) };
  #followYaw = 0;
  #smooth = new THREE.Vector3();
  #fresh = true;
  /** Point that the picture is about; shadows and meshing follow it. */
  readonly focus = new THREE.Vector3();
  /** Slot of the agent that is followed. */
  slot = 0;

  constructor(camera: THREE.PerspectiveCamera, canvas: HTMLCanvasElement) {
    this.#camera = camera;
    this.#orbit = new OrbitControls(camera, canvas);
    this.#orbit.enableDamping = true;
    this.#orbit.dampingFactor = 0.12;
    this.#orbit.maxPolarAngle = Math.PI * 0.495;
    this.#orbit.minDistance = 2;
    this.#orbit.zoomSpeed = 0.9;
  }

  get mode(): CameraMode {
    return this.#mode;
  }

  set mode(mode: CameraMode) {
    if (mode === 'orbit' && this.#mode !== 'orbit') {
      // Orbiting goes on around whatever was followed.
      this.#orbit.target.copy(this.focus);
      if (this.#mode === 'first-person') this.#camera.position.copy(this.focus).add(new THREE.Vector3(Math.sin(this.#followYaw) * 8, 6, Math.cos(this.#followYaw) * 8));
    }
    this.#mode = mode;
    this.#fresh = true;
    this.#orbit.enabled = mode === 'orbit';
    this.#camera.fov = FIELD_OF_VIEW[mode];
    this.#camera.updateProjectionMatrix();
  }

  /** Frames a world of that size; `low` and `high` bound what is worth seeing of it. */
  frame(low: THREE.Vector3, high: THREE.Vector3, size: readonly [number, number, number]): void {
    const centre = low.clone().add(high).multiplyScalar(0.5);
    const span = high.clone().sub(low);
    const radius = Math.max(6, Math.hypot(span.x, span.z * 0.9, span.y) * 0.5);
    const distance = radius / Math.sin(THREE.MathUtils.degToRad(FIELD_OF_VIEW.orbit / 2));
    this.#home.target.copy(centre);
    this.#home.position.copy(centre).add(new THREE.Vector3(-0.42, 0.68, 0.82).normalize().multiplyScalar(distance));
    this.#orbit.maxDistance = Math.max(...size) * 3 + 40;
    this.reset();
  }

  /** Puts the orbit camera back to where it frames the world. */
  reset(): void {
    this.#orbit.target.copy(this.#home.target);
    this.#camera.position.copy(this.#home.position);
    if (this.#mode !== 'orbit') this.mode = 'orbit';
    this.#orbit.update();
  }

  /** Moves the camera for this picture. @param seconds since the last one. */
  update(pose: AgentPose | undefined, seconds: number): void {
    if (this.#mode === 'orbit' || pose === undefined) {
      this.#orbit.update();
      this.focus.copy(this.#orbit.target);
      return;
    }
    this.focus.set(pose.x, pose.y + 1, pose.z);
    if (this.#mode === 'first-person') {
      this.#camera.position.set(pose.x, pose.y + (pose.sneaking ? SNEAKING_EYE_HEIGHT : EYE_HEIGHT), pose.z);
      this.#camera.rotation.set(pose.pitch, pose.yaw, 0, 'YXZ');
      this.#followYaw = pose.yaw;
      return;
    }
    const share = this.#fresh ? 1 : 1 - Math.exp(-seconds / LAG);
    const turn = Math.atan2(Math.sin(pose.yaw - this.#followYaw), Math.cos(pose.yaw - this.#followYaw));
    this.#followYaw += turn * (this.#fresh ? 1 : share * 0.6);
    this.#smooth.lerp(this.focus, share);
    this.#fresh = false;
    const back = new THREE.Vector3(Math.sin(this.#followYaw), 0, Math.cos(this.#followYaw)).multiplyScalar(FOLLOW_DISTANCE);
    this.#camera.position.copy(this.#smooth).add(back).add(new THREE.Vector3(0, FOLLOW_HEIGHT, 0));
    this.#camera.lookAt(this.#smooth.x, this.#smooth.y + 0.4, this.#smooth.z);
  }
}
