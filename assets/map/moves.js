// What hands, buttons and the search do to the map.

/** @import {Place} from "../shared/types.js" */
/** @import {Camera} from "./camera.js" */
/** @import {Atlas} from "./map.js" */

import { nearest } from "./nearest.js";

export class Moves {
  /** @param {Atlas} atlas */
  constructor(atlas) {
    this.atlas = atlas;
    this.stage = atlas.stage;
    this.camera = atlas.stage.camera;
  }

  /** @param {Parameters<Camera["zoom"]>} how */
  zoom(...how) {
    this.camera.zoom(...how);
    this.stage.draw();
  }

  /** @param {Parameters<Camera["pan"]>} how */
  pan(...how) {
    this.camera.pan(...how);
    this.stage.draw();
  }

  home() {
    this.camera.home();
    this.stage.draw();
  }

  /** @param {Parameters<Camera["fly"]>} how */
  fly(...how) {
    this.camera.fly(...how);
    this.stage.draw();
  }

  /**
   * The point that is meant by a place on the screen, -1 where none is within reach.
   * @param {number} left
   * @param {number} top
   * @param {number} reach
   */
  nearest(left, top, reach) {
    const { sheet } = this.stage, { only } = this.atlas.legend;
    if (!sheet) return -1;
    const { x, y, [sheet.facts.modes[0].column]: whose } = sheet.columns;
    const counts = (/** @type {number} */ point) => only < 0 || whose[point] === only;
    return nearest(x, y, this.camera.place(left, top), reach / this.camera.scale, counts);
  }

  /**
   * Be over a point, -1 for none.
   * @param {number} point
   */
  pointAt(point) {
    if (this.atlas.over.move(point)) this.stage.draw(true);
  }

  /** Say aloud what is pointed at. */
  speak() {
    const named = this.stage.sheet?.names[this.atlas.over.point];
    if (named) this.atlas.spoken.textContent = `${named.title}, ${named.detail}`;
  }

  /**
   * Open a point's card.
   * @param {number} point
   */
  open(point) {
    const { sheet } = this.stage;
    if (sheet && point >= 0) this.atlas.send(sheet.facts.event, sheet.names[point].key ?? point);
  }

  /** Let go of a lasso; the server lists what is inside. */
  enclose() {
    const { drawing } = this.atlas.lasso;
    this.rope(false);
    if (drawing && drawing.length > 2) this.enclosed(drawing);
  }

  /**
   * List what is inside some corners.
   * @param {Place[]} corners
   */
  enclosed(corners) {
    this.atlas.lasso.asked = true;
    this.atlas.say("lasso", corners);
  }

  /**
   * Take the lasso in hand, or put it away with what was drawn.
   * @param {boolean} on
   */
  rope(on) {
    this.atlas.lasso.take(on);
    this.stage.ink.classList.toggle("is-lasso", on);
    this.atlas.roper.setAttribute("aria-pressed", String(on));
    this.stage.draw(true);
  }
}
