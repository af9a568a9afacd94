// The search for titles, by the keyboard alone where somebody likes: type, Enter adds the one that is marked, which at first
// is the best; arrows mark another; Backspace in the empty field takes the last pick back. The field keeps the focus.

/** @import {Sought} from "../shared/types.js" */
/** @import {Title} from "./titles.js" */

import { find, make } from "../shared/dom.js";
import { alike, called } from "../shared/find.js";
import { Meaning } from "../shared/meaning.js";

const MOST_SHOWN = 8; // suggestions

/**
 * titles: what can be found, null before it has arrived; seek: ask the server what a text means; has: whether one is picked
 * @typedef {{titles: () => Title[] | null, seek: (text: string) => void, has: (item: number) => boolean, add: (title: Title) => void, back: () => void}} Wanted
 */

export class TitleSearch {
  /** @type {Title[]} */
  found = [];
  marked = 0;

  /**
   * @param {HTMLElement} root
   * @param {Wanted} wanted
   */
  constructor(root, wanted) {
    this.wanted = wanted;
    this.field = find(root, "input", HTMLInputElement);
    this.list = find(root, "ul");
    this.meaning = new Meaning(this.field, (text) => wanted.seek(text));
    this.field.oninput = () => {
      this.found = []; // of another text, none of which is marked any longer
      this.show();
      this.meaning.typed();
    };
    this.field.onkeydown = (event) => this.#key(event);
    this.field.onblur = () => this.#close();
    this.list.onmousedown = (event) => event.preventDefault(); // the field keeps the focus
  }

  /** @param {string} words */
  label(words) {
    this.field.placeholder = words;
    this.field.setAttribute("aria-label", words);
  }

  /** Titles have arrived: what is open is found anew. */
  refresh() {
    if (!this.list.hidden) this.show();
  }

  /** @param {Sought | null} sought what was meant by what is typed */
  take(sought) {
    if (this.meaning.take(sought)) this.refresh();
  }

  /** What is found for what stands in the field. */
  show() {
    const text = this.field.value, titles = this.wanted.titles();
    if (!text.trim()) {
      this.#close();
      return;
    }
    const marked = this.found[this.marked];
    this.found = titles ? this.#found(text, titles) : [];
    this.marked = Math.max(0, this.found.indexOf(marked));
    const none = titles ? this.meaning.none("Nothing here is called that") : "They are on their way";
    const rows = this.found.map((title, at) => this.#row(title, at));
    this.list.replaceChildren(...(rows.length ? rows : [make("li", { class: "none", text: none, role: "option", "aria-disabled": "true" })]));
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.#mark();
  }

  /**
   * By name first, then what is typical of what is meant, and slips of the finger where neither finds any.
   * @param {string} text
   * @param {Title[]} titles
   */
  #found(text, titles) {
    const named = called(text, titles, MOST_SHOWN), meant = this.meaning.here?.items ?? [];
    const byItem = new Map(meant.length ? titles.map((title) => [title.item, title]) : []);
    const typical = meant.flatMap((item) => byItem.get(item) ?? []);
    const found = [...new Set([...named, ...typical])].slice(0, MOST_SHOWN);
    return found.length ? found : alike(text, titles, MOST_SHOWN);
  }

  /**
   * @param {Title} title
   * @param {number} at
   */
  #row(title, at) {
    const picked = this.wanted.has(title.item) ? "picked" : "";
    const words = [make("b", { text: title.title }), make("small", { text: title.detail }), make("i", { text: picked })];
    return make("li", { role: "option", id: `suggestion-${at}`, onclick: () => this.#add(title) }, ...words);
  }

  #mark() {
    [...this.list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === this.marked && this.found.length > 0)));
    if (this.found.length) this.field.setAttribute("aria-activedescendant", `suggestion-${this.marked}`);
    else this.field.removeAttribute("aria-activedescendant");
    this.list.children[this.marked]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Title} title */
  #add(title) {
    this.field.value = "";
    this.#close();
    this.wanted.add(title);
  }

  #close() {
    this.found = [];
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key } = event, step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step && this.found.length) {
      event.preventDefault();
      this.marked = (this.marked + step + this.found.length) % this.found.length;
      this.#mark();
    } else if (key === "Enter" && this.found.length) this.#add(this.found[this.marked]);
    else if (key === "Escape") this.#close();
    else if (key === "Backspace" && !this.field.value && !event.repeat) this.wanted.back();
  }
}
