// The knob of a card. On the page of the board it is the same dial: the board's moves with it, and it follows the board's.

/** @import {Component, Knob} from "../shared/types.js" */

import { find } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Rack } from "../shared/rack.js";
import { shared } from "../shared/store.js";

class Single {
  /**
   * @param {HTMLElement} root
   * @param {Component<Knob>} component
   */
  constructor(root, component) {
    this.component = component;
    this.rack = new Rack(find(root, ".knobs"), {
      moved: (key) => this.#deck()?.turn(key, this.rack.amount(key)),
      released: () => this.#released(),
      open: () => {},
      remove: () => {},
    });
    this.follow = () => this.#follow();
    shared.turned.add(this.follow);
  }

  /** The board, where it has this knob. */
  #deck() {
    return shared.deck?.keys().includes(this.component.data.key) ? shared.deck : undefined;
  }

  #released() {
    const deck = this.#deck(), { key } = this.component.data;
    if (deck) deck.release();
    else this.component.setTriggerValue("turned", { key, amount: this.rack.amount(key) });
  }

  /** The dial has been turned on the board. */
  #follow() {
    const { key } = this.component.data, dial = shared.now?.dials.find((one) => one.key === key), view = this.rack.views.get(key);
    if (dial && view && !view.held) view.set(dial.amount);
  }

  /** @param {Component<Knob>} component */
  update(component) {
    this.component = component;
    this.rack.show([component.data], false);
  }

  close() {
    shared.turned.delete(this.follow);
  }
}

export default mount(".single", (root, /** @type {Component<Knob>} */ component) => new Single(root, component));
