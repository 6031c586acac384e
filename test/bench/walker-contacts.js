/**
 * How walkers and props meet: `node test/bench/walker-contacts.js [episodes]` prints one JSON object; `--out FILE` keeps it.
 * `speeds`: a walker of 60 kg runs into a crate of 0.1, 1 and 10 times its mass, on ice-smooth feet of the crate: the speed of both after it beside the momentum balance.
 * `penetration`: random episodes of walkers among boxes, balls, posts and ramps whom they push, jump on, carry and throw: how deep a walker's box and a prop overlap
 * at the ends of ticks, by Rapier's own distance between the true shapes at the quantised poses.
 */
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const METRE = 1 / 65536;
const TICKS = 200;
const AGENTS = 3;

/** @param kit { compileScenario, parseScenario, createRigidEngine, createCpuEngine, randomU32, WALKER_MASS_KG } */
export async function contactSpeeds(kit) {
  const rows = [];
  for (const times of [0.1, 1, 10]) {
    const massKg = times * kit.WALKER_MASS_KG;
    const crate = { id: 'crate', shape: { box: [1, 1, 1] }, massKg, friction: 0, spawn: { atMetres: [12.5, 4.5, 16.5] } };
    const engine = await engineOf(kit, arena([crate], 1, { atMetres: [8.5, 4, 16.5], yawDeg: -90 }), 1);
    const free = kit.createCpuEngine(optionsOf(kit, arena([], 1, { atMetres: [8.5, 4, 16.5], yawDeg: -90 }), 1));
    let x = 0;
    for (let tick = 0; tick < 60 && engine.state.prop[7] === 0; tick++) {
      x = free.state.posX[0];
      for (const one of [engine, free]) {
        one.buffers.actionWords.fill(0);
        one.buffers.actionWords[0] = 4096;
        one.step();
      }
    }
    // Where the free twin goes in the tick of the contact is the speed that the walker meets the crate with.
    const speed = (free.state.posX[0] - x) * METRE * 20;
    const balance = (kit.WALKER_MASS_KG * speed) / (kit.WALKER_MASS_KG + massKg);
    rows.push({
      massKg,
      walkerBefore: round(speed),
      balance: round(balance),
      crateAfter: round(engine.state.prop[7] * METRE * 20),
      // Before the ground took its part of it: 0.6 * 0.91 of the speed is kept per tick.
      walkerAfter: round((engine.state.velX[0] * METRE * 20) / 0.546),
    });
    engine.dispose();
    free.dispose();
  }
  return rows;
}

/** The deepest overlap in the episodes of some seeds, metres, and what they were made of. */
export async function deepestOverlap(kit, rapier, seeds, onEpisode = () => {}) {
  const seen = { episodes: seeds.length, ticks: 0, agentTicksBesideProps: 0, pickedUp: 0, threw: 0, pushed: 0, unstable: 0 };
  let worst = { depth: 0 };
  const depths = [];
  for (const seed of seeds) {
    const deepest = await playEpisode(kit, rapier, seed, seen);
    depths.push(deepest.depth);
    if (deepest.depth > worst.depth) worst = { ...deepest, seed };
    onEpisode(seed, deepest);
  }
  depths.sort((a, b) => a - b);
  return { ...seen, deepestMetres: round(worst.depth), medianDeepestMetres: round(depths[seeds.length >> 1]), worst };
}

/** Props of an episode, of its seed alone. */
export function propsOf(kit, seed) {
  const draw = drawer(kit, seed, 1);
  const between = (low, high) => low + (high - low) * (draw(1000) / 999);
  const kinds = ['box', 'box', 'box', 'ball', 'capsule', 'ramp'];
  return Array.from({ length: 3 + draw(6) }, (_, p) => {
    const kind = kinds[draw(kinds.length)];
    const edge = () => round(between(0.3, 1.4));
    const radius = round(between(0.15, 0.5));
    const shape = {
      box: { box: [edge(), edge(), edge()] },
      ball: { ball: radius },
      capsule: { capsule: { radius, height: round(2 * radius + between(0.1, 1)) } },
      ramp: { ramp: [edge(), edge(), edge()] },
    }[kind];
    return {
      id: `prop-${p}`,
      shape,
      massKg: round(between(1, draw(3) === 0 ? 200 : 25)),
      friction: round(between(0.1, 1)),
      restitution: draw(3) === 0 ? round(between(0, 0.8)) : 0,
      spawn: { region: REGION, yawDeg: draw(360) },
    };
  });
}

const REGION = [
  [12, 4, 12],
  [19, 4, 19],
];

async function playEpisode(kit, rapier, seed, seen) {
  const props = propsOf(kit, seed);
  const engine = await engineOf(kit, arena(props, AGENTS, { region: REGION }), seed);
  const draw = drawer(kit, seed, 2);
  const body = new rapier.Cuboid(0.3, 0.9, 0.3);
  const shapes = props.map(({ shape }) => shapeOf(rapier, shape));
  const plans = Array.from({ length: AGENTS }, () => ({ left: 0, words: {} }));
  let deepest = { depth: 0 };
  // Spawns may overlap where there is no room; what the first second pushes apart is not counted.
  for (let tick = 0; tick < TICKS; tick++) {
    act(engine, plans, draw);
    engine.step();
    count(kit, engine, seen);
    if (engine.outputs.ended[0] === 1) break;
    seen.ticks++;
    if (tick < 20) continue;
    for (let a = 0; a < AGENTS; a++) {
      const { posX, posY, posZ, prop } = engine.state;
      const feet = [posX[a] * METRE, posY[a] * METRE, posZ[a] * METRE];
      const middle = { x: feet[0], y: feet[1] + 0.9, z: feet[2] };
      for (let p = 0, at = 0; p < props.length; p++, at += 14) {
        const place = { x: prop[at] * METRE, y: prop[at + 1] * METRE, z: prop[at + 2] * METRE };
        if (Math.abs(place.x - middle.x) > 3 || Math.abs(place.z - middle.z) > 3 || Math.abs(place.y - middle.y) > 3) continue;
        seen.agentTicksBesideProps++;
        const turn = unit(prop, at + 3);
        const contact = body.contactShape(middle, { x: 0, y: 0, z: 0, w: 1 }, shapes[p], place, turn, 0.05);
        const depth = contact === null ? 0 : -contact.distance;
        if (depth > deepest.depth)
          deepest = {
            depth,
            tick,
            agent: a,
            prop: p,
            shape: props[p].shape,
            massKg: props[p].massKg,
            carried: carrierOf(engine, p),
            normal: contact.normal1,
          };
      }
    }
  }
  engine.dispose();
  return deepest;
}

function carrierOf(engine, p) {
  return Array.from(engine.state.carriedProp.subarray(0, AGENTS)).indexOf(p + 1);
}

/** Every agent holds a drawn set of keys for some ticks. */
function act(engine, plans, draw) {
  const { actionWords } = engine.buffers;
  const width = actionWords.length / AGENTS;
  actionWords.fill(0);
  plans.forEach((plan, a) => {
    if (plan.left-- <= 0) {
      plan.left = 3 + draw(18);
      plan.words = {
        0: draw(4) === 0 ? -4096 : 4096,
        1: (draw(3) - 1) * 2048,
        2: draw(4) === 0 ? 1 : 0,
        3: draw(2),
        4: draw(10) === 0 ? 1 : 0,
        5: (draw(5) - 2) * 4000,
        6: (draw(5) - 2) * 3000,
        7: [0, 3, 3, 4, 4][draw(5)],
      };
      plan.aim = draw(2) === 0;
    }
    for (const [k, word] of Object.entries(plan.words)) actionWords[a * width + Number(k)] = word;
    if (plan.aim) aimAtNearest(engine, a, actionWords, a * width);
    // A key that is held acts once.
    if (plan.left % 2 === 0) actionWords[a * width + 7] = 0;
  });
}

/** Turns towards the middle of the nearest prop, as far as one tick lets: keys 5 and 6 are Q16 radians. */
function aimAtNearest({ state, program }, a, words, at) {
  let best;
  for (let p = 0; p < program.numProps; p++) {
    const [dx, dy, dz] = ['posX', 'posY', 'posZ'].map((axis, k) => (state.prop[14 * p + k] - state[axis][a]) * METRE);
    const level = Math.hypot(dx, dz);
    if (best === undefined || level < best.level) best = { level, dx, dy, dz };
  }
  const angle = (word) => (word / 4294967296) * 2 * Math.PI;
  const turn = Math.atan2(-best.dx, -best.dz) - angle(state.yaw[a]);
  const look = Math.atan2(best.dy - 1.62, best.level) - angle(state.pitch[a]);
  words[at + 5] = Math.round(Math.atan2(Math.sin(turn), Math.cos(turn)) * 65536);
  words[at + 6] = Math.round(look * 65536);
}

function count(kit, engine, seen) {
  const { events, eventCount } = engine.buffers;
  for (let k = 0; k < Math.min(64, eventCount[0]); k++)
    for (const name of ['pickedUp', 'threw', 'pushed', 'unstable']) if (events[5 * k] === kit.EVENT[name]) seen[name]++;
}

function shapeOf(rapier, shape) {
  if (shape.box !== undefined) return new rapier.Cuboid(shape.box[0] / 2, shape.box[1] / 2, shape.box[2] / 2);
  if (shape.ball !== undefined) return new rapier.Ball(shape.ball);
  if (shape.capsule !== undefined) return new rapier.Capsule(shape.capsule.height / 2 - shape.capsule.radius, shape.capsule.radius);
  const [x, y, z] = shape.ramp.map((edge) => edge / 2);
  return new rapier.ConvexPolyhedron(Float32Array.of(-x, -y, -z, -x, -y, z, x, -y, -z, x, -y, z, x, y, -z, x, y, z), null);
}

function unit(words, at) {
  const [x, y, z, w] = words.subarray(at, at + 4);
  const length = Math.sqrt(x * x + y * y + z * z + w * w);
  return { x: x / length, y: y / length, z: z / length, w: w / length };
}

function arena(props, numAgents, spawn) {
  return {
    version: 1,
    id: 'contacts-v1',
    title: 'Walkers among props',
    world: {
      size: [32, 16, 32],
      terrain: { generator: 'flat', ground: 4 },
      // A pen of walls two blocks high, and a block in it, so that things are wedged.
      edits:
        numAgents === 1
          ? []
          : [
              { fill: 'stone', from: [10, 4, 10], to: [21, 5, 10] },
              { fill: 'stone', from: [10, 4, 21], to: [21, 5, 21] },
              { fill: 'stone', from: [10, 4, 10], to: [10, 5, 21] },
              { fill: 'stone', from: [21, 4, 10], to: [21, 5, 21] },
              { fill: 'stone', from: [15, 4, 15], to: [16, 4, 15] },
            ],
    },
    agents: numAgents === 1 ? [{ id: 'ada', body: 'walker', spawn }] : [{ id: 'bot', count: numAgents, body: 'walker', spawn }],
    props,
    ...(props.length > 0 ? { carrying: {} } : {}),
    task: { elapsed: { ticks: 5000 } },
    episode: { maxTicks: 5000, variants: 4 },
  };
}

function optionsOf(kit, scenario, seed) {
  const compiled = kit.compileScenario(kit.parseScenario(scenario, scenario.id));
  return { program: compiled.program, variants: compiled.variantSource('train'), numWorlds: 1, seed, observe: false, autoreset: false };
}

function engineOf(kit, scenario, seed) {
  return kit.createRigidEngine(optionsOf(kit, scenario, seed));
}

/** Integers below n, of seed and purpose. */
function drawer(kit, seed, purpose) {
  let k = 0;
  return (n) => kit.randomU32(seed, purpose, 0, 0, 0, k++) % n;
}

function round(value) {
  return Math.round(value * 10000) / 10000;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const dist = (name) => import(`../../packages/${name}/dist/index.js`);
  const kit = { ...(await dist('world')), ...(await dist('physics')), ...(await dist('env')) };
  const rapier = await import('@dimforge/rapier3d');
  await rapier.init();
  const at = process.argv.indexOf('--out');
  const episodes = Number(process.argv[2] ?? 1000);
  const speeds = await contactSpeeds(kit);
  const seeds = Array.from({ length: episodes }, (_, seed) => seed);
  const penetration = await deepestOverlap(kit, rapier, seeds, (seed, deepest) => {
    if (process.env.VERBOSE && deepest.depth > 0.005) console.error(seed, JSON.stringify(deepest));
  });
  const report = JSON.stringify({ speeds, penetration }, undefined, 2);
  console.log(report);
  if (at > 0) writeFileSync(process.argv[at + 1], `${report}\n`);
}
