// The client against the real server: `overworld run` with the example game.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client, ConnectionError, SignInError, type State } from '../src/index.js';

const root = resolve(import.meta.dirname, '../../..');
const dir = mkdtempSync(join(tmpdir(), 'overworld-client-'));
const binary = join(dir, 'overworld');
let url = '';
let server: ChildProcess;
let port = 0;

beforeAll(async () => {
  execFileSync('go', ['build', '-o', binary, './cmd/overworld'], { cwd: root, stdio: 'inherit' });
  port = await freePort();
  url = `http://127.0.0.1:${port}`;
  await start();
}, 300_000);

afterAll(async () => {
  await stop();
  rmSync(dir, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

async function start(): Promise<void> {
  server = spawn(binary, ['run', join(root, 'examples/meadow'), '--listen', `127.0.0.1:${port}`, '--first-port', '0', '--data', join(dir, 'data')], { stdio: 'ignore' });
  await until(async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true);
}

function stop(): Promise<void> {
  return new Promise((done) => {
    if (server.exitCode !== null) return done();
    server.once('exit', () => done());
    server.kill('SIGINT');
  });
}

async function until(yes: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    if (await yes()) return;
    await new Promise((next) => setTimeout(next, 10));
  }
  throw new Error('it takes too long');
}

async function player(login: string): Promise<Client> {
  const client = new Client({ url, backoff: [50, 500] });
  await client.register(login, 'a good secret');
  await client.connect();
  return client;
}

test('two players see each other walk, and talk', async () => {
  const ann = await player('ann');
  const bob = await player('bob');
  await until(() => ann.world.get(`players_${bob.id}`) !== undefined);
  expect(ann.self?.login).toBe('ann');
  expect(ann.self?.components['gold']).toBeDefined();
  expect(ann.world.get(`players_${bob.id}`)!.components['gold']).toBeUndefined();
  expect(JSON.parse(ann.map)).toMatchObject({ width: 64, height: 48 });

  const seen: number[] = [];
  ann.world.on('changed', (e, change) => e.id === bob.id && e.type === 'players' && change.x !== undefined && seen.push(change.x));
  const { x } = bob.self!;
  const { ping } = await bob.command('move/left');
  expect(ping).toBeLessThan(1000);
  await until(() => seen.length > 0);
  expect(seen[0]).toBe(x - 1);

  const said = new Promise((heard) => bob.on('chat', heard));
  await ann.command('chat/say', { text: 'hello' });
  expect(await said).toMatchObject({ login: 'ann', text: 'hello' });
  ann.close();
  await until(() => bob.world.get(`players_${ann.id}`) === undefined);
  bob.close();
});

test('commands keep the pace by themselves', async () => {
  const client = await player('carl');
  const done = [];
  for (let i = 0; i < 4; i++) done.push((await client.command(i % 2 ? 'move/left' : 'move/right')).ping);
  expect(done).toHaveLength(4);
  expect(client.ping).toBeLessThan(1000);
  await expect(client.command('death/index')).rejects.toThrow('not an event that players may call');
  await expect(client.command('move/to', { x: 'far' })).rejects.toThrow('parameter x must be a number');
  client.close();
  await expect(client.command('move/left')).rejects.toThrow('no connection');
});

test('a lost connection is taken up again, without the password', async () => {
  const client = await player('dora');
  const states: State[] = [];
  client.on('state', (s) => states.push(s));
  const { x } = client.self!;
  await client.command('move/left');
  await until(() => client.self!.x === x - 1);
  await stop();
  await until(() => client.state === 'waiting');
  await start();
  await until(() => client.state === 'playing');
  expect(client.self).toMatchObject({ login: 'dora', x: x - 1 });
  expect(states.slice(0, 1).concat(states.slice(-1))).toEqual(['waiting', 'playing']);
  client.close();
  expect(client.state).toBe('stopped');
}, 60_000);

test('a resume token signs in again', async () => {
  const first = await player('emil');
  first.close();
  const again = new Client({ url });
  await again.resume(first.resumeToken);
  await again.connect();
  expect(again.id).toBe(first.id);
  again.close();
  await expect(again.resume('nonsense')).rejects.toThrow('sign in with your password');
});

test('who signs in elsewhere is told, and does not come back', async () => {
  const first = await player('fay');
  const ended = new Promise<Error | undefined>((told) => first.on('state', (s, error) => s === 'stopped' && told(error)));
  const second = new Client({ url });
  await second.login('fay', 'a good secret');
  await second.connect();
  expect(await ended).toMatchObject({ code: 4001, next: 'stop' });
  second.close();
});

test('errors are told', async () => {
  const client = new Client({ url });
  await expect(client.connect()).rejects.toThrow('Sign in first');
  await expect(client.login('nobody', 'a good secret')).rejects.toMatchObject({ name: 'SignInError', status: 401 });
  await expect(client.register('x', 'y')).rejects.toThrow('login must have');
  const lost = new Client({ url: 'http://127.0.0.1:1' });
  const error = await lost.login('a', 'b').catch((e: unknown) => e);
  expect(error).toBeInstanceOf(SignInError);
  expect((error as Error).message).toContain('does not answer');
  await client.register('gus', 'a good secret');
  await client.connect();
  client.close();
  await expect(client.connect()).rejects.toBeInstanceOf(ConnectionError); // the token has been used
});

test('the README’s client plays', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(readme)![1]!;
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(20);
  const file = join(dir, 'readme.mjs');
  writeFileSync(file, code.replace("'@overworld-gg/client'", JSON.stringify(join(import.meta.dirname, '../dist/index.js'))).replace('http://127.0.0.1:8080', url));
  const out = execFileSync('node', [file], { cwd: join(import.meta.dirname, '..'), encoding: 'utf8', timeout: 30_000 });
  expect(out).toContain('hero walked to');
  expect(out).toContain('hello, world');
}, 60_000);
