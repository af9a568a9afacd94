// What is meant by what stands in a search field: the server is asked once nobody has typed for a moment, and again while it
// is not ready to say.

/** @import {Sought} from "./types.js" */

const FROM = 3; // letters from which on it is asked
const AFTER = 250; // milliseconds without a letter before it is
const AGAIN = 1500; // milliseconds after which a server that was not ready is asked once more

export class Meaning {
  /**
   * What the server said last.
   * @type {Sought | null}
   */
  told = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  waiting;

  /**
   * @param {HTMLInputElement} field
   * @param {(text: string) => void} ask
   */
  constructor(field, ask) {
    this.field = field;
    this.ask = ask;
  }

  /** Another text stands in the field. */
  typed() {
    this.#askIn(AFTER);
  }

  /**
   * The server has said something; true where it is news about the text in the field.
   * @param {Sought | null} sought
   */
  take(sought) {
    const news = sought?.text !== this.told?.text || sought?.later !== this.told?.later;
    this.told = sought;
    if (!news || !this.here) return false;
    if (this.here.later) this.#askIn(AGAIN);
    return true;
  }

  /** What the server has said of the text in the field, null where nothing. */
  get here() {
    return this.told?.text === this.field.value ? this.told : null;
  }

  /** What to say where nothing is found. @param {string} words once the server has said so, too */
  none(words) {
    return this.here?.later ? "Nothing here is called that. What it means is being looked for …" : words;
  }

  /** Nobody asks any longer. */
  close() {
    clearTimeout(this.waiting);
  }

  /** @param {number} wait milliseconds */
  #askIn(wait) {
    clearTimeout(this.waiting);
    if (this.field.value.trim().length >= FROM) this.waiting = setTimeout(() => this.ask(this.field.value), wait);
  }
}
