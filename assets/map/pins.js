// The first titles of the list as numbered pins. A pin stays with its title as long as that is among the first; the pin of
// one that has left flies to one that has come.

/** @import {Pen} from "./pen.js" */
/** @import {Camera} from "./camera.js" */

import { Glide } from "./glide.js";

const RADIUS = 9; // pixels

export class Pins {
  glide = new Glide();
  /**
   * The item of each pin, wherever it stands in the list; and the number that it shows.
   * @type {number[]}
   */
  items = [];
  /** @type {number[]} */
  ranks = [];

  /**
   * Show these, best first.
   * @param {number[]} items
   * @param {Float32Array} xs
   * @param {Float32Array} ys
   * @param {boolean} still nothing is to move by itself
   * @param {number} now
   */
  aim(items, xs, ys, still, now) {
    const come = items.filter((item) => !this.items.includes(item));
    this.items = this.items.slice(0, items.length).map((item) => (items.includes(item) ? item : (come.shift() ?? item)));
    this.items.push(...come);
    this.ranks = this.items.map((item) => items.indexOf(item) + 1);
    this.glide.aim(this.items.flatMap((item) => [xs[item], ys[item]]), "pins", still, now);
  }

  /**
   * Where they are on the screen.
   * @param {Camera} camera
   */
  at(camera) {
    const { places } = this.glide;
    return this.items.map((_, index) => camera.screen(places[2 * index], places[2 * index + 1]));
  }

  /**
   * @param {Pen} pen
   * @param {Camera} camera
   */
  draw(pen, camera) {
    const at = this.at(camera);
    const order = this.ranks.map((_, index) => index).sort((one, other) => this.ranks[other] - this.ranks[one]); // the first on top
    pen.font(700, 11.5, "center");
    for (const index of order) {
      const [x, y] = at[index];
      pen.disc(x, y, RADIUS + 1.5, pen.tint.back);
      pen.disc(x, y, RADIUS, pen.tint.text);
      pen.ink.fillStyle = pen.tint.back;
      pen.ink.fillText(String(this.ranks[index]), x, y + 0.5);
    }
  }
}
