// How many frames a second the game draws with a crowd on the screen:
// node fps.mjs [PLAYERS], after make build.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const players = process.argv[2] ?? '200';
const root = resolve(import.meta.dirname, '../..');
const data = mkdtempSync(join(tmpdir(), 'overworld-fps-'));
const url = 'http://127.0.0.1:8089';
const binary = join(root, 'bin/overworld');
const game = spawn(binary, ['run', join(root, 'examples/meadow'), '--listen', '127.0.0.1:8089', '--first-port', '0', '--data', data], { stdio: 'ignore' });
try {
  while (!(await fetch(`${url}/readyz`).catch(() => undefined))?.ok) await new Promise((next) => setTimeout(next, 50));
  const crowd = spawn(binary, ['bots', '--players', players, '--url', url, '--ramp-up', '100'], { stdio: 'ignore' });
  const browser = await chromium.launch({
    executablePath: process.env.CHROME ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
  });
  const page = await browser.newPage({ viewport: { width: 960, height: 640 } });
  await page.goto(url);
  const load = await page.evaluate(() => performance.getEntriesByType('navigation')[0].loadEventEnd);
  await page.fill('#login', 'ann');
  await page.fill('#password', 'a good secret');
  await page.click('button[value=register]');
  await page.waitForFunction((n) => window.overworld?.figures.size > n, Number(players), { timeout: 60_000 });
  await page.waitForTimeout(2000);
  const fps = await page.evaluate(async () => {
    let frames = 0;
    const began = performance.now();
    for (; performance.now() - began < 5000; frames++) await new Promise(requestAnimationFrame);
    return (1000 * frames) / (performance.now() - began);
  });
  console.log(`the page loads in ${load.toFixed(0)} ms and draws ${players} players at ${fps.toFixed(1)} frames a second`);
  await browser.close();
  crowd.kill('SIGINT');
} finally {
  game.kill('SIGINT');
  rmSync(data, { recursive: true, force: true });
}
