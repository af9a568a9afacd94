// The camera: which part of the map is on the screen. Places are in [0, 1] on the map but for strays, y downwards.

/** @import {Place, View} from "../shared/types.js" */

const FILL = 0.9; // of the side that it fills first, by the whole map
const NEAREST = 120;
const FARTHEST = 0.5;
const FIRST = -1; // the middle of the screen stays between these on the map
const LAST = 2;

/** @returns {View} the whole map */
export const whole = () => ({ x: 0.5, y: 0.5, zoom: 1 });

export class Camera {
  width = 0; // of the screen, in pixels
  height = 0;
  tall = 1; // of the map, against its width
  /** Changed in place, so that whoever keeps it has it as it stands. */
  view = whole();

  /** Pixels a unit of the map. */
  get scale() {
    return this.view.zoom * Math.min(this.width, this.height / this.tall) * FILL;
  }

  /**
   * Where a place on the map is on the screen.
   * @param {number} x
   * @param {number} y
   * @returns {Place}
   */
  screen(x, y) {
    return [(x - this.view.x) * this.scale + this.width / 2, (y - this.view.y) * this.scale + this.height / 2];
  }

  /**
   * Which place on the map is there on the screen.
   * @param {number} left
   * @param {number} top
   * @returns {Place}
   */
  place(left, top) {
    return [(left - this.width / 2) / this.scale + this.view.x, (top - this.height / 2) / this.scale + this.view.y];
  }

  /**
   * Nearer or farther, about a place on the screen, which stays where it is.
   * @param {number} factor
   * @param {number} left
   * @param {number} top
   */
  zoom(factor, left = this.width / 2, top = this.height / 2) {
    const { view } = this, before = this.place(left, top);
    view.zoom = Math.max(FARTHEST, Math.min(NEAREST, view.zoom * factor));
    const after = this.place(left, top);
    view.x += before[0] - after[0];
    view.y += before[1] - after[1];
  }

  /**
   * Look so many pixels further.
   * @param {number} right
   * @param {number} down
   */
  pan(right, down) {
    const { view } = this;
    view.x = Math.max(FIRST, Math.min(LAST, view.x + right / this.scale));
    view.y = Math.max(FIRST, Math.min(LAST, view.y + down / this.scale));
  }

  /** Look at the whole map. */
  home() {
    Object.assign(this.view, whole());
  }

  /**
   * Look at a place, at least so near.
   * @param {number} x
   * @param {number} y
   * @param {number} zoom
   */
  fly(x, y, zoom) {
    Object.assign(this.view, { x, y, zoom: Math.max(zoom, this.view.zoom) });
  }
}
