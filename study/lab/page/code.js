// The code of a scene, each function once: a mark for the next line of each thread, and the lines of the last step tinted.
"use strict";

const TOKENS = /("(?:[^"\\]|\\.)*")|(\/\/.*)|\b(fn|let|mut|if|else|while|loop|for|match|return|self|Self|Some|None|Ok|Err|true|false|pub|crate|move|in|break)\b/;

// A line of Rust: strings are left alone, keywords are bold, comments are set apart.
function drawLine(text) {
  const parts = [];
  for (let rest = text; rest;) {
    const found = rest.match(TOKENS);
    if (!found) return [...parts, rest];
    if (found.index > 0) parts.push(rest.slice(0, found.index));
    const [token, string, comment] = found;
    parts.push(string ? token : el(comment ? "i" : "b", {}, token));
    rest = rest.slice(found.index + token.length);
  }
  return parts;
}

// The places of a text that are outside of all brackets and hold a character.
function outside(text, character) {
  const places = [];
  let depth = 0;
  [...text].forEach((letter, place) => {
    if ("([<{".includes(letter)) depth += 1;
    if (")]}".includes(letter) || (letter === ">" && text[place - 1] !== "-")) depth -= 1;
    if (letter === character && depth === 0) places.push(place);
  });
  return places;
}

const LONG_HEAD = 58; // characters

// The head of a function. A long one keeps its names and loses its types.
function shortHead(line) {
  const text = line.replace(/^pub(\(crate\))? /, "");
  const open = text.indexOf("(");
  const close = open + outside(text.slice(open), ")")[0];
  if (text.length <= LONG_HEAD || open < 0 || Number.isNaN(close) || !text.endsWith("{")) return text;
  const parameters = text.slice(open + 1, close);
  const cuts = [-1, ...outside(parameters, ","), parameters.length];
  const names = cuts.slice(1).map((end, index) => parameters.slice(cuts[index] + 1, end).split(": ")[0].trim());
  return `${text.slice(0, open).replace(/<.*/, "")}(${names.filter(Boolean).join(", ")})${text.includes("->") ? " -> …" : ""} {`;
}

// The places of a scene's code, in the order of the files.
function excerptsOf(scene) {
  const all = [...stopsOf(scene).keys()];
  const key = (index) => `${LAB.code[index].file} ${String(LAB.code[index].line).padStart(6, "0")}`;
  return all.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function newCode(scene) {
  const rows = [];
  let file = "";
  const functions = excerptsOf(scene).map((excerpt) => {
    const { file: path, line, lines } = LAB.code[excerpt];
    let isBug = false;
    const list = el("ol", { start: String(line) }, ...lines.map((text, at) => {
      isBug = text.includes("// BUG:") || (isBug && text.trim().startsWith("//"));
      const marks = el("span", { class: "marks" });
      const shown = at === 0 ? shortHead(text) : text;
      const row = el("li", { style: `--indent: ${indentOf(text)}ch` }, marks, ...drawLine(shown.trim()));
      rows.push({ place: `${excerpt}:${at}`, row, marks, bug: isBug ? " bug" : "" });
      return row;
    }));
    const caption = path === file ? null : el("p", { class: "file" }, ...path.split(/(?<=[/_])/).flatMap((part) => [part, el("wbr")]));
    file = path;
    return [caption, list].filter(Boolean);
  });
  const element = el("figure", { class: "code", tabindex: "0", role: "region", "aria-label": "Code" }, ...functions.flat());
  // `last` is the last step, with the state before it.
  const show = (state, last) => {
    const ran = new Set(last ? ranLines(scene, last.before.threads[last.thread], state.threads[last.thread]) : []);
    for (const { place, row, marks, bug } of rows) {
      const here = scene.names.map((_, index) => index).filter((index) => state.threads[index].at?.join(":") === place);
      setClass(row, `${here.length ? `here t${here.at(-1)}` : ""}${ran.has(place) ? ` ran by${last.thread}` : ""}${bug}`.trim());
      refresh(marks, here.join(), () => here.map((index) => el("span", { class: `mark t${index}` },
        el("span", { class: "hidden" }, `${scene.names[index]}, thread `), String(index + 1))));
    }
  };
  // Shows the next line of a thread, or else a line that has run.
  const reveal = (state, thread) => {
    const place = state.threads[thread].at?.join(":");
    const target = rows.find((row) => row.place === place)?.row ?? rows.findLast(({ row }) => row.classList.contains("ran"))?.row;
    if (!target) return;
    const [box, line] = [element, target].map((of) => of.getBoundingClientRect());
    if (line.top < box.top + 20 || line.bottom > box.bottom - 20) element.scrollTop += line.top - box.top - box.height / 2;
    target.scrollIntoView({ block: "nearest" }); // the page: the code can be behind the bar
  };
  return { element, show, reveal };
}
