// The sentence over the board: what somebody says they are in the mood for becomes chips, each a dial with the words it came
// from. They turn nothing until they are told to, and stay beside the board then, as another hand on the same dials.

/** @import {Knob, Proposed, Reading} from "../shared/types.js" */

import { make } from "../shared/dom.js";

const CHIP_STEP = 0.1; // of an amount
const READ_WITHIN = 30_000; // milliseconds after which a sentence that nobody has answered may be said again

export class Mood {
  /**
   * What is shown.
   * @type {Reading | null}
   */
  reading = null;
  /**
   * Its chips as they stand, without those that were taken away.
   * @type {Proposed[]}
   */
  chips = [];
  /** Whether the chips are on the board. */
  turned = false;
  asked = ""; // the sentence that is being read
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  patience;

  /**
   * @param {HTMLElement} place
   * @param {(event: string, about?: unknown) => void} send
   */
  constructor(place, send) {
    this.send = send;
    const said = { class: "seek wish", type: "text", maxlength: 300, autocomplete: "off", enterkeyhint: "go", "aria-label": "Say what you are in the mood for" };
    this.field = make("input", { ...said, placeholder: "Say what you are in the mood for: a cosy British mystery, less violent" });
    this.field.addEventListener("focus", () => this.send("ready"), { once: true }); // what reads takes seconds to load
    this.read = make("button", { type: "submit", class: "tool", text: "Find knobs" });
    const form = make("form", { class: "say" }, this.field, this.read);
    form.onsubmit = (event) => {
      event.preventDefault();
      this.#ask();
    };
    form.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#forget();
    };
    this.list = make("div", { class: "chips", role: "group", "aria-label": "Knobs in what you said", hidden: true });
    this.note = make("p", { class: "missed", "aria-live": "polite", hidden: true });
    place.append(form, this.list, this.note);
  }

  #ask() {
    const sentence = this.field.value.trim();
    if (!sentence || this.asked) return;
    if (sentence === this.reading?.sentence && this.chips.length && !this.turned) {
      this.#turn(false);
      return;
    }
    this.asked = sentence;
    this.#say("Reading …");
    this.patience = setTimeout(() => {
      this.asked = "";
      this.#say("Nobody answered. Say it again.");
    }, READ_WITHIN);
    this.send("say", sentence);
  }

  /** @param {{reading: Reading | null, knobs: Knob[]}} data */
  show({ reading, knobs }) {
    if (reading && reading.sentence === this.asked) {
      this.asked = "";
      clearTimeout(this.patience);
      this.turned = false;
      this.#take(reading);
    } else if (reading && !this.reading && !this.asked) {
      this.field.value ||= reading.sentence; // the page was left and come back to
      this.turned = reading.chips.some(({ key }) => knobs.some((knob) => knob.key === key && knob.amount));
      this.#take(reading);
    }
    if (!this.turned) return;
    for (const chip of this.chips) {
      const amount = knobs.find(({ key }) => key === chip.key)?.amount ?? 0;
      if (amount === chip.amount) continue;
      chip.amount = amount;
      this.#draw();
    }
  }

  /** @param {Reading} reading */
  #take(reading) {
    this.reading = reading;
    this.chips = reading.chips.map((chip) => ({ ...chip }));
    this.#draw();
    const missed = reading.nothing.map((part) => `“${part}”`).join(", ");
    const empty = reading.chips.length || missed ? "" : "I found no knob in that.";
    this.#say(reading.problem || (missed ? `I found nothing for ${missed}.` : empty));
  }

  /** @param {string} text */
  #say(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  #draw() {
    const at = this.#hands().findIndex((one) => one.matches(":focus")); // whose label may be another one now
    const add = make("button", { type: "button", class: "tool is-on", text: "Turn these", title: "Beside the dials that are turned (Enter)", onclick: () => this.#turn(false) });
    const instead = make("button", { type: "button", class: "tool", text: "Instead of mine", title: "All other dials go", onclick: () => this.#turn(true) });
    const away = make("button", { type: "button", class: "tool", text: this.turned ? "Done" : "Discard", title: "Put the sentence away", onclick: () => this.#forget() });
    this.list.replaceChildren(...this.chips.map((chip) => this.#chip(chip)), ...(this.turned ? [away] : [add, instead, away]));
    this.list.hidden = !this.chips.length;
    if (at >= 0) this.#hands().at(Math.min(at, this.#hands().length - 1))?.focus();
  }

  /** What of the chips takes the focus, in its order. */
  #hands() {
    return /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll("button, select, input")]);
  }

  /** @param {Proposed} chip */
  #chip(chip) {
    const less = chip.amount < 0, size = Math.abs(chip.amount);
    const sign = make("button", { type: "button", class: "sign", text: less ? "−" : "+", title: less ? "Less of it; press for more" : "More of it; press for less" });
    sign.setAttribute("aria-label", `${less ? "Less" : "More"} of ${chip.name}; turn round`);
    sign.onclick = () => this.#change(chip, { amount: -chip.amount });
    const choices = [{ key: chip.key, name: chip.name }, ...chip.others];
    const which = make("select", { class: "which", "aria-label": `Knob for “${chip.said}”` }, ...choices.map(({ key, name }) => make("option", { value: key, text: name })));
    which.onchange = () => this.#swap(chip, which.value);
    const much = make("input", { class: "much", type: "number", min: 0, max: 1, step: CHIP_STEP, value: size.toFixed(2).replace(/0$/, ""), "aria-label": `How much ${chip.name}` });
    much.onchange = () => {
      const value = Number(much.value);
      const amount = Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : size;
      this.#change(chip, { amount: less ? -amount : amount });
    };
    const away = make("button", { type: "button", class: "gone", "aria-label": `Without ${chip.name}`, title: "Take it away", text: "×", onclick: () => this.#remove(chip) });
    const words = make("span", { class: "origin", text: `${chip.sure ? "" : "a guess, "}from “${chip.said}”`, title: chip.why });
    const name = chip.others.length ? which : make("span", { class: "which", text: chip.name });
    return make("div", { class: `chip ${less ? "is-less" : "is-more"}${chip.sure ? "" : " is-guess"}` }, sign, name, much, away, words);
  }

  /**
   * @param {Proposed} chip
   * @param {Partial<Proposed>} changes
   */
  #change(chip, changes) {
    Object.assign(chip, changes);
    if (this.turned) this.send("mood", { amounts: { [chip.key]: chip.amount }, instead: false });
    this.#draw();
  }

  /**
   * @param {Proposed} chip
   * @param {string} key of the knob to take instead
   */
  #swap(chip, key) {
    const other = chip.others.find((one) => one.key === key);
    if (!other) return;
    const amounts = { [chip.key]: 0, [key]: chip.amount };
    chip.others = [{ key: chip.key, name: chip.name }, ...chip.others.filter((one) => one !== other)];
    Object.assign(chip, other);
    if (this.turned) this.send("mood", { amounts, instead: false });
    this.#draw();
  }

  /** @param {Proposed} chip */
  #remove(chip) {
    this.chips = this.chips.filter((one) => one !== chip);
    if (this.turned) this.send("mood", { amounts: { [chip.key]: 0 }, instead: false });
    if (this.chips.length) this.#draw();
    else this.#forget();
  }

  /** @param {boolean} instead of the dials that are turned */
  #turn(instead) {
    this.turned = true;
    this.send("mood", { amounts: Object.fromEntries(this.chips.map(({ key, amount }) => [key, amount])), instead });
    this.#draw();
  }

  #forget() {
    clearTimeout(this.patience);
    this.reading = null;
    this.chips = [];
    this.asked = this.field.value = "";
    this.turned = false;
    this.#draw();
    this.#say("");
    this.send("unsay");
    this.field.focus();
  }

  close() {
    clearTimeout(this.patience);
  }
}
