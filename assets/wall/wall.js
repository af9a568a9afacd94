// The way in: titles that many people know, a search for all others, and beside them the themes that light up and the list
// that deals itself. A pick shows at once; the server answers each with themes and list.

/** @import {Component, Cover, Items, WallData} from "../shared/types.js" */
/** @import {Title} from "./titles.js" */

import { find, make } from "../shared/dom.js";
import { forget, recall, remember } from "../shared/memory.js";
import { mount } from "../shared/mount.js";
import { rowsNamed, shared } from "../shared/store.js";
import { coloured, drawn } from "./cover.js";
import { deal } from "./deal.js";
import { Picks } from "./picks.js";
import { rove } from "./roving.js";
import { TitleSearch } from "./search.js";
import { titlesOf } from "./titles.js";

const NEW = { title: "Pick three you love", about: "Each theme in what you love becomes a knob: turn it, and your list follows your hand." };
const BACK = { title: "Welcome back", about: "Your picks and your dials are as you left them." };
const PATIENT = 1500; // milliseconds after which titles that have not come are asked for

class Wall {
  /** @type {Map<number, {title: string, full: string, hue: number}>} */
  known = new Map();
  /** @type {Title[] | null} */
  titles = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  patience;
  recalled = false;

  /**
   * @param {HTMLElement} root
   * @param {Component<WallData>} component
   */
  constructor(root, component) {
    this.root = root;
    this.component = component;
    const { data } = component;
    this.picks = new Picks(data.version, data.picked.map(({ item }) => item));
    this.search = new TitleSearch(find(root, ".search"), {
      titles: () => this.#titles(),
      seek: (text) => this.#send("seek", text),
      has: (item) => this.picks.has(item),
      add: (title) => this.#add(title),
      back: () => this.#change(() => this.picks.items.length && this.picks.remove(this.picks.items.at(-1) ?? -1)),
    });
    this.covers = data.covers.map((cover) => ({ cover, button: drawn(cover, () => this.#change(() => this.picks.toggle(cover.item))) }));
    find(root, ".covers").replaceChildren(...this.covers.map(({ button }) => button));
    rove(find(root, ".covers"));
    find(root, ".go").onclick = () => this.#send("open");
    find(root, ".forget").onclick = () => this.#forget();
    this.arrive = () => this.search.refresh();
    shared.waiting.add(this.arrive);
    if (data.ask) this.#ask();
  }

  get data() {
    return this.component.data;
  }

  /**
   * @param {string} event
   * @param {unknown} [about]
   */
  #send(event, about = Date.now()) {
    this.component.setTriggerValue(event, about);
  }

  /** Tell the server what this browser remembers, "nothing" too. */
  #ask() {
    const memory = recall(this.data.place);
    this.recalled = memory !== null;
    this.component.setStateValue("memory", memory ?? {});
  }

  /**
   * What the server says.
   * @param {Component<WallData>} component
   */
  update(component) {
    this.component = component;
    const { data } = component;
    for (const cover of [...data.covers, ...data.picked]) this.known.set(cover.item, cover);
    this.picks.adopt(data.version, data.picked.map(({ item }) => item));
    if (data.memory) remember(data.place, data.memory);
    this.search.label(data.search);
    this.search.take(data.sought);
    this.#greet();
    this.#people();
    this.#picked();
    this.#answer();
  }

  #greet() {
    const back = this.data.returned || (this.recalled && this.data.ask);
    const { title, about } = back ? BACK : NEW;
    find(this.root, "h1").textContent = title;
    find(this.root, ".about").textContent = about;
    const kept = find(this.root, ".kept");
    kept.hidden = !back && !this.data.memory;
    find(kept, "span").textContent = this.data.note || "What you pick stays in this browser alone.";
  }

  #people() {
    const rows = this.data.people.map(({ id, line }) => ({ key: id, line }));
    find(this.root, ".others").hidden = !rows.length;
    deal(find(this.root, ".others ul"), rows, ({ key, line }) => {
      return make("li", {}, make("button", { type: "button", title: `Open the list of user ${key}`, text: line, onclick: () => this.#send("user", key) }));
    });
  }

  /** The picks as they stand here. */
  #picked() {
    const { items } = this.picks;
    for (const { cover, button } of this.covers) button.setAttribute("aria-pressed", String(this.picks.has(cover.item)));
    deal(find(this.root, ".picked"), items.map((item) => ({ key: String(item), item })), ({ item }) => {
      const { title, full, hue } = this.known.get(item) ?? { title: "", full: "", hue: -1 };
      const away = make("button", { type: "button", "aria-label": `Take ${title} away`, text: "\u00d7", onclick: () => this.#change(() => this.picks.remove(item)) });
      return make("li", { title: full, style: coloured(hue) }, make("span", { text: title }), away);
    });
    const n = items.length;
    find(this.root, ".count span").textContent = this.data.who || (n < 3 ? `${n} of 3 picked` : `${n} picked`);
    const go = find(this.root, ".go", HTMLButtonElement);
    go.textContent = this.data.returned ? "Go on turning" : "Turn your knobs";
    go.disabled = !n && !this.data.who;
    this.root.classList.toggle("is-empty", go.disabled);
    this.root.classList.toggle("is-enough", n >= 3 || Boolean(this.data.who));
  }

  /** Themes and list, as the server has them for the picks that it has heard of. */
  #answer() {
    const { themes, list, who, line } = this.data;
    find(this.root, ".lit h2").textContent = line || who || "Your taste";
    deal(find(this.root, ".themes"), themes, ({ name, because }) => make("li", { text: name, title: because && `For ${because}` }));
    find(this.root, ".latest").textContent = themes.map(({ name }) => name).join(", ");
    const rows = list.map((row) => ({ ...row, key: String(row.item) }));
    deal(find(this.root, ".dealt"), rows, ({ title, full, detail, hue }) => {
      return make("li", { title: full, style: coloured(hue) }, make("span", {}, make("b", { text: title }), make("small", { text: detail })));
    });
    this.root.dataset.answered = this.data.version;
    const said = themes.length ? `Themes: ${themes.map(({ name }) => name).join(", ")}. ` : "";
    find(this.root, ".spoken").textContent = list.length ? `${said}Your list begins with ${list[0].title}.` : "";
  }

  /** @param {() => void} act on the picks */
  #change(act) {
    const before = this.picks.items;
    act();
    if (this.picks.items === before) return;
    this.#picked();
    const said = this.picks.tell();
    this.root.dataset.told = said.version;
    this.component.setStateValue("picks", said);
  }

  /** @param {Title} title */
  #add(title) {
    this.known.set(title.item, title);
    this.#change(() => this.picks.add(title.item));
  }

  #forget() {
    forget();
    this.recalled = false;
    this.#change(() => (this.picks.items = []));
    this.#send("forget");
  }

  /** All titles, once they have arrived; asked for again where they do not. */
  #titles() {
    const items = /** @type {Items | undefined} */ (shared.blobs.get(this.data.items)), likes = rowsNamed(this.data.likes);
    if (items && likes) this.titles ??= titlesOf(items, likes[0]);
    else this.patience ??= setTimeout(() => this.#send("missing"), PATIENT);
    return this.titles;
  }

  close() {
    shared.waiting.delete(this.arrive);
    clearTimeout(this.patience);
  }
}

export default mount(".wall", (root, /** @type {Component<WallData>} */ component) => new Wall(root, component));
