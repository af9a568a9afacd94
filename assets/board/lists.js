// The list, and beside it on demand the one it is compared with and those that were pinned.

/** @import {BoardData, Pin} from "../shared/types.js" */
/** @import {Turned} from "./changes.js" */

import { make } from "../shared/dom.js";
import { catalogue } from "./catalogue.js";
import { arrivals, departures, plainly, why } from "./changes.js";
import { ListView } from "./list.js";

/**
 * What a list is shown with. by: key of the knob that deals each item; likes: the like that speaks most for an item.
 * @typedef {{items: number[], by: string[], turned: Turned[], likes: (item: number) => number | undefined}} Shown
 */

export class Lists {
  /** @type {ListView[]} */
  pins = [];
  ofPins = ""; // which pins are there

  /**
   * @param {HTMLElement} place
   * @param {(event: string, about: unknown) => void} send
   */
  constructor(place, send) {
    this.place = place;
    this.send = send;
    /** @param {number} item */
    this.open = (item) => send("item", item);
    this.after = new ListView("List", this.open);
    this.before = new ListView("List before", this.open);
    this.old = make("section", { class: "before" }, make("h3", { text: "Before" }), this.before.list);
    place.append(make("section", { class: "after" }, make("h3", { text: "Now" }), this.after.list), this.old);
    this.compare(false);
  }

  /** @param {boolean} wanted whether the list before stands beside this one */
  compare(wanted) {
    this.old.hidden = !wanted;
    this.#width();
  }

  #width() {
    const beside = Number(!this.old.hidden) + this.pins.length;
    this.place.dataset.beside = String(beside);
  }

  /**
   * @param {BoardData} data
   * @param {Shown} shown
   */
  show({ before, ranks, pins }, { items, by, turned, likes }) {
    const mark = arrivals(before, ranks), gone = departures(items), old = new Set(before);
    this.after.show(items, catalogue, (item, rank) => {
      const like = likes(item), title = like === undefined ? "" : (catalogue.get(like)?.title ?? "");
      return { mark: mark(item, rank), why: why(item, by[rank - 1] ?? "", turned, title, !old.has(item)) };
    });
    if (!this.old.hidden) this.before.show(before, catalogue, (item) => ({ mark: gone(item), why: "" }));
    this.#pins(pins);
  }

  /** @param {Pin[]} pins */
  #pins(pins) {
    const of = JSON.stringify(pins);
    if (of === this.ofPins) return;
    this.ofPins = of;
    this.place.querySelectorAll(".pin").forEach((section) => section.remove());
    this.pins = pins.map(({ name, items }, index) => {
      const label = `Pinned ${index + 1}`, view = new ListView(label, this.open);
      view.show(items, catalogue, () => ({ mark: plainly(), why: "" }));
      const so = { title: "Set the board so", text: label, onclick: () => this.send("so", index) };
      const away = { title: "Unpin", "aria-label": `Unpin ${label}`, text: "×", onclick: () => this.send("unpin", index) };
      const head = make("h3", {}, make("button", { type: "button", ...so }), make("button", { type: "button", class: "unpin", ...away }));
      this.place.append(make("section", { class: "pin" }, head, make("p", { class: "dials", text: name || "all knobs at rest" }), view.list));
      return view;
    });
    this.#width();
  }
}
