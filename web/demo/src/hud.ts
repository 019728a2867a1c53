import type { Client } from '@overworld-gg/client';
import { element } from './dom.js';

/** How often the numbers and the small map are drawn, in milliseconds. */
const numbersEvery = 250;
/** How often the server is asked how it is doing. */
const serverEvery = 5000;

const colours = { players: '#ffffff', enemys: '#ff7466', animals: '#f2d08a', objects: '#c9a6ff' } as const;

/** What lies over the game: health, gold, numbers, the small map, the talk. */
export class Hud {
  readonly #minimap = element<HTMLCanvasElement>('minimap');
  readonly #stop = new AbortController();
  #drawn = 0;
  #asked = -Infinity;

  constructor(
    private readonly client: Client,
    private readonly ground: HTMLCanvasElement | undefined,
  ) {
    this.#minimap.hidden = !ground;
    if (!ground) return;
    this.#minimap.width = ground.width * 2;
    this.#minimap.height = ground.height * 2;
    this.#minimap.addEventListener('click', (event) => this.#walkTo(event), { signal: this.#stop.signal });
  }

  /** Draws what is due at a time. */
  frame(now: number, fps: number): void {
    if (now - this.#drawn < numbersEvery) return;
    this.#drawn = now;
    this.#self();
    const { ping } = this.client;
    element('fps').textContent = `${Math.round(fps)} fps`;
    element('ping').textContent = ping === undefined ? '' : `${Math.round(ping)} ms`;
    let players = 0;
    for (const e of this.client.world.entities.values()) if (e.type === 'players') players++;
    element('players').textContent = players === 1 ? '1 player' : `${players} players`;
    this.#map();
    if (now - this.#asked > serverEvery) {
      this.#asked = now;
      void this.#server();
    }
  }

  #self(): void {
    const components = (this.client.self?.components ?? {}) as { hp?: number; maxHp?: number; gold?: number };
    const { hp = 0, maxHp = hp, gold = 0 } = components;
    element('hp').style.transform = `scaleX(${maxHp > 0 ? Math.max(0, Math.min(1, hp / maxHp)) : 0})`;
    element('hp-text').textContent = hp > 0 ? `${Math.round(hp)} / ${Math.round(maxHp)}` : 'You are dead. Wait a moment.';
    element('gold').textContent = String(gold);
  }

  #map(): void {
    if (!this.ground) return;
    const to = this.#minimap.getContext('2d')!;
    to.imageSmoothingEnabled = false;
    to.drawImage(this.ground, 0, 0, this.#minimap.width, this.#minimap.height);
    for (const e of this.client.world.entities.values()) {
      const self = e === this.client.self;
      to.fillStyle = self ? '#ffe066' : colours[e.type];
      const size = self ? 4 : 2;
      to.fillRect(Math.floor(e.x) * 2 - size / 2 + 1, Math.floor(e.y) * 2 - size / 2 + 1, size, size);
    }
  }

  #walkTo(event: MouseEvent): void {
    const box = this.#minimap.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * this.ground!.width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * this.ground!.height);
    this.client.command('move/to', { x, y }).catch(() => {});
  }

  /** Reads the server's frames per second from the map's performance page. */
  async #server(): Promise<void> {
    const map = this.client.self?.map_id;
    if (map === undefined) return;
    try {
      const text = await (await fetch(`/server/api/log_perfomance/${map}`)).text();
      const fps = /([\d.]+) FPS/.exec(text)?.[1];
      element('server').textContent = fps ? `server ${Math.round(Number(fps))} fps` : '';
    } catch {
      element('server').textContent = '';
    }
  }

  /** Somebody has said something. */
  said(login: string, text: string): void {
    const name = document.createElement('b');
    name.textContent = login;
    this.#line(name, ' ' + text);
  }

  /** Something has happened that is good to know. */
  tell(text: string, kind: 'good' | 'bad' = 'good'): void {
    this.#line(text).className = kind;
  }

  #line(...parts: (Node | string)[]): HTMLLIElement {
    const line = document.createElement('li');
    line.append(...parts);
    const chat = element('chat');
    chat.append(line);
    while (chat.children.length > 7) chat.firstChild?.remove();
    line.addEventListener('animationend', () => line.remove());
    return line;
  }

  destroy(): void {
    this.#stop.abort();
  }
}
