/** A thread of the `workers` engine: compiles the scenario for itself, gets the batch's shared arrays, and steps its slice until it is ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { runSlice, type SharedBatch } from '@kinovox/physics';
import type { CrewMember } from './worker-crew.js';
import { attempt, noteOwnThread, sourceOf } from './worker-source.js';

const member = workerData as CrewMember;

noteOwnThread(member);
const source = attempt(() => sourceOf(member));
parentPort!.once('message', (batch: SharedBatch) => runSlice(member.control, member.k, source, batch));
