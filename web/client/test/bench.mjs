// How many changes a second the mirror takes over, and whether memory grows:
// node --expose-gc test/bench.mjs [SECONDS]
import { World } from '../dist/index.js';

const seconds = Number(process.argv[2] ?? 5);
const players = 500;
const world = new World();
const entity = (id) => ({
  id, key: `players_${id}`, type: 'players', map_id: 'm', prefab: 'hero', x: 0, y: 0, z: 0, sort: 0, side: '', action: '', speed: 5, created: '', login: 'p' + id,
  components: { hp: 10 }, events: {},
});
world.apply({ action: 'load/index', players: Array.from({ length: players }, (_, i) => entity(i)) });
let heard = 0;
world.on('changed', () => heard++);
world.onComponent('hp', () => heard++);

const frame = (n) => JSON.stringify({ players: Array.from({ length: 42 }, (_, i) => ({ id: (n * 42 + i) % players, x: n % 900, side: 'left', action: 'walk', components: { hp: n % 100 } })) });
const frames = Array.from({ length: 1000 }, (_, n) => frame(n));
const memory = () => (globalThis.gc?.(), process.memoryUsage().heapUsed / 2 ** 20);
for (let n = 0; n < 2000; n++) world.apply(JSON.parse(frames[n % 1000])); // warm
const before = memory();
const began = performance.now();
let applied = 0;
while (performance.now() - began < 1000 * seconds) {
  for (let n = 0; n < 100; n++, applied += 42) world.apply(JSON.parse(frames[n]));
}
const rate = applied / ((performance.now() - began) / 1000);
console.log(`${Math.round(rate).toLocaleString('en')} changes of entities per second, parsing included; ${heard.toLocaleString('en')} events heard; heap ${before.toFixed(1)} MiB before, ${memory().toFixed(1)} MiB after ${applied.toLocaleString('en')}`);
