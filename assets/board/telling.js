// When the server is told of turns: once a hand has let go, and under the hand where the list cannot be blended here.

import { Turns } from "../shared/turns.js";

const PAUSE = 20; // milliseconds before the server is asked again while dragging
const PATIENCE = 500; // milliseconds after which it is asked again if it is silent
const TOGETHER = 90; // milliseconds in which key presses and wheel steps go as one

export class Telling {
  turns = new Turns();
  changed = false; // something was turned since the hand last let go
  behind = false; // what was asked last is not the latest
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  releasing;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  streaming;

  /**
   * @param {() => boolean} held whether a hand is on a knob
   * @param {(held: boolean) => void} tell
   */
  constructor(held, tell) {
    this.held = held;
    this.tell = tell;
  }

  /** A turn is over and the server does not know it yet. */
  get untold() {
    return this.releasing !== undefined;
  }

  /**
   * One question at a time: asked while it still answers the last one, the server would drop that answer.
   */
  stream() {
    this.behind = true;
    if (this.streaming !== undefined || this.turns.waiting(PATIENCE)) return;
    this.behind = false;
    this.streaming = setTimeout(() => {
      this.streaming = undefined;
      if (this.held()) this.tell(true);
    }, PAUSE);
  }

  released() {
    if (!this.changed) return;
    clearTimeout(this.releasing);
    const tell = () => {
      this.releasing = undefined;
      this.changed = this.behind = false;
      this.tell(false);
    };
    this.releasing = setTimeout(tell, this.held() ? 0 : TOGETHER);
  }

  /**
   * Milliseconds that the server took, where this version is its answer and new.
   * @param {string} version
   */
  answered(version) {
    const took = this.turns.answered(version);
    if (took !== undefined && this.behind) this.stream();
    return took;
  }

  close() {
    clearTimeout(this.releasing);
    clearTimeout(this.streaming);
  }
}
