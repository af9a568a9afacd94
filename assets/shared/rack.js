// The knobs that are shown, in their order.

/** @import {Handlers} from "./knob.js" */
/** @import {Knob} from "./types.js" */

import { KnobView } from "./knob.js";

export class Rack {
  /** @type {Map<string, KnobView>} */
  views = new Map();

  /**
   * @param {HTMLElement} place
   * @param {Handlers} handlers
   */
  constructor(place, handlers) {
    this.place = place;
    this.handlers = handlers;
  }

  /** A hand is on one of them. */
  get held() {
    return [...this.views.values()].some((view) => view.held);
  }

  /** Keys of the knobs, as they stand. */
  keys() {
    return [...this.place.children].map((element) => [...this.views].find(([, view]) => view.element === element)?.[0] ?? "");
  }

  /**
   * Show these, keeping the views of those that stay. What a hand has just done outlives what the server says while it is
   * on the knob, and while it has not been told yet (untold). While the same knobs are shown none changes its place: it
   * would move away from under the hand.
   * @param {Knob[]} knobs
   * @param {boolean} untold
   */
  show(knobs, untold) {
    const keys = new Set(knobs.map((knob) => knob.key));
    const same = keys.size === this.views.size && [...keys].every((key) => this.views.has(key));
    for (const [key, view] of this.views)
      if (!keys.has(key)) {
        view.element.remove();
        this.views.delete(key);
      }
    knobs.forEach((knob, index) => {
      const known = this.views.get(knob.key), view = known ?? new KnobView(knob.key, this.handlers);
      this.views.set(knob.key, view);
      view.show(known && (untold || known.held) ? { ...knob, amount: known.amount } : knob);
      if (!same && this.place.children[index] !== view.element) this.place.insertBefore(view.element, this.place.children[index] ?? null);
    });
  }

  /**
   * Where a knob's dial stands, whatever the server knows of it.
   * @param {string} key
   */
  amount(key) {
    return this.views.get(key)?.amount ?? 0;
  }

  /** All of them by key, for the server. */
  amounts() {
    return Object.fromEntries([...this.views].map(([key, view]) => [key, view.amount]));
  }
}
