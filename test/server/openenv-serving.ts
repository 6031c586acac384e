/** OpenEnv servers and clients of a test file, gone after each of its tests. */
import { ACTION_LEVELS } from '@kinovox/agents';
import { findScenario, OpenEnvServer, type OpenEnvServerOptions } from 'kinovox';
import { afterEach } from 'vitest';
import { OpenEnvTestClient } from './openenv-client.js';

const servers: OpenEnvServer[] = [];
const clients: OpenEnvTestClient[] = [];

/** Listens on a free port. */
export async function served(options: Partial<OpenEnvServerOptions> = {}): Promise<OpenEnvServer> {
  const server = new OpenEnvServer({
    scenario: findScenario('reach-flat-v1'),
    port: 0,
    seed: 7,
    split: 'train',
    levels: ACTION_LEVELS,
    others: 'scripted',
    maxSessions: 8,
    maxRate: 10_000,
    idleTimeoutMs: 0,
    version: '0.0.0',
    ...options,
  });
  servers.push(server);
  await server.listen();
  return server;
}

export function connect(server: OpenEnvServer, path?: string, headers?: Record<string, string>): OpenEnvTestClient {
  const client = new OpenEnvTestClient(server.url, path, headers);
  clients.push(client);
  return client;
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  for (const server of servers.splice(0)) await server.close();
});
