import type { Figure } from './figure.js';

/** The looks of a text: what it is drawn like, once, and kept. */
export interface Look {
  size: number;
  color: string;
  /** Behind the text: an outline in this colour, or a box. */
  outline?: string;
  box?: string;
}

/** A number that rises from a figure and fades. */
interface Float {
  picture: HTMLCanvasElement;
  x: number;
  y: number;
  began: number;
}

const floatTime = 900;
const mostNames = 40;
const wrapAt = 30; // characters of a line in a bubble

/**
 * The texts over the game. The game itself is drawn small and scaled up, pixel by
 * pixel; texts are drawn on a canvas of their own in the screen's resolution.
 */
export class Labels {
  readonly #canvas = document.createElement('canvas');
  readonly #pictures = new Map<string, HTMLCanvasElement>();
  #floats: Float[] = [];
  #ratio = 1;

  constructor(stage: HTMLElement) {
    this.#canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;pointer-events:none';
    stage.append(this.#canvas);
  }

  resize(width: number, height: number): void {
    this.#ratio = Math.min(2, window.devicePixelRatio || 1);
    this.#canvas.width = width * this.#ratio;
    this.#canvas.height = height * this.#ratio;
    this.#pictures.clear();
  }

  /** A text as a picture, drawn once. */
  picture(text: string, look: Look): HTMLCanvasElement {
    const key = `${look.color}|${look.size}|${look.box ?? ''}|${text}`;
    let picture = this.#pictures.get(key);
    if (!picture) {
      if (this.#pictures.size > 2000) this.#pictures.clear(); // talk adds up
      this.#pictures.set(key, (picture = this.#paint(text, look)));
    }
    return picture;
  }

  #paint(text: string, { size, color, outline, box }: Look): HTMLCanvasElement {
    const canvas = document.createElement('canvas');
    const to = canvas.getContext('2d')!;
    const font = `${600} ${size * this.#ratio}px system-ui, sans-serif`;
    const lines = box ? wrap(text) : [text];
    const high = size * 1.3 * this.#ratio;
    const pad = (box ? 6 : 3) * this.#ratio;
    to.font = font;
    canvas.width = Math.ceil(Math.max(...lines.map((l) => to.measureText(l).width)) + 2 * pad);
    canvas.height = Math.ceil(lines.length * high + pad);
    to.font = font;
    to.textAlign = 'center';
    to.textBaseline = 'middle';
    if (box) {
      to.fillStyle = box;
      to.beginPath();
      to.roundRect(0, 0, canvas.width, canvas.height, 6 * this.#ratio);
      to.fill();
    }
    lines.forEach((line, i) => {
      const y = pad / 2 + high * (i + 0.5);
      if (outline) {
        to.strokeStyle = outline;
        to.lineWidth = 3 * this.#ratio;
        to.lineJoin = 'round';
        to.strokeText(line, canvas.width / 2, y);
      }
      to.fillStyle = color;
      to.fillText(line, canvas.width / 2, y);
    });
    return canvas;
  }

  /** Lets a text rise from a place of the world. */
  float(text: string, color: string, x: number, y: number, now: number): void {
    this.#floats.push({ picture: this.picture(text, { size: 15, color, outline: '#10160f' }), x, y, began: now });
  }

  /** Draws all texts. left and top are the world's place in the corner of the screen, zoom its pixels per pixel. */
  draw(figures: Iterable<Figure>, left: number, top: number, zoom: number, now: number): void {
    const to = this.#canvas.getContext('2d')!;
    const { width, height } = this.#canvas;
    const scale = zoom * this.#ratio;
    to.clearRect(0, 0, width, height);
    const put = (picture: HTMLCanvasElement, x: number, y: number) => {
      const px = Math.round((x - left) * scale - picture.width / 2);
      const py = Math.round((y - top) * scale - picture.height);
      if (px < width && py < height && px + picture.width > 0 && py + picture.height > 0) to.drawImage(picture, px, py);
    };
    for (const figure of nearest(figures, left + width / scale / 2, top + height / scale / 2)) {
      const { x, y } = figure.sprite;
      put(this.picture(figure.name, figure.nameLook), x, y - 15);
      const said = figure.saying(now);
      if (said) put(this.picture(said, { size: 13, color: '#10160f', box: '#f7f4e8' }), x, y - 22);
    }
    this.#floats = this.#floats.filter(({ began }) => now - began < floatTime);
    for (const { picture, x, y, began } of this.#floats) {
      const share = (now - began) / floatTime;
      to.globalAlpha = 1 - share * share;
      put(picture, x, y - 14 * (1 - (1 - share) ** 2));
    }
    to.globalAlpha = 1;
  }

  destroy(): void {
    this.#canvas.remove();
  }
}

/** Who has a name and is near the middle of the screen: in a crowd nobody can read all names. */
function nearest(figures: Iterable<Figure>, x: number, y: number): Figure[] {
  const named = [...figures].filter((f) => f.name);
  if (named.length <= mostNames) return named;
  const far = ({ sprite }: Figure) => (sprite.x - x) ** 2 + (sprite.y - y) ** 2;
  return named.sort((a, b) => far(a) - far(b)).slice(0, mostNames).reverse();
}

/** Breaks a text into lines between words. */
function wrap(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1]!;
    if (last && last.length + word.length >= wrapAt) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}
