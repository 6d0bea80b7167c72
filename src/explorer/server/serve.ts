// Serves the explorer's page on this machine alone: loopback, a token in the path, nothing else to be had.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { UserError } from '../../config/errors.js';
import { InvariantError } from '../../kernel/index.js';

const LOOPBACK = '127.0.0.1';

/** What every answer says: nobody may frame, store or guess at it, and it says nothing of itself to others. */
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** A page that is served. */
export interface Served {
  /** With the token: whoever has it may open the page. */
  address: string;
  server: Server;
}

/**
 * The policy that the page itself names, for the header: a header also holds framing off, and names the scripts beside
 * the page by their addresses.
 */
export function policyOf(html: string, scripts: readonly string[] = []): string {
  const named = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? "default-src 'none'";
  return `${named.replace("'self' file:", () => scripts.join(' '))}; frame-ancestors 'none'`;
}

/** True where two texts are equal, in a time that does not tell how much of them is. */
function same(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

/** The port that a server listens on. */
function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new InvariantError('a page is served at a port');
  return address.port;
}

/**
 * Serves a page.
 * @param port 0: any that is free.
 * @param beside scripts that it may load, by name.
 * @returns its address, once it listens.
 * @throws UserError where the port is taken.
 */
export function servePage(html: string, port: number, beside: Readonly<Record<string, string>> = {}): Promise<Served> {
  const token = randomBytes(16).toString('hex');
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const own = `${LOOPBACK}:${portOf(server)}`;
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const scripts = Object.keys(beside).map((name) => `http://${own}/${token}/${name}`);
    response.setHeader('content-security-policy', policyOf(html, scripts));
    const path = url.split('?')[0] ?? '';
    const script = Object.entries(beside).find(([name]) => same(path, `/${token}/${name}`))?.[1];
    // A name that a stranger's site points at this machine is another host.
    const found = headers.host === own && (script !== undefined || same(path, `/${token}/`));
    if (!found || (method !== 'GET' && method !== 'HEAD')) {
      response.writeHead(found ? 405 : 404, { 'content-type': 'text/plain' }).end(found ? 'GET only\n' : 'not found\n');
      return;
    }
    const type = script === undefined ? 'text/html' : 'text/javascript';
    response
      .writeHead(200, { 'content-type': `${type}; charset=utf-8` })
      .end(method === 'HEAD' ? undefined : (script ?? html));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new UserError(
              `--port ${port}: ${error.code === 'EACCES' ? 'may not be used' : 'is in use'}, expected another`,
            )
          : error,
      );
    });
    server.listen(port, LOOPBACK, () => {
      resolve({ address: `http://${LOOPBACK}:${portOf(server)}/${token}/`, server });
    });
  });
}
