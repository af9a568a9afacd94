// The bar above the board: the two views of a taste, and what can be done with the board as a whole.

/** @import {BoardData} from "../shared/types.js" */

import { find, make } from "../shared/dom.js";

const WAYS = { themes: "Themes", neurons: "Neurons" };

/**
 * A button of the bar. event: what it says; when: whether it can be pressed.
 * @typedef {{name: string, event: string, title: string, when?: (data: BoardData) => boolean}} Deed
 */

/** @type {Deed[]} */
const DEEDS = [
  { name: "↶", event: "undo", title: "Undo (Ctrl+Z)", when: ({ undo }) => undo },
  { name: "↷", event: "redo", title: "Redo (Ctrl+Shift+Z)", when: ({ redo }) => redo },
  { name: "Reset", event: "reset", title: "All knobs to rest", when: ({ knobs }) => knobs.some(({ amount }) => amount) },
  { name: "Clear", event: "clear", title: "Take away all knobs that were added", when: ({ knobs }) => knobs.some(({ added }) => added) },
  { name: "Pin", event: "pin", title: "Keep this list beside the next ones, three at most" },
  { name: "Ask", event: "ask", title: "Ask for one: which knobs would bring it into the list?", when: ({ linear }) => linear },
  { name: "Keep", event: "keep", title: "Presets, a link to this, the list as a file" },
];

export class Bar {
  /**
   * @param {HTMLElement} root
   * @param {(event: string, about?: unknown) => void} send
   * @param {(wanted: boolean) => void} compare
   */
  constructor(root, send, compare) {
    this.ways = Object.entries(WAYS).map(([way, name]) => {
      const said = { role: "radio", "data-way": way, text: name, title: "V for the other one", onclick: () => send("way", way) };
      return make("button", { type: "button", ...said });
    });
    const ways = find(root, ".ways");
    ways.append(...this.ways);
    ways.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const at = this.ways.findIndex((one) => one.getAttribute("aria-checked") === "true");
      const next = this.ways[(at + step + this.ways.length) % this.ways.length];
      next.focus();
      next.click();
    };
    this.before = make("button", { type: "button", class: "tool", "aria-pressed": "false", text: "Before", title: "The list before, beside this one" });
    this.before.onclick = () => {
      const wanted = this.before.getAttribute("aria-pressed") !== "true";
      this.before.setAttribute("aria-pressed", String(wanted));
      compare(wanted);
    };
    this.buttons = DEEDS.map((deed) => {
      const onclick = () => send(deed.event, Date.now());
      const button = make("button", { type: "button", class: "tool", title: deed.title, "aria-label": deed.name.length > 1 ? deed.name : deed.title, text: deed.name, onclick });
      return { deed, button };
    });
    find(root, ".deeds").append(...this.buttons.map(({ button }) => button), this.before);
  }

  /**
   * Show the taste in one of the two ways.
   * @param {"themes" | "neurons"} way
   */
  show(way) {
    this.ways.find((one) => one.dataset.way === way)?.click();
  }

  /** @param {BoardData} data */
  update(data) {
    for (const button of this.ways) {
      const chosen = button.dataset.way === data.way;
      button.setAttribute("aria-checked", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    }
    for (const { deed, button } of this.buttons) button.disabled = deed.when?.(data) === false;
  }

  /** What the bar can do, by name; for keys. @returns {Record<string, () => void>} */
  get deeds() {
    const named = Object.fromEntries(this.buttons.map(({ deed, button }) => [deed.event, () => button.click()]));
    const other = () => this.ways.find((one) => one.getAttribute("aria-checked") !== "true")?.click();
    return { ...named, before: () => this.before.click(), way: other };
  }
}
