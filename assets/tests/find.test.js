// Searching by name.

import assert from "node:assert/strict";
import { test } from "node:test";

import { alike, begins, called, fold, rank } from "../shared/find.js";
import { golden } from "./golden.js";

/** @param {[string, number][]} named */
const entries = (named) => named.map(([name, weight]) => ({ name, names: name.split(/ \(|\)/).filter(Boolean).map(fold), weight }));

const FILMS = entries([
  ["Mulholland Falls", 9],
  ["Mulholland Drive", 5],
  ["Amélie (Le fabuleux destin d'Amélie Poulain)", 90],
  ["Eraserhead", 12],
  ["Wes Craven's New Nightmare", 8],
  ["The Matrix", 200],
  ["The Matrix Reloaded", 60],
  ["Alien", 80],
  ["Aliens", 99],
  ["My Alien Friend", 300],
  ["The A-Team", 3],
  ["WALL·E", 50],
  ["Schindler's List", 70],
  ["Fast & Furious", 10],
  ["Seven (a.k.a. Se7en)", 88],
  ["Нуар", 1],
]);

/** @param {string} query */
const found = (query, n = 8) => rank(query, FILMS, n).map(({ name }) => name);

test("spellings of a name share what they are folded to", () => {
  assert.equal(fold("  L’ÉCUME  des—jours! "), "lecume des jours");
  assert.equal(fold("The Matrix"), fold("matrix"));
  assert.equal(fold("Fast & Furious"), fold("fast and furious"));
  assert.equal(fold("The"), "the"); // an article alone is a name
  assert.equal(fold("Schindler's"), fold("schindlers"));
  assert.equal(fold("???"), "");
});

test("names are searched by what the server says", () => {
  for (const { name, by } of golden("spellings").searched) assert.equal(fold(name), by, name);
});

test("exact comes before a beginning, that before a word inside, and equals go by weight", () => {
  assert.deepEqual(found("alien"), ["Alien", "Aliens", "My Alien Friend"]);
  assert.deepEqual(found("mulholland"), ["Mulholland Falls", "Mulholland Drive"]);
  assert.deepEqual(found("mulholland d"), ["Mulholland Drive"]);
  assert.deepEqual(found("matrix"), ["The Matrix", "The Matrix Reloaded"]);
});

test("accents, case, marks and other titles are forgiven", () => {
  for (const query of ["amelie", "AMÉLIE", "the amélie", "fabuleux", "destin le"]) assert.equal(found(query)[0], FILMS[2].name);
  for (const query of ["wall e", "wall-e", "Wall·E"]) assert.equal(found(query)[0], "WALL·E");
  assert.equal(found("schindlers list")[0], "Schindler's List");
  assert.equal(found("fast and")[0], "Fast & Furious");
  assert.equal(found("se7en")[0], "Seven (a.k.a. Se7en)");
  assert.equal(found("нуар")[0], "Нуар");
});

test("words in any order, each at the beginning of one", () => {
  assert.deepEqual(found("nightmare wes"), ["Wes Craven's New Nightmare"]);
  assert.deepEqual(found("drive mul"), ["Mulholland Drive"]);
});

test("slips of the finger: one from four letters on, two from eight", () => {
  for (const query of ["matirx", "marix", "natrix", "maatrix"]) assert.equal(found(query)[0], "The Matrix");
  for (const query of ["eraserhaed", "erazerhed", "mulholand drve"]) assert.equal(found(query).length, 1);
  assert.deepEqual(found("mxtryx"), []); // two in six letters
  assert.deepEqual(found("ali3"), ["My Alien Friend", "Aliens", "Alien"]); // one slip each, so by weight
  assert.deepEqual(found("als"), []); // too short to be one
  assert.deepEqual(found("eraserhead"), ["Eraserhead"]); // and never a title that is merely alike
});

test("what is called so, and what is only alike, can be asked for apart", () => {
  /** @param {typeof called} by @param {string} query */
  const names = (by, query, n = 8) => by(query, FILMS, n).map(({ name }) => name);
  assert.deepEqual(names(called, "alien"), ["Alien", "Aliens", "My Alien Friend"]); // as close as it is, then by weight
  assert.deepEqual(names(called, "matirx"), []); // never by a slip
  assert.deepEqual(names(alike, "matirx"), ["The Matrix", "The Matrix Reloaded"]);
  assert.deepEqual(names(alike, "alein"), ["My Alien Friend", "Aliens", "Alien"]); // by weight alone
  assert.deepEqual(names(alike, "alien"), ["My Alien Friend", "Aliens", "Alien"]); // no slip is one too
  assert.deepEqual(names(alike, "als"), []); // too short for one
  for (const by of [called, alike]) {
    assert.deepEqual(names(by, "  "), []);
    assert.deepEqual(names(by, "matrix", 1), ["The Matrix"]);
  }
  assert.deepEqual(found("mulholland").slice(0, 2), names(called, "mulholland"));
  assert.deepEqual(found("alien"), names(called, "alien")); // enough were found without slips
  assert.deepEqual(rank("reloadde", FILMS), alike("reloadde", FILMS, 8));
});

test("nothing is found for nothing, and never more than asked for", () => {
  assert.deepEqual(found(""), []);
  assert.deepEqual(found(" .,! "), []);
  assert.equal(found("m", 1).length, 1);
});

test("a distance to any beginning of a word", () => {
  assert.ok(begins("mulh", "mulholland", 0));
  assert.ok(begins("mlholl", "mulholland", 1)); // one letter missing
  assert.ok(begins("muhlolland", "mulholland", 1)); // two changed places
  assert.ok(!begins("mxxholland", "mulholland", 1));
  assert.ok(begins("mxxholland", "mulholland", 2));
  assert.ok(!begins("drive", "dr", 1));
});
