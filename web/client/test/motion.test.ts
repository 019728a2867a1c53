import { expect, test } from 'vitest';
import { Motion } from '../src/index.js';

test('steps are drawn out over the time between them', () => {
  const m = new Motion(0, 0);
  m.moved(1, 0, 1000);
  expect(m.at(1100)).toMatchObject({ x: 0.5, moving: true });
  expect(m.at(1200)).toEqual({ x: 1, y: 0, moving: false });
  m.moved(2, 0, 1200);
  expect(m.at(1310).x).toBeCloseTo(1.5);
  expect(m.at(5000)).toEqual({ x: 2, y: 0, moving: false });
});

test('it never jumps back, whenever the next step comes', () => {
  const m = new Motion(0, 0);
  let last = 0;
  for (let now = 0, step = 0; now < 3000; now += 10) {
    if (now % 170 === 0) m.moved(++step, 0, now);
    const { x } = m.at(now);
    expect(x).toBeGreaterThanOrEqual(last);
    last = x;
  }
});

test('a jump is not drawn out', () => {
  const m = new Motion(0, 0);
  m.moved(30, 4, 100);
  expect(m.at(100)).toEqual({ x: 30, y: 4, moving: false });
});
