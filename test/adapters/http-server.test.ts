import { request } from 'node:http';
import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { type HttpRoutes, type HttpServer, inWords, openHttpServer } from '../../src/adapters/http-server.js';
import { limits } from '../../src/config/limits.js';
import type { ErrorFacts } from '../../src/errors.js';

const host = '127.0.0.1';

interface Heard {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

const warnings = new WeakMap<HttpServer, { event: string; facts: ErrorFacts }[]>();

async function open(t: ExecutionContext, routes: HttpRoutes = { '/here': () => inWords(200, 'yes') }, port = 0) {
  const heard: { event: string; facts: ErrorFacts }[] = [];
  const log = {
    info: () => undefined,
    warn: (event: string, facts: ErrorFacts = {}) => void heard.push({ event, facts }),
  };
  const server = await openHttpServer({ host, port, routes, log });
  warnings.set(server, heard);
  t.teardown(() => server.close());
  return server;
}

function ask({ port }: HttpServer, path: string, method = 'GET', headers = {}): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path, method, headers, agent: false }, (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** What the server says to `text` before it hangs up. */
function say({ port }: HttpServer, text: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(port, host, () => socket.write(text));
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}

test('GET of a path is answered, whatever stands in its query, and the connection ends', async (t) => {
  const server = await open(t);
  for (const path of ['/here', '/here?name=x', '/here?']) {
    const { status, headers, body } = await ask(server, path);
    t.deepEqual([status, body, headers.connection], [200, 'yes\n', 'close'], path);
    t.is(headers['content-type'], 'text/plain; charset=utf-8');
    t.is(headers['cache-control'], 'no-store');
  }
});

test('another path is told what there is', async (t) => {
  const server = await open(t);
  for (const path of ['/', '/her', '/here/', '//here', '/__proto__', '/constructor', '*']) {
    const { status, body } = await ask(server, path);
    t.deepEqual([status, body], [404, 'nothing is here; there is /here\n'], path);
  }
});

test('another method is told which there is', async (t) => {
  const server = await open(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
    const { status, headers, body } = await ask(server, '/here', method);
    t.deepEqual([status, headers.allow, body], [405, 'GET', 'only GET is answered, of /here\n'], method);
  }
  t.is((await ask(server, '/here', 'HEAD')).status, 405);
});

test('what is no HTTP, asks for another protocol or has too large a head gets one line and a closed connection', async (t) => {
  const server = await open(t);
  t.regex(await say(server, 'hello\r\n\r\n'), /^HTTP\/1\.1 400 /);
  t.is(await say(server, 'CONNECT elsewhere:80 HTTP/1.1\r\nhost: x\r\n\r\n'), '');
  const upgrade = 'GET /here HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';
  t.regex(await say(server, upgrade), /^HTTP\/1\.1 200 /, 'the upgrade is passed over');
  const large = `GET /here HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(limits.requestHeaderBytes)}\r\n\r\n`;
  t.regex(await say(server, large), /^HTTP\/1\.1 431 /);
  t.is((await ask(server, '/here')).status, 200);
});

test('an answer that throws or rejects is 500 and one line of the log; the next is answered', async (t) => {
  const server = await open(t, {
    '/throws': () => {
      throw new Error('a bug');
    },
    '/rejects': () => Promise.reject(new Error('a bug')),
    '/here': () => inWords(200, 'yes'),
  });
  for (const path of ['/throws', '/rejects']) {
    const { status, body } = await ask(server, path);
    t.deepEqual([status, body], [500, 'a bug: the log says more\n']);
  }
  t.is((await ask(server, '/here')).status, 200);
  const heard = warnings.get(server) ?? [];
  t.deepEqual(
    heard.map(({ event, facts }) => [event, facts.path]),
    [
      ['httpAnswerFailed', '/throws'],
      ['httpAnswerFailed', '/rejects'],
    ],
  );
});

test('a port that is taken is named, with how to mend it', async (t) => {
  const { port } = await open(t);
  await t.throwsAsync(open(t, {}, port), {
    name: 'OperationalError',
    code: 'PORT_IN_USE',
    message: `port ${port} on 127.0.0.1 is in use by another process; end it, or configure another port`,
  });
});

test('close ends requests in progress and silent connections, and frees the port', async (t) => {
  let begun = (): void => {};
  const asked = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const server = await open(t, {
    '/never': () => {
      begun();
      return new Promise(() => undefined);
    },
  });
  const waiting = ask(server, '/never');
  const silent = say(server, '');
  const half = say(server, 'GET /never HT');
  await asked;
  const began = performance.now();
  await server.close();
  t.true(performance.now() - began < 0.8 * limits.httpMs, 'it does not wait for their time to be over');
  await t.throwsAsync(waiting, { code: 'ECONNRESET' });
  t.deepEqual(await Promise.all([silent, half]), ['', '']);
  await open(t, {}, server.port);
});

test('no more connections stand at a time than the limit', async (t) => {
  const server = await open(t, { '/never': () => new Promise(() => undefined), '/here': () => inWords(200, 'yes') });
  const held = Array.from({ length: limits.httpConnections }, () =>
    say(server, 'GET /never HTTP/1.1\r\nhost: x\r\n\r\n'),
  );
  const beyond = await say(server, 'GET /here HTTP/1.1\r\nhost: x\r\n\r\n');
  t.is(beyond, '', 'hung up on');
  await server.close();
  t.is((await Promise.all(held)).length, limits.httpConnections);
});
