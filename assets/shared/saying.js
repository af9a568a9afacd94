// What was done is told to the server one at a time, each with a number by which the server takes it over once. Of several
// messages that come while it is at work it hears the last one alone, so each waits until the one before it has been taken
// over; and one whose run was ended by something else before that is said again.

/** @import {Component} from "./types.js" */

const SILENCES = [3_000, 6_000, 12_000]; // milliseconds of silence after which it is said again, and at last given up
const PASSING = ["rest", "preview", "seek", "ready"]; // may be lost when something else is said, as that brings what they ask for or ends it

export class Saying {
  /** @type {[event: string, about: unknown][]} */
  waiting = [];
  order = 0; // of what was told and is not yet taken over, 0 for nothing
  last = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  patience;

  /** @param {() => Pick<Component<unknown>, "setTriggerValue">} component */
  constructor(component) {
    this.component = component;
  }

  /**
   * @param {string} event
   * @param {unknown} [about]
   * @param {boolean} [latest] of those that wait the last one alone counts
   */
  say(event, about = Date.now(), latest = PASSING.includes(event)) {
    if (latest) this.waiting = this.waiting.filter(([one]) => one !== event);
    this.waiting.push([event, about]);
    this.#next();
  }

  /** Whether the server has heard all that was said. */
  get quiet() {
    return !this.order && !this.waiting.length;
  }

  /** @param {number} order what the server has taken over last */
  heard(order) {
    if (this.order && order === this.order) this.#go();
  }

  #go() {
    clearTimeout(this.patience);
    this.order = 0;
    this.#next();
  }

  #next() {
    while (!this.order && this.waiting.length) {
      const [[event, about]] = this.waiting.splice(0, 1);
      if (PASSING.includes(event)) {
        this.component().setTriggerValue(event, about);
        continue;
      }
      this.last = this.order = Math.max(Date.now(), this.last + 1);
      this.#tell(event, about, SILENCES);
    }
  }

  /**
   * @param {string} event
   * @param {unknown} about
   * @param {number[]} again
   */
  #tell(event, about, [silence, ...again]) {
    const { setTriggerValue } = this.component();
    setTriggerValue(event, about);
    setTriggerValue("told", this.order);
    this.patience = setTimeout(() => (again.length ? this.#tell(event, about, again) : this.#go()), silence);
  }

  close() {
    clearTimeout(this.patience);
  }
}
