import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pace } from '../src/pace.js';

let sent: { action: string; id: number; params: object }[] = [];
let pace: Pace;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  sent = [];
  pace = new Pace({
    groups: () => ({ move: { timeout: 0.4, actions: { up: true, down: true, warp: false } }, chat: { timeout: 1, actions: { say: true } } }),
    now: Date.now,
    send: (action, id, params) => sent.push({ action, id, params }),
  });
});
afterEach(() => vi.useRealTimers());

const actions = () => sent.map((s) => s.action);

test('commands of a group keep its timeout, those of others do not wait', async () => {
  const first = pace.command('move/up');
  void pace.command('move/down');
  void pace.command('chat/say', { text: 'hi' });
  expect(actions()).toEqual(['move/up', 'chat/say']);
  vi.advanceTimersByTime(50);
  pace.acknowledged('move', sent[0]!.id, 0.02);
  expect((await first).ping).toBeCloseTo(30);
  expect(pace.ping).toBeCloseTo(30);
  vi.advanceTimersByTime(349);
  expect(actions()).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(actions()).toEqual(['move/up', 'chat/say', 'move/down']);
});

test('of those that wait, the last one counts', async () => {
  void pace.command('move/up');
  const replaced = pace.command('move/up');
  void pace.command('move/down');
  await expect(replaced).rejects.toThrow('replaced by a later command');
  vi.advanceTimersByTime(400);
  expect(actions()).toEqual(['move/up', 'move/down']);
});

test('no more than two are without an answer, and one that never comes is given up', async () => {
  const first = pace.command('move/up');
  vi.advanceTimersByTime(400);
  const second = pace.command('move/up');
  vi.advanceTimersByTime(400);
  void pace.command('move/down').catch(() => {});
  vi.advanceTimersByTime(1000);
  expect(actions()).toHaveLength(2);
  const given = Promise.all([expect(first).rejects.toThrow('did not carry'), expect(second).resolves.toBeDefined()]);
  vi.advanceTimersByTime(8300);
  pace.acknowledged('move', sent[1]!.id, 0);
  await given;
  expect(actions()).toHaveLength(3);
});

test('what players may not call is refused at once, with what they may', async () => {
  await expect(pace.command('move/warp')).rejects.toThrow('move/warp is not an event that players may call; of its group these are: up, down.');
  await expect(pace.command('fly')).rejects.toThrow('no events of the group');
  expect(sent).toEqual([]);
});

test('ids rise also within a millisecond', () => {
  void pace.command('move/up');
  void pace.command('chat/say');
  expect(sent[1]!.id).toBeGreaterThan(sent[0]!.id);
});

test('a refusal of the map and the end of the connection break the promises', async () => {
  const refused = pace.command('move/up');
  pace.refused('no way');
  await expect(refused).rejects.toThrow('no way');
  const lost = pace.command('chat/say');
  pace.reset('gone');
  await expect(lost).rejects.toThrow('gone');
});
