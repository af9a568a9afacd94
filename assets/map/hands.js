// Hands on the map: a mouse, fingers, a wheel, keys.

/** @import {Place} from "../shared/types.js" */
/** @import {Atlas} from "./map.js" */

const NEAR = 12; // pixels within which a point is meant
const MIDDLE = 80; // and from the middle of the view, by keys
const FIRM = 4; // pixels after which a press is a drag
const NUDGE = 60; // pixels of an arrow key

/**
 * Pointers drag the map, pinch it, draw a lasso, and press points.
 * @param {Atlas} atlas
 */
export function pointers(atlas) {
  const { lasso, moves, stage } = atlas, { ink, camera } = stage;
  /** @type {Map<number, Place>} */
  const fingers = new Map();
  /** @type {{at: Place, moved: boolean} | null} */
  let start = null;
  let spread = 0; // between two fingers

  /**
   * @param {MouseEvent} event
   * @returns {Place}
   */
  const at = (event) => {
    const box = ink.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  const pinch = () => {
    const [[a, b], [c, d]] = fingers.values(), now = Math.hypot(a - c, b - d);
    if (spread) moves.zoom(now / spread, (a + c) / 2, (b + d) / 2);
    spread = now;
  };

  ink.onpointerdown = (event) => {
    if (event.button || !stage.sheet) return;
    ink.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at(event));
    start = fingers.size === 1 ? { at: at(event), moved: false } : null;
    if (start) lasso.begin(camera.place(...at(event)));
    spread = 0;
  };

  ink.onpointermove = (event) => {
    if (!stage.sheet) return;
    const [left, top] = at(event), before = fingers.get(event.pointerId);
    if (!before) {
      moves.pointAt(lasso.on ? -1 : moves.nearest(left, top, NEAR));
      return;
    }
    fingers.set(event.pointerId, [left, top]);
    if (fingers.size === 2) {
      pinch();
      return;
    }
    if (start && Math.hypot(left - start.at[0], top - start.at[1]) > FIRM) start.moved = true;
    if (lasso.drawing) {
      lasso.reach(camera, left, top);
      stage.draw(true);
    } else if (start?.moved) {
      ink.classList.add("is-moving");
      moves.pan(before[0] - left, before[1] - top);
    }
  };

  ink.onpointerup = ink.onpointercancel = (event) => {
    if (!fingers.delete(event.pointerId)) return;
    ink.classList.remove("is-moving");
    if (lasso.drawing) moves.enclose();
    else if (start && !start.moved && event.type === "pointerup") {
      moves.pointAt(moves.nearest(...at(event), event.pointerType === "touch" ? 2 * NEAR : NEAR));
      moves.open(atlas.over.point);
    }
    start = null;
  };

  ink.onpointerleave = () => moves.pointAt(-1);

  ink.onwheel = (event) => {
    if (!stage.sheet) return;
    event.preventDefault();
    moves.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018)), ...at(event));
  };
}

/**
 * Keys move the map, and what lies in the middle of it is what they point at.
 * @param {Atlas} atlas
 */
export function keys(atlas) {
  const { moves, over, stage } = atlas, { ink, camera } = stage;
  /** @type {Record<string, () => void>} */
  const ways = {
    ArrowLeft: () => moves.pan(-NUDGE, 0),
    ArrowRight: () => moves.pan(NUDGE, 0),
    ArrowUp: () => moves.pan(0, -NUDGE),
    ArrowDown: () => moves.pan(0, NUDGE),
    "+": () => moves.zoom(1.3),
    "=": () => moves.zoom(1.3),
    "-": () => moves.zoom(1 / 1.3),
    0: () => moves.home(),
  };
  /** @type {Record<string, () => void>} */
  const others = {
    Enter: () => moves.open(over.point),
    Escape: () => {
      atlas.search.marked = null;
      moves.rope(false);
      moves.pointAt(-1);
      atlas.send("close", Date.now());
    },
  };
  ink.onkeydown = (event) => {
    const act = ways[event.key] ?? others[event.key];
    if (!act || !stage.sheet || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
    if (event.key in others) return;
    moves.pointAt(moves.nearest(camera.width / 2, camera.height / 2, MIDDLE));
    moves.speak();
  };
}
