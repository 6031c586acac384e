/** What all servers of this package do with their port: bind it, say where they are, and let their clients go. */
import type { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UsageError } from '@kinovox/world';
import type { WebSocketServer } from 'ws';

/** How long clients may take to say goodbye, milliseconds. */
const GRACE_MS = 1000;

/**
 * Binds a port; 0 picks a free one.
 * @param errors where the server's errors are told, if not by itself: a WebSocketServer takes over those of its server.
 * @throws UsageError where the port is taken, or the address may not be bound.
 */
export function listenOn(http: Server, host: string, port: number, errors: Pick<EventEmitter, 'on'> = http): Promise<void> {
  return new Promise((resolve, reject) => {
    // For good: later ones are connections that could not be accepted, which must not end the process.
    errors.on('error', (error: NodeJS.ErrnoException) => reject(refusalOf(error, host, port)));
    http.listen(port, host, resolve);
  });
}

/** `http://127.0.0.1:8000`. */
export function urlOf(http: Server, protocol: 'http' | 'ws'): string {
  const { address, port } = http.address() as AddressInfo;
  return `${protocol}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Tells clients, and ends when all connections are closed: those that do not answer in time are cut. */
export async function closeListening(http: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.close(1001, 'The server ends.');
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  sockets.close();
  http.closeIdleConnections();
  // A client that does not answer must not hold the server.
  const late = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
    http.closeAllConnections();
  }, GRACE_MS);
  await closed;
  clearTimeout(late);
}

function refusalOf(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new UsageError('port-taken', `--port must be free; got ${port}, which another program uses. Give another, or 0 for any.`);
  if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL')
    return new UsageError(
      'bad-address',
      `--host and --port must be an address of this machine that may be bound; got ${host}:${port} (${error.code}). Choose others.`,
    );
  return error;
}
