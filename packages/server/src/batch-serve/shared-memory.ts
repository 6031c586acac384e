/**
 * Steps without copies through a socket: a file in /dev/shm that the client maps and this process reads and writes, and a Unix socket that rings.
 * Both lie in a folder of their own (0700) whose names are gone as soon as the client has connected, so that nothing stays behind whoever dies.
 * Limits: Linux; a client of the same user on the same machine.
 */
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as nodePath from 'node:path';
import { BATCH_HEADER_BYTES, BELL_BYTES, type SharedMemorySpec } from '@kinovox/world';

export interface MemorySizes {
  stepBytes: number;
  resultBytes: number;
}

/** Goes into the spec: where the memory is, or why there is none. */
export type SharedMemoryOffer = { sharedMemory: SharedMemorySpec } | { sharedMemoryRefused: string };

const ROOT = '/dev/shm';
const NAME = /^kinovox-(\d+)-/;
/** A client that has not connected by then will not. */
const CONNECT_MS = 10_000;
const PAGE_BYTES = 4096;

/** Why this process cannot offer memory to a client at `address`, or undefined. */
export function memoryProblem(address: string | undefined): string | undefined {
  if (process.platform !== 'linux') return `Shared memory needs Linux; the server runs on ${process.platform}. Steps go over WebSocket.`;
  if (!/^(::ffff:)?127\.|^::1$/.test(address ?? ''))
    return 'Shared memory needs a client on the same machine, connected by loopback. Steps go over WebSocket.';
  try {
    fs.accessSync(ROOT, fs.constants.W_OK);
  } catch {
    return `Shared memory needs a writable ${ROOT}; this machine has none. Steps go over WebSocket.`;
  }
  return undefined;
}

/** Removes what servers left that were killed before their client had connected. */
export function sweepMemory(): void {
  if (process.platform !== 'linux' || !fs.existsSync(ROOT)) return;
  for (const name of fs.readdirSync(ROOT)) {
    const pid = Number(NAME.exec(name)?.[1] ?? 0);
    if (pid === 0 || isAlive(pid)) continue;
    try {
      fs.rmSync(nodePath.join(ROOT, name), { recursive: true, force: true });
    } catch {
      // Another user's: theirs to remove.
    }
  }
}

export class SharedMemory {
  readonly spec: SharedMemorySpec;
  readonly #folder: string;
  readonly #fd: number;
  readonly #listener: net.Server;
  readonly #late: NodeJS.Timeout;
  readonly #onRing: (step: number) => void;
  #bell: net.Socket | undefined;
  #heard = Buffer.alloc(0);
  #closed = false;

  /** @param onRing called for each ring, with the step's number. */
  static async create(sizes: MemorySizes, onRing: (step: number) => void): Promise<SharedMemory> {
    const memory = new SharedMemory(sizes, onRing);
    try {
      await new Promise<void>((resolve, reject) => memory.#listener.once('error', reject).listen(memory.spec.bell, resolve));
    } catch (error) {
      memory.close();
      throw error;
    }
    return memory;
  }

  private constructor({ stepBytes, resultBytes }: MemorySizes, onRing: (step: number) => void) {
    this.#onRing = onRing;
    this.#folder = fs.mkdtempSync(nodePath.join(ROOT, `kinovox-${process.pid}-`));
    const file = nodePath.join(this.#folder, 'arrays');
    const first = pages(stepBytes);
    const second = first + pages(resultBytes);
    this.spec = {
      file,
      bell: nodePath.join(this.#folder, 'bell'),
      bytes: second + pages(resultBytes),
      step: 0,
      results: [first, second],
    };
    this.#fd = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL, 0o600);
    // Pages exist once they are written: room for the longest result costs nothing.
    fs.ftruncateSync(this.#fd, this.spec.bytes);
    this.#listener = net.createServer((socket) => this.#connect(socket));
    this.#late = setTimeout(() => this.#forgetNames(), CONNECT_MS).unref();
  }

  /** Reads the actions that the client wrote. @param out of this process, as long as they are. */
  readActionsInto(out: Float32Array): void {
    fs.readSync(this.#fd, out, 0, out.byteLength, this.spec.step + BATCH_HEADER_BYTES);
  }

  /** Writes a step's result and rings. */
  answer(step: number, parts: readonly Uint8Array[]): void {
    let at = this.spec.results[step & 1];
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    const written = fs.writevSync(this.#fd, parts, at);
    // A write may stop short of a very long result: the rest goes part by part.
    if (written < bytes) {
      for (const part of parts) {
        for (let done = 0; done < part.byteLength; ) done += fs.writeSync(this.#fd, part, done, part.byteLength - done, at + done);
        at += part.byteLength;
      }
    }
    this.#ring(step, 0);
  }

  /** Rings with an error, as the text of a WebSocket's. */
  refuse(step: number, error: string): void {
    const text = Buffer.from(error);
    this.#ring(step, text.length);
    this.#bell?.write(text);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forgetNames();
    // What was written still goes out.
    const bell = this.#bell;
    bell?.end(() => bell.destroy());
    fs.closeSync(this.#fd);
  }

  #connect(socket: net.Socket): void {
    if (this.#bell !== undefined || this.#closed) {
      socket.destroy();
      return;
    }
    this.#bell = socket;
    this.#forgetNames();
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      this.#heard = Buffer.concat([this.#heard, data]);
      while (!this.#closed && this.#heard.length >= BELL_BYTES.client) {
        const step = this.#heard.readUInt32LE(0);
        this.#heard = this.#heard.subarray(BELL_BYTES.client);
        this.#onRing(step);
      }
    });
    // The client has both open when it hears this.
    this.#ring(0, 0);
  }

  #ring(step: number, errorBytes: number): void {
    const ring = Buffer.alloc(BELL_BYTES.server);
    ring.writeUInt32LE(step, 0);
    ring.writeUInt32LE(errorBytes, 4);
    this.#bell?.write(ring);
  }

  #forgetNames(): void {
    clearTimeout(this.#late);
    if (this.#listener.listening) this.#listener.close();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

function pages(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
