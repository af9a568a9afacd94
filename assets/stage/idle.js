// Nobody has touched anything for a while.

const TOUCHES = ["pointerdown", "pointermove", "wheel", "keydown", "touchstart"];

export class Idle {
  seconds = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  clock;
  /** @type {() => void} */
  touch = () => this.#wind();

  /** @param {() => void} rested */
  constructor(rested) {
    this.rested = rested;
  }

  /** @param {number} seconds until it is told, 0 for never */
  start(seconds) {
    this.stop();
    this.seconds = seconds;
    if (!seconds) return;
    for (const name of TOUCHES) window.addEventListener(name, this.touch, { capture: true, passive: true });
    this.#wind();
  }

  #wind() {
    clearTimeout(this.clock);
    if (this.seconds) this.clock = setTimeout(this.rested, 1000 * this.seconds);
  }

  stop() {
    clearTimeout(this.clock);
    this.seconds = 0;
    for (const name of TOUCHES) window.removeEventListener(name, this.touch, { capture: true });
  }
}
