/** Options of a Motion. */
export interface MotionOptions {
  /** The longest time that one move is drawn out over, in milliseconds (300). */
  longest?: number;
  /** From this distance on a move is a jump and not drawn out, in tiles (3). */
  jump?: number;
}

/** Where something is drawn. */
export interface Place {
  x: number;
  y: number;
  /** Whether it is on its way. */
  moving: boolean;
}

/**
 * Draws the steps that a map tells smoothly: each move is drawn out over the time
 * that the last ones took, from where the thing is drawn now. Times are in
 * milliseconds, of any clock.
 */
export class Motion {
  #from = { x: 0, y: 0 };
  #to = { x: 0, y: 0 };
  #start = 0;
  #duration = 0;
  #last = -Infinity;
  readonly #longest: number;
  readonly #jump: number;

  constructor(x: number, y: number, options: MotionOptions = {}) {
    this.#from = { x, y };
    this.#to = { x, y };
    this.#longest = options.longest ?? 300;
    this.#jump = options.jump ?? 3;
  }

  /** The map has told a new place. */
  moved(x: number, y: number, now: number): void {
    const here = this.at(now);
    const pause = now - this.#last;
    this.#last = now;
    this.#to = { x, y };
    this.#start = now;
    if (Math.hypot(x - here.x, y - here.y) >= this.#jump) {
      this.#from = { x, y };
      this.#duration = 0;
      return;
    }
    this.#from = { x: here.x, y: here.y };
    // A step after a rest takes as long as the last ones did; 200 ms at first.
    this.#duration = pause <= this.#longest * 1.5 ? Math.min(pause * 1.1, this.#longest) : this.#duration || 200;
  }

  /** Where it is drawn at a time. */
  at(now: number): Place {
    const share = this.#duration > 0 ? (now - this.#start) / this.#duration : 1;
    if (share >= 1) return { ...this.#to, moving: false };
    const done = Math.max(0, share);
    return {
      x: this.#from.x + (this.#to.x - this.#from.x) * done,
      y: this.#from.y + (this.#to.y - this.#from.y) * done,
      moving: true,
    };
  }
}
