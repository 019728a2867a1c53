import { expect, test } from 'vitest';
import { World, type Packet } from '../src/index.js';

const hero = (id: number, extra = {}) => ({
  id, key: `players_${id}`, type: 'players' as const, map_id: 'm', prefab: 'hero', x: 1, y: 2, z: 0, sort: 0, side: '', action: '', speed: 5,
  created: '', login: 'Ann', components: { hp: 10 }, events: {}, ...extra,
});
const full: Packet = { action: 'load/index', sides: { center: 'm' }, timeouts: { move: { timeout: 0.2, actions: { up: true } } }, players: [hero(7)], enemys: [] };

function log(world: World): string[] {
  const out: string[] = [];
  world.on('reset', () => out.push('reset'));
  world.on('added', (e) => out.push('added ' + e.key));
  world.on('changed', (e, c) => out.push(`changed ${e.key} ${Object.keys(c).join()}`));
  world.on('removed', (e) => out.push('removed ' + e.key));
  world.onComponent('hp', (e, v, old) => out.push(`hp ${e.key} ${String(old)} to ${String(v)}`));
  return out;
}

test('the full world, then changes', () => {
  const world = new World();
  const events = log(world);
  world.apply(full);
  world.apply({ players: [{ id: 7, x: 4, components: { hp: 9 } }] });
  world.apply({ enemys: [{ ...hero(3), type: 'enemys', prefab: 'rat' }] });
  world.apply({ players: [{ id: 7, events: { move: { action: 'up', data: null } } }], enemys: [{ id: 3, action: 'remove' }] });
  expect(events).toEqual([
    'added players_7', 'reset', 'hp players_7 10 to 9', 'changed players_7 id,x,components', 'added enemys_3', 'changed players_7 id,events', 'removed enemys_3',
  ]);
  expect(world.get('players_7')).toMatchObject({ x: 4, y: 2, components: { hp: 9 }, events: { move: { action: 'up' } } });
  expect(world.entities.size).toBe(1);
});

test('what is unknown and has no prefab is ignored, as is the removal of it', () => {
  const world = new World();
  const events = log(world);
  world.apply({ players: [{ id: 9, x: 1 }, { id: 8, action: 'remove' }] });
  expect(events).toEqual([]);
});

test('a full world replaces everything', () => {
  const world = new World();
  world.apply(full);
  world.apply({ ...full, players: [hero(8)] });
  expect([...world.entities.keys()]).toEqual(['players_8']);
});

test('dictionaries instead of lists', () => {
  const world = new World();
  world.apply({ ...full, players: { players_7: hero(7) } });
  world.apply({ players: { players_7: { id: 7, y: 8 } } });
  expect(world.get('players_7')?.y).toBe(8);
});

test('timeouts are merged', () => {
  const world = new World();
  world.apply(full);
  world.apply({ timeouts: { move: { timeout: 3 } } });
  expect(world.groups['move']).toEqual({ timeout: 3, actions: { up: true } });
});

test('subscriptions end', () => {
  const world = new World();
  let n = 0;
  const off = world.on('changed', () => n++);
  world.apply(full);
  world.apply({ players: [{ id: 7, x: 5 }] });
  off();
  world.apply({ players: [{ id: 7, x: 6 }] });
  expect(n).toBe(1);
});
