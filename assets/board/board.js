// The knob board: knobs and both lists. While a hand is on a knob the list is blended here, on every animation frame; on
// release the server is told, answers with its own list, and that list is what stays. The server holds the one true state.

/** @import {Dealt} from "./blend.js" */
/** @import {BoardData, Component, Ticks} from "../shared/types.js" */

import { find, undoByKeys } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { Rack } from "../shared/rack.js";
import { publish, shared } from "../shared/store.js";
import { Arrays } from "./arrays.js";
import { catalogue, membersOf, unpack } from "./catalogue.js";
import { arrivals, departures, summary } from "./changes.js";
import { ListView } from "./list.js";
import { Telling } from "./telling.js";

const REST = 300; // milliseconds without a turn after which the rest of the page follows
const MISSING = 1500; // milliseconds after which arrays that have not come are asked for

class Board {
  arrays = new Arrays();
  frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  patience;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  resting;
  /**
   * The ticks that are drawn.
   * @type {Ticks | undefined}
   */
  ticked;
  /**
   * The list blended here for a turn that was told, where it is certain.
   * @type {{version: string, items: number[]} | null}
   */
  ours = null;

  /**
   * @param {HTMLElement} root
   * @param {Component<BoardData>} component
   */
  constructor(root, component) {
    this.root = root;
    this.component = component;
    this.words = find(root, ".words");
    this.spoken = find(root, ".spoken");
    this.rack = new Rack(find(root, ".knobs"), {
      moved: () => this.#moved(),
      released: () => this.telling.released(),
      open: (key) => this.#send("card", key),
      remove: (key) => this.#send("remove", key),
    });
    this.telling = new Telling(
      () => this.rack.held,
      (held) => this.#tell(held),
    );
    /** @param {number} item */
    const open = (item) => this.#send("item", item);
    this.before = new ListView("List before", open);
    this.after = new ListView("List after", open);
    find(root, ".before").append(this.before.list);
    find(root, ".after").append(this.after.list);
    this.arrive = () => this.#prepare();
    shared.waiting.add(this.arrive);
    undoByKeys(root, (event, when) => this.#send(event, when));
  }

  get data() {
    return this.component.data;
  }

  /**
   * @param {string} event
   * @param {unknown} about
   */
  #send(event, about) {
    this.component.setTriggerValue(event, about);
  }

  /**
   * What the server says: its state replaces ours, unless a hand is on a knob.
   * @param {Component<BoardData>} component
   */
  update(component) {
    this.component = component;
    this.root.classList.toggle("is-compact", this.data.compact ?? false);
    find(this.root, ".before h3").textContent = this.data.reference;
    this.rack.show(this.data.knobs, this.telling.untold);
    this.#prepare();
  }

  /** Build the blend once everything it needs has arrived; until then the server's list is shown. */
  #prepare() {
    const { data, arrays } = this;
    const missing = () => this.#send("missing", Date.now());
    if (!unpack(data.items)) {
      this.patience ??= setTimeout(missing, MISSING);
      return;
    }
    if (this.ticked !== shared.ticks) {
      this.ticked = shared.ticks;
      for (const [key, marks] of Object.entries(this.ticked?.ticks ?? {})) this.rack.views.get(key)?.ticks(marks);
    }
    arrays.take(data, shared.ticks);
    this.root.dataset.ready = String(arrays.blend !== null || !data.linear);
    clearTimeout(this.patience);
    this.patience = data.linear && data.whole && !arrays.blend ? setTimeout(missing, MISSING) : undefined;
    this.#answered();
    const busy = this.telling.untold || this.rack.held;
    this.root.classList.toggle("is-streamed", busy && !this.#certain());
    if (!busy) this.#confirm();
    else if (!this.#certain()) this.#show(this.#told()); // what the server says while the hand is still on the knob
  }

  #certain() {
    return this.arrays.certain(this.data, this.#dials());
  }

  /** How long the server took, for the benchmark to read. */
  #answered() {
    const took = this.telling.answered(this.data.version);
    if (took === undefined) return;
    this.root.dataset.answered = String(took);
    if (this.rack.held) (shared.streamed ??= []).push(took);
  }

  /** The server's list for the server's dials. Where ours differed it is counted, for the tests to see. */
  #confirm() {
    const { after, version, state } = this.data, { dataset } = this.root;
    if (this.ours?.version === version) {
      const { items } = this.ours;
      const same = items.length === after.length && items.every((item, index) => item === after[index]);
      dataset.confirmed = String(Number(dataset.confirmed ?? 0) + 1);
      if (!same) dataset.differed = String(Number(dataset.differed ?? 0) + 1);
    }
    if (dataset.version !== version || dataset.state !== state) this.#rest();
    dataset.version = version;
    dataset.state = state;
    this.#show(this.#told());
    this.spoken.textContent = this.words.textContent;
  }

  /** What surrounds the board (link, buttons, ticks) follows once the hand has rested for a moment. */
  #rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.#send("rest", Date.now()), REST);
  }

  /** The knobs as they stand here. */
  #dials() {
    return this.data.knobs.map((knob) => ({ ...knob, amount: this.rack.amount(knob.key) }));
  }

  #moved() {
    this.telling.changed = true;
    clearTimeout(this.resting);
    if (this.#certain()) this.frame ||= requestAnimationFrame(() => this.#draw());
    else if (this.arrays.blend || !this.data.whole || !this.data.linear) this.telling.stream();
  }

  #draw() {
    this.frame = 0;
    const began = performance.now();
    if (this.arrays.blend) this.#show(this.#dealt());
    (shared.frames ??= []).push(performance.now() - began);
  }

  #dealt() {
    return this.arrays.deal(this.#dials(), this.data.after.length);
  }

  /** The server's list. */
  #told() {
    return { items: this.data.after, by: this.data.by };
  }

  /** @param {boolean} held the hand is still on the knob, and more will follow */
  #tell(held) {
    const items = this.#certain() ? this.#dealt().items : null;
    const said = this.telling.turns.tell(this.rack.amounts(), held);
    this.ours = items && { version: said.version, items };
    this.component.setStateValue("dials", said);
  }

  /** @param {Dealt} list */
  #show({ items, by }) {
    const { before, ranks, knobs } = this.data;
    const names = new Map(knobs.map(({ key, name }) => [key, name]));
    const bringers = by.map((key) => names.get(key) ?? "");
    this.after.show(items, catalogue, arrivals(before, ranks), bringers);
    this.before.show(before, catalogue, departures(items));
    const themes = this.#dials().flatMap(({ amount, theme = "", members }) => {
      const set = amount ? membersOf(members) : undefined;
      return set ? [{ theme, members: set }] : [];
    });
    this.words.textContent = summary(before, items, themes, bringers);
    publish({ state: this.data.state, held: this.rack.held, dials: this.#dials().map(({ key, amount }) => ({ key, amount })), items });
  }

  close() {
    shared.waiting.delete(this.arrive);
    cancelAnimationFrame(this.frame);
    this.telling.close();
    clearTimeout(this.patience);
    clearTimeout(this.resting);
  }
}

export default mount(".board", (root, /** @type {Component<BoardData>} */ component) => new Board(root, component));
