/** Serves the built viewer: files of one folder and nothing outside it. */
import { createReadStream, existsSync, realpathSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as nodePath from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Nothing is loaded from elsewhere, and no other page may frame the viewer. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** Folder of the built viewer. */
export function viewerFolder(): string {
  return fileURLToPath(new URL('../../../viewer/dist/', import.meta.url));
}

/** A request handler for GET and HEAD. */
export function createStaticFiles(folder: string): (request: IncomingMessage, response: ServerResponse) => void {
  const root = existsSync(folder) ? realpathSync(folder) : folder;
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendText(response, 405, 'Files can be read only (GET, HEAD).');
      return;
    }
    const path = resolveInside(root, request.url ?? '/');
    if (path === undefined) {
      const built = existsSync(nodePath.join(root, 'index.html'));
      sendText(
        response,
        404,
        built
          ? 'There is no such file. The viewer is at /.'
          : 'The viewer is not built. Run "npm run build:viewer" in the project root and reload.',
      );
      return;
    }
    // Built assets carry a hash in their names; pages do not.
    const cache = path.includes(`${nodePath.sep}assets${nodePath.sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache';
    response.writeHead(200, {
      ...HEADERS,
      'Content-Type': TYPES[nodePath.extname(path)] ?? 'application/octet-stream',
      'Content-Length': statSync(path).size,
      'Cache-Control': cache,
    });
    if (request.method === 'HEAD') response.end();
    else
      createReadStream(path)
        .on('error', () => response.destroy())
        .pipe(response);
  };
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

/** The file that a URL names, or undefined when there is none inside the folder, links followed. */
function resolveInside(root: string, url: string): string | undefined {
  let name: string;
  try {
    name = decodeURIComponent(url.split(/[?#]/)[0]);
  } catch {
    return undefined;
  }
  if (name.includes('\0') || name.includes('\\')) return undefined;
  const joined = nodePath.join(root, name.endsWith('/') ? `${name}index.html` : name);
  if (!existsSync(joined)) return undefined;
  const real = realpathSync(joined);
  const isInside = real === root || real.startsWith(root.endsWith(nodePath.sep) ? root : root + nodePath.sep);
  return isInside && statSync(real).isFile() ? real : undefined;
}
