/**
 * A recording: two builders bridge a ravine, one row is written to a file, and the file is played again from its seed and actions alone.
 * Every tick's state hash must come out the same; a byte that was altered is found.
 * Run: node examples/record-and-replay.mjs [folder for the file]
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createPolicy, runPolicies } from '@kinovox/agents';
import { createBatchEnv, openRecording, recordRow, replayRecording } from '@kinovox/env';

const folder = process.argv[2] ?? mkdtempSync(`${tmpdir()}/kinovox-`);
const path = `${folder}/bridge.kvr`;

const scenario = `${import.meta.dirname}/../scenarios/bridge-gap-v1.scenario.json`;
const env = await createBatchEnv({ scenario, numWorlds: 4, split: 'test', seed: 1, autoreset: 'next-step' });
const run = runPolicies(env, createPolicy('scripted'));
const recorder = recordRow(env, 2, path, { notes: { policy: 'scripted' } });
env.onEpisodeEnd = ({ row, outcome, ticks, stateHash }) => {
  if (row === 2) console.log(`recorded: ${outcome} after ${ticks} ticks, last state ${stateHash}`);
};
env.reset();
for (let ended = false; !ended; ) ended = (await env.step(run.act())).ended[2] === 1;
recorder.close();
env.close();

// No policy is asked: the level comes from the seed, the rest from the rules and the recorded actions.
const placed = new Map();
const report = await replayRecording(path, {
  onTick: (_engine, { events }) => {
    for (const { kind, agent } of events) if (kind === 'placed') placed.set(agent, (placed.get(agent) ?? 0) + 1);
  },
});
console.log(`replayed: ${report.sentence}`);
console.log(`blocks placed: ${[...placed].map(([slot, count]) => `${env.agentIds[slot]} ${count}`).join(', ')}`);

// Any tick can be had again.
const player = await openRecording(path);
player.seek(player.frameOf(0, 100));
const { posX, posY, posZ } = player.engine.state;
console.log(`at tick 100 ${env.agentIds[0]} stood at ${[posX, posY, posZ].map((axis) => (axis[0] / 65536).toFixed(2)).join(' ')}`);

const bytes = readFileSync(path);
bytes[Math.floor(statSync(path).size / 2)] ^= 1;
await replayRecording(bytes).catch(({ message }) => console.log(`one bit altered: ${message}`));

if (process.argv[2] === undefined) rmSync(folder, { recursive: true });
