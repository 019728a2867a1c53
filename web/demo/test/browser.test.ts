// The game in a real browser, on a real server: Chromium's pages play with each
// other. Screenshots of what they show are kept in screenshots/.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const dir = mkdtempSync(join(tmpdir(), 'overworld-demo-'));
const bundle = join(dir, 'meadow');
const shots = resolve(import.meta.dirname, '../screenshots');
const faults: string[] = [];
let browser: Browser;
let server: ChildProcess;
let port = 0;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  execFileSync('go', ['build', '-o', join(dir, 'overworld'), './cmd/overworld'], { cwd: root, stdio: 'inherit' });
  cpSync(join(root, 'examples/meadow'), bundle, { recursive: true });
  port = await freePort();
  await start();
  browser = await chromium.launch({ executablePath: chrome(), args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'] });
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await stop();
  rmSync(dir, { recursive: true, force: true });
});

function chrome(): string {
  const candidates = [process.env['CHROME'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = candidates.find((path) => path !== '' && existsSync(path));
  if (!found) throw new Error('there is no Chromium: install it (on Debian: apt-get install chromium), or name one in the variable CHROME');
  return found;
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

const url = () => `http://127.0.0.1:${port}`;

async function start(): Promise<void> {
  server = spawn(join(dir, 'overworld'), ['run', bundle, '--listen', `127.0.0.1:${port}`, '--first-port', '0', '--data', join(dir, 'data')], { stdio: 'ignore' });
  await until(async () => (await fetch(`${url()}/readyz`).catch(() => undefined))?.ok === true);
}

function stop(): Promise<void> {
  return new Promise((done) => {
    if (!server || server.exitCode !== null) return done();
    server.once('exit', () => done());
    server.kill('SIGINT');
  });
}

async function until(yes: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    if (await yes()) return;
    await new Promise((next) => setTimeout(next, 20));
  }
  throw new Error('it takes too long');
}

/** Opens the page and joins the game as a new player. */
async function joinGame(name: string, viewport = { width: 960, height: 640 }): Promise<Page> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(`${name}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/ERR_CONNECTION_REFUSED|WebSocket connection|503/.test(message.text())) faults.push(`${name}: ${message.text()}`);
  });
  await page.goto(url());
  await page.fill('#login', name);
  await page.fill('#password', 'a good secret');
  await page.click('button[value=register]');
  await page.waitForFunction(() => (window as any).overworld?.client.state === 'playing' && (window as any).overworld.figures.size > 10);
  return page;
}

const key = (page: Page) => page.evaluate(() => (window as any).overworld.client.self.key as string);
/** A field or component of an entity, as the page knows it. */
const read = (page: Page, entity: string, field: string) =>
  page.evaluate(([e, f]) => {
    const found = (window as any).overworld.client.world.get(e);
    return found?.[f!] ?? found?.components[f!];
  }, [entity, field] as const);

test('two players see each other walk, talk and fight', async () => {
  const ann = await joinGame('ann');
  const bob = await joinGame('bob');
  const annKey = await key(ann);
  await until(async () => (await read(bob, annKey, 'login')) === 'ann');

  // Bob's picture of Ann goes her way, and never jumps.
  const x = (await read(bob, annKey, 'x')) as number;
  const drawn = bob.evaluate(async (k) => {
    const { figures } = (window as any).overworld;
    const places: number[] = [];
    for (const end = performance.now() + 2500; performance.now() < end; ) {
      places.push(figures.get(k).sprite.x);
      await new Promise(requestAnimationFrame);
    }
    return places;
  }, annKey);
  await ann.keyboard.down('ArrowRight');
  await until(async () => ((await read(bob, annKey, 'x')) as number) >= x + 3);
  await ann.keyboard.up('ArrowRight');
  const places = await drawn;
  const steps = places.slice(1).map((p, i) => p - places[i]!);
  expect(Math.max(...places) - Math.min(...places)).toBeGreaterThan(40);
  expect(Math.min(...steps)).toBeGreaterThan(-1); // not back
  expect(steps.filter((s) => s > 0).length).toBeGreaterThan(8); // drawn out over many frames

  await ann.keyboard.press('Enter');
  await ann.keyboard.type('hello, bob');
  await ann.keyboard.press('Enter');
  await bob.waitForFunction(() => document.getElementById('chat')!.textContent!.includes('ann hello, bob'));

  // Ann hunts a hen; Bob sees it fall.
  const hen = await ann.evaluate(async () => {
    const { client } = (window as any).overworld;
    const far = (e: any) => Math.hypot(e.x - client.self.x, e.y - client.self.y);
    for (;;) {
      const prey = [...client.world.entities.values()].filter((e: any) => e.prefab === 'hen' && e.action !== 'dead').sort((a: any, b: any) => far(a) - far(b))[0];
      if (far(prey) <= 1.5) return prey.key as string;
      await client.command('move/to', { x: Math.floor(prey.x), y: Math.floor(prey.y), near: 1 }).catch(() => {});
    }
  });
  await ann.keyboard.press('Space');
  await until(async () => (await read(bob, hen, 'action')) === 'dead' || ((await read(bob, hen, 'hp')) as number) <= 0);
  await ann.screenshot({ path: join(shots, 'fight.png') });
  await bob.screenshot({ path: join(shots, 'other.png') });
  expect(await ann.textContent('#numbers')).toMatch(/\d+ fps.*\d+ ms.*2 players/);
  await ann.context().close();
  await bob.context().close();
}, 120_000);

test('a page comes back by itself when the server has been away', async () => {
  const page = await joinGame('cleo');
  await stop();
  await page.waitForFunction(() => document.getElementById('notice')!.textContent!.includes('Trying again'));
  await page.screenshot({ path: join(shots, 'away.png') });
  await start();
  await page.waitForFunction(() => (window as any).overworld.client.state === 'playing' && document.getElementById('notice')!.hidden);
  expect(await read(page, await key(page), 'login')).toBe('cleo');
  // The token of the browser signs in after a reload, too.
  await page.reload();
  await page.waitForFunction(() => (window as any).overworld?.client.state === 'playing');
  expect(await read(page, await key(page), 'login')).toBe('cleo');
  await page.context().close();
}, 120_000);

test('changed scripts change the game while it is played', async () => {
  const page = await joinGame('dora');
  const self = await key(page);
  await page.evaluate(() => ((window as any).untouched = true));
  await page.keyboard.press('v');
  await until(async () => (await read(page, self, 'waves')) === 1);
  const file = join(bundle, 'events/greet/wave.lua');
  writeFileSync(file, readFileSync(file, 'utf8').replace('waves + 1', 'waves + 100'));
  await until(async () => {
    await page.keyboard.press('v');
    return ((await read(page, self, 'waves')) as number) >= 101;
  });
  expect(await page.evaluate(() => (window as any).untouched)).toBe(true);
  await page.context().close();
}, 120_000);

test('it fits a phone', async () => {
  const page = await joinGame('emil', { width: 390, height: 844 });
  const pad = page.locator('[data-way=up]');
  expect(await pad.isVisible()).toBe(true);
  const self = await key(page);
  const y = (await read(page, self, 'y')) as number;
  await pad.dispatchEvent('pointerdown');
  await until(async () => ((await read(page, self, 'y')) as number) < y);
  await pad.dispatchEvent('pointerup');
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await page.screenshot({ path: join(shots, 'phone.png') });
  await page.context().close();
}, 120_000);

test('a wrong sign-in is told', async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url());
  await page.fill('#login', 'nobody');
  await page.fill('#password', 'a wrong one');
  await page.click('button[value=login]');
  await page.waitForFunction(() => document.getElementById('refusal')!.textContent === 'the login or the password is wrong');
  await page.context().close();
});

test('the page is small and loads at once', async () => {
  const page = await (await browser.newContext()).newPage();
  let bytes = 0;
  page.on('requestfinished', async (request) => (bytes += (await request.sizes()).responseBodySize));
  await page.goto(url(), { waitUntil: 'networkidle' });
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(1_000_000);
  await page.context().close();
});

test('no page has complained', () => expect(faults).toEqual([]));
