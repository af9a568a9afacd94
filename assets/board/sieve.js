// Filters of the list: years, genres, nothing that everybody knows, and how long it is.

/** @import {BoardData, Filters} from "../shared/types.js" */

import { find, make } from "../shared/dom.js";

const LENGTHS = [10, 20, 50]; // as on the server

/** What a genre's button says as it goes round: any, only these, without these. */
const ROUND = /** @type {const} */ (["any", "only", "without"]);

export class Sieve {
  of = ""; // what it shows
  many = ""; // what several items are called
  /** @type {Filters} */
  now = { first: null, last: null, only: [], without: [], fresh: false };

  /**
   * @param {HTMLElement} root
   * @param {(event: string, about: unknown) => void} send
   */
  constructor(root, send) {
    this.send = send;
    this.place = find(root, ".sieve");
    this.open = make("button", { type: "button", class: "tool", "aria-expanded": "false", "aria-controls": "filters" });
    this.open.onclick = () => this.#unfold(this.form.hidden);
    this.length = make("select", { "aria-label": "Length of the list" }, ...LENGTHS.map((n) => make("option", { value: n, text: `${n} rows` })));
    this.length.onchange = () => send("length", Number(this.length.value));
    this.marked = make("button", { type: "button", class: "tool", onclick: () => send("unmark", Date.now()) });
    this.form = make("div", { id: "filters", class: "filters", hidden: true });
    this.place.append(this.open, this.length, this.marked, this.form);
  }

  /** @param {boolean} open */
  #unfold(open) {
    this.form.hidden = !open;
    this.open.setAttribute("aria-expanded", String(open));
  }

  /** @param {BoardData} data */
  show({ filters, facets, n, marked, words }) {
    const of = JSON.stringify([filters, facets, n, marked]);
    if (of === this.of) return;
    this.of = of;
    this.now = filters;
    this.many = words.many;
    const said = inWords(filters);
    this.open.textContent = said ? `Filter: ${said}` : "Filter";
    this.open.classList.toggle("is-on", Boolean(said));
    this.length.value = String(n);
    this.marked.hidden = !marked;
    this.marked.textContent = `Bring back ${marked} marked as seen`;
    this.form.replaceChildren(...this.#years(facets.years), ...this.#genres(facets.genres), this.#fresh(), this.#none(said));
  }

  /** @param {Partial<Filters>} changed */
  #tell(changed) {
    this.send("filter", { ...this.now, ...changed });
  }

  /** @param {number[]} span the first and the last year there are, none where none is known */
  #years([least, most]) {
    if (least === undefined) return [];
    const fields = /** @type {const} */ (["first", "last"]).map((end) => {
      const value = this.now[end], hint = String(end === "first" ? least : most);
      const field = make("input", { type: "number", min: least, max: most, placeholder: hint, "aria-label": `${end === "first" ? "From" : "To"} year` });
      field.value = value === null ? "" : String(value);
      field.onchange = () => this.#tell({ [end]: field.value === "" ? null : Math.round(Number(field.value)) });
      return field;
    });
    return [make("span", { class: "years" }, "From ", fields[0], " to ", fields[1])];
  }

  /** @param {string[]} genres */
  #genres(genres) {
    if (!genres.length) return [];
    const buttons = genres.map((genre) => {
      const is = this.now.only.includes(genre) ? 1 : this.now.without.includes(genre) ? 2 : 0;
      const name = { any: genre, only: `only ${genre}`, without: `no ${genre}` }[ROUND[is]];
      const button = make("button", { type: "button", class: `genre is-${ROUND[is]}`, text: name, title: "Once: only these. Twice: none of these." });
      button.onclick = () => {
        const next = ROUND[(is + 1) % 3];
        /** @param {"only" | "without"} list */
        const without = (list) => this.now[list].filter((one) => one !== genre);
        const lists = { only: without("only"), without: without("without") };
        if (next !== "any") lists[next].push(genre);
        this.#tell(lists);
      };
      return button;
    });
    return [make("div", { class: "genre-list", role: "group", "aria-label": "Genres" }, ...buttons)];
  }

  #fresh() {
    const box = make("input", { type: "checkbox" });
    box.checked = this.now.fresh;
    box.onchange = () => this.#tell({ fresh: box.checked });
    const title = `Without the ${this.many} that most people know: those that half of all likes go to`;
    return make("label", { title }, box, " Not what I know");
  }

  /** @param {string} said */
  #none(said) {
    const all = { first: null, last: null, only: [], without: [], fresh: false };
    return make("button", { type: "button", class: "tool", text: "No filters", disabled: !said, onclick: () => this.#tell(all) });
  }
}

/**
 * Filters in a few words, "" for none.
 * @param {Filters} filters
 */
export function inWords({ first, last, only, without, fresh }) {
  const years = first === null ? (last === null ? "" : `to ${last}`) : last === null ? `from ${first}` : `${first} to ${last}`;
  const genres = [...only, ...without.map((genre) => `no ${genre}`)];
  return [years, ...genres, fresh ? "not what I know" : ""].filter(Boolean).join(", ");
}
