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

const OPERATION = /\.(lock|wait|wait_until|notify_one|notify_all|wake)\(|yield_now\(/;

// The lines from `first` up to `last`, which is not among them. A block with an operation, a release or a return is left out if `last` is
// behind it: a thread that runs such a block stops in it, or leaves. The lines end before an operation that each way through the code
// reaches, because the thread has left before it; an arm of a `match` is no such line.
function between(scene, excerpt, first, last) {
  const { lines } = LAB.code[excerpt];
  const stops = stopsOf(scene).get(excerpt) ?? new Set();
  const isOperation = (line) => line !== first && (stops.has(line) || OPERATION.test(lines[line]));
  const ran = [];
  for (let line = first; line < last; line += 1) {
    if (isOperation(line) && !lines[line].includes("=>")) break; // it has left before, in a block with a return
    if (!isOperation(line) && (line === first || !/^(\/\/|[})\]]+[;,]?$)/.test(lines[line].trim()))) ran.push(line);
    if (!OPENS.test(lines[line]) || line === 0) continue;
    let end = line + 1;
    while (end < lines.length && indentOf(lines[end]) > indentOf(lines[line])) end += 1;
    const block = Array.from({ length: end - line - 1 }, (_, offset) => line + 1 + offset);
    const leaves = block.some((inner) => isOperation(inner) || /\b(return|break|release)\b/.test(lines[inner]));
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

// The head of the `while` around a wait from which a thread returns: its condition is checked again. A time-out leaves the loop.
function checkedAgain({ lines }, line, before, after) {
  if (!["resume", "timed"].includes(before.next) || after.next === "lock") return [];
  const head = lines.findLastIndex((text, at) => at < line && indentOf(text) < indentOf(lines[line]) && text.trim().startsWith("while "));
  return head < 0 ? [] : [head];
}

// The lines that a thread has run between two states, as pairs of an excerpt and a line.
function ranLines(scene, before, after) {
  if (!before.at) return [];
  const [excerpt, line] = before.at;
  if (before.on === "clock") return [`${excerpt}:${line}`]; // the program's own
  const [next, target] = after.at ?? [];
  const all = (of, lines) => lines.map((ran) => `${of}:${ran}`);
  const code = LAB.code[excerpt];
  const again = all(excerpt, checkedAgain(code, line, before, after));
  const goesOn = next !== undefined && after.calls.length === before.calls.length;
  if (goesOn && next === excerpt) return [...again, ...all(excerpt, target > line ? between(scene, excerpt, line, target) : [line])];
  const call = goesOn ? callOf(excerpt, line, next) : undefined;
  if (call !== undefined) return [...again, ...all(excerpt, between(scene, excerpt, line, call + 1)), ...all(next, between(scene, next, 0, target))];
  const rest = [...again, ...all(excerpt, between(scene, excerpt, line, code.lines.length))];
  const caller = goesOn ? callOf(next, 0, excerpt) : undefined;
  return caller < target ? [...rest, ...all(next, between(scene, next, caller, target))] : rest;
}
