// The map: ground and points that stay where they are, and on top of them in ink what moves: names, a person's trail and the
// first titles of their list, a crowd, a lasso. The server says where things are; camera, colours, what the mouse is over
// and where a turn leads live here, so that no update disturbs them and no hand waits. Knobs are the board's: the map hears
// what it shows (``shared.turned``).

/** @import {Component, MapData} from "../shared/types.js" */
/** @import {Label} from "./labels.js" */
/** @import {Sheet} from "./sheet.js" */

import { find, undoByKeys } from "../shared/dom.js";
import { handOver } from "../shared/late.js";
import { mount } from "../shared/mount.js";
import { Saying } from "../shared/saying.js";
import { rowsNamed, shared } from "../shared/store.js";
import { calm, Glide } from "./glide.js";
import { keys, pointers } from "./hands.js";
import { drawInk } from "./ink.js";
import { famous, measure } from "./labels.js";
import { Lasso } from "./lasso.js";
import { HUES, Legend, shades } from "./legend.js";
import { Moves } from "./moves.js";
import { Over } from "./over.js";
import { tintOf } from "./pen.js";
import { Person } from "./person.js";
import { Pins } from "./pins.js";
import { Search } from "./search.js";
import { sheetOf } from "./sheet.js";
import { Stage } from "./stage.js";
import { tools } from "./tools.js";
import { moveWords } from "./words.js";

const MISSING = 1500; // milliseconds after which arrays that have not come are asked for
const N_PINS = 10;
const N_NAMED = 25; // smaller regions that somebody can be said to move towards, the weightiest

export class Atlas {
  glide = new Glide();
  lasso = new Lasso();
  pins = new Pins();
  /**
   * Where everybody rests, x and y.
   * @type {Float32Array[] | null}
   */
  crowd = null;
  dress = ""; // what the points wear: map, mode and theme
  /**
   * Names, as they were laid out for what was seen last; first: points in the order in which they deserve one.
   * @type {{seen: string, first: number[], labels: Label[]}}
   */
  named = { seen: "", first: [], labels: [] };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  patience;
  saying = new Saying(() => this.component);

  /**
   * @param {HTMLElement} root
   * @param {Component<MapData>} component
   */
  constructor(root, component) {
    this.root = root;
    this.component = component;
    this.spoken = find(root, ".spoken");
    this.words = find(root, ".said");
    this.inside = find(root, ".inside");
    this.inside.onclick = () => showBelow();
    this.stage = new Stage(root, (sheet, now) => this.#inked(sheet, now));
    this.widthOf = measure(this.stage.pen);
    this.over = new Over(root);
    this.legend = new Legend(root, () => this.#theme());
    this.search = new Search(this);
    this.person = new Person(() => this.#move());
    const moves = (this.moves = new Moves(this));
    this.roper = tools(root, {
      nearer: () => moves.zoom(1.5),
      farther: () => moves.zoom(1 / 1.5),
      home: () => moves.home(),
      lasso: () => moves.rope(!this.lasso.on),
      save: () => this.stage.save(),
    });
    pointers(this);
    keys(this);
    undoByKeys(root, (event, when) => this.send(event, when));
    this.arrive = () => this.#prepare();
    shared.waiting.add(this.arrive);
  }

  get data() {
    return this.component.data;
  }

  /**
   * Tell the server what stays.
   * @param {string} name
   * @param {unknown} value
   */
  say(name, value) {
    this.component.setStateValue(name, value);
  }

  /**
   * Tell the server what has just happened.
   * @param {string} event
   * @param {unknown} about
   */
  send(event, about) {
    this.saying.say(event, about);
  }

  /**
   * What the server says.
   * @param {Component<MapData>} component
   */
  update(component) {
    this.component = component;
    this.stage.ink.setAttribute("aria-label", this.data.label);
    this.saying.heard(this.data.heard);
    this.search.take(this.data.sought);
    this.#prepare();
  }

  /** Take over what has arrived: points once a sheet, what moves every time. */
  #prepare() {
    const { data, stage } = this, sheet = sheetOf(data), crowd = data.crowd ? rowsNamed(data.crowd) : null;
    clearTimeout(this.patience);
    if (!sheet || crowd === undefined) {
      this.patience = setTimeout(() => this.send("missing", Date.now()), MISSING);
      return;
    }
    this.crowd = crowd;
    if (stage.sheet?.id !== sheet.id) this.#spread(sheet);
    this.#theme();
    this.#rope();
    this.#move();
    stage.fit();
  }

  /** Bring what moves to where it belongs now: a person and the first of their list, or everybody. */
  #move() {
    const { data, stage, person, glide } = this, { taste } = data, { sheet } = stage;
    if (!sheet) return;
    const now = performance.now(), way = taste && person.way(taste);
    if (taste && !way) return; // until what it takes has arrived
    glide.aim(way ? way.flat() : data.moving, data.token, calm(), now);
    this.words.textContent = data.words;
    if (taste && way) {
      const { held, dials, items } = person.now(taste), turned = dials.some(({ amount }) => amount), { x, y } = sheet.columns;
      this.pins.aim(items.slice(0, N_PINS), x, y, calm(), now);
      const { territories, regions } = sheet.facts, last = way[way.length - 1];
      this.words.textContent = moveWords(taste.subject, [...territories, ...regions.slice(0, N_NAMED)], way[0], last, turned);
      this.root.dataset.at = JSON.stringify(last);
      if (!held && !this.lasso.roped) this.spoken.textContent = this.words.textContent;
    }
    stage.draw(true);
  }

  /** Take over the lasso that the server has taken; a new one is told aloud, and what is inside it shown. */
  #rope() {
    const { lasso, inside, data } = this, said = data.lasso ? `${data.lasso.count.toLocaleString()} titles inside the lasso: show them` : "";
    const fresh = data.lasso && JSON.stringify(data.lasso.polygon) !== JSON.stringify(lasso.roped?.polygon);
    const asked = lasso.asked && fresh;
    lasso.roped = data.lasso;
    inside.hidden = !data.lasso;
    inside.textContent = said;
    if (!asked) return;
    lasso.asked = false;
    this.spoken.textContent = said;
    setTimeout(showBelow, BELOW_COMES);
  }

  /**
   * Put another sheet there.
   * @param {Sheet} sheet
   */
  #spread(sheet) {
    this.stage.spread(sheet);
    this.over.forget();
    this.widthOf = measure(this.stage.pen);
    this.named = { seen: "", first: famous(sheet), labels: [] };
    this.legend.offer(sheet.facts.modes);
    this.roper.hidden = !sheet.facts.lasso;
    this.search.offer(sheet.facts);
    this.stage.field.paint(sheet.facts.ground, HUES);
  }

  /** Colours of the points and their legend, for the mode chosen and the theme as it is. */
  #theme() {
    const { stage, legend } = this, { sheet } = stage;
    if (!sheet) return;
    stage.pen.tint = tintOf(this.root);
    const { mode, only } = legend, dress = [sheet.id, mode.column, only].join();
    if (this.dress === dress) return;
    this.dress = dress;
    stage.points.colour(shades(sheet.columns[mode.column], mode, only));
    legend.draw();
    stage.draw();
  }

  /**
   * Draw the ink of a moment; whether all has arrived where it goes.
   * @param {Sheet} sheet
   * @param {number} now
   */
  #inked(sheet, now) {
    const arrived = [this.glide, this.pins.glide].map((glide) => glide.step(now)).every(Boolean), { dataset } = this.root;
    dataset.names = String(drawInk(this, sheet));
    dataset.pins = JSON.stringify(this.pins.ranks);
    dataset.ready = "true";
    dataset.settled = String(arrived);
    return arrived;
  }

  close() {
    shared.waiting.delete(this.arrive);
    this.person.close();
    this.stage.close();
    this.saying.close();
    clearTimeout(this.patience);
  }
}

const BELOW_COMES = 400; // milliseconds in which the page below the map is there

/** Bring what is listed below the map into view. */
function showBelow() {
  document.querySelector("[class*='st-key-lassoed']")?.scrollIntoView({ behavior: calm() ? "auto" : "smooth", block: "start" });
}

export default handOver(mount(".map", (root, /** @type {Component<MapData>} */ component) => new Atlas(root, component)));
