/** Rigid bodies: boxes, balls, capsules, ramps and containers, turned by their quaternions. */
import { PROP_WORDS, type PropInfo } from '@kinovox/world';
import * as THREE from 'three';
import { mergeGeometries } from 'three/examples/jsm/utils/BufferGeometryUtils.js';
import type { FrameSample } from '../frame-timeline.js';

const METRES = 1 / 65536;
const Q14 = 1 / 16384;

export class Props {
  readonly group = new THREE.Group();
  #meshes: THREE.Mesh[] = [];

  setProps(props: readonly PropInfo[]): void {
    for (const mesh of this.#meshes) mesh.geometry.dispose();
    this.group.clear();
    this.#meshes = props.map((prop) => {
      const mesh = new THREE.Mesh(geometryOf(prop.shape), new THREE.MeshLambertMaterial({ color: prop.color }));
      mesh.castShadow = true;
      mesh.receiveShadow = true;
      mesh.visible = false;
      const edges = new THREE.LineSegments(
        new THREE.EdgesGeometry(mesh.geometry, 30),
        new THREE.LineBasicMaterial({ color: new THREE.Color(prop.color).multiplyScalar(0.45) }),
      );
      mesh.add(edges);
      return mesh;
    });
    if (this.#meshes.length > 0) this.group.add(...this.#meshes);
  }

  update(sample: FrameSample): void {
    this.#meshes.forEach((mesh, i) => {
      mesh.visible = poseProp(mesh, sample, i);
    });
  }
}

/** Puts something to the pose of prop i at the moment of the sample. @returns whether the frame has that prop. */
export function poseProp(object: THREE.Object3D, { before, after, mix }: FrameSample, i: number): boolean {
  const at = i * PROP_WORDS;
  if (at + PROP_WORDS > after.props.length) return false;
  const was = before.props.length === after.props.length ? before.props : after.props;
  const blend = (word: number) => (was[at + word] + (after.props[at + word] - was[at + word]) * mix) * METRES;
  object.position.set(blend(0), blend(1), blend(2));
  object.quaternion.copy(quaternionAt(was, at)).slerp(quaternionAt(after.props, at), mix);
  return true;
}

function quaternionAt(props: Int32Array, at: number): THREE.Quaternion {
  return new THREE.Quaternion(props[at + 3] * Q14, props[at + 4] * Q14, props[at + 5] * Q14, props[at + 6] * Q14).normalize();
}

/** The shape of a prop about its centre. */
export function geometryOf(shape: PropInfo['shape']): THREE.BufferGeometry {
  switch (shape.kind) {
    case 'box':
      return new THREE.BoxGeometry(...shape.size);
    case 'ball':
      return new THREE.SphereGeometry(shape.radius, 24, 16);
    case 'capsule':
      return new THREE.CapsuleGeometry(shape.radius, Math.max(0, shape.height - 2 * shape.radius), 6, 16);
    case 'container':
      return containerGeometry(shape.size, shape.wall);
    case 'ramp':
      return wedgeGeometry(shape.size);
  }
}

/** A box of that size about its centre that is open above: a floor and four walls. */
function containerGeometry([sx, sy, sz]: readonly [number, number, number], wall: number): THREE.BufferGeometry {
  const plate = (x: number, y: number, z: number, cx: number, cy: number, cz: number) =>
    new THREE.BoxGeometry(x, y, z).translate(cx, cy, cz);
  const high = sy - wall;
  const plates = [
    plate(sx, wall, sz, 0, (wall - sy) / 2, 0),
    ...[-1, 1].map((side) => plate(wall, high, sz, (side * (sx - wall)) / 2, wall / 2, 0)),
    ...[-1, 1].map((side) => plate(sx - 2 * wall, high, wall, 0, wall / 2, (side * (sz - wall)) / 2)),
  ];
  return mergeGeometries(plates);
}

/** A wedge of that size about its centre that rises toward +x. */
function wedgeGeometry([sx, sy, sz]: readonly [number, number, number]): THREE.BufferGeometry {
  const profile = new THREE.Shape([
    new THREE.Vector2(-sx / 2, -sy / 2),
    new THREE.Vector2(sx / 2, -sy / 2),
    new THREE.Vector2(sx / 2, sy / 2),
  ]);
  return new THREE.ExtrudeGeometry(profile, { depth: sz, bevelEnabled: false }).translate(0, 0, -sz / 2);
}
