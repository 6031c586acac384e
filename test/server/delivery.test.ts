// The order of what watchers are sent: a moment that is kept is the last of its world, whatever waited before it.
import { describe, expect, it } from 'vitest';
import { Delivery, type HostServer } from '../../packages/server/src/live/delivery.js';
import { createHostCounters } from '../../packages/server/src/live/host-counters.js';

/** A server with a watcher in the channel, whose line is free. */
function watched() {
  const sent: string[] = [];
  const emit = (kind: string) => (event: string, bytes: Uint8Array) => void sent.push(`${kind} ${event} ${bytes[0]}`);
  const socket = { conn: { transport: { writable: true }, writeBuffer: [] }, volatile: { emit: emit('lossy') } };
  const io = {
    to: () => ({ emit: emit('kept') }),
    of: () => ({ adapter: { rooms: new Map([['row', new Set(['one'])]]) }, sockets: new Map([['one', socket]]) }),
  };
  return { sent, delivery: new Delivery(io as unknown as HostServer, createHostCounters()) };
}

const frame = (tick: number, keepFrame: boolean) => ({ reliable: [], frame: Uint8Array.of(tick), keepFrame });
const turns = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('what watchers are sent', () => {
  it('of several frames that may be lost is the latest', async () => {
    const { sent, delivery } = watched();
    for (const tick of [1, 2, 3]) delivery.world('row', frame(tick, false));
    await turns();
    expect(sent).toEqual(['lossy frame 3']);
  });

  it('has no frame after the one of a pause that is of an earlier tick', async () => {
    const { sent, delivery } = watched();
    delivery.world('row', frame(1, false));
    delivery.lossy('row', 'table', Uint8Array.of(7));
    delivery.world('row', frame(2, true));
    await turns();
    expect(sent).toEqual(['kept frame 2', 'lossy table 7']);
  });
});
