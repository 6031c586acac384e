/** The messages by name, as Socket.IO types its two directions. Binary ones travel as Uint8Array and arrive as WireBytes. */
import type { WireBytes } from './byte-reader.js';
import type { ControlInput, Hello, HelloReply, Notice, Reply, Resync, Status, Unwatch, Watch } from './messages.js';
import type { Chat, Teleop } from './people-messages.js';
import type { PlansWish } from './plans-message.js';

export interface WatcherToHost {
  hello(message: Hello, ack: (reply: HelloReply) => void): void;
  watch(message: Watch, ack: (reply: Reply) => void): void;
  unwatch(message: Unwatch, ack: (reply: Reply) => void): void;
  resync(message: Resync, ack: (reply: Reply) => void): void;
  control(message: ControlInput, ack: (reply: Reply) => void): void;
  plans(message: PlansWish, ack: (reply: Reply) => void): void;
  chat(message: Chat, ack: (reply: Reply) => void): void;
  teleop(message: Teleop, ack: (reply: Reply) => void): void;
}

export interface HostToWatcher {
  table(bytes: WireBytes): void;
  level(bytes: WireBytes): void;
  frame(bytes: WireBytes): void;
  edits(bytes: WireBytes): void;
  events(bytes: WireBytes): void;
  status(message: Status): void;
  /** A Plans message as UTF-8 JSON. */
  plans(bytes: WireBytes): void;
  /** A Decisions message as UTF-8 JSON. */
  decisions(bytes: WireBytes): void;
  notice(message: Notice): void;
}
