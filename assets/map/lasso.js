// The lasso: a line drawn around a region. The server is told its corners, and says what to show inside.

/** @import {Place, Roped} from "../shared/types.js" */
/** @import {Camera} from "./camera.js" */
/** @import {Pen} from "./pen.js" */

const FAR = 4; // pixels from one corner to the next, at least
const MOST_CORNERS = 300; // corners

export class Lasso {
  on = false; // the next drag draws one
  asked = false; // the server was told of one, and has not said yet what is inside
  /**
   * The one that is being drawn.
   * @type {Place[] | null}
   */
  drawing = null;
  /**
   * The one that the server has taken.
   * @type {Roped | null}
   */
  roped = null;

  /** @param {boolean} on */
  take(on) {
    this.on = on;
    this.drawing = null;
  }

  /** @param {Place} place on the map */
  begin(place) {
    if (this.on) this.drawing = [place];
  }

  /**
   * Draw on to a place on the screen.
   * @param {Camera} camera
   * @param {number} left
   * @param {number} top
   */
  reach(camera, left, top) {
    if (!this.drawing || this.drawing.length >= MOST_CORNERS) return;
    const [x, y] = camera.screen(...this.drawing[this.drawing.length - 1]);
    if (Math.hypot(left - x, top - y) > FAR) this.drawing.push(camera.place(left, top));
  }

  /**
   * @param {Pen} pen
   * @param {Camera} camera
   * @param {Float32Array} xs
   * @param {Float32Array} ys
   */
  draw(pen, camera, xs, ys) {
    const { ink, tint } = pen, polygon = this.drawing ?? this.roped?.polygon;
    if (!polygon?.length) return;
    ink.beginPath();
    for (const [x, y] of polygon) ink.lineTo(...camera.screen(x, y));
    ink.closePath();
    ink.globalAlpha = 0.12;
    ink.fillStyle = tint.first;
    ink.fill();
    ink.globalAlpha = 1;
    ink.lineWidth = 1.8;
    ink.setLineDash([6, 4]);
    ink.strokeStyle = tint.first;
    ink.stroke();
    ink.setLineDash([]);
    if (!this.drawing) for (const item of this.roped?.shown ?? []) pen.disc(...camera.screen(xs[item], ys[item]), 3, tint.first);
  }
}
