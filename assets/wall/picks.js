// What is picked: changed here at once, then told to the server, whose answer counts unless a newer pick is on its way.

export class Picks {
  count = 0;

  /**
   * @param {string} version that the server took over last
   * @param {number[]} items columns, in the order in which they were picked
   */
  constructor(version, items) {
    this.told = version;
    this.items = items;
  }

  /** @param {number} item */
  has(item) {
    return this.items.includes(item);
  }

  /** @param {number} item */
  add(item) {
    if (!this.has(item)) this.items = [...this.items, item];
  }

  /** @param {number} item */
  remove(item) {
    this.items = this.items.filter((one) => one !== item);
  }

  /** @param {number} item */
  toggle(item) {
    if (this.has(item)) this.remove(item);
    else this.add(item);
  }

  /** What to tell the server. */
  tell() {
    this.count += 1;
    this.told = `${this.count}.${Date.now()}`;
    return { items: this.items, version: this.told };
  }

  /**
   * Take over what the server says, unless it has not heard the last of us yet.
   * @param {string} version
   * @param {number[]} items
   */
  adopt(version, items) {
    if (version === this.told) this.items = items;
  }
}
