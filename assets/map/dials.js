// The knobs beside the map. While they move the server is told some sixteen times a second; on release once more, and then
// it counts.

/** @import {Knob} from "../shared/types.js" */

import { Rack } from "../shared/rack.js";
import { Turns } from "../shared/turns.js";

const PAUSE = 60; // milliseconds between two messages, and in which key presses and wheel steps go as one

export class Dials {
  turns = new Turns();
  changed = false; // something was turned since the hand last let go
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  releasing;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  streaming;

  /**
   * @param {HTMLElement} place
   * @param {(name: string, value: unknown) => void} say
   * @param {(event: string, about: unknown) => void} send
   */
  constructor(place, say, send) {
    this.say = say;
    this.rack = new Rack(place, {
      moved: () => this.moved(),
      released: () => this.released(),
      open: (key) => send("card", key),
      remove: (key) => send("remove", key),
    });
  }

  /** @param {Knob[]} knobs */
  show(knobs) {
    this.rack.show(knobs, this.releasing !== undefined);
  }

  moved() {
    this.changed = true;
    this.streaming ??= setTimeout(() => {
      this.streaming = undefined;
      this.#tell(true);
    }, PAUSE);
  }

  released() {
    if (!this.changed) return;
    clearTimeout(this.releasing);
    this.releasing = setTimeout(() => {
      this.releasing = undefined;
      this.changed = false;
      clearTimeout(this.streaming);
      this.streaming = undefined;
      this.#tell(false);
    }, PAUSE);
  }

  /** @param {boolean} held */
  #tell(held) {
    this.say("dials", this.turns.tell(this.rack.amounts(), held));
  }

  close() {
    clearTimeout(this.releasing);
    clearTimeout(this.streaming);
  }
}
