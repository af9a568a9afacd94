// A knob: a round dial that is dragged, scrolled, typed or moved with the arrow keys. Double-click or Delete resets it.
// Entry ticks say where on the dial an item enters (green, outside the ring) or leaves the list (red, inside).

const TURN = 135; // degrees from the middle to either end
const REACH = 180; // pixels of drag from the middle to either end
const STEP = 0.05, FINE = 0.01;

const polar = (degrees, radius) => {
  const angle = ((degrees - 90) * Math.PI) / 180;
  return [40 + radius * Math.cos(angle), 40 + radius * Math.sin(angle)].map((x) => x.toFixed(2)).join(" ");
};
const arc = (from, to, radius) =>
  `M ${polar(from, radius)} A ${radius} ${radius} 0 ${Math.abs(to - from) > 180 ? 1 : 0} ${to > from ? 1 : 0} ${polar(to, radius)}`;
const signed = (amount) => (amount > 0 ? "+" : amount < 0 ? "−" : "") + Math.abs(amount).toFixed(2);
const rounded = (amount) => Math.round(Math.max(-1, Math.min(1, amount)) * 100) / 100;

// Build an element. Text goes in as text, never as HTML: names and titles are untrusted.
function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "circle", "line", "title"].includes(tag);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element[name] = value;
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

class KnobView {
  // handlers: {moved(), released(), open(), remove()}
  constructor(handlers) {
    this.handlers = handlers;
    this.fill = make("path", { class: "fill" });
    this.lit = make("path", { class: "lit" });
    this.hand = make("line", { class: "hand", x1: 40, y1: 40, x2: 40, y2: 19 });
    this.tickMarks = [];
    this.face = make(
      "svg",
      { viewBox: "0 0 80 80", class: "face", role: "slider", tabindex: 0, "aria-valuemin": -1, "aria-valuemax": 1 },
      make("path", { class: "ring", d: arc(-TURN, TURN, 31) }),
      this.fill,
      make("circle", { class: "cap", cx: 40, cy: 40, r: 24 }),
      this.lit,
      this.hand,
      make("circle", { class: "zero", cx: 40, cy: 9, r: 1.6 }),
    );
    this.number = make("input", { type: "number", min: -1, max: 1, step: STEP, class: "number" });
    this.name = make("button", { type: "button", class: "name" });
    this.facts = make("span", { class: "facts" });
    this.away = make("button", { type: "button", class: "away", title: "Remove this knob", text: "×" });
    this.element = make("div", { class: "knob" }, this.away, this.face, this.number, this.name, this.facts);
    this.#listen();
  }

  show(knob) {
    this.knob = knob;
    this.name.textContent = knob.name;
    this.name.title = `${knob.name}: what this knob is made of`;
    this.facts.textContent = knob.facts;
    this.facts.title = knob.hint;
    this.face.setAttribute("aria-label", knob.name);
    this.number.setAttribute("aria-label", `${knob.name}, amount`);
    this.away.setAttribute("aria-label", `Remove ${knob.name}`);
    this.away.hidden = !knob.added;
    this.element.classList.toggle("is-concept", knob.concept);
    this.lit.setAttribute("d", knob.level ? arc(-TURN, -TURN + 2 * TURN * knob.level, 20) : "");
    this.set(knob.amount);
  }

  set(amount) {
    this.amount = rounded(amount);
    const degrees = this.amount * TURN;
    this.fill.setAttribute("d", this.amount ? arc(0, degrees, 31) : "");
    this.hand.setAttribute("transform", `rotate(${degrees} 40 40)`);
    this.element.classList.toggle("is-up", this.amount > 0);
    this.element.classList.toggle("is-down", this.amount < 0);
    this.face.setAttribute("aria-valuenow", this.amount);
    this.face.setAttribute("aria-valuetext", `${signed(this.amount)}${this.#nextTick()}`);
    if (this.number.getRootNode().activeElement !== this.number) this.number.value = this.amount.toFixed(2);
  }

  #nextTick() {
    const passed = (this.known ?? []).filter((tick) => Math.abs(tick.at) <= Math.abs(this.amount) && tick.at * this.amount > 0);
    const last = passed.at(-1);
    return last ? `, ${last.title} ${last.enters ? "enters" : "leaves"} at ${signed(last.at)}` : "";
  }

  ticks(ticks) {
    this.known = ticks;
    for (const mark of this.tickMarks) mark.remove();
    this.tickMarks = ticks.map((tick) => {
      const mark = make("line", {
        class: `tick ${tick.enters ? "enters" : "leaves"}`, x1: 40, x2: 40,
        y1: tick.enters ? 2 : 12.4, y2: tick.enters ? 5.6 : 14.8,
        transform: `rotate(${(tick.at * TURN).toFixed(2)} 40 40)`,
      });
      mark.append(make("title", { text: `${signed(tick.at)}: ${tick.title} ${tick.enters ? "enters" : "leaves"}` }));
      this.face.append(mark);
      return mark;
    });
  }

  #move(amount) {
    const before = this.amount;
    this.set(amount);
    if (this.amount !== before) this.handlers.moved();
  }

  #listen() {
    const { face, number } = this;
    let start = null;
    face.onpointerdown = (event) => {
      if (event.button) return;
      event.preventDefault();
      face.focus();
      face.setPointerCapture(event.pointerId);
      start = { x: event.clientX, y: event.clientY, amount: this.amount };
      this.element.classList.add("is-held");
    };
    face.onpointermove = (event) => {
      if (!start) return;
      const way = event.clientX - start.x - (event.clientY - start.y); // right and up turn it up
      const amount = start.amount + way / REACH;
      this.#move(Math.abs(amount) < 0.015 ? 0 : amount); // a small catch at rest
    };
    face.onpointerup = face.onpointercancel = () => {
      if (!start) return;
      start = null;
      this.element.classList.remove("is-held");
      this.handlers.released();
    };
    face.ondblclick = () => this.#jump(0);
    face.onwheel = (event) => {
      event.preventDefault();
      this.#jump(this.amount - Math.sign(event.deltaY || event.deltaX) * (event.shiftKey ? FINE : STEP));
    };
    face.onkeydown = (event) => {
      const step = event.shiftKey ? FINE : STEP;
      const to = {
        ArrowRight: this.amount + step, ArrowUp: this.amount + step,
        ArrowLeft: this.amount - step, ArrowDown: this.amount - step,
        PageUp: this.amount + 0.2, PageDown: this.amount - 0.2, Home: -1, End: 1, Delete: 0, Backspace: 0,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.#jump(to);
    };
    number.onchange = () => {
      const amount = Number(number.value);
      this.#jump(number.value.trim() === "" || Number.isNaN(amount) ? this.amount : amount);
      number.value = this.amount.toFixed(2);
    };
    this.name.onclick = () => this.handlers.open(this.knob.key);
    this.away.onclick = () => this.handlers.remove(this.knob.key);
  }

  // A change that is one move and its release at once.
  #jump(amount) {
    this.#move(amount);
    this.handlers.released();
  }
}

// Show knobs in their order, keeping the views of those that stay. What a hand has just done outlives what the server says
// while it is on the knob, and while it has not been told yet (untold).
function arrange(place, views, knobs, untold, handlers) {
  const keys = new Set(knobs.map((knob) => knob.key));
  for (const [key, view] of views)
    if (!keys.has(key)) {
      view.element.remove();
      views.delete(key);
    }
  knobs.forEach((knob, index) => {
    if (!views.has(knob.key)) views.set(knob.key, new KnobView(handlers));
    const view = views.get(knob.key);
    const ours = untold || view.element.classList.contains("is-held");
    view.show(ours ? { ...knob, amount: view.amount } : knob);
    if (place.children[index] !== view.element) place.insertBefore(view.element, place.children[index] ?? null);
  });
}
