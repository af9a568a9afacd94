// The person whose taste is shown, as the board says it stands: their way on the map, worked out here while a hand turns.

/** @import {Now, Taste} from "../shared/types.js" */
/** @import {Turned} from "./place.js" */

import { rowsNamed, shared } from "../shared/store.js";
import { Network, wayOf } from "./place.js";

const STEPS = 16; // of the way that is drawn

export class Person {
  /**
   * What the board has shown last since this map is here.
   * @type {Now | undefined}
   */
  heard;
  of = ""; // which network it is
  /** @type {Network | undefined} */
  network;

  /** @param {() => void} turned */
  constructor(turned) {
    this.hear = () => {
      this.heard = shared.now;
      turned();
    };
    shared.turned.add(this.hear);
  }

  /**
   * Dials and first items as they stand: the board's, or the server's before there is any.
   * @param {Taste} taste
   */
  now(taste) {
    return this.heard ?? { held: false, dials: taste.dials, items: taste.items };
  }

  /**
   * Their way from rest to now, undefined until what it takes has arrived.
   * @param {Taste} taste
   */
  way(taste) {
    const y = rowsNamed(taste.rest)?.[0], weights = rowsNamed(taste.network)?.[0];
    if (!y || !weights) return undefined;
    if (!this.network || this.of !== taste.network) this.network = new Network(weights, y.length, taste.hidden);
    this.of = taste.network;
    return wayOf(this.network, { y, up: taste.up, down: taste.down }, this.#turned(taste), STEPS);
  }

  /**
   * The dials that are turned, as far as what they do has arrived.
   * @param {Taste} taste
   * @returns {Turned[]}
   */
  #turned(taste) {
    const knobs = new Map(taste.knobs.map((knob) => [knob.key, knob]));
    return this.now(taste).dials.flatMap(({ key, amount }) => {
      const knob = knobs.get(key), step = rowsNamed(knob?.step)?.[0];
      return amount && knob && step ? [{ amount, step, depth: knob.depth }] : [];
    });
  }

  close() {
    shared.turned.delete(this.hear);
  }
}
