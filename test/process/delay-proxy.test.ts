import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { startDelayProxy } from '../../bench/delay-proxy.js';
import { freeBasePort } from '../../src/adapters/free-ports.js';

const HOST = '127.0.0.1';

/** A connection through a proxy, both its ends. */
async function joined(t: ExecutionContext, delayMs: number) {
  const server = createServer({ allowHalfOpen: true });
  server.listen({ host: HOST, port: 0 });
  await once(server, 'listening');
  const { port: targetPort } = server.address() as AddressInfo;
  const port = await freeBasePort(1, HOST);
  const proxy = await startDelayProxy({ host: HOST, port, targetPort, delayMs });
  const near = connect({ host: HOST, port, allowHalfOpen: true });
  const [far] = (await once(server, 'connection')) as [Socket];
  t.teardown(async () => {
    near.destroy();
    far.destroy();
    server.close();
    await proxy.close().catch(() => undefined);
  });
  return { near, far, proxy };
}

async function read(socket: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let read = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    read += (chunk as Buffer).length;
    if (read >= bytes) break;
  }
  return Buffer.concat(chunks);
}

test('what is sent arrives in order, not before its time, in both directions', async (t) => {
  const { near, far } = await joined(t, 50);
  const sent = performance.now();
  near.write('ping');
  t.is((await read(far, 4)).toString(), 'ping');
  far.write('pong');
  t.is((await read(near, 4)).toString(), 'pong');
  t.true(performance.now() - sent >= 100);
  const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, place) => place % 251));
  for (let at = 0; at < bytes.length; at += 30_000) near.write(bytes.subarray(at, at + 30_000));
  t.true(bytes.equals(await read(far, bytes.length)));
});

test('more than may be under way is held back, and arrives', async (t) => {
  const { near, far } = await joined(t, 5);
  const bytes = Buffer.alloc(40_000_000, 7);
  near.write(bytes);
  t.is((await read(far, bytes.length)).length, bytes.length);
});

test('an end comes after what was sent before it, and leaves the other direction open', async (t) => {
  const { near, far } = await joined(t, 20);
  near.end('last words');
  t.is((await read(far, Number.POSITIVE_INFINITY)).toString(), 'last words');
  far.end('answer');
  t.is((await read(near, Number.POSITIVE_INFINITY)).toString(), 'answer');
});

test('a connection that is cut at one end is cut at the other, and so are all when the proxy closes', async (t) => {
  const first = await joined(t, 1);
  const cut = cutOf(first.far);
  first.near.resetAndDestroy();
  await cut;
  const second = await joined(t, 1);
  const both = Promise.all([cutOf(second.near), cutOf(second.far)]);
  await second.proxy.close();
  await t.notThrowsAsync(both);
});

/** Resolves when a connection was reset. */
async function cutOf(socket: Socket): Promise<void> {
  socket.resume();
  await new Promise((resolve) => socket.once('error', resolve));
}
