import type { World } from '@dimforge/rapier3d';

/** Loads Rapier, once per process and only when a rigid engine is asked for: batch runs never read its 4 MB. */
export type Rapier = typeof import('@dimforge/rapier3d');

/**
 * The library has one instance per thread, which its `init` makes anew, and worlds of an instance before it are lost: engines that are made at the same time must
 * wait for the same one. It also takes 30 ms, which a fork would pay.
 */
let loading: Promise<Rapier> | undefined;
let loaded: Rapier | undefined;

/** The deterministic build: the same bytes on every platform, which the deterministic tier needs. */
export function loadRapier(): Promise<Rapier> {
  loading ??= import('@dimforge/rapier3d').then(async (rapier) => {
    await rapier.init();
    warmUp(rapier);
    loaded = rapier;
    return rapier;
  });
  return loading;
}

/** The library where `loadRapier`, or an engine with rigid bodies, has loaded it; else undefined. */
export function loadedRapier(): Rapier | undefined {
  return loaded;
}

/** Saves and restores a world of little: the platform compiles what that takes when it is first called, and the first fork of a process would wait for it. */
function warmUp(rapier: Rapier): void {
  const world = new rapier.World({ x: 0, y: 0, z: 0 });
  world.createCollider(rapier.ColliderDesc.voxels(Int32Array.of(0, 0, 0), { x: 1, y: 1, z: 1 }));
  world.createCollider(rapier.ColliderDesc.ball(1), world.createRigidBody(rapier.RigidBodyDesc.dynamic()));
  restoreWorld(rapier, world.takeSnapshot())?.free();
  world.free();
}

/**
 * The world that bytes of `takeSnapshot` hold; null for bytes that hold none. Whoever calls frees it.
 * `World.restoreSnapshot` of Rapier 0.21 loses two objects of its own in each call, about 1.7 kB of memory that is never given back (dimforge/rapier#990):
 * these are its steps, with both given back.
 */
export function restoreWorld(rapier: Rapier, bytes: Uint8Array): World | null {
  const pipeline = new rapier.SerializationPipeline();
  // Undefined, whatever the type says, for bytes that hold no world.
  const parts = pipeline.raw.deserializeAll(bytes) as ReturnType<typeof pipeline.raw.deserializeAll> | undefined;
  pipeline.free();
  if (parts === undefined) return null;
  const world = rapier.World.fromRaw(parts);
  // Empty by now: the world took what it held.
  parts.free();
  return world;
}
