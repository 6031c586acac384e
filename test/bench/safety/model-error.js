/**
 * How far the values of vehicles are off: `node test/bench/safety/model-error.js [episodes] [rover|quadcopter] [body as JSON]` prints one JSON object.
 * In the rigid engine, sticks are held at random (often at their ends) until the value is safe and a draw says so; then the brake is done until the vehicle
 * rests. Along a brake the value must not fall, were the model exact and pessimistic: `drop` is the metres by which it ever falls below that at its start.
 * `tick`: by how much the value one tick after an action, as foretold, is above what then comes out. Blocks do not move here but count as they may.
 */
import { pathToFileURL } from 'node:url';
import { arena, drawsFrom, loadKit, MARGIN, VEHICLES } from './closed-loop-vehicles.js';

const BRAKE_TICKS = 70;

export async function measureModel(kit, { vehicle, episodes, brakes, seed, compiled }) {
  const env = await kit.createBatchEnv({
    scenario: compiled ?? arena(kit, vehicle),
    numWorlds: 1,
    seed,
    split: 'test',
    autoreset: 'next-step',
    observe: false,
    engine: 'rigid',
  });
  const { engine } = env;
  const value = kit.createStateValue(engine.program, { maxFall: 3, horizonTicks: 100 }, 0);
  const draw = drawsFrom(seed);
  const drops = [];
  const ticks = [];
  const row = new Float32Array(env.actionLength);
  const now = () => {
    value.take(engine.state, 0, 0);
    return value.valueAfter();
  };
  for (let e = 0; e < episodes; e++) {
    env.reset({ seed: seed + e });
    for (let k = 0; k < brakes && engine.outputs.ended[0] === 0; k++) {
      const wait = 1 + Math.floor(draw() * 40);
      for (let t = 0; t < wait; t++) {
        if (t % 10 === 0) {
          row.fill(0);
          row[kit.ACTION_WORD.forward] = stick(draw);
          row[kit.ACTION_WORD.strafe] = stick(draw);
          row[kit.ACTION_WORD.turn] = (stick(draw) * Math.PI) / 12;
          row[kit.ACTION_WORD.look] = vehicle === 'rover' ? 0 : (stick(draw) * Math.PI) / 12;
        }
        value.take(engine.state, 0, 0);
        const foretold = value.valueAfter(row);
        if (foretold <= MARGIN) break;
        env.stepSync(row);
        ticks.push(foretold - now());
      }
      const start = now();
      if (start <= MARGIN) continue;
      let least = start;
      for (let t = 0; t < BRAKE_TICKS; t++) {
        row.fill(0);
        now();
        value.brakeInto(row);
        env.stepSync(row);
        least = Math.min(least, now());
      }
      if (start < 1) drops.push(start - least);
    }
  }
  env.close();
  return { brakes: drops.length, drop: quantiles(drops), ticks: ticks.length, tick: quantiles(ticks) };
}

/** Half the time at an end, otherwise anywhere. */
function stick(draw) {
  const by = draw() * 2 - 1;
  return draw() < 0.5 ? Math.sign(by) : by;
}

function quantiles(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (share) => Math.round(1e4 * (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)) / 1e4;
  return { median: at(0.5), p99: at(0.99), most: at(1) };
}

async function main() {
  const kit = await loadKit();
  const episodes = Number(process.argv[2] ?? 100);
  const report = {};
  const body = JSON.parse(process.argv[4] ?? '{}');
  for (const vehicle of VEHICLES.filter((name) => (process.argv[3] ?? name) === name))
    report[vehicle] = await measureModel(kit, { vehicle, episodes, brakes: 4, seed: 1, compiled: arena(kit, vehicle, body) });
  console.log(JSON.stringify(report, null, 2));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
