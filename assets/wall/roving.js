// Arrow keys on a grid of buttons: one of them is in the tab order, the one that was used last.

/**
 * Where a key leads from a place among n in rows of so many; undefined for other keys.
 * @param {string} key
 * @param {number} at
 * @param {number} n
 * @param {number} columns
 */
export function led(key, at, n, columns) {
  const steps = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns });
  if (key === "Home") return 0;
  if (key === "End") return n - 1;
  if (!(key in steps)) return undefined;
  const to = at + steps[key];
  return to >= 0 && to < n ? to : at;
}

/** @param {HTMLElement} place whose children are the buttons */
export function rove(place) {
  const all = () => /** @type {HTMLElement[]} */ ([...place.children]);
  /** @param {HTMLElement} one */
  const take = (one) => all().forEach((other) => (other.tabIndex = other === one ? 0 : -1));
  if (place.firstElementChild instanceof HTMLElement) take(place.firstElementChild);
  place.addEventListener("focusin", ({ target }) => target instanceof HTMLElement && take(target));
  place.onkeydown = (event) => {
    const buttons = all(), at = buttons.indexOf(/** @type {HTMLElement} */ (event.target));
    const columns = buttons.filter((one) => one.offsetTop === buttons[0].offsetTop).length;
    const to = led(event.key, at, buttons.length, columns);
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    buttons[to].focus();
  };
}
