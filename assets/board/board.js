// The knob board: knobs and the list. While a hand is on a knob the list is blended here, on every animation frame; on
// release the server is told, answers with its own list, and that list is what stays. The server holds the one true state.

/** @import {Dealt} from "./blend.js" */
/** @import {BoardData, Component, Ticks} from "../shared/types.js" */

import { find, isDark, undoByKeys } from "../shared/dom.js";
import { handOver } from "../shared/late.js";
import { mount } from "../shared/mount.js";
import { Rack } from "../shared/rack.js";
import { Saying } from "../shared/saying.js";
import { publish, rowsNamed, shared } from "../shared/store.js";
import { Arrays } from "./arrays.js";
import { Bar } from "./bar.js";
import { catalogue, membersOf, unpack } from "./catalogue.js";
import { sentence, shares } from "./changes.js";
import { registerDeck } from "./deck.js";
import { Lists } from "./lists.js";
import { Mood } from "./mood.js";
import { drawMembers } from "./members.js";
import { drawMix } from "./mix.js";
import { Seek } from "./seek.js";
import { Sieve } from "./sieve.js";
import { Telling } from "./telling.js";

const REST = 300; // milliseconds without a turn after which the rest of the page follows
const SHEET = ".st-key-sheet"; // what stands beside the page, where something is open
const NARROW = 900; // pixels of a window in which a board beside a map is laid out as any other
const MISSING = 1500; // milliseconds after which arrays that have not come are asked for

export class Board {
  arrays = new Arrays();
  frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  patience;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  resting;
  /**
   * The ticks that are drawn.
   * @type {Ticks | undefined}
   */
  ticked;
  /**
   * The list blended here for a turn that was told, where it is certain.
   * @type {{version: string, items: number[]} | null}
   */
  ours = null;
  last = ""; // the knob that was turned last
  /**
   * The list that is shown.
   * @type {Dealt}
   */
  shown = { items: [], by: [] };
  /**
   * What is pointed at among what was found, whose list is to be played.
   * @type {string | number | null}
   */
  wanted = null;
  saying = new Saying(() => this.component);

  /**
   * @param {HTMLElement} root
   * @param {Component<BoardData>} component
   */
  constructor(root, component) {
    this.root = root;
    this.component = component;
    this.spoken = find(root, ".spoken");
    /** @type {Board["send"]} */
    const send = (event, about) => this.send(event, about);
    this.rack = new Rack(find(root, ".knobs"), {
      moved: (key) => this.#moved(key),
      released: () => this.telling.released(),
      open: (key) => send("card", key),
      remove: (key) => send("remove", key),
    });
    this.telling = new Telling(
      () => this.rack.held,
      (held) => this.#tell(held),
    );
    this.lists = new Lists(find(root, ".columns"), send);
    this.bar = new Bar(root, send, (wanted) => this.#compare(wanted));
    this.seek = new Seek(root, send, (about) => this.#listen(about));
    this.mood = new Mood(find(root, ".mood"), send);
    this.sieve = new Sieve(root, send);
    this.more = find(root, ".more", HTMLButtonElement);
    this.more.onclick = () => send("more", !this.data.more.shown);
    this.arrive = () => this.#prepare();
    shared.waiting.add(this.arrive);
    undoByKeys(root, send);
    this.escape = (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape" && !event.defaultPrevented && document.querySelector(SHEET)) send("close");
    };
    document.addEventListener("keydown", this.escape);
    registerDeck(this);
  }

  get data() {
    return this.component.data;
  }

  /**
   * Tell the server what has just happened.
   * @param {string} event
   * @param {unknown} [about]
   */
  send(event, about) {
    this.saying.say(event, about);
  }

  /**
   * What the server says: its state replaces ours, unless a hand is on a knob.
   * @param {Component<BoardData>} component
   */
  update(component) {
    this.component = component;
    const { data } = this;
    this.root.classList.toggle("is-compact", Boolean(data.compact) && innerWidth > NARROW);
    find(this.root, ".mood").hidden = Boolean(data.compact); // a map needs the place
    this.root.classList.toggle("is-dark", isDark(this.root));
    this.rack.show(data.knobs, this.telling.untold);
    this.bar.update(data);
    this.sieve.show(data);
    this.mood.show(data);
    this.saying.heard(data.heard);
    find(this.root, ".empty").hidden = data.knobs.length > 0;
    this.more.hidden = data.way !== "neurons" || data.more.n <= data.knobs.length - (data.more.shown ? data.more.n : 0);
    this.more.textContent = data.more.shown ? "Fewer knobs" : `All ${data.more.n} active neurons`;
    this.#prepare();
  }

  /** Build the blend once everything it needs has arrived; until then the server's list is shown. */
  #prepare() {
    const { data, arrays } = this;
    const missing = () => this.send("missing");
    if (!unpack(data.items)) {
      this.patience ??= setTimeout(missing, MISSING);
      return;
    }
    if (this.ticked !== shared.ticks) {
      this.ticked = shared.ticks;
      for (const [key, marks] of Object.entries(this.ticked?.ticks ?? {})) this.rack.views.get(key)?.ticks(marks);
    }
    arrays.take(data, shared.ticks);
    this.seek.take(data);
    this.root.dataset.ready = String(arrays.blend !== null || !data.linear);
    clearTimeout(this.patience);
    this.patience = data.linear && data.whole && !arrays.blend ? setTimeout(missing, MISSING) : undefined;
    this.#answered();
    const busy = this.telling.untold || this.rack.held;
    this.root.classList.toggle("is-streamed", busy && !this.#certain());
    if (!busy) this.#confirm();
    else if (!this.#certain()) this.#show(this.#told()); // what the server says while the hand is still on the knob
  }

  #certain() {
    return this.arrays.certain(this.data, this.#dials());
  }

  /** How long the server took, for the benchmark to read. */
  #answered() {
    const took = this.telling.answered(this.data.version);
    if (took === undefined) return;
    this.root.dataset.answered = String(took);
    if (this.rack.held) (shared.streamed ??= []).push(took);
  }

  /** The server's list for the server's dials. Where ours differed it is counted, for the tests to see. */
  #confirm() {
    const { after, version, state } = this.data, { dataset } = this.root;
    if (this.ours?.version === version) {
      const { items } = this.ours;
      const same = items.length === after.length && items.every((item, index) => item === after[index]);
      dataset.confirmed = String(Number(dataset.confirmed ?? 0) + 1);
      if (!same) dataset.differed = String(Number(dataset.differed ?? 0) + 1);
    }
    if (dataset.version !== version || dataset.state !== state) this.#rest();
    dataset.version = version;
    dataset.state = state;
    this.#show(this.#told());
    this.spoken.textContent = `${find(this.root, ".head").textContent} ${find(this.root, ".rest").textContent}`;
  }

  /** What surrounds the board (link, buttons, ticks) follows once the hand has rested for a moment. */
  #rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.send("rest"), REST);
  }

  /** The knobs as they stand here. */
  #dials() {
    return this.data.knobs.map((knob) => ({ ...knob, amount: this.rack.amount(knob.key) }));
  }

  /** @param {string} key */
  #moved(key) {
    this.telling.changed = true;
    this.last = key;
    clearTimeout(this.resting);
    if (this.#certain()) this.frame ||= requestAnimationFrame(() => this.#draw());
    else if (this.arrays.blend || !this.data.whole || !this.data.linear) this.telling.stream();
  }

  #draw() {
    this.frame = 0;
    const began = performance.now();
    if (this.arrays.blend) this.#show(this.#dealt());
    (shared.frames ??= []).push(performance.now() - began);
  }

  #dealt() {
    return this.arrays.deal(this.#dials(), this.data.after.length);
  }

  /** The server's list. */
  #told() {
    return { items: this.data.after, by: this.data.by };
  }

  /** @param {boolean} held the hand is still on the knob, and more will follow */
  #tell(held) {
    const items = this.#certain() ? this.#dealt().items : null;
    const said = this.telling.turns.tell(this.rack.amounts(), held);
    this.ours = items && { version: said.version, items };
    this.component.setStateValue("dials", said);
  }

  /** The list before joins the list. @param {boolean} wanted */
  #compare(wanted) {
    this.lists.compare(wanted);
    this.#show(this.shown);
  }

  /**
   * Play the list of a knob that was found, or none any more.
   * @param {string | number | null} about
   */
  #listen(about) {
    this.wanted = about;
    if (about !== null) this.send("preview", about);
    else if (this.root.classList.contains("is-preview")) this.#show(this.#told());
  }

  /** The knobs that are turned, as a change is told of them: the one that was turned last first. */
  #turned() {
    const turned = this.#dials().filter(({ amount }) => amount);
    turned.sort((one, other) => Number(other.key === this.last) - Number(one.key === this.last));
    return turned.map(({ key, name, amount, theme = "", members }) => ({ key, name, amount, theme, members: membersOf(members) }));
  }

  /** The like that speaks most for an item. @param {number} item */
  #like(item) {
    const { because } = this.data;
    if (typeof because === "string") return rowsNamed(because)?.[0][item];
    return because[item] ?? this.arrays.because.get(item);
  }

  /** @param {Dealt} list */
  #show(list) {
    const { before, preview } = this.data, listens = preview !== undefined && preview.about === this.wanted;
    const { items, by } = listens ? { items: preview.items, by: [] } : list, turned = this.#turned();
    this.#entered(items);
    this.shown = list;
    this.root.classList.toggle("is-preview", listens);
    this.lists.show(this.data, { items, by, turned, likes: (item) => this.#like(item) });
    const said = sentence(before, items, turned, (item) => catalogue.get(item)?.title ?? "");
    find(this.root, ".head").textContent = listens ? `${preview.name}, as it would be` : said.head;
    find(this.root, ".rest").textContent = listens ? "Enter puts this knob on the board." : said.more;
    drawMix(find(this.root, ".mix"), shares(before, items, by, turned));
    drawMembers(find(this.root, ".members"), this.data.group, items);
    if (listens) return;
    const dials = Object.entries(this.rack.amounts()).map(([key, amount]) => ({ key, amount }));
    publish({ state: this.data.state, held: this.rack.held, dials, items });
  }

  /**
   * The title that has just come in stands on the knob under the hand.
   * @param {number[]} items
   */
  #entered(items) {
    const view = this.rack.views.get(this.last), old = new Set(this.shown.items);
    const come = items.find((item) => !old.has(item));
    if (view && come !== undefined && (view.held || view.face.matches(":focus"))) view.entered(catalogue.get(come)?.title ?? "");
  }

  close() {
    shared.waiting.delete(this.arrive);
    document.removeEventListener("keydown", this.escape);
    cancelAnimationFrame(this.frame);
    this.telling.close();
    this.saying.close();
    clearTimeout(this.patience);
    clearTimeout(this.resting);
  }
}

const mountBoard = mount(".board", (root, /** @type {Component<BoardData>} */ component) => new Board(root, component));
const utf8 = new TextDecoder();

export default handOver((component) => mountBoard({ ...component, data: JSON.parse(utf8.decode(component.data)) }));
