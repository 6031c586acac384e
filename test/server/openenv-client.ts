/** A client of the OpenEnv contract for tests: plain ws, one question at a time. */
import { WebSocket } from 'ws';

/** Anything: expectations say what it must be. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Message {
  type: string;
  data: Record<string, Json>;
}

export class OpenEnvTestClient {
  readonly socket: WebSocket;
  readonly #received: string[] = [];
  #wake: (() => void) | undefined;
  closeCode: number | undefined;

  constructor(url: string, path = '/ws', headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, { headers });
    this.socket.on('message', (data) => {
      this.#received.push(String(data));
      this.#wake?.();
    });
    this.socket.on('error', () => this.#wake?.());
    this.socket.on('close', (code) => {
      this.closeCode = code;
      this.#wake?.();
    });
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING)
      await new Promise<void>((resolve, reject) => this.socket.once('open', resolve).once('error', reject));
    return this;
  }

  /** @throws where the socket closes first. */
  async next(): Promise<Json> {
    while (this.#received.length === 0) {
      if (this.closeCode !== undefined) throw new Error(`closed with ${this.closeCode}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return JSON.parse(this.#received.shift()!);
  }

  async closed(): Promise<number> {
    while (this.closeCode === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.closeCode;
  }

  async ask(message: unknown): Promise<Json> {
    await this.opened();
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    return this.next();
  }

  reset(data: object = {}): Promise<Message> {
    return this.ask({ type: 'reset', data });
  }

  step(data: object): Promise<Message> {
    return this.ask({ type: 'step', data });
  }
}
