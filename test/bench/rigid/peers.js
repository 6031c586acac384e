/**
 * Other rigid-body libraries as yardsticks of speed: the scene of `kinovox bench --rigid` in cannon-es and in jolt-physics. Neither is a dependency of the
 * project: both are installed into a folder for temporary files (46 MB), and what is there is used the next time.
 * Both get the ground as one box where Kinovox has a voxel collider, and the walker as a box that is moved along the way that it took in Kinovox.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackages } from '../minecraft-paths/reference.js';

export const PACKAGES = { 'cannon-es': '0.20.0', 'jolt-physics': '1.1.0' };
const FOLDER = join(tmpdir(), 'kinovox-rigid-peers');
/** Thickness of walls and floor, metres. */
const WALL = 8;
const WORDS_PER_POSE = 7;

/** Installs where that is needed. @throws Error with npm's failure. */
export function install() {
  return installPackages(PACKAGES, FOLDER, '46 MB');
}

/**
 * @param scene `{ size, groundY, gravity, tickSeconds, substeps, angularDamping, crates: [{ size, centre, massKg, friction, restitution }], walker: { half, path } }`,
 *   metres and SI; `path` is `[ticks]` of the walker's centre, and an episode has as many ticks
 * @param numWorlds worlds that are stepped side by side
 * @returns by name: `episode()` plays one in every world, from new bodies to its end, and returns world-steps; `centres()` of the crates of the last world
 */
export async function createPeers(scene, numWorlds) {
  const require = install();
  const load = async (name) => (await import(pathToFileURL(require.resolve(name)).href)).default;
  const cannon = require('cannon-es');
  const jolt = await (await load('jolt-physics'))();
  return { cannon: contestant(scene, numWorlds, cannonWorld(cannon, scene)), jolt: contestant(scene, numWorlds, joltWorld(jolt, scene)) };
}

/** Centres and half extents of the ground and the four walls around the world. */
function enclosure({ size: [x, , z], groundY }) {
  const half = WALL / 2;
  const high = 64;
  return [
    [x / 2, groundY - half, z / 2, x / 2 + WALL, half, z / 2 + WALL],
    [-half, high, z / 2, half, high, z / 2 + WALL],
    [x + half, high, z / 2, half, high, z / 2 + WALL],
    [x / 2, high, -half, x / 2 + WALL, high, half],
    [x / 2, high, z + half, x / 2 + WALL, high, half],
  ];
}

/** @param makeWorld gives `begin()`, `step(from, to)` (the walker's centre) and `readInto(poses)` of one world. */
function contestant(scene, numWorlds, makeWorld) {
  const worlds = Array.from({ length: numWorlds }, makeWorld);
  // What a training loop does with every tick: the poses are read.
  const poses = new Float64Array(scene.crates.length * WORDS_PER_POSE);
  const { path } = scene.walker;
  return {
    episode() {
      for (const world of worlds) world.begin();
      for (let t = 0; t < path.length; t++)
        for (const world of worlds) {
          world.step(path[Math.max(0, t - 1)], path[t]);
          world.readInto(poses);
        }
      return numWorlds * path.length;
    },
    centres: () => scene.crates.map((_, p) => Array.from(poses.subarray(p * WORDS_PER_POSE, p * WORDS_PER_POSE + 3))),
    dispose() {
      for (const world of worlds) world.dispose();
    },
  };
}

function cannonWorld(CANNON, scene) {
  const { gravity, tickSeconds, substeps, crates, walker, angularDamping } = scene;
  const material = new CANNON.Material({ friction: crates[0].friction, restitution: crates[0].restitution });
  const box = (half) => new CANNON.Box(new CANNON.Vec3(...half));
  return () => {
    let world;
    let bodies;
    let mover;
    return {
      begin() {
        world = new CANNON.World({ gravity: new CANNON.Vec3(0, -gravity, 0), allowSleep: true, broadphase: new CANNON.SAPBroadphase() });
        world.defaultContactMaterial.friction = crates[0].friction;
        world.defaultContactMaterial.restitution = crates[0].restitution;
        for (const [x, y, z, ...half] of enclosure(scene))
          world.addBody(new CANNON.Body({ type: CANNON.Body.STATIC, shape: box(half), position: new CANNON.Vec3(x, y, z), material }));
        bodies = crates.map(({ size, centre, massKg }) => {
          const body = new CANNON.Body({
            mass: massKg,
            shape: box(size.map((edge) => edge / 2)),
            position: new CANNON.Vec3(...centre),
            material,
            angularDamping,
            linearDamping: 0,
            allowSleep: true,
          });
          world.addBody(body);
          return body;
        });
        mover = new CANNON.Body({
          type: CANNON.Body.KINEMATIC,
          shape: box(walker.half),
          position: new CANNON.Vec3(...walker.path[0]),
          material,
        });
        world.addBody(mover);
      },
      step(from, to) {
        mover.position.set(...from);
        mover.velocity.set(...to.map((value, k) => (value - from[k]) / tickSeconds));
        if (mover.velocity.lengthSquared() > 0) mover.wakeUp();
        for (let k = 0; k < substeps; k++) world.step(tickSeconds / substeps);
      },
      readInto(poses) {
        bodies.forEach(({ position: p, quaternion: q }, n) => {
          poses.set([p.x, p.y, p.z, q.x, q.y, q.z, q.w], n * WORDS_PER_POSE);
        });
      },
      dispose() {},
    };
  };
}

function joltWorld(Jolt, scene) {
  const { gravity, tickSeconds, substeps, crates, walker, angularDamping } = scene;
  const MOVING = 0;
  const STILL = 1;
  return () => {
    const settings = new Jolt.JoltSettings();
    const pairs = new Jolt.ObjectLayerPairFilterTable(2);
    pairs.EnableCollision(MOVING, MOVING);
    pairs.EnableCollision(MOVING, STILL);
    const phases = new Jolt.BroadPhaseLayerInterfaceTable(2, 2);
    phases.MapObjectToBroadPhaseLayer(MOVING, new Jolt.BroadPhaseLayer(0));
    phases.MapObjectToBroadPhaseLayer(STILL, new Jolt.BroadPhaseLayer(1));
    settings.mObjectLayerPairFilter = pairs;
    settings.mBroadPhaseLayerInterface = phases;
    settings.mObjectVsBroadPhaseLayerFilter = new Jolt.ObjectVsBroadPhaseLayerFilterTable(phases, 2, pairs, 2);
    settings.mMaxWorkerThreads = 0;
    // Enough for the scene; every world has a memory of its own.
    settings.mMaxBodies = 256;
    settings.mMaxBodyPairs = 1024;
    settings.mMaxContactConstraints = 1024;
    const jolt = new Jolt.JoltInterface(settings);
    Jolt.destroy(settings);
    const system = jolt.GetPhysicsSystem();
    const bodies = system.GetBodyInterface();
    const down = new Jolt.Vec3(0, -gravity, 0);
    system.SetGravity(down);
    Jolt.destroy(down);
    const upright = new Jolt.Quat(0, 0, 0, 1);
    const place = new Jolt.RVec3(0, 0, 0);
    let live = [];
    const add = (half, centre, motion, layer, adjust = () => {}) => {
      const extent = new Jolt.Vec3(...half);
      const shape = new Jolt.BoxShape(extent, 0.02);
      place.Set(...centre);
      const creation = new Jolt.BodyCreationSettings(shape, place, upright, motion, layer);
      creation.mFriction = crates[0].friction;
      creation.mRestitution = crates[0].restitution;
      adjust(creation);
      const body = bodies.CreateBody(creation);
      bodies.AddBody(body.GetID(), Jolt.EActivation_Activate);
      Jolt.destroy(creation);
      Jolt.destroy(extent);
      return body;
    };
    for (const [x, y, z, ...half] of enclosure(scene)) add(half, [x, y, z], Jolt.EMotionType_Static, STILL);
    const drop = () => {
      for (const body of live) {
        const id = body.GetID();
        bodies.RemoveBody(id);
        bodies.DestroyBody(id);
      }
    };
    return {
      // The system and its ground stay: that is the cheapest reset that the library offers.
      begin() {
        drop();
        live = crates.map(({ size, centre, massKg }) =>
          add(
            size.map((edge) => edge / 2),
            centre,
            Jolt.EMotionType_Dynamic,
            MOVING,
            (creation) => {
              creation.mOverrideMassProperties = Jolt.EOverrideMassProperties_CalculateInertia;
              creation.mMassPropertiesOverride.mMass = massKg;
              creation.mMotionQuality = Jolt.EMotionQuality_LinearCast;
              creation.mAngularDamping = angularDamping;
              creation.mLinearDamping = 0;
            },
          ),
        );
        live.push(add(walker.half, walker.path[0], Jolt.EMotionType_Kinematic, MOVING));
      },
      step(_from, to) {
        place.Set(...to);
        live[crates.length].MoveKinematic(place, upright, tickSeconds);
        jolt.Step(tickSeconds, substeps);
      },
      readInto(poses) {
        for (let n = 0; n < crates.length; n++) {
          const p = live[n].GetPosition();
          const at = n * WORDS_PER_POSE;
          poses[at] = p.GetX();
          poses[at + 1] = p.GetY();
          poses[at + 2] = p.GetZ();
          const q = live[n].GetRotation();
          poses[at + 3] = q.GetX();
          poses[at + 4] = q.GetY();
          poses[at + 5] = q.GetZ();
          poses[at + 6] = q.GetW();
        }
      },
      dispose() {
        drop();
        Jolt.destroy(jolt);
      },
    };
  };
}
