// The stage: ground, points and ink, a canvas each, one above the other and of the size of the page, and when they are drawn.

/** @import {Sheet} from "./sheet.js" */

import { find } from "../shared/dom.js";
import { shared } from "../shared/store.js";
import { Camera, whole } from "./camera.js";
import { Field } from "./field.js";
import { Pen } from "./pen.js";
import { Points } from "./points.js";
import { save } from "./tools.js";

export class Stage {
  camera = new Camera();
  frame = 0;
  stale = false; // the points are to be drawn as well
  /** @type {Sheet | null} */
  sheet = null;

  /**
   * @param {HTMLElement} root
   * @param {(sheet: Sheet, now: number) => boolean} inked draws the ink of this moment; whether that was the last for now
   */
  constructor(root, inked) {
    this.root = root;
    this.inked = inked;
    this.page = find(root, ".sheet");
    this.ink = find(root, ".ink", HTMLCanvasElement);
    this.pen = new Pen(this.ink);
    this.field = new Field(find(root, ".ground", HTMLCanvasElement));
    this.points = new Points(find(root, ".points", HTMLCanvasElement), () => this.draw());
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(this.page);
  }

  /**
   * Put another sheet there; it is seen as it was when it was last left.
   * @param {Sheet} sheet
   */
  spread(sheet) {
    this.sheet = sheet;
    this.points.place(sheet.columns);
    this.camera.tall = tallness(sheet.columns.y);
    this.camera.view = shared.cameras[sheet.id] ??= whole();
  }

  draw(inkOnly = false) {
    this.stale ||= !inkOnly;
    this.frame ||= requestAnimationFrame((now) => this.#paint(now));
  }

  get ratio() {
    return Math.min((devicePixelRatio || 1) * (this.page.currentCSSZoom ?? 1), 2);
  }

  /** Follow the size of the page. */
  fit() {
    if (!this.sheet) return;
    const { clientWidth: width, clientHeight: height } = this.page;
    if (!width || !height) return;
    const [across, down] = [width, height].map((side) => Math.round(side * this.ratio));
    if (this.ink.width === across && this.ink.height === down && this.camera.width) return;
    Object.assign(this.camera, { width, height });
    for (const canvas of this.#layers) Object.assign(canvas, { width: across, height: down });
    this.draw();
  }

  /** From the lowest to the uppermost. */
  get #layers() {
    return [this.field.canvas, this.points.canvas, this.ink];
  }

  /** @param {number} now */
  #paint(now) {
    this.frame = 0;
    if (!this.sheet || !this.camera.width) return;
    const { camera, ratio, sheet } = this, { x, y, zoom } = camera.view;
    if (this.stale) {
      this.field.draw(camera, ratio);
      this.points.draw({ x, y, scale: camera.scale * ratio, dot: sheet.facts.dot * ratio * zoom ** 0.45 });
      this.root.dataset.camera = JSON.stringify([x, y, camera.scale]);
    }
    this.stale = false;
    this.pen.clear(camera.width, camera.height, ratio);
    if (!this.inked(sheet, now)) this.draw(true);
  }

  /** Let the browser save points and ink as one picture. */
  save() {
    this.stale = true;
    this.#paint(performance.now()); // in this very moment, while the graphics card still has its picture
    save(this.#layers, this.pen.tint.back);
  }

  close() {
    this.watch.disconnect();
    cancelAnimationFrame(this.frame);
  }
}

const FLATTEST = 0.4;

/**
 * How tall a map is against its width, which is 1; its middle is in the middle of both.
 * @param {Float32Array} ys
 */
export function tallness(ys) {
  return ys.reduce((most, y) => Math.max(most, 2 * Math.abs(y - 0.5)), FLATTEST);
}
