// What moves glides from where it is drawn to where the server says it is.

const MOVE = 260; // milliseconds it takes

export class Glide {
  token = ""; // whose places these are
  places = new Float32Array(0); // x, y, x, y, ... as they are drawn
  from = this.places;
  to = this.places;
  began = 0;

  /**
   * @param {number[]} moving
   * @param {string} token what belongs to somebody else does not glide
   * @param {boolean} still nothing is to move by itself
   * @param {number} now
   */
  aim(moving, token, still, now) {
    const glides = this.token === token && this.places.length === moving.length && !still;
    this.token = token;
    this.to = Float32Array.from(moving);
    this.from = glides ? this.places.slice() : this.to;
    this.places = this.from.slice();
    this.began = now;
  }

  /**
   * Bring places to where they are now; whether all have arrived.
   * @param {number} now
   */
  step(now) {
    const share = Math.min(1, (now - this.began) / MOVE), eased = 1 - (1 - share) ** 3;
    for (let i = 0; i < this.places.length; i++) this.places[i] = this.from[i] + (this.to[i] - this.from[i]) * eased;
    return share >= 1;
  }
}

/** Whether whoever looks has asked for less motion. */
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
