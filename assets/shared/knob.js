// A knob: a round dial that is dragged, scrolled, typed or moved with the arrow keys. Double-click or Delete resets it.
// Entry ticks say where on the dial an item enters (green, outside the ring) or leaves the list (red, inside).

/** @import {Knob, Tick} from "./types.js" */

import { dragged, keyed, rounded, signed, STEP, wheeled } from "./amounts.js";
import { make, makeSvg } from "./dom.js";

const TURN = 135; // degrees from the middle to either end

/**
 * What a knob tells.
 * @typedef {{moved: () => void, released: () => void, open: (key: string) => void, remove: (key: string) => void}} Handlers
 */

/**
 * A place on the face, as text for a path.
 * @param {number} degrees from the top, clockwise
 * @param {number} radius
 */
function polar(degrees, radius) {
  const angle = ((degrees - 90) * Math.PI) / 180;
  return [40 + radius * Math.cos(angle), 40 + radius * Math.sin(angle)].map((x) => x.toFixed(2)).join(" ");
}

/**
 * A path along the ring.
 * @param {number} from
 * @param {number} to
 * @param {number} radius
 */
export function arc(from, to, radius) {
  const far = Math.abs(to - from) > 180 ? 1 : 0, clockwise = to > from ? 1 : 0;
  return `M ${polar(from, radius)} A ${radius} ${radius} 0 ${far} ${clockwise} ${polar(to, radius)}`;
}

/** @param {Tick} tick */
const does = (tick) => (tick.enters ? "enters" : "leaves");

export class KnobView {
  amount = 0;
  held = false; // a hand is on it
  /** @type {Tick[]} */
  known = [];

  /**
   * @param {string} key
   * @param {Handlers} handlers
   */
  constructor(key, handlers) {
    this.key = key;
    this.handlers = handlers;
    this.fill = makeSvg("path", { class: "fill" });
    this.active = makeSvg("path", { class: "active" });
    this.hand = makeSvg("line", { class: "hand", x1: 40, y1: 40, x2: 40, y2: 19 });
    this.marks = makeSvg("g");
    this.face = makeSvg(
      "svg",
      { viewBox: "0 0 80 80", class: "face", role: "slider", tabindex: 0, "aria-valuemin": -1, "aria-valuemax": 1 },
      makeSvg("path", { class: "ring", d: arc(-TURN, TURN, 31) }),
      this.fill,
      makeSvg("circle", { class: "cap", cx: 40, cy: 40, r: 24 }),
      this.active,
      this.hand,
      makeSvg("circle", { class: "zero", cx: 40, cy: 9, r: 1.6 }),
      this.marks,
    );
    this.number = make("input", { type: "number", min: -1, max: 1, step: STEP, class: "number" });
    this.name = make("button", { type: "button", class: "name", onclick: () => handlers.open(key) });
    this.facts = make("span", { class: "facts" });
    const remove = () => handlers.remove(key);
    this.away = make("button", { type: "button", class: "away", title: "Remove this knob", text: "×", onclick: remove });
    this.element = make("div", { class: "knob" }, this.away, this.face, this.number, this.name, this.facts);
    this.#listen();
  }

  /** @param {Knob} knob */
  show(knob) {
    this.name.textContent = knob.name;
    this.name.title = `${knob.name}: what this knob is made of`;
    this.facts.textContent = knob.facts;
    this.facts.title = knob.hint;
    this.face.setAttribute("aria-label", knob.name);
    this.number.setAttribute("aria-label", `${knob.name}, amount`);
    this.away.setAttribute("aria-label", `Remove ${knob.name}`);
    this.away.hidden = !knob.added;
    this.element.classList.toggle("is-concept", knob.concept);
    this.active.setAttribute("d", knob.level ? arc(-TURN, -TURN + 2 * TURN * knob.level, 20) : "");
    this.set(knob.amount);
  }

  /** @param {number} amount */
  set(amount) {
    this.amount = rounded(amount);
    const degrees = this.amount * TURN;
    this.fill.setAttribute("d", this.amount ? arc(0, degrees, 31) : "");
    this.hand.setAttribute("transform", `rotate(${degrees} 40 40)`);
    this.element.classList.toggle("is-up", this.amount > 0);
    this.element.classList.toggle("is-down", this.amount < 0);
    this.face.setAttribute("aria-valuenow", String(this.amount));
    this.face.setAttribute("aria-valuetext", `${signed(this.amount)}${this.#passed()}`);
    const root = this.number.getRootNode();
    const typing = (root instanceof Document || root instanceof ShadowRoot) && root.activeElement === this.number;
    if (!typing) this.number.value = this.amount.toFixed(2);
  }

  /** The last tick that the dial has passed, in words. */
  #passed() {
    const passed = this.known.filter((tick) => Math.abs(tick.at) <= Math.abs(this.amount) && tick.at * this.amount > 0);
    const last = passed.at(-1);
    return last ? `, ${last.title} ${does(last)} at ${signed(last.at)}` : "";
  }

  /** @param {Tick[]} ticks */
  ticks(ticks) {
    this.known = ticks;
    const marks = ticks.map((tick) => {
      const [y1, y2] = tick.enters ? [2, 5.6] : [12.4, 14.8];
      const transform = `rotate(${(tick.at * TURN).toFixed(2)} 40 40)`;
      const words = makeSvg("title", { text: `${signed(tick.at)}: ${tick.title} ${does(tick)}` });
      return makeSvg("line", { class: `tick ${does(tick)}`, x1: 40, x2: 40, y1, y2, transform }, words);
    });
    this.marks.replaceChildren(...marks);
  }

  /** @param {number} amount */
  #move(amount) {
    const before = this.amount;
    this.set(amount);
    if (this.amount !== before) this.handlers.moved();
  }

  /**
   * A change that is one move and its release at once.
   * @param {number} amount
   */
  #jump(amount) {
    this.#move(amount);
    this.handlers.released();
  }

  /** @param {boolean} held */
  #hold(held) {
    this.held = held;
    this.element.classList.toggle("is-held", held);
  }

  #listen() {
    const { face, number } = this;
    let start = { x: 0, y: 0, amount: 0 };
    face.onpointerdown = (event) => {
      if (event.button) return;
      event.preventDefault();
      face.focus();
      face.setPointerCapture(event.pointerId);
      start = { x: event.clientX, y: event.clientY, amount: this.amount };
      this.#hold(true);
    };
    face.onpointermove = (event) => {
      if (this.held) this.#move(dragged(start.amount, event.clientX - start.x, event.clientY - start.y));
    };
    face.onpointerup = face.onpointercancel = () => {
      if (!this.held) return;
      this.#hold(false);
      this.handlers.released();
    };
    face.ondblclick = () => this.#jump(0);
    face.onwheel = (event) => {
      event.preventDefault();
      this.#jump(wheeled(this.amount, event.deltaY || event.deltaX, event.shiftKey));
    };
    face.onkeydown = (event) => {
      const to = keyed(this.amount, event.key, event.shiftKey);
      if (to === undefined) return;
      event.preventDefault();
      this.#jump(to);
    };
    number.onchange = () => {
      const amount = Number(number.value);
      this.#jump(number.value.trim() === "" || Number.isNaN(amount) ? this.amount : amount);
      number.value = this.amount.toFixed(2);
    };
  }
}
