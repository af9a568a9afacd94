// The map: points that stay where they are, and on top of them in ink what moves: names of regions, a person's trail, a
// crowd, a lasso. The server says where things are; camera, colours and what the mouse is over live here, so that no
// update disturbs them.

/** @import {Component, MapData} from "../shared/types.js" */
/** @import {Sheet} from "./sheet.js" */

import { find, undoByKeys } from "../shared/dom.js";
import { mount } from "../shared/mount.js";
import { rowsNamed, shared } from "../shared/store.js";
import { Dials } from "./dials.js";
import { calm, Glide } from "./glide.js";
import { keys, pointers } from "./hands.js";
import { drawInk } from "./ink.js";
import { measure } from "./labels.js";
import { Lasso } from "./lasso.js";
import { Legend, shades } from "./legend.js";
import { Moves } from "./moves.js";
import { Over } from "./over.js";
import { tintOf } from "./pen.js";
import { Search } from "./search.js";
import { sheetOf } from "./sheet.js";
import { Stage } from "./stage.js";
import { tools } from "./tools.js";

const MISSING = 1500; // milliseconds after which arrays that have not come are asked for

export class Atlas {
  glide = new Glide();
  lasso = new Lasso();
  /**
   * Where everybody rests, x and y.
   * @type {Float32Array[] | null}
   */
  crowd = null;
  dress = ""; // what the points wear: map, mode and concept
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  patience;

  /**
   * @param {HTMLElement} root
   * @param {Component<MapData>} component
   */
  constructor(root, component) {
    this.root = root;
    this.component = component;
    this.spoken = find(root, ".spoken");
    this.words = find(root, ".words");
    this.stage = new Stage(root, (sheet, now) => this.#inked(sheet, now));
    this.widthOf = measure(this.stage.pen);
    this.over = new Over(root);
    this.legend = new Legend(root, () => this.#theme());
    this.search = new Search(this);
    this.dials = new Dials(
      find(root, ".knobs"),
      (name, value) => this.say(name, value),
      (event, about) => this.send(event, about),
    );
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
    this.component.setTriggerValue(event, about);
  }

  /**
   * What the server says.
   * @param {Component<MapData>} component
   */
  update(component) {
    this.component = component;
    const { knobs, label, version } = this.data;
    this.root.classList.toggle("no-knobs", !knobs.length);
    this.stage.ink.setAttribute("aria-label", label);
    const took = this.dials.turns.answered(version);
    if (took !== undefined) this.root.dataset.answered = String(took);
    this.dials.show(knobs);
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
    this.glide.aim(data.moving, data.token, calm(), performance.now());
    stage.draw(true);
    this.words.textContent = data.words;
    if (!this.dials.rack.held) this.spoken.textContent = data.words;
    this.lasso.roped = data.lasso;
    this.root.dataset.version = data.version;
    stage.fit();
  }

  /**
   * Put another sheet there.
   * @param {Sheet} sheet
   */
  #spread(sheet) {
    this.stage.spread(sheet);
    this.over.forget();
    this.widthOf = measure(this.stage.pen);
    this.legend.offer(sheet.facts.modes);
    this.roper.hidden = !sheet.facts.lasso;
    this.search.offer(sheet.facts);
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
    const arrived = this.glide.step(now), { dataset } = this.root;
    dataset.names = String(drawInk(this, sheet));
    dataset.ready = "true";
    if (arrived) dataset.settled = this.data.version;
    return arrived;
  }

  close() {
    shared.waiting.delete(this.arrive);
    this.stage.close();
    this.dials.close();
    clearTimeout(this.patience);
  }
}

export default mount(".map", (root, /** @type {Component<MapData>} */ component) => new Atlas(root, component));
