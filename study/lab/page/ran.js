// Which lines a step has run. The page knows the line of the operation before which a thread stood, and the line of the next one.
// Nothing here draws.
"use strict";

const OPENS = /[{([]$/;

const indentOf = (line) => line.length - line.trimStart().length;

// The lines at which some thread of the scene stands in some state, by excerpt.
function stopsOf(scene) {
  if (!scene.stops) {
    scene.stops = new Map();
    for (const { at } of scene.threads) {
      if (!at) continue;
      if (!scene.stops.has(at[0])) scene.stops.set(at[0], new Set());
      scene.stops.get(at[0]).add(at[1]);
    }
  }
  return scene.stops;
}

// The lines from `first` up to `last`, which is not among them. A block with an operation or with a return is left out if `last` is
// behind it: a thread that runs such a block stops in it, or leaves.
function between(scene, excerpt, first, last) {
  const { lines } = LAB.code[excerpt];
  const stops = stopsOf(scene).get(excerpt) ?? new Set();
  const ran = [];
  for (let line = first; line < last; line += 1) {
    if (line === first || !/^(\/\/|[})\]]+[;,]?$)/.test(lines[line].trim())) ran.push(line);
    if (!OPENS.test(lines[line]) || line === 0) continue;
    let end = line + 1;
    while (end < lines.length && indentOf(lines[end]) > indentOf(lines[line])) end += 1;
    const block = Array.from({ length: end - line - 1 }, (_, offset) => line + 1 + offset);
    const leaves = block.some((inner) => (stops.has(inner) && inner !== first) || /\b(return|break)\b/.test(lines[inner]));
    if (end <= last && leaves) line = end - 1;
  }
  return ran;
}

// The line that calls the function of an excerpt.
function callOf(from, line, to) {
  const name = LAB.code[to].lines[0].match(/fn (\w+)/)[1];
  const call = new RegExp(`[.:]${name}(::<[^>]*>)?\\(`);
  const at = LAB.code[from].lines.findIndex((text, place) => place >= line && call.test(text));
  return at < 0 ? undefined : at;
}

// The lines that a thread has run between two states, as pairs of an excerpt and a line.
function ranLines(scene, before, after) {
  if (!before.at) return [];
  const [excerpt, line] = before.at;
  const [next, target] = after.at ?? [];
  const all = (of, lines) => lines.map((ran) => `${of}:${ran}`);
  const { length } = LAB.code[excerpt].lines;
  const same = next === excerpt && after.calls.length === before.calls.length;
  if (same && target > line) return all(excerpt, between(scene, excerpt, line, target));
  if (same) return all(excerpt, [line]); // a loop
  if (next === undefined || after.calls.length !== before.calls.length) return all(excerpt, between(scene, excerpt, line, length));
  const call = callOf(excerpt, line, next);
  if (call === undefined) return all(excerpt, [line]);
  return [...all(excerpt, between(scene, excerpt, line, call + 1)), ...all(next, between(scene, next, 0, target))];
}
