/** One client's batch: requests in, one reply each. Knows nothing of sockets. */
import { type BatchEnv, createBatchEnv } from '@kinovox/env';
import { RULES_VERSION } from '@kinovox/physics';
import {
  BATCH_FLAG_FINAL,
  BATCH_HEADER_BYTES,
  BATCH_KIND,
  BATCH_MAGIC,
  BATCH_PROTOCOL,
  type BatchLayout,
  BatchRequestSchema,
  describeIssue,
  layOut,
  type MakeBatch,
  ProtocolError,
  ResetNeededError,
  writeBatchHeader,
} from '@kinovox/world';

export interface SessionHost {
  /** Path of the scenario that a client names. @throws UsageError with the nearest name. */
  scenarioPath(name: string): string;
  /** First seed of a batch whose client gives none. */
  readonly seed: number;
  /** @throws UsageError for more worlds than the server may hold. */
  admit(numWorlds: number): void;
  onSteps(env: BatchEnv): void;
  onEpisode(scenario: string, outcome: string): void;
}

export type Reply = string | Uint8Array;

export class BatchSession {
  readonly #host: SessionHost;
  #env: BatchEnv | undefined;
  #actions = new Float32Array(0);
  #layout: BatchLayout = { arrays: [], bytes: 0 };
  #masks: Uint8Array<ArrayBuffer> | undefined;
  #out = new Uint8Array(0);
  #step = 0;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  get numWorlds(): number {
    return this.#env?.numWorlds ?? 0;
  }

  /** Answers a JSON request. @throws KinovoxError naming what the client must change. */
  async request(text: string): Promise<Reply> {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch (cause) {
      throw new ProtocolError('not-json', `A text message must be JSON; got ${JSON.stringify(text.slice(0, 60))}.`, { cause });
    }
    const parsed = BatchRequestSchema.safeParse(data);
    if (!parsed.success)
      throw new ProtocolError(
        'request',
        `A request must be make, reset or close. ${describeIssue(parsed.error)} See docs/batch-protocol.md.`,
      );
    const request = parsed.data;
    if (request.type === 'make') return this.#make(request);
    if (request.type === 'close') {
      this.close();
      return JSON.stringify({ type: 'closed' });
    }
    const env = this.#need();
    const { seed, seeds, mask } = request;
    env.reset({ seed, seeds, mask: mask === undefined ? undefined : Uint8Array.from(mask) });
    return this.#reset(env);
  }

  /** Steps the batch. @param message header and actions. @returns a view that the next call overwrites. */
  step(message: Uint8Array): Uint8Array {
    const env = this.#need();
    const bytes = BATCH_HEADER_BYTES + 4 * env.actionLength;
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    if (message.byteLength !== bytes)
      throw new ProtocolError(
        'step-length',
        `A step of this batch must have ${bytes} bytes, ${env.actionLength} actions after the header; got ${message.byteLength}. See "actions" in the spec.`,
      );
    if (
      view.getUint32(0, true) !== BATCH_MAGIC ||
      view.getUint16(4, true) !== BATCH_PROTOCOL ||
      view.getUint16(6, true) !== BATCH_KIND.step
    )
      throw new ProtocolError(
        'step-header',
        `A step must begin with "KVXB", version ${BATCH_PROTOCOL} and kind 1. See docs/batch-protocol.md.`,
      );
    // A copy: a message may lie at an odd address.
    new Uint8Array(this.#actions.buffer).set(message.subarray(BATCH_HEADER_BYTES));
    this.#step = view.getUint32(8, true);
    const { rewards, terminated, truncated, ended, finalObservations } = env.stepSync(this.#actions);
    this.#host.onSteps(env);
    const isFinal = env.autoreset === 'same-step' && ended.includes(1);
    this.#write('observations', env.observations.vector);
    this.#write('rewards', rewards);
    this.#write('terminated', terminated);
    this.#write('truncated', truncated);
    this.#write('ended', ended);
    this.#writeMasks(env);
    if (!isFinal) return this.#reply(0);
    this.#out.set(bytesOf(finalObservations), BATCH_HEADER_BYTES + this.#layout.bytes);
    return this.#reply(BATCH_FLAG_FINAL, 4 * finalObservations.length);
  }

  /** Frees the batch. */
  close(): void {
    this.#env?.close();
    this.#env = undefined;
  }

  async #make({ type: _, scenario, masks, seed, numWorlds, engine, ...rest }: MakeBatch): Promise<string> {
    this.close();
    this.#host.admit(numWorlds);
    const env = await createBatchEnv({
      ...rest,
      numWorlds,
      // Checked by the environment, which names the engines there are.
      engine: engine as 'auto',
      scenario: this.#host.scenarioPath(scenario),
      seed: seed ?? this.#host.seed,
    });
    const { id } = env.compiled.program;
    env.onEpisodeEnd = (record) => this.#host.onEpisode(id, record.outcome);
    this.#env = env;
    const rows = [env.numWorlds, env.numAgents];
    const size = env.observations.size;
    this.#actions = new Float32Array(env.actionLength);
    this.#masks = masks ? new Uint8Array(env.numWorlds * env.numAgents * env.engine.actionMaskSize) : undefined;
    this.#layout = layOut([
      { name: 'observations', dtype: 'float32', shape: [...rows, size] },
      { name: 'rewards', dtype: 'float32', shape: rows },
      { name: 'terminated', dtype: 'uint8', shape: rows },
      { name: 'truncated', dtype: 'uint8', shape: rows },
      { name: 'ended', dtype: 'uint8', shape: [env.numWorlds] },
      ...(masks ? [{ name: 'action_masks', dtype: 'uint8' as const, shape: [...rows, env.engine.actionMaskSize] }] : []),
    ]);
    this.#out = new Uint8Array(BATCH_HEADER_BYTES + this.#layout.bytes + 4 * env.observations.finalVector.length);
    const { agents } = env.compiled.scenario;
    return JSON.stringify({
      type: 'spec',
      scenario: id,
      scenarioHash: env.compiled.program.scenarioHash,
      engine: env.engineName,
      seed: env.seed,
      split: env.split,
      autoreset: env.autoreset,
      numWorlds: env.numWorlds,
      agents: env.agentIds,
      teams: agents.flatMap((agent) => Array.from({ length: agent.count ?? 1 }, () => agent.team ?? null)),
      actionProfile: env.actionProfile,
      actions: { dtype: 'float32', shape: env.actionProfile === 'discrete' ? rows : [...rows, env.actionLength / (rows[0] * rows[1])] },
      actionSpace: env.spaces.actionRow,
      observationSpace: env.spaces.vector,
      arrays: this.#layout.arrays,
      arrayBytes: this.#layout.bytes,
      final: { name: 'final_observations', dtype: 'float32', shape: [...rows, size], offset: this.#layout.bytes },
    });
  }

  #reset(env: BatchEnv): Uint8Array {
    this.#out.fill(0);
    this.#step = 0;
    this.#write('observations', env.observations.vector);
    this.#writeMasks(env);
    return this.#reply(0);
  }

  #need(): BatchEnv {
    if (this.#env === undefined)
      throw new ResetNeededError(
        'make-needed',
        'A batch must be made before it is reset or stepped; got none. Send {"type":"make",...} first.',
      );
    return this.#env;
  }

  #write(name: string, values: Float32Array | Uint8Array): void {
    const { offset } = this.#layout.arrays.find((array) => array.name === name)!;
    this.#out.set(bytesOf(values), BATCH_HEADER_BYTES + offset);
  }

  #writeMasks(env: BatchEnv): void {
    if (this.#masks !== undefined) this.#write('action_masks', env.actionMasks(this.#masks));
  }

  #reply(flags: number, extraBytes = 0): Uint8Array {
    writeBatchHeader(new DataView(this.#out.buffer), BATCH_KIND.result, this.#step, flags);
    return this.#out.subarray(0, BATCH_HEADER_BYTES + this.#layout.bytes + extraBytes);
  }
}

/** What a client learns before it asks for anything. */
export function greeting(): string {
  return JSON.stringify({ type: 'hello', protocol: BATCH_PROTOCOL, rulesVersion: RULES_VERSION });
}

function bytesOf(values: Float32Array | Uint8Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
