// What the Python engine says, and how near the browser must come to it. tests/front_end/golden.py writes the files.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/**
 * @typedef {{key: string, amount: number, depth: number}} Dial
 * @typedef {{
 *   person: {up: number, down: number, base: number[]}, seen: number[], vectors: Record<string, number[]>,
 *   cases: {name: string, dials: Dial[], hands: {key: string, scores: number[]}[], best: number[], by: string[]}[],
 * }} BlendFile
 * @typedef {{
 *   person: {up: number, down: number}, now: Dial[], columns: number[], rows: number[][],
 *   turns: {amounts: number[], certain: boolean, missing: number[], best: number[]}[],
 * }} CandidatesFile
 * @typedef {{cases: {scores: number[], n: number, best: number[]}[]}} RankingFile
 * @typedef {{
 *   amounts: {hand: number, kept: number}[],
 *   scales: {up: number[], down: number[], at: {position: number, amount: number}[]}[],
 * }} StateFile
 * @typedef {{
 *   do: "zoom" | "pan" | "fly" | "home", how: number[], view: {x: number, y: number, zoom: number}, scale: number,
 *   places: [number, number][], screen: [number, number][],
 * }} CameraStep
 * @typedef {{sizes: Record<"wide" | "tall", [number, number]>, wide: CameraStep[], tall: CameraStep[]}} CameraFile
 * @typedef {{
 *   person: {up: number, down: number, y: number[]}, network: {hidden: number, weights: number[]},
 *   knobs: Record<string, {step: number[], depth: number}>,
 *   cases: {name: string, dials: {key: string, amount: number}[], y: number[], place: number[]}[],
 * }} PlaceFile
 * @typedef {{
 *   blend: BlendFile, candidates: CandidatesFile, ranking: RankingFile, state: StateFile, camera: CameraFile,
 *   place: PlaceFile, spellings: {searched: {name: string, by: string}[]},
 * }} Files
 */

/**
 * @template {keyof Files} Name
 * @param {Name} name
 * @returns {Files[Name]}
 */
export function golden(name) {
  return JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), "utf-8"));
}

/**
 * Numbers are the same up to rounding.
 * @param {Iterable<number>} found
 * @param {Iterable<number>} wanted
 * @param {number} apart
 * @param {string} [where]
 */
export function near(found, wanted, apart, where = "") {
  const ours = [...found], theirs = [...wanted];
  assert.equal(ours.length, theirs.length, where);
  ours.forEach((value, i) => {
    const fits = value === theirs[i] || Math.abs(value - theirs[i]) <= apart;
    assert.ok(fits, `${where}: ${theirs[i]} expected at ${i}, found ${value}`);
  });
}

/**
 * Numbers in [0, 1) that are the same in every run.
 * @param {number} seed
 */
export function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
