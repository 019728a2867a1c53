import { Motion, type Entity } from '@overworld-gg/client';
import Phaser from 'phaser';
import { frames } from './pixels.js';
import { tile } from './ground.js';

/** Distances in tiles per frame of a walk. */
const stride = 0.45;

/** How an entity is drawn: its picture, name, health, and what it says. */
export class Figure {
  readonly sprite: Phaser.GameObjects.Sprite;
  readonly #motion: Motion;
  readonly #shadow: Phaser.GameObjects.Ellipse | undefined;
  readonly #name: Phaser.GameObjects.Text | undefined;
  readonly #bar: Phaser.GameObjects.Rectangle | undefined;
  readonly #barBack: Phaser.GameObjects.Rectangle | undefined;
  #bubble: Phaser.GameObjects.Text | undefined;
  #bubbleEnds = 0;
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
    if (alive) this.#shadow = scene.add.ellipse(0, 0, 10, 4, 0x000000, 0.28);
    this.sprite = scene.add.sprite(0, 0, picture, 0).setOrigin(0.5, 0.9);
    if (entity.type === 'players') this.#name = this.#text(entity.login ?? '', self ? '#ffe9a8' : '#ffffff');
    if (alive) {
      this.#barBack = scene.add.rectangle(0, 0, 14, 2.4, 0x000000, 0.6);
      this.#bar = scene.add.rectangle(0, 0, 13, 1.4, entity.type === 'players' ? 0x6fd08c : 0xe2695b).setOrigin(0, 0.5);
    }
    this.health();
  }

  #text(text: string, color: string): Phaser.GameObjects.Text {
    // Drawn large and shown small: sharp at every zoom.
    const style = { fontFamily: 'system-ui, sans-serif', fontSize: '24px', color, stroke: '#10160f', strokeThickness: 5 };
    return this.scene.add.text(0, 0, text, style).setOrigin(0.5, 1).setScale(0.21);
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
    this.#bubble?.destroy();
    this.#bubble = this.#text(text, '#10160f').setBackgroundColor('#f7f4e8').setPadding(10, 6).setStroke('#f7f4e8', 0).setWordWrapWidth(360);
    this.#bubbleEnds = now + 4500;
  }

  /** A number that rises from the figure: damage, or gold. */
  float(text: string, color: string): void {
    const label = this.#text(text, color).setPosition(this.sprite.x, this.sprite.y - 14).setDepth(5000);
    this.scene.tweens.add({ targets: label, y: label.y - 14, alpha: 0, duration: 900, ease: 'Cubic.easeOut', onComplete: () => label.destroy() });
  }

  /** A blow towards another figure, or ahead. */
  strike(target: Figure | undefined): void {
    const dx = target ? Math.sign(target.sprite.x - this.sprite.x) : { left: -1, right: 1 }[this.entity.side] ?? 0;
    const dy = target ? Math.sign(target.sprite.y - this.sprite.y) : { up: -1, down: 1 }[this.entity.side] ?? 0;
    this.scene.tweens.add({ targets: this.sprite, displayOriginX: this.sprite.displayOriginX - 4 * dx, displayOriginY: this.sprite.displayOriginY - 3 * dy, duration: 70, yoyo: true });
  }

  /** A figure that was hit blinks. */
  hurt(): void {
    this.sprite.setTintFill(0xffffff);
    this.scene.time.delayedCall(80, () => this.sprite.active && this.sprite.clearTint());
  }

  /** Draws the figure as it is at a time. */
  draw(now: number): void {
    const { x, y, moving } = this.#motion.at(now);
    const px = (x + 0.5) * tile;
    const py = (y + 0.85) * tile;
    const dead = this.entity.action === 'dead';
    this.sprite.setPosition(px, py).setDepth(py);
    this.#shadow?.setPosition(px, py - 0.5).setDepth(py - 0.1);
    this.#pose(x, y, moving, dead, now);
    this.#name?.setPosition(px, py - 16).setDepth(4000 + py);
    this.#bar?.setPosition(px - 6.5, py - 15.5).setDepth(4000 + py);
    this.#barBack?.setPosition(px, py - 15.5).setDepth(3999 + py);
    if (this.#bubble && now > this.#bubbleEnds) {
      this.#bubble.destroy();
      this.#bubble = undefined;
    }
    this.#bubble?.setPosition(px, py - 21).setDepth(4500 + py);
  }

  #pose(x: number, y: number, moving: boolean, dead: boolean, now: number): void {
    const { type, side, action } = this.entity;
    if (type === 'objects') {
      if (this.sprite.texture.frameTotal > 2) this.sprite.setFrame(action === 'open' ? 1 : 0);
      if (this.entity.prefab === 'portal') this.sprite.setAlpha(0.85 + 0.15 * Math.sin(now / 300));
      return;
    }
    this.#walked += Math.hypot(x - this.#last.x, y - this.#last.y);
    this.#last = { x, y };
    const step = moving ? Math.floor(this.#walked / stride) % 2 : 0;
    const row = side === 'up' ? frames.up : side === 'left' || side === 'right' ? frames.right : frames.down;
    this.sprite.setFrame(row[step]!).setFlipX(side === 'left');
    this.sprite.setAngle(dead ? 90 : action === 'wave' ? 8 * Math.sin(now / 70) : 0).setAlpha(dead ? 0.55 : 1);
  }

  destroy(): void {
    for (const part of [this.sprite, this.#shadow, this.#name, this.#bar, this.#barBack, this.#bubble]) part?.destroy();
  }
}
