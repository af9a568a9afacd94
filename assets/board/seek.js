// The search for knobs: themes and named neurons by their names, then knobs by meaning, which the server finds, then slips of
// the finger, and titles to have more like. Whoever is pointed at plays its list before it is chosen.

/** @import {Searched, Sought} from "../shared/types.js" */

import { find, make } from "../shared/dom.js";
import { alike, called, fold, rank } from "../shared/find.js";
import { Meaning } from "../shared/meaning.js";
import { shared } from "../shared/store.js";
import { catalogue } from "./catalogue.js";

const MOST_KNOBS = 7; // results
const MOST_TITLES = 3;
const LISTEN = 120; // milliseconds on a result before its list is asked for

/**
 * What is found. event, about: what choosing it says.
 * @typedef {{name: string, kind: string, gloss: string, event: string, about: string | number}} Result
 */

/**
 * A name as it may be typed: "Sci-Fi" also as "scifi".
 * @param {string} name
 */
function spellings(name) {
  const folded = fold(name);
  return [...new Set([folded, folded.replaceAll(" ", "")])];
}

export class Seek {
  /** @type {{names: string[], weight: number, knob: Searched}[]} */
  knobs = [];
  /** @type {{names: string[], weight: number, column: number}[]} */
  titles = [];
  blob = ""; // the knobs that are folded
  weak = false;
  /** @type {Result[]} */
  results = [];
  at = 0; // the result that is pointed at
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  listening;

  /**
   * @param {HTMLElement} root
   * @param {(event: string, about: unknown) => void} send
   * @param {(about: string | number | null) => void} listen a result is pointed at, or none any more
   */
  constructor(root, send, listen) {
    this.send = send;
    this.listen = listen;
    const field = { class: "seek", type: "text", role: "combobox", "aria-label": "Add a knob", "aria-expanded": "false", "aria-controls": "found" };
    this.field = make("input", { ...field, "aria-autocomplete": "list", placeholder: "Add any knob: a theme, a genre, a name", autocomplete: "off", spellcheck: "false" });
    this.list = make("ul", { id: "found", role: "listbox", "aria-label": "Knobs found" });
    this.box = make("div", { class: "found", hidden: true }, this.list);
    find(root, ".finder").append(this.field, this.box);
    this.meaning = new Meaning(this.field, (text) => send("seek", text));
    this.field.oninput = () => {
      this.results = []; // of another text, none of which is pointed at any longer
      this.#show();
      this.meaning.typed();
    };
    this.field.onfocus = () => this.#show();
    this.field.onblur = () => this.#close();
    this.field.onkeydown = (event) => this.#key(event);
    this.box.onpointerdown = (event) => event.preventDefault(); // the field keeps the focus
  }

  /** @param {{catalogue: string, whole: boolean, sought: Sought | null}} data */
  take(data) {
    if (this.meaning.take(data.sought) && !this.box.hidden) this.#show();
    const found = /** @type {Searched[] | undefined} */ (shared.blobs.get(data.catalogue));
    if (found && this.blob !== data.catalogue) {
      this.blob = data.catalogue;
      this.knobs = found.map((knob) => ({ names: knob.names.flatMap(spellings), weight: knob.weight, knob }));
    }
    if (data.whole && this.titles.length !== catalogue.size)
      this.titles = [...catalogue].map(([column, { title }]) => ({ names: [fold(title)], weight: -column, column }));
  }

  /** @param {string} text */
  #results(text) {
    const number = /^#?(\d+)$/.exec(text.trim());
    const there = this.weak ? this.knobs : this.knobs.filter(({ knob }) => !knob.weak);
    const named = called(text, there, MOST_KNOBS).map(({ knob }) => knob), keys = new Set(named.map(({ key }) => key));
    const meant = this.meaning.here?.knobs.filter(({ key }) => !keys.has(key)) ?? [];
    const room = MOST_KNOBS - named.length;
    const slipped = named.length + meant.length ? [] : alike(text, there, MOST_KNOBS).map(({ knob }) => knob);
    /** @type {Result[]} */
    const found = [...named, ...slipped].map((knob) => ({
      name: knob.names[0] + (knob.finds ? " ✓" : knob.weak ? " · weak" : ""),
      kind: { concept: "theme", decade: "decade" }[knob.kind] ?? `neuron ${knob.key}`,
      gloss: knob.gloss,
      event: "add",
      about: knob.key,
    }));
    found.push(...meant.slice(0, room).map(({ key, name, gloss }) => ({ name, kind: "by meaning", gloss, event: "add", about: key })));
    if (number) found.push({ name: `Neuron ${number[1]}`, kind: "neuron", gloss: "", event: "add", about: `#${number[1]}` });
    for (const { column } of rank(text, this.titles, MOST_TITLES)) {
      const { full = "", year = "" } = catalogue.get(column) ?? {};
      found.push({ name: `More like ${full}`, kind: year, gloss: "", event: "like", about: column });
    }
    return found;
  }

  #show() {
    const text = this.field.value;
    if (!text.trim()) {
      this.#close();
      return;
    }
    const about = this.results[this.at]?.about;
    this.results = this.#results(text);
    this.at = Math.max(0, this.results.findIndex((one) => one.about === about));
    const rows = this.results.map((result, index) => {
      const names = [make("b", { text: result.name }), make("span", { class: "kind", text: result.kind }), make("span", { class: "gloss", text: result.gloss })];
      const on = { onclick: () => this.#choose(result), onpointerenter: () => this.#point(index) };
      return make("li", { role: "option", id: `found-${index}`, ...on }, ...names);
    });
    const weak = make("button", { type: "button", tabindex: -1, class: "weak", "aria-pressed": String(this.weak), text: "Weak knobs too", title: "Also knobs that hardly bring what their names say" });
    weak.onclick = () => {
      this.weak = !this.weak;
      this.#show();
    };
    const none = make("p", { class: "none", text: this.meaning.none(`Nothing here is called “${text.trim()}”.`) });
    this.list.replaceChildren(...rows);
    this.list.hidden = !rows.length;
    this.box.replaceChildren(this.list, ...(rows.length ? [] : [none]), make("div", { class: "foot" }, weak));
    this.box.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.#mark();
  }

  /** Show which result is pointed at, and play its list after a moment. */
  #mark() {
    [...this.list.querySelectorAll("[role=option]")].forEach((row, index) => row.setAttribute("aria-selected", String(index === this.at)));
    this.field.setAttribute("aria-activedescendant", this.results.length ? `found-${this.at}` : "");
    clearTimeout(this.listening);
    const result = this.results[this.at];
    if (result) this.listening = setTimeout(() => this.listen(result.about), LISTEN);
  }

  /** @param {number} index */
  #point(index) {
    if (index === this.at) return;
    this.at = index;
    this.#mark();
  }

  /** @param {Result} result */
  #choose(result) {
    this.field.value = "";
    this.#close();
    this.send(result.event, result.about);
  }

  #close() {
    clearTimeout(this.listening);
    this.meaning.close();
    this.box.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
    this.listen(null);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], n = this.results.length;
    if (event.key === "Escape") {
      this.field.value = "";
      this.#close();
    } else if (this.box.hidden) return;
    else if (event.key === "Enter") {
      if (n) this.#choose(this.results[this.at]);
    } else if (step && n) this.#point((this.at + step + n) % n);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
