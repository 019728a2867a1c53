import { Motion, type Entity } from '@overworld-gg/client';
import Phaser from 'phaser';
import { tile } from './ground.js';
import type { Look } from './labels.js';
import { frames } from './pixels.js';

/** How far a creature walks between two pictures of its walk, in tiles. */
const stride = 0.45;
/** How long a bubble stays, in milliseconds. */
const bubbleTime = 4500;

/** How an entity is drawn: its picture, its health, and what it says. */
export class Figure {
  readonly sprite: Phaser.GameObjects.Sprite;
  readonly name: string;
  readonly nameLook: Look;
  readonly #motion: Motion;
  readonly #shadow: Phaser.GameObjects.Image | undefined;
  readonly #bar: Phaser.GameObjects.Rectangle | undefined;
  readonly #barBack: Phaser.GameObjects.Rectangle | undefined;
  #said = '';
  #saidUntil = 0;
  #walked = 0;
  #last = { x: 0, y: 0 };

  constructor(
    private readonly scene: Phaser.Scene,
    readonly entity: Entity,
    self: boolean,
  ) {
    this.#motion = new Motion(entity.x, entity.y);
    this.#last = { x: entity.x, y: entity.y };
    const alive = entity.type !== 'objects';
    const picture = self ? 'self' : scene.textures.exists(entity.prefab) ? entity.prefab : alive ? 'hero' : 'chest';
    if (alive) this.#shadow = scene.add.image(0, 0, 'shadow').setAlpha(0.28);
    this.sprite = scene.add.sprite(0, 0, picture, 0).setOrigin(0.5, 0.9);
    this.name = entity.login ?? '';
    this.nameLook = { size: 12, color: self ? '#ffe9a8' : '#ffffff', outline: '#10160f' };
    if (alive) {
      this.#barBack = scene.add.rectangle(0, 0, 14, 3, 0x000000, 0.6);
      this.#bar = scene.add.rectangle(0, 0, 12, 1, entity.type === 'players' ? 0x6fd08c : 0xe2695b).setOrigin(0, 0.5);
    }
    this.health();
  }

  /** The map has told a new place. */
  moved(now: number): void {
    this.#motion.moved(this.entity.x, this.entity.y, now);
  }

  /** The hit points have changed. */
  health(): void {
    const { hp, maxHp } = this.entity.components as { hp?: number | null; maxHp?: number | null };
    const share = typeof hp === 'number' ? Math.max(0, Math.min(1, hp / (maxHp || hp || 1))) : 1;
    const shown = share < 1 && share > 0;
    this.#bar?.setVisible(shown).setScale(share, 1);
    this.#barBack?.setVisible(shown);
  }

  /** Shows what the figure says, for a while. */
  say(text: string, now: number): void {
    this.#said = text;
    this.#saidUntil = now + bubbleTime;
  }

  /** What the figure says at a time, '' for nothing. */
  saying(now: number): string {
    return now < this.#saidUntil ? this.#said : '';
  }

  /** A blow towards another figure, or ahead. */
  strike(target: Figure | undefined): void {
    const { side } = this.entity;
    const dx = target ? Math.sign(target.sprite.x - this.sprite.x) : side === 'left' ? -1 : side === 'right' ? 1 : 0;
    const dy = target ? Math.sign(target.sprite.y - this.sprite.y) : side === 'up' ? -1 : side === 'down' ? 1 : 0;
    const { displayOriginX, displayOriginY } = this.sprite;
    this.scene.tweens.add({ targets: this.sprite, displayOriginX: displayOriginX - 4 * dx, displayOriginY: displayOriginY - 3 * dy, duration: 70, yoyo: true });
  }

  /** A figure that was hit blinks. */
  hurt(): void {
    this.sprite.setTintFill(0xffffff);
    this.scene.time.delayedCall(80, () => this.sprite.active && this.sprite.clearTint());
  }

  /** Draws the figure as it is at a time. */
  draw(now: number): void {
    const { x, y, moving } = this.#motion.at(now);
    const px = Math.round((x + 0.5) * tile);
    const py = Math.round((y + 0.85) * tile);
    this.sprite.setPosition(px, py).setDepth(py);
    this.#shadow?.setPosition(px, py).setDepth(py - 0.1);
    this.#bar?.setPosition(px - 6, py - 16).setDepth(4000 + py);
    this.#barBack?.setPosition(px, py - 16).setDepth(3999 + py);
    if (this.entity.type === 'objects') this.#thing(now);
    else this.#creature(x, y, moving, now);
  }

  #thing(now: number): void {
    if (this.sprite.texture.frameTotal > 2) this.sprite.setFrame(this.entity.action === 'open' ? 1 : 0);
    if (this.entity.prefab === 'portal') this.sprite.setAlpha(0.85 + 0.15 * Math.sin(now / 300));
  }

  #creature(x: number, y: number, moving: boolean, now: number): void {
    const { side, action } = this.entity;
    this.#walked += Math.hypot(x - this.#last.x, y - this.#last.y);
    this.#last = { x, y };
    const step = moving ? Math.floor(this.#walked / stride) % 2 : 0;
    const row = side === 'up' ? frames.up : side === 'left' || side === 'right' ? frames.right : frames.down;
    const dead = action === 'dead';
    this.sprite.setFrame(row[step]!).setFlipX(side === 'left');
    this.sprite.setAngle(dead ? 90 : action === 'wave' ? 8 * Math.sin(now / 70) : 0).setAlpha(dead ? 0.55 : 1);
  }

  destroy(): void {
    for (const part of [this.sprite, this.#shadow, this.#bar, this.#barBack]) part?.destroy();
  }
}
