// Takes the README's picture: node picture.mjs, after make build.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const root = resolve(import.meta.dirname, '../..');
const data = mkdtempSync(join(tmpdir(), 'overworld-picture-'));
const url = 'http://127.0.0.1:8089';
const binary = join(root, 'bin/overworld');
const game = spawn(binary, ['run', join(root, 'examples/meadow'), '--listen', '127.0.0.1:8089', '--first-port', '0', '--data', data], { stdio: 'ignore' });
try {
  while (!(await fetch(`${url}/readyz`).catch(() => undefined))?.ok) await new Promise((next) => setTimeout(next, 50));
  const crowd = spawn(binary, ['bots', '--players', '9', '--url', url, '--prefix', 'guest', '--ramp-up', '100'], { stdio: 'ignore' });
  const browser = await chromium.launch({
    executablePath: process.env.CHROME ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
  });
  const page = await browser.newPage({ viewport: { width: 1120, height: 640 } });
  await page.goto(url);
  await page.fill('#login', 'ann');
  await page.fill('#password', 'a good secret');
  await page.click('button[value=register]');
  await page.waitForFunction(() => window.overworld?.figures.size > 20);
  await page.waitForTimeout(4000);
  await page.keyboard.press('Enter');
  await page.keyboard.type('to the ruins!');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(1200);
  await page.screenshot({ path: join(root, 'docs/pictures/meadow.png') });
  await browser.close();
  crowd.kill('SIGINT');
} finally {
  game.kill('SIGINT');
  rmSync(data, { recursive: true, force: true });
}
