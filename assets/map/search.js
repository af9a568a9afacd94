// The search on the map: regions first, then points, by any part of their names, then by what is meant.

/** @import {Facts, Named, Place, Region, Sought} from "../shared/types.js" */
/** @import {Camera} from "./camera.js" */
/** @import {Atlas} from "./map.js" */
/** @import {Pen} from "./pen.js" */

import { find, make } from "../shared/dom.js";
import { Meaning } from "../shared/meaning.js";

const MOST_HITS = 8; // results
const CLOSE = 5; // how near a point is looked at, and a region at most
const CLOSER = 6;
const LEAST_RING = 26; // pixels

/**
 * What is found: a region, or a point by its number.
 * @typedef {{name: string, region: Region} | {name: string, point: number}} Hit
 */

/**
 * @param {string} text lower case
 * @param {Region[]} regions
 * @param {Named[]} names
 * @param {string[]} [meant] names of knobs that are meant, in lower case
 * @returns {Hit[]}
 */
export function hits(text, regions, names, meant = []) {
  /** @type {Hit[]} */
  const found = regions
    .filter(({ name }) => name.toLowerCase().includes(text))
    .slice(0, MOST_HITS / 2)
    .map((region) => ({ name: `Region: ${region.name}`, region }));
  for (let i = 0; i < names.length && found.length < MOST_HITS; i++)
    if (names[i].title.toLowerCase().includes(text)) found.push({ name: names[i].title, point: i });
  for (const region of regions)
    if (found.length < MOST_HITS && meant.includes(region.name.toLowerCase()) && !region.name.toLowerCase().includes(text))
      found.push({ name: `Region: ${region.name}`, region });
  return found;
}

/**
 * A region's edge, as corners.
 * @param {Region} region
 * @returns {Place[]}
 */
export function edge({ x, y, reach }) {
  const angles = Array.from({ length: 24 }, (_, i) => (i * Math.PI) / 12);
  return angles.map((angle) => [x + reach * Math.cos(angle), y + reach * Math.sin(angle)]);
}

export class Search {
  /**
   * The region that was picked last, marked until something else is.
   * @type {Region | null}
   */
  marked = null;

  /** @param {Atlas} atlas */
  constructor(atlas) {
    this.atlas = atlas;
    this.field = find(atlas.root, ".find", HTMLInputElement);
    this.list = find(atlas.root, ".found");
    this.meaning = new Meaning(this.field, (text) => atlas.send("seek", text));
    this.field.oninput = () => {
      this.#show(this.field.value.trim().toLowerCase());
      this.meaning.typed();
    };
    this.field.onkeydown = (event) => {
      if (event.key === "Escape") this.#show("");
      if (event.key === "Enter") this.list.querySelector("button")?.click();
    };
  }

  /** @param {Sought | null} sought what was meant by what is typed */
  take(sought) {
    if (this.meaning.take(sought) && !this.list.hidden) this.#show(this.field.value.trim().toLowerCase());
  }

  /** @param {Facts} facts of the map that is searched from now on */
  offer(facts) {
    this.marked = null;
    this.field.placeholder = facts.find;
  }

  /** @param {string} text */
  #show(text) {
    const { sheet } = this.atlas.stage;
    this.list.hidden = !text;
    if (!text || !sheet) return;
    const { territories, regions, lasso } = sheet.facts;
    const meant = this.meaning.here?.knobs.map(({ name }) => name.toLowerCase()) ?? [];
    const rows = hits(text, [...territories, ...regions], sheet.names, meant).map((hit) => this.#row(hit, lasso));
    this.list.replaceChildren(...(rows.length ? rows : [make("li", { class: "none", text: this.meaning.none("Nothing here is called that") })]));
  }

  /**
   * @param {Hit} hit
   * @param {boolean} lists whether what is inside a region can be listed
   */
  #row(hit, lists) {
    const { name } = hit, word = "point" in hit ? "Open" : lists && "List it";
    /** @param {() => void} act */
    const close = (act) => () => {
      act();
      this.list.hidden = true;
    };
    const go = { text: name, title: name, onclick: close(() => this.#go(hit)) };
    const row = make("li", {}, make("button", { type: "button", class: "go", ...go }));
    if (!word) return row;
    const more = { text: word, "aria-label": `${word}: ${name}`, onclick: close(() => this.#more(hit)) };
    row.append(make("button", { type: "button", class: "more", ...more }));
    return row;
  }

  /** @param {Hit} hit */
  #go(hit) {
    const { moves, stage } = this.atlas;
    this.marked = "region" in hit ? hit.region : null;
    if ("region" in hit) {
      this.atlas.spoken.textContent = `${hit.region.name} is in the middle of the map`;
      moves.fly(hit.region.x, hit.region.y, Math.min(CLOSER, 0.25 / hit.region.reach));
    } else if (stage.sheet) {
      const { x, y } = stage.sheet.columns;
      moves.fly(x[hit.point], y[hit.point], CLOSE);
      moves.pointAt(hit.point);
      moves.speak();
    }
  }

  /** @param {Hit} hit */
  #more(hit) {
    if ("point" in hit) this.atlas.moves.open(hit.point);
    else this.atlas.moves.enclosed(edge(hit.region));
  }

  /**
   * A ring around the region that was picked, with its name.
   * @param {Pen} pen
   * @param {Camera} camera
   */
  draw(pen, camera) {
    if (!this.marked) return;
    const { x, y, reach, name } = this.marked, [left, top] = camera.screen(x, y);
    const radius = Math.max(reach * camera.scale, LEAST_RING);
    pen.ink.setLineDash([7, 5]);
    pen.ring(left, top, radius, pen.tint.first, 2);
    pen.ink.setLineDash([]);
    pen.font(700, 14, "center");
    pen.text(name, left, top - radius - 11, pen.tint.first);
  }
}
