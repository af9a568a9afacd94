// Turns as the server is told of them. Every one has a version, which the server hands back once it has taken it over.

export class Turns {
  count = 0;
  last = ""; // the version told last
  asked = 0; // when, 0 once that was answered

  /**
   * What to say. held: a hand is still on the knob, and more will follow.
   * @param {Record<string, number>} amounts by knob
   * @param {boolean} held
   */
  tell(amounts, held) {
    this.count += 1;
    this.last = `${this.count}.${Date.now()}`;
    this.asked = performance.now();
    return { amounts, version: this.last, held };
  }

  /**
   * Milliseconds that the answer to the last turn took, where this version is that answer and new.
   * @param {string} version
   * @returns {number | undefined}
   */
  answered(version) {
    if (!this.asked || version !== this.last) return undefined;
    const took = performance.now() - this.asked;
    this.asked = 0;
    return took;
  }

  /**
   * Whether an answer is still to be waited for, this many milliseconds at most.
   * @param {number} patience
   */
  waiting(patience) {
    return this.asked > 0 && performance.now() - this.asked < patience;
  }
}
