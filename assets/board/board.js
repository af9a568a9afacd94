// The knob board: knobs and both lists. While a hand is on a knob the list is blended here, on every animation frame; on
// release the server is told, answers with its own list, and that list is what stays. The server holds the one true state.

const shared = (globalThis[Symbol.for("knobs")] ??= { blobs: new Map(), waiting: new Set() });
const boards = new WeakMap();
const PAUSE = 20, PATIENCE = 500; // milliseconds before the server is asked again while dragging, and if it is silent
const REST = 300; // milliseconds without a turn after which the rest of the page follows

const catalogue = new Map(); // column -> what is shown of an item
const unpacked = new Set();
const sets = new Map();

// Take over what is shown of some items; whether they are there.
function unpack(name) {
  if (!unpacked.has(name) && shared.blobs.has(name)) {
    const { columns, rows } = shared.blobs.get(name);
    columns.forEach((column, index) => catalogue.set(column, rows[index]));
    unpacked.add(name);
  }
  return unpacked.has(name);
}

// The items that carry a knob's theme, as a set; made once a theme.
function membersOf(name) {
  if (!sets.has(name) && shared.blobs.has(name)) sets.set(name, new Set(shared.blobs.get(name)));
  return sets.get(name);
}

class Board {
  constructor(root) {
    this.root = root;
    this.views = new Map();
    this.changed = false;
    this.frame = 0;
    this.knobs = root.querySelector(".knobs");
    this.words = root.querySelector(".words");
    this.spoken = root.querySelector(".spoken");
    const open = (item) => this.send("item", item);
    this.before = new ListView("List before", open);
    this.after = new ListView("List after", open);
    root.querySelector(".before").append(this.before.list);
    root.querySelector(".after").append(this.after.list);
    this.arrive = () => this.#prepare();
    shared.waiting.add(this.arrive);
    root.onkeydown = (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.target.matches("input")) return;
      event.preventDefault();
      this.send(event.shiftKey ? "redo" : "undo", Date.now());
    };
  }

  // What the server says: its state replaces ours, unless a hand is on a knob.
  update({ data, setStateValue, setTriggerValue }) {
    this.data = data;
    this.commit = (dials) => setStateValue("dials", dials);
    this.send = setTriggerValue;
    this.root.querySelector(".before h3").textContent = data.reference;
    arrange(this.knobs, this.views, data.knobs, this.timer, {
      moved: () => this.#moved(),
      released: () => this.#released(),
      open: (key) => this.send("card", key),
      remove: (key) => this.send("remove", key),
    });
    this.#prepare();
  }

  // Build the blend once everything it needs has arrived; until then the server's list is shown.
  #prepare() {
    const { data } = this;
    if (!data) return;
    if (!unpack(data.items)) {
      this.patience ??= setTimeout(() => this.send("missing", Date.now()), 1500);
      return;
    }
    for (const knob of data.knobs) knob.set ??= membersOf(knob.members);
    if (this.ticked !== shared.ticks) {
      this.ticked = shared.ticks;
      for (const [key, marks] of Object.entries(shared.ticks.ticks)) this.views.get(key)?.ticks(marks);
    }
    if (data.linear) data.whole ? this.#takeWhole() : this.#takePool();
    this.root.dataset.ready = Boolean(this.blend) || !data.linear;
    this.patience = clearTimeout(this.patience);
    if (data.linear && data.whole && !this.blend) this.patience = setTimeout(() => this.send("missing", Date.now()), 1500);
    if (this.asked && this.sent && data.version === this.last) this.#answered();
    const held = this.timer || this.root.querySelector(".is-held");
    this.root.classList.toggle("is-streamed", Boolean(held) && !this.#certain());
    if (!held) this.#confirm();
    else if (!this.#certain()) this.#show(data.after); // what the server says while the hand is still on the knob
  }

  // The whole catalogue is here: its arrays come once a person and once a knob.
  #takeWhole() {
    const { data } = this;
    const person = shared.blobs.get(data.person.blob);
    if (!person || !data.knobs.every((knob) => shared.blobs.has(knob.blob))) {
      this.blend = null;
      return;
    }
    this.vectors = new Map();
    for (const knob of data.knobs) knob.recipe.forEach(([j], index) => this.vectors.set(j, shared.blobs.get(knob.blob)[index]));
    if (this.blend?.token !== data.person.token) this.blend = new Blend({ base: person[0], floor: person[1], ...data.person }, data.seen);
  }

  // Candidates alone are here: those that can enter the list with the next turn of one knob, new after every release.
  #takePool() {
    const { data } = this, { state, pool } = shared.ticks ?? {};
    const rows = pool && state === data.state && unpack(pool.items) && shared.blobs.get(pool.blob);
    if (this.blend?.pool === pool?.blob && rows) return;
    this.blend = rows ? new Blend({ base: rows[0], floor: rows[1], ...data.person, pool: pool.blob }, [], pool.columns) : null;
    this.vectors = new Map((pool?.neurons ?? []).map((j, index) => [j, rows && rows[index + 2]]));
  }

  // Whether the list blended here is the whole catalogue's. Candidates answer for one moved knob and for boosts up to 1.
  #certain() {
    if (!this.blend) return false;
    if (this.data.whole) return true;
    const dials = this.#dials(), before = this.data.knobs;
    const moved = dials.filter((dial, index) => dial.amount !== before[index].amount).length;
    return moved <= 1 && dials.reduce((sum, dial) => sum + Math.max(dial.amount, 0), 0) <= 1;
  }

  // How long the server took, for the benchmark to read.
  #answered() {
    this.root.dataset.answered = performance.now() - this.asked;
    if (this.root.querySelector(".is-held")) (shared.streamed ??= []).push(performance.now() - this.asked);
    this.asked = 0;
    if (this.behind) this.#stream();
  }

  // The server's list for the server's dials. Where ours differed it is counted, for the tests to see.
  #confirm() {
    const { after } = this.data;
    if (this.ours && this.ours.token === this.data.version) {
      const same = this.ours.items.length === after.length && this.ours.items.every((item, index) => item === after[index]);
      this.root.dataset.confirmed = Number(this.root.dataset.confirmed ?? 0) + 1;
      if (!same) this.root.dataset.differed = Number(this.root.dataset.differed ?? 0) + 1;
    }
    if (this.root.dataset.version !== this.data.version || this.root.dataset.state !== this.data.state) this.#rest();
    this.root.dataset.version = this.data.version;
    this.root.dataset.state = this.data.state;
    this.#show(after);
    this.spoken.textContent = this.words.textContent;
  }

  // What surrounds the board (link, buttons, ticks) follows once the hand has rested for a moment.
  #rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.send("rest", Date.now()), REST);
  }

  #dials() {
    return this.data.knobs.map((knob) => ({ ...knob, amount: this.views.get(knob.key).amount }));
  }

  #moved() {
    this.changed = true;
    clearTimeout(this.resting);
    if (this.#certain()) this.frame ||= requestAnimationFrame(() => this.#draw());
    else if (this.blend || !this.data.whole || !this.data.linear) this.#stream();
  }

  #draw() {
    this.frame = 0;
    const began = performance.now();
    if (this.blend) this.#show(this.blend.best(this.#dials(), this.vectors, this.data.after.length));
    (shared.frames ??= []).push(performance.now() - began);
  }

  // What cannot be blended here the server answers. One question at a time: asked while it still
  // answers the last one, the server would drop that answer.
  #stream() {
    this.behind = true;
    if (this.streaming || (this.asked && performance.now() - this.asked < PATIENCE)) return;
    this.behind = false;
    this.streaming = setTimeout(() => {
      this.streaming = 0;
      if (this.root.querySelector(".is-held")) this.#tell(true);
    }, PAUSE);
  }

  #released() {
    if (!this.changed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.changed = this.behind = false;
      this.#tell(false);
    }, this.root.querySelector(".is-held") ? 0 : 90); // quick key presses and wheel steps go as one
  }

  // held: the hand is still on the knob, and more will follow
  #tell(held) {
    const amounts = Object.fromEntries(this.#dials().map((dial) => [dial.key, dial.amount]));
    const version = (this.last = `${(this.sent = (this.sent ?? 0) + 1)}.${Date.now()}`);
    this.ours = this.#certain() && { token: version, items: this.blend.best(this.#dials(), this.vectors, this.data.after.length) };
    this.asked = performance.now();
    this.commit({ amounts, version, held });
  }

  #show(items) {
    const { before, ranks } = this.data;
    const was = new Map(before.map((item, index) => [item, index + 1]));
    const now = new Set(items);
    this.after.show(items, catalogue, (item, rank) => {
      const old = was.get(item);
      if (!old) return { kind: "new", sign: "new", note: ranks[item] ? `was at ${ranks[item]}` : "was further down" };
      if (old === rank) return { kind: "same", sign: "", note: "" };
      return old > rank
        ? { kind: "up", sign: `▲ ${old - rank}`, note: `was at ${old}` }
        : { kind: "down", sign: `▼ ${rank - old}`, note: `was at ${old}` };
    });
    this.before.show(before, catalogue, (item) =>
      now.has(item) ? { kind: "same", sign: "", note: "" } : { kind: "left", sign: "left", note: "not in the list any more" });
    this.#describe(items, before);
  }

  #describe(items, before) {
    const now = new Set(items), entered = items.filter((item) => !before.includes(item)).length;
    const parts = [`${entered} in, ${before.filter((item) => !now.has(item)).length} out, ${items.length - entered} kept`];
    for (const dial of this.#dials()) {
      if (!dial.amount || !dial.set) continue;
      const share = (list) => Math.round((100 * list.filter((item) => dial.set.has(item)).length) / Math.max(list.length, 1));
      parts.push(`${dial.theme} ${share(before)}% → ${share(items)}%`);
    }
    const moved = entered || items.some((item, index) => before[index] !== item);
    this.words.textContent = moved ? parts.join(" · ") : "Turn a knob and watch the list.";
  }

  close() {
    shared.waiting.delete(this.arrive);
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    clearTimeout(this.streaming);
    clearTimeout(this.patience);
    clearTimeout(this.resting);
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".board");
  if (!boards.has(root)) boards.set(root, new Board(root));
  const board = boards.get(root);
  board.update(component);
  return () => {
    board.close();
    boards.delete(root);
  };
}
