// A knob: a round dial with detents. It is dragged, turned by the arrow keys, typed, or scrolled while it has the focus;
// double-click or Delete resets it. Under the hand, marks say where on the dial a title enters (green, outside the ring) or
// leaves the list (red, inside), and the title that has just come in stands below.

/** @import {Knob, Tick} from "./types.js" */

import { rounded, signed } from "./amounts.js";
import { make, makeSvg } from "./dom.js";
import { Scale } from "./scale.js";

/**
 * What a knob tells.
 * @typedef {{moved: (key: string) => void, released: () => void, open: (key: string) => void, remove: (key: string) => void}} Handlers
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

/** @param {Tick} tick */
const said = (tick) => `${tick.title} ${tick.says ?? does(tick)}`;

export class KnobView {
  amount = 0;
  held = false; // a hand is on it
  scale = new Scale();
  /** @type {Tick[]} */
  known = [];

  /**
   * @param {string} key
   * @param {Handlers} handlers
   */
  constructor(key, handlers) {
    this.key = key;
    this.handlers = handlers;
    this.ring = makeSvg("path", { class: "ring" });
    this.fill = makeSvg("path", { class: "fill" });
    this.hand = makeSvg("line", { class: "hand", x1: 40, y1: 40, x2: 40, y2: 19 });
    this.marks = makeSvg("g", { class: "ticks" });
    this.halves = makeSvg("g");
    this.face = makeSvg(
      "svg",
      { viewBox: "0 0 80 72", class: "face", role: "slider", tabindex: 0, "aria-valuemin": -1, "aria-valuemax": 1 },
      this.ring,
      this.fill,
      makeSvg("circle", { class: "cap", cx: 40, cy: 40, r: 24 }),
      this.hand,
      makeSvg("circle", { class: "zero", cx: 40, cy: 9, r: 1.6 }),
      this.halves,
      this.marks,
    );
    // Behind the face: keys reach them from there, so that a knob is one stop of the tab key.
    this.number = make("input", { type: "number", min: -1, max: 1, step: "any", class: "number", tabindex: -1 });
    this.name = make("button", { type: "button", dir: "auto", class: "name", tabindex: -1, onclick: () => handlers.open(key) });
    this.gloss = make("span", { class: "gloss", dir: "auto" });
    this.came = make("span", { class: "came", dir: "auto", "aria-hidden": "true" });
    this.level = make("i");
    this.facts = make("span", { class: "facts" });
    const remove = () => handlers.remove(key);
    this.away = make("button", { type: "button", class: "away", tabindex: -1, title: "Remove this knob", text: "×", onclick: remove });
    const dial = make("div", { class: "dial" }, this.face, this.number);
    const line = make("span", { class: "line" }, this.gloss, this.came);
    const level = make("span", { class: "level", "aria-hidden": "true" }, this.level);
    this.element = make("div", { class: "knob" }, this.away, dial, this.name, line, level, this.facts);
    this.#listen();
  }

  /** @param {Knob} knob */
  show(knob) {
    this.scale = new Scale(knob.up, knob.down);
    this.name.textContent = knob.name;
    this.name.title = `${knob.name}: what this knob is made of`;
    this.gloss.textContent = knob.gloss;
    this.facts.textContent = knob.facts;
    this.gloss.title = this.facts.title = knob.hint;
    this.face.setAttribute("aria-label", knob.name);
    this.face.setAttribute("aria-description", `${knob.gloss}. Enter opens its card.`);
    this.number.setAttribute("aria-label", `${knob.name}, amount`);
    this.away.setAttribute("aria-label", `Remove ${knob.name}`);
    this.away.hidden = !knob.added;
    this.element.classList.toggle("is-concept", knob.kind !== "neuron");
    this.level.style.width = `${Math.round(100 * knob.level)}%`;
    const [from, to] = [this.scale.least, this.scale.most].map(Scale.degrees);
    this.ring.setAttribute("d", arc(from, to, 31));
    this.#half(knob.half ?? []);
    this.set(knob.amount);
  }

  /**
   * Where the person's own taste falls under half.
   * @param {(number | null)[]} amounts
   */
  #half(amounts) {
    const there = /** @type {number[]} */ (amounts.filter((amount) => amount !== null));
    const marks = there.map((amount) => {
      const turned = `rotate(${Scale.degrees(this.scale.position(amount)).toFixed(2)} 40 40)`;
      const words = makeSvg("title", { text: `From ${signed(amount)} on, less than half of your own taste is left` });
      return makeSvg("path", { class: "half", d: "M 37.4 1.2 L 42.6 1.2 L 40 5.4 Z", transform: turned }, words);
    });
    this.halves.replaceChildren(...marks);
  }

  /** @param {number} amount */
  set(amount) {
    this.amount = rounded(amount);
    const degrees = Scale.degrees(this.scale.position(this.amount));
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
    return last ? `, ${said(last)} at ${signed(last.at)}` : "";
  }

  /** @param {Tick[]} ticks */
  ticks(ticks) {
    this.known = ticks;
    const marks = ticks.map((tick) => {
      const [y1, y2] = tick.enters ? [2, 5.6] : [12.4, 14.8];
      const transform = `rotate(${Scale.degrees(this.scale.position(tick.at)).toFixed(2)} 40 40)`;
      const words = makeSvg("title", { text: `${signed(tick.at)}: ${said(tick)}` });
      return makeSvg("line", { class: `tick ${does(tick)}`, x1: 40, x2: 40, y1, y2, transform }, words);
    });
    this.marks.replaceChildren(...marks);
  }

  /**
   * The title that came in under this hand, "" for none.
   * @param {string} title
   */
  entered(title) {
    this.came.textContent = title && `+ ${title}`;
    this.element.classList.toggle("has-come", Boolean(title));
  }

  /**
   * Move live, as a hand would.
   * @param {number} amount
   */
  move(amount) {
    const before = this.amount;
    this.set(amount);
    if (this.amount !== before) this.handlers.moved(this.key);
  }

  /**
   * A change that is one move and its release at once.
   * @param {number} amount
   */
  jump(amount) {
    this.move(amount);
    this.handlers.released();
  }

  /** @param {boolean} held */
  #hold(held) {
    this.held = held;
    this.element.classList.toggle("is-held", held);
    if (!held) this.entered("");
  }

  #listen() {
    const { face, number } = this;
    let start = { x: 0, y: 0, position: 0 };
    face.onpointerdown = (event) => {
      if (event.button) return;
      event.preventDefault();
      face.classList.add("is-by-hand"); // the ring of the focus is for keyboards
      face.focus();
      face.setPointerCapture(event.pointerId);
      start = { x: event.clientX, y: event.clientY, position: this.scale.position(this.amount) };
      this.#hold(true);
    };
    face.onpointermove = (event) => {
      if (!this.held) return;
      this.move(this.scale.dragged(start.position, event.clientX - start.x, event.clientY - start.y, event.shiftKey));
    };
    face.onpointerup = face.onpointercancel = () => {
      if (!this.held) return;
      this.#hold(false);
      this.handlers.released();
    };
    face.onblur = () => {
      face.classList.remove("is-by-hand");
      this.entered("");
    };
    face.ondblclick = () => this.jump(0);
    face.onwheel = (event) => {
      const root = face.getRootNode();
      if (!(root instanceof Document || root instanceof ShadowRoot) || root.activeElement !== face) return; // the page scrolls
      event.preventDefault();
      const way = -Math.sign(event.deltaY || event.deltaX); // down and right count as less
      this.jump(this.scale.clicked(this.amount, way));
    };
    face.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      face.classList.remove("is-by-hand");
      const to = this.scale.keyed(this.amount, event.key, event.shiftKey);
      if (to !== undefined) this.jump(to);
      else if (event.key === "Enter") this.handlers.open(this.key);
      else if (/^[-.\d]$/.test(event.key)) {
        number.focus(); // and what was pressed goes there
        number.select();
        return;
      } else return;
      event.preventDefault();
    };
    number.onchange = () => {
      const amount = Number(number.value);
      this.jump(number.value.trim() === "" || Number.isNaN(amount) ? this.amount : amount);
      number.value = this.amount.toFixed(2);
    };
    number.onkeydown = (event) => {
      if (event.key === "Enter" || event.key === "Escape") requestAnimationFrame(() => face.focus());
    };
  }
}
