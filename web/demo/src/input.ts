import { CommandError, type Client, type Entity } from '@overworld-gg/client';
import type Phaser from 'phaser';
import { element } from './dom.js';
import { tile } from './ground.js';
import type { Hud } from './hud.js';

type Way = 'up' | 'down' | 'left' | 'right';

const ways: Record<string, Way> = {
  ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right', KeyW: 'up', KeyS: 'down', KeyA: 'left', KeyD: 'right',
};
const keys: Record<string, string> = { Space: 'attack', KeyE: 'take', KeyT: 'enter', KeyV: 'wave' };

/** How far a blow reaches, in tiles. */
const reach = 1.5;

/** Keyboard, mouse and touch. */
export class Input {
  readonly #stop = new AbortController();
  /** The ways that are held, the last one first. */
  #held: Way[] = [];
  #walking = false;

  constructor(
    private readonly client: Client,
    private readonly scene: Phaser.Scene,
    private readonly hud: Hud,
  ) {
    const { signal } = this.#stop;
    window.addEventListener('keydown', (e) => this.#down(e), { signal });
    window.addEventListener('keyup', (e) => this.#up(e), { signal });
    window.addEventListener('blur', () => (this.#held = []), { signal });
    element('say').addEventListener('submit', (e) => this.#say(e), { signal });
    for (const button of element('actions').querySelectorAll('button')) button.addEventListener('click', () => this.#do(button.dataset['do']!), { signal });
    for (const button of element('pad').querySelectorAll('button')) this.#hold(button, button.dataset['way'] as Way);
    scene.input.on('pointerdown', (p: Phaser.Input.Pointer) => this.#click(p));
  }

  #hold(button: HTMLElement, way: Way): void {
    const { signal } = this.#stop;
    button.addEventListener('pointerdown', (e) => { e.preventDefault(); this.#press(way); }, { signal });
    for (const end of ['pointerup', 'pointercancel', 'pointerleave']) button.addEventListener(end, () => this.#release(way), { signal });
  }

  #down(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement) {
      if (event.code === 'Escape') event.target.blur();
      return;
    }
    const way = ways[event.code];
    if (way) this.#press(way);
    else if (event.code === 'Enter') element('words').focus();
    else if (keys[event.code] && !event.repeat) this.#do(keys[event.code]!);
    else return;
    event.preventDefault();
  }

  #up(event: KeyboardEvent): void {
    const way = ways[event.code];
    if (way) this.#release(way);
  }

  #press(way: Way): void {
    if (!this.#held.includes(way)) this.#held.unshift(way);
  }

  #release(way: Way): void {
    this.#held = this.#held.filter((w) => w !== way);
  }

  /** Walks on while a key is held: the next step is asked for when the last one is done. */
  frame(): void {
    const way = this.#held[0];
    if (!way || this.#walking) return;
    this.#walking = true;
    this.#call(`move/${way}`).finally(() => (this.#walking = false));
  }

  #call(action: string, params = {}): Promise<void> {
    return this.client.command(action, params).then(
      () => {},
      (error: CommandError) => {
        // That a command was overtaken by a later one is nobody's concern.
        if (!/later command|replaced|connection|did not carry/.test(error.message)) this.hud.tell(error.message, 'bad');
      },
    );
  }

  #do(what: string): void {
    if (what === 'attack') void this.#attack(this.#nearest());
    if (what === 'take') void this.#call('loot/take');
    if (what === 'enter') void this.#call('teleport/enter');
    if (what === 'wave') void this.#call('greet/wave', this.#waved());
  }

  #attack(target: Entity | undefined): Promise<void> {
    return this.#call('fight/attack', target ? { target: target.key } : {});
  }

  #distance(e: Entity): number {
    const self = this.client.self;
    return self ? Math.hypot(e.x - self.x, e.y - self.y) : Infinity;
  }

  /** Who a blow would hit: the nearest that can be hit and is in reach. */
  #nearest(): Entity | undefined {
    let best: Entity | undefined;
    for (const e of this.client.world.entities.values()) {
      if (e.type === 'players' || e.type === 'objects' || e.action === 'dead' || this.#distance(e) > reach) continue;
      if (!best || this.#distance(e) < this.#distance(best)) best = e;
    }
    return best;
  }

  #waved(): { target?: string } {
    let best: Entity | undefined;
    for (const e of this.client.world.entities.values()) {
      if (e.type === 'players' && e !== this.client.self && this.#distance(e) < 8 && (!best || this.#distance(e) < this.#distance(best))) best = e;
    }
    return best ? { target: best.key } : {};
  }

  /** A click walks there, or hits who stands there, or walks to them first. */
  #click(pointer: Phaser.Input.Pointer): void {
    (document.activeElement as HTMLElement | null)?.blur();
    const { x, y } = this.scene.cameras.main.getWorldPoint(pointer.x, pointer.y);
    const [tx, ty] = [Math.floor(x / tile), Math.floor(y / tile)];
    const enemy = [...this.client.world.entities.values()].find(
      (e) => e.type !== 'players' && e.type !== 'objects' && e.action !== 'dead' && Math.abs(e.x - tx) < 1 && Math.abs(e.y - ty) < 1,
    );
    if (enemy && this.#distance(enemy) <= reach) void this.#attack(enemy);
    else if (enemy) void this.#call('move/to', { x: Math.floor(enemy.x), y: Math.floor(enemy.y), near: 1 });
    else void this.#call('move/to', { x: tx, y: ty });
  }

  #say(event: Event): void {
    event.preventDefault();
    const words = element<HTMLInputElement>('words');
    const text = words.value.trim();
    words.value = '';
    words.blur();
    if (text) void this.#call('chat/say', { text });
  }

  destroy(): void {
    this.#stop.abort();
  }
}
