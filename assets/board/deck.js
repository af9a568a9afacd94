// What other components of the page see of the board and do with it: the list as it stands, and the knobs.

/** @import {Board} from "./board.js" */

import { shared } from "../shared/store.js";

/**
 * Let others drive the knobs as a hand would.
 * @param {Board} board
 */
export function registerDeck(board) {
  const { rack, telling } = board;
  shared.deck = {
    keys: () => rack.keys(),
    turn: (key, amount) => rack.views.get(key)?.move(amount),
    nudge: (index, clicks) => {
      const view = rack.views.get(rack.keys()[index] ?? "");
      view?.move(view.scale.clicked(view.amount, clicks));
    },
    release: () => telling.released(),
    rest: () => board.bar.deeds.reset(),
  };
  const { undo, redo, pin, ask, keep, before, way } = board.bar.deeds;
  /** @param {string} about themes or neurons, else the other of the two */
  const view = (about) => (about === "themes" || about === "neurons" ? board.bar.show(about) : way());
  Object.assign(shared.deeds, { undo, redo, pin, ask, keep, before, view, search: () => board.seek.field.focus() });
}

/**
 * Tell others which list is shown, and for which dials.
 * @param {Board} board
 * @param {number[]} items
 */
export function publish(board, items) {
  const dials = board.rack.amounts();
  shared.now = {
    state: board.data.state,
    held: board.rack.held,
    dials: Object.entries(dials).map(([key, amount]) => ({ key, amount })),
    items,
  };
  for (const follow of shared.turned) follow();
}
