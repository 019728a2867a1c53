import type { Client, Entity, Json, Unsubscribe } from '@overworld-gg/client';
import Phaser from 'phaser';
import { element } from './dom.js';
import { Figure } from './figure.js';
import { Ground, tile, tilesURL, type TiledMap } from './ground.js';
import { Hud } from './hud.js';
import { Input } from './input.js';
import { Labels } from './labels.js';
import { drawAll, frameSize } from './pixels.js';

/** The blow that a fighter struck last, as the library's feature fight tells it. */
interface Blow {
  target?: string;
  damage?: number;
}

/** The game on the page: what the client knows, drawn. */
export class Game {
  readonly #phaser: Phaser.Game;

  constructor(readonly client: Client) {
    this.#phaser = new Phaser.Game({
      type: Phaser.AUTO,
      parent: 'stage',
      backgroundColor: '#14201a',
      pixelArt: true,
      banner: false,
      audio: { noAudio: true },
      // Drawn small and scaled up by the browser; the scene sees to the size.
      scale: { mode: Phaser.Scale.NONE, width: 320, height: 200 },
      scene: new World(client),
    });
  }

  destroy(): void {
    this.#phaser.destroy(true);
  }
}

class World extends Phaser.Scene {
  readonly #figures = new Map<string, Figure>();
  readonly #off: Unsubscribe[] = [];
  #ground: Ground | undefined;
  #hud!: Hud;
  #input!: Input;
  #labels!: Labels;
  #zoom = 1;

  constructor(private readonly client: Client) {
    super('world');
  }

  preload(): void {
    this.load.spritesheet('tiles', tilesURL, { frameWidth: tile, frameHeight: tile });
  }

  create(): void {
    for (const [name, canvas] of drawAll()) {
      const texture = this.textures.addCanvas(name, canvas)!;
      for (let i = 0; i < canvas.width / frameSize; i++) texture.add(i, 0, i * frameSize, 0, frameSize, frameSize);
    }
    if (this.client.map) this.#ground = new Ground(this, JSON.parse(this.client.map) as TiledMap);
    this.#hud = new Hud(this.client, this.#ground?.miniature(this.textures.get('tiles').getSourceImage() as HTMLImageElement));
    this.#input = new Input(this.client, this, this.#hud);
    this.#labels = new Labels(element('stage'));
    this.#listen();
    this.#meet();
    this.#fit();
    const fit = () => this.#fit();
    window.addEventListener('resize', fit);
    this.#off.push(() => window.removeEventListener('resize', fit));
    this.events.once('destroy', () => this.#end());
    // For tests and the curious.
    Object.assign(window, { overworld: { client: this.client, figures: this.#figures, scene: this } });
  }

  #listen(): void {
    const { world } = this.client;
    this.#off.push(
      world.on('reset', () => this.#meet()),
      world.on('added', (e) => this.#add(e)),
      world.on('removed', (e) => this.#remove(e)),
      world.on('changed', (e, change) => {
        if (change.x !== undefined || change.y !== undefined) this.#figures.get(e.key)?.moved(performance.now());
      }),
      world.onComponent('hp', (e, hp, old) => this.#hp(e, hp, old)),
      world.onComponent('maxHp', (e) => this.#figures.get(e.key)?.health()),
      world.onComponent('blow', (e, blow) => this.#blow(e, blow)),
      this.client.on('chat', ({ key, login, text }) => {
        this.#hud.said(login, text);
        this.#figures.get(key)?.say(text, performance.now());
      }),
      this.client.on('packet', (fields) => this.#packet(fields)),
    );
  }

  /** The whole world is new: after the start, a lost connection, a swap of scripts. */
  #meet(): void {
    for (const figure of this.#figures.values()) figure.destroy();
    this.#figures.clear();
    for (const entity of this.client.world.entities.values()) this.#add(entity);
  }

  #add(entity: Entity): void {
    if (this.#figures.has(entity.key)) return;
    const figure = new Figure(this, entity, entity === this.client.self);
    this.#figures.set(entity.key, figure);
    if (entity === this.client.self) this.cameras.main.startFollow(figure.sprite, false, 0.12, 0.12, 0, 6);
  }

  #remove(entity: Entity): void {
    this.#figures.get(entity.key)?.destroy();
    this.#figures.delete(entity.key);
  }

  #hp(entity: Entity, hp: Json, old: Json | undefined): void {
    const figure = this.#figures.get(entity.key);
    figure?.health();
    if (typeof hp === 'number' && typeof old === 'number' && hp < old) {
      figure?.hurt();
      this.#float(figure, `-${Math.round(old - hp)}`, entity === this.client.self ? '#ff8f80' : '#ffffff');
    }
  }

  #float(figure: Figure | undefined, text: string, color: string): void {
    if (figure) this.#labels.float(text, color, figure.sprite.x, figure.sprite.y - 14, performance.now());
  }

  #blow(entity: Entity, blow: Json): void {
    const target = (blow as Blow | null)?.target;
    this.#figures.get(entity.key)?.strike(target ? this.#figures.get(target) : undefined);
  }

  #packet(fields: Record<string, Json>): void {
    const { loot, wave, saved, why } = fields as { loot?: { gold: number }; wave?: { from: string }; saved?: boolean; why?: string };
    if (loot) {
      this.#hud.tell(`You take ${loot.gold} gold.`);
      if (this.client.self) this.#float(this.#figures.get(this.client.self.key), `+${loot.gold}`, '#f6cf5f');
    }
    if (wave) this.#hud.tell(`${wave.from} waves at you.`);
    if (saved !== undefined) this.#hud.tell(saved ? 'Saved.' : (why ?? 'Not saved.'));
  }

  /** Shows about 20 tiles across, in whole pixels, and never beyond the map. */
  #fit(): void {
    const { innerWidth: width, innerHeight: height } = window;
    this.#zoom = Math.max(2, Math.min(4, Math.round(Math.max(width / 26, height / 18) / tile)));
    this.scale.setZoom(this.#zoom);
    this.scale.resize(Math.ceil(width / this.#zoom), Math.ceil(height / this.#zoom));
    this.#labels.resize(width, height);
    const camera = this.cameras.main.setRoundPixels(true);
    if (this.#ground) camera.setBounds(0, 0, this.#ground.width * tile, this.#ground.height * tile);
  }

  override update(): void {
    const now = performance.now();
    for (const figure of this.#figures.values()) figure.draw(now);
    const { scrollX, scrollY } = this.cameras.main;
    this.#labels.draw(this.#figures.values(), Math.round(scrollX), Math.round(scrollY), this.#zoom, now);
    this.#input.frame();
    this.#hud.frame(now, this.game.loop.actualFps);
  }

  #end(): void {
    for (const off of this.#off) off();
    this.#input.destroy();
    this.#hud.destroy();
    this.#labels.destroy();
    element('chat').replaceChildren();
  }
}
