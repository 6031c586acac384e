/**
 * The threads of a rigid pool in Node. A thread is handed the batch when it starts, and messages are looked for, not heard of, since both sides wait
 * instead of listening. As those of `workers`, they keep no process alive, and one that dies is noticed while the caller's thread waits.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type Control, type FromWorker, type RigidCrew, threadIdOf } from '@kinovox/physics';
import type { Split } from '@kinovox/world';
import type { CompiledScenario } from './compile-scenario.js';
import { threadEntry } from './newest-bundle.js';
import type { RigidMember } from './rigid-worker.js';
import { crewMember, isGone } from './worker-crew.js';

const ENTRY = threadEntry('./rigid-worker.js', import.meta.url);
/** A thread that was told to end has this long to do so. */
const END_LOOKS = 500;
const LOOK_MS = 10;

interface Member {
  worker: Worker;
  port: MessagePort;
  fault: string | undefined;
}

/** @param plant tests only; see `RigidMember`. */
export function launchRigidCrew(compiled: CompiledScenario, split: Split, control: Control, plant?: string): RigidCrew {
  const member = crewMember(compiled, split, control, ENTRY);
  const members: Member[] = [];
  const close = ({ worker, port }: Member) => {
    port.close();
    void worker.terminate();
  };
  return {
    start(k, batch) {
      const { port1, port2 } = new MessageChannel();
      const workerData: RigidMember = { ...member, k, batch, port: port2, plant };
      // Flags of the process, such as --input-type, are for its own entry: a thread that got them would not start.
      const worker = new Worker(ENTRY, { workerData, transferList: [port2], name: `kinovox-rigid-${k + 1}`, execArgv: [] });
      const started: Member = { worker, port: port1, fault: undefined };
      worker.on('error', (error) => {
        started.fault = `its thread ended: ${error.message}`;
      });
      worker.on('exit', (code) => {
        started.fault ??= `its thread ended with code ${code}`;
      });
      worker.unref();
      members[k] = started;
    },
    end(k, atWork) {
      close(members[k]);
      if (!atWork) return true;
      const id = threadIdOf(control, k);
      const clock = new Int32Array(new SharedArrayBuffer(4));
      for (let look = 0; look < END_LOOKS; look++) {
        if (members[k].fault !== undefined || isGone(id) === true) return true;
        if (isGone(id) === undefined) return false;
        Atomics.wait(clock, 0, 0, LOOK_MS);
      }
      return false;
    },
    faultOf(k) {
      return members[k].fault ?? (isGone(threadIdOf(control, k)) ? 'its thread is gone' : undefined);
    },
    send(k, bytes) {
      members[k].port.postMessage(bytes);
    },
    receive: (k) => receiveMessageOnPort(members[k].port)?.message as FromWorker | undefined,
    dispose() {
      for (const one of members) if (one !== undefined) close(one);
    },
  };
}
