/** A thread of a rigid pool: compiles the scenario and loads Rapier for itself, and steps its slice until it is ended or Rapier traps. */
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type FromWorker, loadRapier, type Mail, type RigidBatch, runRigidSlice } from '@kinovox/physics';
import { ScenarioError } from '@kinovox/world';
import type { CrewMember } from './worker-crew.js';
import { attempt, noteOwnThread, sourceOf } from './worker-source.js';

/** What the thread is handed at its start. */
export interface RigidMember extends CrewMember {
  batch: RigidBatch;
  port: MessagePort;
  /** Tests only: a module whose default export makes what is called before Rapier is entered, of the libraries that this thread has. */
  plant?: string | undefined;
}

const member = workerData as RigidMember;
const { control, k, batch, port } = member;

noteOwnThread(member);
const source = await loaded();
const mail: Mail<FromWorker, Uint8Array> = {
  send(message) {
    port.postMessage(message, buffersOf(message));
  },
  receive: () => receiveMessageOnPort(port)?.message as Uint8Array | undefined,
};
runRigidSlice(control, k, source, batch, mail);

async function loaded() {
  try {
    const rapier = await loadRapier();
    const plant = member.plant === undefined ? undefined : (await import(member.plant)).default({ rapier, ScenarioError });
    return attempt(() => ({ ...sourceOf(member), rapier, plant }));
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** What is handed over instead of copied: arrays that have their buffer for themselves. */
function buffersOf(message: FromWorker): ArrayBuffer[] {
  if (message.kind === 'refused') return [];
  const { snapshot } = message.kind === 'checkpoint' ? message.checkpoint : { snapshot: undefined };
  const arrays = message.kind === 'saved' ? [message.bytes] : [snapshot!.words, snapshot!.voxels, snapshot!.rigid!];
  return arrays.flatMap(({ buffer, byteLength }) => (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []));
}
