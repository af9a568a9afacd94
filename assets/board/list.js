// A ranked list whose rows glide to their new places. Rows are kept by item, so that an item is the same element wherever
// it stands; only rows that come, go or move are touched.

/** @import {Item} from "../shared/types.js" */
/** @import {Mark} from "./changes.js" */

import { make } from "../shared/dom.js";

/**
 * What a row says beside its title: its mark, and why it is here.
 * @typedef {{mark: Mark, why: string}} Said
 */

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
   * @param {(item: number, rank: number) => Said} say
   */
  show(items, catalogue, say) {
    this.list.style.setProperty("--rows", String(items.length));
    const here = new Set(items);
    for (const [item, row] of this.rows)
      if (!here.has(item)) {
        row.element.remove();
        this.rows.delete(item);
      }
    const rows = items.map((item, index) => {
      const row = this.rows.get(item) ?? this.#add(item, catalogue);
      row.show(index, say(item, index + 1));
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

/**
 * A picture, which does not say who asks for it; what is drawn takes its place where it does not come.
 * @param {string} image
 * @param {HTMLElement} drawn
 */
function picture(image, drawn) {
  const card = make("img", { class: "card", alt: "", loading: "lazy", referrerpolicy: "no-referrer", onerror: () => card.replaceWith(drawn) });
  card.src = image;
  return card;
}

class Row {
  index = -1;
  /** @type {Said} */
  said = { mark: { kind: "same", sign: "", was: "", note: "" }, why: "" };

  /**
   * @param {Item} item
   * @param {() => void} open
   */
  constructor({ title, full, year, genres, hue, initials, image }, open) {
    this.rank = make("span", { class: "rank" });
    this.was = make("span", { class: "was", "aria-hidden": "true" });
    this.mark = make("span", { class: "mark" });
    const drawn = make("span", { class: "card", "aria-hidden": "true", text: initials, style: hue < 0 ? "" : `--hue: ${hue}` });
    const card = image ? picture(image, drawn) : drawn;
    this.why = make("span", { class: "why", dir: "auto" });
    const named = make("span", { class: "title" }, make("b", { text: title }), make("span", { class: "year", text: year }));
    const button = make(
      "button",
      { type: "button", class: "what", title: `${full}: why it is here`, onclick: open },
      ...[this.rank, this.was, card, make("span", { class: "words" }, named, this.why), make("span", { class: "genres", text: genres }), this.mark],
    );
    this.element = make("li", { class: "row is-same" }, button);
  }

  /**
   * @param {number} index
   * @param {Said} said
   */
  show(index, said) {
    const { mark, why } = said, old = this.said;
    if (this.index !== index) {
      this.element.style.setProperty("--place", String(index));
      this.rank.textContent = String(index + 1);
      this.index = index;
    }
    if (old.mark.kind !== mark.kind) this.element.className = `row is-${mark.kind}`;
    if (old.why !== why) this.why.textContent = why;
    if (old.mark.was !== mark.was) this.was.textContent = mark.was;
    if (old.mark.sign !== mark.sign || old.mark.note !== mark.note) {
      this.mark.textContent = mark.sign;
      this.mark.title = mark.note;
    }
    this.said = said;
  }
}
