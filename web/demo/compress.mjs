// Writes a .gz beside every file of the site that gets smaller by it: the server
// sends these as they are.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const root = join(import.meta.dirname, 'dist/site');
let total = 0;
for (const name of readdirSync(root, { recursive: true })) {
  const path = join(root, name);
  if (!statSync(path).isFile() || path.endsWith('.gz')) continue;
  const data = readFileSync(path);
  const small = gzipSync(data, { level: 9 });
  if (small.length < data.length * 0.9) writeFileSync(path + '.gz', small);
  total += Math.min(small.length, data.length);
}
console.log(`the page has ${(total / 1000).toFixed(0)} kB, compressed`);
