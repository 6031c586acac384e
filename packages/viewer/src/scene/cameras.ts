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
/** From the world to the camera that frames it. */
const HOME_DIRECTION = new THREE.Vector3(-0.42, 0.6, 0.82).normalize();
/** Air around a framed world. */
const FRAME_MARGIN = 1.04;
/** How near the following camera may come to its agent when a wall is behind, and its step when it looks for one, in metres. */
const CLOSEST = 0.8;
const PROBE = 0.2;
/** Metres and radians between two pictures below which nobody sees a camera move. */
const STILL = 1e-4;
const FIELD_OF_VIEW = { orbit: 50, follow: 58, 'first-person': 72 } as const;

/** Pixels at each edge of the picture that panels cover. */
export interface Insets {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export class Cameras {
  readonly #camera: THREE.PerspectiveCamera;
  readonly #orbit: OrbitControls;
  #mode: CameraMode = 'orbit';
  #home = { position: new THREE.Vector3(20, 20, 40), target: new THREE.Vector3(16, 8, 16) };
  #followYaw = 0;
  #smooth = new THREE.Vector3();
  #fresh = true;
  /** Where the camera was in the last picture. */
  readonly #position = new THREE.Vector3();
  readonly #direction = new THREE.Quaternion();
  /** Point that the picture is about; shadows and meshing follow it. */
  readonly focus = new THREE.Vector3();
  /** Slot of the agent that is followed. */
  slot = 0;
  /** Whether a point in metres lies in a block that hides what is behind it; keeps the follower out of walls. */
  isHidden: (x: number, y: number, z: number) => boolean = () => false;

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
      if (this.#mode === 'first-person')
        this.#camera.position.copy(this.focus).add(new THREE.Vector3(Math.sin(this.#followYaw) * 8, 6, Math.cos(this.#followYaw) * 8));
    }
    this.#mode = mode;
    this.#fresh = true;
    this.#orbit.enabled = mode === 'orbit';
    this.#camera.fov = FIELD_OF_VIEW[mode];
    if (mode !== 'orbit') this.#camera.clearViewOffset();
    this.#camera.updateProjectionMatrix();
  }

  /** Puts the middle of the orbit picture into the middle of what the panels leave free. */
  fitView(insets: Insets, [width, height]: readonly [number, number]): void {
    if (this.#mode === 'orbit')
      this.#camera.setViewOffset(width, height, (insets.right - insets.left) / 2, (insets.bottom - insets.top) / 2, width, height);
  }

  /**
   * Frames a box so that it just fits into what the panels leave free.
   * @param size blocks of the whole world; bounds how far one may go. @param insets pixels taken at the edges of the picture.
   */
  frame(
    low: THREE.Vector3,
    high: THREE.Vector3,
    size: readonly [number, number, number],
    insets: Insets,
    viewport: readonly [number, number],
  ): void {
    const camera = this.#camera;
    const [width, height] = viewport;
    this.#mode = 'orbit';
    this.#orbit.enabled = true;
    camera.fov = FIELD_OF_VIEW.orbit;
    this.fitView(insets, viewport);
    const centre = low.clone().add(high).multiplyScalar(0.5);
    const room = [Math.max(0.2, 1 - (insets.left + insets.right) / width), Math.max(0.2, 1 - (insets.top + insets.bottom) / height)];
    const shift = [(insets.left - insets.right) / width, (insets.bottom - insets.top) / height];
    const corners = [0, 1, 2, 3, 4, 5, 6, 7].map(
      (i) => new THREE.Vector3(i & 1 ? high.x : low.x, i & 2 ? high.y : low.y, i & 4 ? high.z : low.z),
    );
    const fits = (distance: number) => {
      camera.position.copy(centre).addScaledVector(HOME_DIRECTION, distance);
      camera.lookAt(centre);
      camera.updateMatrixWorld(true);
      return corners.every((corner) => {
        const seen = corner.clone().project(camera);
        return seen.z < 1 && Math.abs(seen.x - shift[0]) < room[0] && Math.abs(seen.y - shift[1]) < room[1];
      });
    };
    let near = 1;
    let far = Math.max(...size) * 6 + 40;
    for (let i = 0; i < 24; i++) {
      const middle = (near + far) / 2;
      if (fits(middle)) far = middle;
      else near = middle;
    }
    this.#home.target.copy(centre);
    this.#home.position.copy(centre).addScaledVector(HOME_DIRECTION, far * FRAME_MARGIN);
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

  /** Moves the camera for this picture. @param seconds since the last one. @returns whether it moved, and may go on to. */
  update(pose: AgentPose | undefined, seconds: number): boolean {
    this.#position.copy(this.#camera.position);
    this.#direction.copy(this.#camera.quaternion);
    this.#move(pose, seconds);
    return this.#position.distanceTo(this.#camera.position) > STILL || this.#direction.angleTo(this.#camera.quaternion) > STILL;
  }

  #move(pose: AgentPose | undefined, seconds: number): void {
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
    const eye = new THREE.Vector3(this.#smooth.x, this.#smooth.y + 0.5, this.#smooth.z);
    const offset = new THREE.Vector3(
      Math.sin(this.#followYaw) * FOLLOW_DISTANCE,
      FOLLOW_HEIGHT - 0.5,
      Math.cos(this.#followYaw) * FOLLOW_DISTANCE,
    );
    this.#camera.position.copy(eye).addScaledVector(offset.normalize(), this.#freeDistance(eye, offset));
    this.#camera.lookAt(this.#smooth.x, this.#smooth.y + 0.4, this.#smooth.z);
  }

  /** How far the camera can be behind the agent before a block hides it. */
  #freeDistance(eye: THREE.Vector3, direction: THREE.Vector3): number {
    const most = Math.hypot(FOLLOW_DISTANCE, FOLLOW_HEIGHT - 0.5);
    for (let d = CLOSEST; d < most; d += PROBE) {
      if (this.isHidden(eye.x + direction.x * (d + PROBE), eye.y + direction.y * (d + PROBE), eye.z + direction.z * (d + PROBE))) return d;
    }
    return most;
  }
}
