// A ranked list whose rows glide to their new places. Rows are kept by item, so that an item is the same element wherever
// it stands; only rows that come, go or move are touched.

/** @import {Item} from "../shared/types.js" */
/** @import {Mark} from "./changes.js" */

import { make } from "../shared/dom.js";

const ROW = 46; // pixels, as in board.css

export class ListView {
  /** @type {Map<number, Row>} */
  rows = new Map();

  /**
   * @param {string} label
   * @param {(item: number) => void} open a row was clicked
   */
  constructor(label, open) {
    this.open = open;
    this.list = make("ol", { class: "list", "aria-label": label });
  }

  /**
   * @param {number[]} items columns, best first
   * @param {Map<number, Item>} catalogue
   * @param {(item: number, rank: number) => Mark} mark
   * @param {string[]} [by] which knob brings each, "" for none in particular
   */
  show(items, catalogue, mark, by = []) {
    this.list.style.height = `${items.length * ROW}px`;
    const here = new Set(items);
    for (const [item, row] of this.rows)
      if (!here.has(item)) {
        row.element.remove();
        this.rows.delete(item);
      }
    const rows = items.map((item, index) => {
      const row = this.rows.get(item) ?? this.#add(item, catalogue);
      row.show(index, mark(item, index + 1), by[index] ?? "");
      return row.element;
    });
    // Screen readers and keyboards follow the order of the document, so it is put right where rows have moved.
    rows.forEach((element, index) => {
      if (this.list.children[index] !== element) this.list.insertBefore(element, this.list.children[index] ?? null);
    });
  }

  /**
   * @param {number} item
   * @param {Map<number, Item>} catalogue
   */
  #add(item, catalogue) {
    const shown = catalogue.get(item);
    if (!shown) throw new Error(`nothing is known of item ${item}`);
    const row = new Row(shown, () => this.open(item));
    this.rows.set(item, row);
    return row;
  }
}

class Row {
  index = -1;
  kind = "";
  sign = "";
  by = "";

  /**
   * @param {Item} item
   * @param {() => void} open
   */
  constructor({ title, detail, hue, initials, image }, open) {
    this.rank = make("span", { class: "rank" });
    this.mark = make("span", { class: "mark" });
    const card = image
      ? make("img", { class: "card", src: image, alt: "", loading: "lazy" })
      : make("span", { class: "card", "aria-hidden": "true", text: initials, style: `--hue: ${hue}` });
    this.knob = make("span", { class: "by" });
    const about = make("span", { class: "detail" }, this.knob, make("span", { text: detail }));
    const words = [make("span", { class: "title", text: title }), about];
    const button = make("button", { type: "button", class: "what", title: `${title}: why it is here`, onclick: open }, ...words);
    this.element = make("li", { class: "row" }, this.rank, card, button, this.mark);
  }

  /**
   * @param {number} index
   * @param {Mark} mark
   * @param {string} by
   */
  show(index, { kind, sign, note }, by) {
    if (this.index !== index) {
      this.element.style.transform = `translateY(${index * ROW}px)`;
      this.rank.textContent = String(index + 1);
      this.index = index;
    }
    if (this.kind !== kind) {
      this.element.className = `row is-${kind}`;
      this.kind = kind;
    }
    if (this.by !== by) {
      this.knob.textContent = by;
      this.by = by;
    }
    if (this.sign !== sign) {
      this.mark.textContent = sign;
      this.mark.title = note;
      this.sign = sign;
    }
  }
}
