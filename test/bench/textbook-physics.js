/**
 * Props and a quadcopter against textbook mechanics: `node test/bench/textbook-physics.js` prints a table; `--out FILE` keeps it as JSON.
 * Each check states what a formula gives, what the engine `rigid` gives, the tolerance and why it is that. Speeds, spins and forces that no scenario can give
 * are set in the bytes of a snapshot, which the engine then goes on from.
 */
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const METRE = 1 / 65536;
const WORDS = 14;
/** m/s^2: standard gravity, ISO 80000-3; what props fall with. */
const G = 9.80665;
/** Steps of Rapier per second. */
const STEPS = 60;

/**
 * @param kit { compileScenario, parseScenario, createRigidEngine }
 * @param rapier the library, loaded
 * @returns rows { check, formula, source, unit, expected, measured, tolerance, because }, tolerance in parts of what is expected, or in the unit where that is 0.
 */
export async function textbookChecks(kit, rapier) {
  const rows = [];
  for (const check of [freeFall, incline, impacts, restitution, pendulum, stack, push, hover]) rows.push(...(await check(kit, rapier)));
  return rows;
}

/** How far a row is from what is expected, as its tolerance counts. */
export function deviationOf({ expected, measured }) {
  return expected === 0 ? Math.abs(measured) : Math.abs(measured / expected - 1);
}

async function freeFall(kit) {
  const engine = await engineOf(kit, [{ id: 'ball', shape: { ball: 0.5 }, spawn: { atMetres: [16.5, 40, 16.5] } }]);
  const seconds = 2;
  step(engine, seconds * 20);
  const pose = poseOf(engine);
  engine.dispose();
  const source = 'https://en.wikipedia.org/wiki/Equations_for_a_falling_body';
  return [
    row(
      'free fall, speed after 2 s',
      'g t',
      source,
      'm/s',
      G * seconds,
      -pose.vy,
      0.001,
      'steps add g exactly; words round to 1/65536 block/tick',
    ),
    row(
      'free fall, way in 2 s',
      'g t^2 / 2',
      source,
      'm',
      (G * seconds * seconds) / 2,
      40 - pose.y,
      0.003,
      `Rapier divides each of the ${seconds * STEPS} steps in 4, each with the speed at its end: ${4 * seconds * STEPS + 1} / ${4 * seconds * STEPS} as far`,
    ),
  ];
}

/** A crate on a heavy wedge, a degree and a half below and above the angle at which friction lets go. */
async function incline(kit) {
  const friction = 0.5;
  const source = 'https://en.wikipedia.org/wiki/Friction#Angle_of_friction';
  const limitDeg = (Math.atan(friction) * 180) / Math.PI;
  const rows = [];
  for (const offDeg of [-1.5, 1.5]) {
    const angle = ((limitDeg + offDeg) * Math.PI) / 180;
    const height = Math.round(10 * Math.tan(angle) * 1000) / 1000;
    const engine = await engineOf(kit, [
      { id: 'ramp', shape: { ramp: [10, height, 3] }, massKg: 2000, friction, spawn: { atMetres: [16, 4 + height / 2, 16.5] } },
      { id: 'crate', shape: { box: [1, 0.3, 1] }, massKg: 10, friction, spawn: { atMetres: [19.5, 4 + 0.95 * height + 0.1, 16.5] } },
    ]);
    // It lands on an edge, lies down, and below the angle comes to rest.
    step(engine, offDeg < 0 ? 60 : 30);
    const before = poseOf(engine, 1);
    const seconds = offDeg < 0 ? 5 : 1.5;
    step(engine, seconds * 20);
    const after = poseOf(engine, 1);
    engine.dispose();
    const slope = Math.atan(height / 10);
    if (offDeg < 0) {
      const way = Math.hypot(after.x - before.x, after.y - before.y, after.z - before.z);
      rows.push(
        row(
          `incline ${-offDeg} degrees below the friction angle, creep in 5 s`,
          '0 where tan a < mu',
          source,
          'm',
          0,
          way,
          0.001,
          'it holds: less than a word of speed is left to it',
        ),
      );
    } else {
      const a = (Math.hypot(after.vx, after.vy, after.vz) - Math.hypot(before.vx, before.vy, before.vz)) / seconds;
      rows.push(
        row(
          `incline ${offDeg} degrees above it, acceleration`,
          'g (sin a - mu cos a)',
          'https://en.wikipedia.org/wiki/Inclined_plane#Frictional_inclined_plane',
          'm/s^2',
          G * (Math.sin(slope) - friction * Math.cos(slope)),
          a,
          0.02,
          'a difference of two forces 15 times as large: 0.1 % of either is 2 % of it',
        ),
      );
    }
  }
  return rows;
}

/** Two balls in free fall side by side, the first of which is thrown at the second. */
async function impacts(kit, rapier) {
  const rows = [];
  const [m1, m2, speed] = [1, 3, 4];
  for (const [name, e, source] of [
    ['elastic', 1, 'https://en.wikipedia.org/wiki/Elastic_collision'],
    ['inelastic', 0, 'https://en.wikipedia.org/wiki/Inelastic_collision'],
  ]) {
    const ball = (id, x, massKg) => ({ id, shape: { ball: 0.3 }, massKg, restitution: e, friction: 0, spawn: { atMetres: [x, 40, 16.5] } });
    const engine = await engineOf(kit, [ball('thrown', 12, m1), ball('struck', 14, m2)]);
    change(engine, rapier, (bodies) => bodies[0].setLinvel({ x: speed, y: 0, z: 0 }, true));
    step(engine, 20);
    const [thrown, struck] = [poseOf(engine, 0), poseOf(engine, 1)];
    engine.dispose();
    const because = 'the solver regularises contacts';
    rows.push(
      row(
        `${name} impact of 1 kg on 3 kg, speed of the struck`,
        '(1 + e) m1 u / (m1 + m2)',
        source,
        'm/s',
        ((1 + e) * m1 * speed) / (m1 + m2),
        struck.vx,
        0.005,
        because,
      ),
      row(
        `${name} impact, speed of the striking`,
        '(m1 - e m2) u / (m1 + m2)',
        source,
        'm/s',
        ((m1 - e * m2) * speed) / (m1 + m2),
        thrown.vx,
        0.005,
        because,
      ),
      row(
        `${name} impact, momentum`,
        'm1 u',
        source,
        'kg m/s',
        m1 * speed,
        m1 * thrown.vx + m2 * struck.vx,
        0.001,
        'both get the same impulse; words round',
      ),
    );
  }
  return rows;
}

/** A ball that is dropped on the ground: how high it comes back. */
async function restitution(kit) {
  const rows = [];
  for (const e of [0.5, 0.9]) {
    const engine = await engineOf(kit, [{ id: 'ball', shape: { ball: 0.5 }, restitution: e, spawn: { atMetres: [16.5, 8.5, 16.5] } }]);
    // sqrt(2 h / g) until it lands.
    let top = 0;
    let landed = false;
    for (let tick = 0; tick < 50; tick++) {
      step(engine, 1);
      const { y, vy } = poseOf(engine);
      landed ||= vy > 0;
      if (landed) top = Math.max(top, y);
      if (landed && vy < 0) break;
    }
    engine.dispose();
    rows.push(
      row(
        `bounce with restitution ${e}, height`,
        'e^2 h',
        'https://en.wikipedia.org/wiki/Coefficient_of_restitution',
        'm',
        e * e * 4,
        top - 4.5,
        0.04,
        'it meets the ground within a step, up to g / 60 off in speed: 2 % here, 4 % of the height',
      ),
    );
  }
  return rows;
}

/** A rod on a hinge at its upper end, swinging by 4 degrees. */
async function pendulum(kit, rapier) {
  const length = 2;
  const engine = await engineOf(kit, [
    {
      id: 'rod',
      shape: { box: [0.1, length, 0.1] },
      massKg: 5,
      joint: { hinge: { anchor: [0, length / 2, 0], axis: [0, 0, 1] } },
      spawn: { atMetres: [16.5, 12, 16.5] },
    },
  ]);
  const spin = 0.19;
  change(engine, rapier, ([rod]) => {
    rod.setAngvel({ x: 0, y: 0, z: spin }, true);
    rod.setLinvel({ x: (spin * length) / 2, y: 0, z: 0 }, true);
  });
  // Passes of the lowest point in the direction of the start, between ticks.
  const passes = [];
  let last = poseOf(engine).x - 16.5;
  for (let tick = 1; passes.length < 6 && tick < 400; tick++) {
    step(engine, 1);
    const now = poseOf(engine).x - 16.5;
    if (last < 0 && now >= 0) passes.push((tick - 1 + last / (last - now)) / 20);
    last = now;
  }
  engine.dispose();
  return [
    row(
      'pendulum: a rod of 2 m on a hinge, period',
      '2 pi sqrt(2 L / (3 g))',
      'https://en.wikipedia.org/wiki/Pendulum_(mechanics)#Compound_pendulum',
      's',
      2 * Math.PI * Math.sqrt((2 * length) / (3 * G)),
      (passes[5] - passes[0]) / 5,
      0.005,
      '4 degrees lengthen it by 0.03 %, the loss of spin by as much; the rest is the joint, which a solver holds',
    ),
  ];
}

/** Ten crates on one another for a minute. */
async function stack(kit) {
  const crates = Array.from({ length: 10 }, (_, k) => ({
    id: `crate-${k}`,
    shape: { box: [1, 1, 1] },
    massKg: 10,
    spawn: { atMetres: [16.5, 4.5 + k, 16.5] },
  }));
  const engine = await engineOf(kit, crates);
  step(engine, 1200);
  const top = poseOf(engine, 9);
  let aside = 0;
  for (let k = 0; k < 10; k++) aside = Math.max(aside, Math.hypot(poseOf(engine, k).x - 16.5, poseOf(engine, k).z - 16.5));
  const speed = Math.hypot(top.vx, top.vy, top.vz);
  engine.dispose();
  const source = 'https://en.wikipedia.org/wiki/Mechanical_equilibrium';
  return [
    row(
      'stack of 10 after 60 s, height of the topmost',
      '4 + 9.5',
      source,
      'm',
      13.5,
      top.y,
      0.005,
      'ten contacts, each of which may sink by a few millimetres',
    ),
    row('stack of 10 after 60 s, farthest aside', '0', source, 'm', 0, aside, 0.02, 'a fiftieth of an edge: nothing leans'),
    row('stack of 10 after 60 s, speed', '0', source, 'm/s', 0, speed, 0.001, 'it sleeps'),
  ];
}

/** A force on the first of two crates that touch, on ground with friction. */
async function push(kit, rapier) {
  const [m1, m2, force, friction, seconds] = [20, 10, 150, 0.2, 1];
  const crate = (id, x, massKg) => ({ id, shape: { box: [1, 1, 1] }, massKg, friction, spawn: { atMetres: [x, 4.5, 16.5] } });
  const engine = await engineOf(kit, [crate('behind', 8.5, m1), crate('ahead', 9.5, m2)]);
  step(engine, 5);
  change(engine, rapier, ([behind]) => behind.addForce({ x: force, y: 0, z: 0 }, true));
  const before = poseOf(engine, 1);
  step(engine, seconds * 20);
  const [behind, ahead] = [poseOf(engine, 0), poseOf(engine, 1)];
  engine.dispose();
  const source = 'https://en.wikipedia.org/wiki/Newton%27s_laws_of_motion#Second_law';
  return [
    row(
      'two crates pushed with 150 N over ground, acceleration of the second',
      'F / (m1 + m2) - mu g',
      source,
      'm/s^2',
      force / (m1 + m2) - friction * G,
      (ahead.vx - before.vx) / seconds,
      0.005,
      'the ground may bear more on one corner than on another; speeds are words',
    ),
    row('two crates pushed, gap between them', '0', source, 'm', 0, Math.abs(ahead.x - behind.x - 1), 0.01, "Rapier's prediction distance"),
  ];
}

/** A quadcopter without a hand on its stick, in the mode in which nothing but its thrust keeps it up. */
async function hover(kit) {
  const pilot = {
    id: 'ada',
    body: { type: 'rigid', vehicle: 'quadcopter', assist: 'rate', drag: 0 },
    spawn: { atMetres: [16.5, 10, 16.5] },
  };
  const engine = await engineOf(kit, [], [pilot]);
  const before = engine.state.posY[0] * METRE;
  step(engine, 10 * 20);
  const drift = engine.state.posY[0] * METRE - before;
  engine.dispose();
  return [
    row(
      'quadcopter with thrust m g, drift of height in 10 s',
      '(T / m - g) t^2 / 2 = 0',
      'https://en.wikipedia.org/wiki/Newton%27s_laws_of_motion#Second_law',
      'm',
      0,
      drift,
      0.01,
      'words hold thrust to half of 1/65536 of 4 x 7.5 N: on 1.5 kg up to 8 mm in 10 s',
    ),
  ];
}

function row(check, formula, source, unit, expected, measured, tolerance, because) {
  return { check, formula, source, unit, expected: round(expected), measured: round(measured), tolerance, because };
}

function round(value) {
  return Math.round(value * 1e5) / 1e5;
}

async function engineOf(kit, props, agents = [{ id: 'ada', body: 'walker', spawn: { atMetres: [2.5, 4, 2.5] } }]) {
  const scenario = {
    version: 1,
    id: 'textbook-v1',
    title: 'Textbook physics',
    world: { size: [32, 48, 32], terrain: { generator: 'flat', ground: 4 } },
    agents,
    props,
    task: { elapsed: { ticks: 5000 } },
    episode: { maxTicks: 5000, variants: 1 },
  };
  const compiled = kit.compileScenario(kit.parseScenario(scenario, scenario.id));
  return kit.createRigidEngine({
    program: compiled.program,
    variants: compiled.variantSource('train'),
    numWorlds: 1,
    seed: 1,
    observe: false,
  });
}

function step(engine, ticks) {
  for (let tick = 0; tick < ticks; tick++) engine.step();
}

/** Pose of prop p, SI. */
function poseOf(engine, p = 0) {
  const word = (k) => engine.state.prop[p * WORDS + k] * METRE;
  return { x: word(0), y: word(1), z: word(2), vx: word(7) * 20, vy: word(8) * 20, vz: word(9) * 20 };
}

/** Goes on from the present state with bodies changed; `spoil` gets those of the props. */
function change(engine, rapier, spoil) {
  const snapshot = engine.snapshot(0);
  const world = rapier.World.restoreSnapshot(snapshot.rigid);
  const bodies = [];
  world.forEachRigidBody((body) => {
    if (body.isDynamic()) bodies.push(body);
  });
  spoil(bodies.sort((a, b) => a.handle - b.handle));
  engine.restore(0, { ...snapshot, rigid: world.takeSnapshot() });
  world.free();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [{ compileScenario }, { parseScenario }, { createRigidEngine }, rapier] = await Promise.all([
    import('../../packages/env/dist/index.js'),
    import('../../packages/world/dist/index.js'),
    import('../../packages/physics/dist/index.js'),
    import('@dimforge/rapier3d'),
  ]);
  await rapier.init();
  const rows = await textbookChecks({ compileScenario, parseScenario, createRigidEngine }, rapier);
  for (const one of rows)
    console.log(
      `| ${one.check} | ${one.formula} | ${one.expected} ${one.unit} | ${one.measured} ${one.unit} | ${tell(one, deviationOf(one))} | ${tell(one, one.tolerance)} |`,
    );
  const out = process.argv.indexOf('--out');
  if (out > 0) writeFileSync(process.argv[out + 1], `${JSON.stringify({ node: process.version, rows }, null, 2)}\n`);
}

function tell({ expected, unit }, part) {
  return expected === 0 ? `${round(part)} ${unit}` : `${(100 * part).toFixed(2)} %`;
}
