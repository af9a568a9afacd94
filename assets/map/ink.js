// All that is drawn in ink over the points, from the lowest to the uppermost.

/** @import {Box} from "./labels.js" */
/** @import {Atlas} from "./map.js" */
/** @import {Sheet} from "./sheet.js" */

import { drawCrowd } from "./crowd.js";
import { drawLabels, labels } from "./labels.js";
import { drawLiked, drawTrail, markerBox } from "./trail.js";

/**
 * Draw the present moment; returns how many names there is room for.
 * @param {Atlas} atlas
 * @param {Sheet} sheet
 */
export function drawInk({ stage, crowd, data, glide, lasso, over, widthOf }, sheet) {
  const { camera, pen } = stage, { places } = glide, { x, y } = sheet.columns;
  const trail = data.trail ? { pen, camera, x, y, places, taste: data } : null;
  if (crowd) drawCrowd(pen, camera, crowd, places);
  lasso.draw(pen, camera, x, y);
  if (trail) drawLiked(trail);
  /** @type {Box[]} */
  const taken = trail ? [markerBox(trail)] : [];
  const names = labels(sheet.facts.regions, camera, taken, widthOf);
  drawLabels(pen, names);
  if (trail) drawTrail(trail, taken);
  over.draw(pen, camera, sheet);
  return names.length;
}
