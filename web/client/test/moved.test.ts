import { expect, test } from 'vitest';
import { Client, type Socket } from '../src/index.js';

// A map server that says what the test says.
class Line implements Socket {
  static all: Line[] = [];
  onmessage: Socket['onmessage'] = null;
  onerror: Socket['onerror'] = null;
  onclose: Socket['onclose'] = null;
  constructor(readonly url: string) {
    Line.all.push(this);
  }
  send(): void {}
  close(): void {}
  says(packet: object): void {
    this.onmessage?.({ data: JSON.stringify(packet) });
  }
}

test('a map that closes says when, and the client goes on where it is told', async () => {
  const ticket = { id: 7, token: 'a', host: 'one.example:7001', map: '', resume: 'r' };
  const client = new Client({
    url: 'http://gateway.example',
    WebSocket: Line,
    fetch: () => Promise.resolve(new Response(JSON.stringify(ticket))),
  });
  const events: unknown[] = [];
  client.on('drain', (seconds) => events.push(['drain', seconds]));
  client.on('map', (map) => events.push(['map', map]));
  client.on('packet', (fields) => events.push(['packet', fields]));
  await client.login('anna', 'secret123');
  const connected = client.connect();
  await Promise.resolve();
  Line.all[0]!.says({ action: 'load/index' });
  await connected;
  Line.all[0]!.says({ drain: 30 });
  Line.all[0]!.says({ drain: null });
  Line.all[0]!.says({ reconnect: true, host: 'two.example:7002', port: 7002, token: 'b', id: 7, map: 'arena-1' });
  await Promise.resolve();
  expect(events).toEqual([['drain', 30], ['drain', null], ['map', 'arena-1']]);
  expect(Line.all.map((l) => l.url)).toEqual([`ws://one.example:7001/?HTTP_AUTHORIZATION=${btoa('7:a')}`, `ws://two.example:7002/?HTTP_AUTHORIZATION=${btoa('7:b')}`]);
});
