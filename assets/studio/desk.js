// The desk of a recipe: knobs, and a room of readers whose lists move with them. While a hand is on a knob the server is
// told where it stands, one question at a time, and what it answers is drawn.

/** @import {Component, DeskData} from "../shared/types.js" */

import { find, isDark, make, undoByKeys } from "../shared/dom.js";
import { handOver } from "../shared/late.js";
import { mount } from "../shared/mount.js";
import { Rack } from "../shared/rack.js";
import { Saying } from "../shared/saying.js";
import { shared } from "../shared/store.js";
import { unpack } from "../board/catalogue.js";
import { Mood } from "../board/mood.js";
import { Seek } from "../board/seek.js";
import { Telling } from "../board/telling.js";
import { drawRoom } from "./room.js";

const MISSING = 1500; // milliseconds after which what has not come is asked for

class Desk {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  patience;
  saying = new Saying(() => this.component);

  /**
   * @param {HTMLElement} root
   * @param {Component<DeskData>} component
   */
  constructor(root, component) {
    this.root = root;
    this.component = component;
    /** @type {Desk["send"]} */
    const send = (event, about) => this.send(event, about);
    this.rack = new Rack(find(root, ".knobs"), {
      moved: () => {
        this.telling.changed = true;
        this.telling.stream();
      },
      released: () => this.telling.released(),
      open: (key) => send("thresholds", key),
      remove: (key) => send("remove", key),
    });
    this.telling = new Telling(
      () => this.rack.held,
      (held) => this.#tell(held),
    );
    this.seek = new Seek(root, send, () => {});
    this.mood = new Mood(find(root, ".mood"), send);
    this.reset = make("button", { type: "button", class: "tool", title: "All knobs to rest", text: "Reset", onclick: () => send("reset") });
    find(root, ".deeds").append(this.reset);
    this.arrive = () => this.#prepare();
    shared.waiting.add(this.arrive);
    undoByKeys(root, send);
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

  /** @param {boolean} held the hand is still on the knob, and more will follow */
  #tell(held) {
    this.component.setStateValue("dials", this.telling.turns.tell(this.rack.amounts(), held));
  }

  /** @param {Component<DeskData>} component */
  update(component) {
    this.component = component;
    const { data } = this;
    this.root.classList.toggle("is-dark", isDark(this.root));
    this.rack.show(data.knobs, this.telling.untold);
    this.mood.show(data);
    find(this.root, ".empty").hidden = data.knobs.length > 0;
    this.reset.disabled = !data.knobs.some(({ amount }) => amount);
    drawRoom(this.root, data, (event, about) => this.send(event, about));
    const took = this.telling.answered(data.version);
    if (took !== undefined && this.rack.held) (shared.streamed ??= []).push(took);
    this.root.dataset.version = data.version;
    this.saying.heard(data.heard);
    if (!this.rack.held) find(this.root, ".spoken").textContent = data.said;
    this.#prepare();
  }

  /** What is searched comes after the rest. */
  #prepare() {
    const { data } = this, here = !data.whole || unpack(data.items);
    this.seek.take(data);
    for (const [key, view] of this.rack.views) view.ticks(shared.ticks?.ticks[key] ?? []);
    this.root.dataset.ready = String(here && shared.blobs.has(data.catalogue));
    clearTimeout(this.patience);
    this.patience = here && shared.blobs.has(data.catalogue) ? undefined : setTimeout(() => this.send("missing"), MISSING);
  }

  close() {
    shared.waiting.delete(this.arrive);
    this.telling.close();
    this.saying.close();
    clearTimeout(this.patience);
  }
}

const mountDesk = mount(".desk", (root, /** @type {Component<DeskData>} */ component) => new Desk(root, component));
const utf8 = new TextDecoder();

export default handOver((component) => mountDesk({ ...component, data: JSON.parse(utf8.decode(component.data)) }));
