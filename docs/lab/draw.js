// Draws one state of a scene. Nothing here changes the schedule.
"use strict";

function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// Sentences begin with a capital, also those that begin with the name of a thread.
const sentences = (text) => text.replace(/(^|\. )([a-z])/g, (start) => start.toUpperCase());

const chip = (scene, thread, text = scene.names[thread]) => el("span", { class: `chip t${thread}` }, text);

// Text with code between backticks.
const withCode = (text) => text.split("`").map((part, index) => (index % 2 ? el("code", {}, part) : part));

// What the next operation of a thread is called.
function operation(thread) {
  switch (thread.next) {
    case "lock": return "acquire the lock";
    case "unlock": return "release the lock";
    case "wait": return `wait on ${thread.on}`;
    case "resume": case "timed": return "reacquire the lock";
    case "notify_one": return `notify one waiter of ${thread.on}`;
    case "notify_all": return `notify all waiters of ${thread.on}`;
    case "load": return `read ${thread.on} without the lock`;
    case "store": return `set ${thread.on} without the lock`;
    case "modify": return `${thread.on === "clock" ? "read the clock" : `access ${thread.on} without the lock`}`;
    case "yield": return "yield the processor";
    default: return "";
  }
}

// A short name of a step, for the timeline.
function shortName(scene, before, step) {
  const thread = before.threads[step.thread];
  if (step.label === "time out") return "times out";
  switch (thread.next) {
    case "lock": return "lock";
    case "unlock": return "unlock";
    case "wait": return `wait on ${thread.on}`;
    case "resume": case "timed": return "return, lock";
    case "notify_one": case "notify_all": {
      const woken = (before.queues[thread.on] ?? []).filter((waiter) => !(step.after.queues[thread.on] ?? []).includes(waiter));
      return `notify ${thread.on} → ${woken.map((waiter) => scene.names[waiter]).join(", ") || "no waiter"}`;
    }
    case "load": return `read ${thread.on} (${step.label})`;
    case "modify": return thread.on === "clock" ? "clock" : `access ${thread.on}`;
    case "store": return `set ${thread.on}`;
    default: return thread.next;
  }
}

const waitsOn = (state, index) => Object.keys(state.queues).find((name) => state.queues[name].includes(index));

// Whether the thread was notified and has not yet returned from its wait.
const isNotified = (state, index) => ["resume", "timed"].includes(state.threads[index].next) && !waitsOn(state, index);

// Whether a check of the program has failed: no thread goes on.
const hasFailed = (state) => Boolean(state.end) && !state.end.startsWith("Deadlock");

// Why a thread cannot take a step now.
function whyNot(scene, state, index) {
  const thread = state.threads[index];
  const holder = state.owner >= 0 ? scene.names[state.owner] : "";
  if (thread.next === "end") return "Has ended.";
  if (hasFailed(state)) return thread.next === "join" && index > 0 ? "Its check failed: this result is wrong." : "A check failed, so the program has stopped.";
  if (thread.next === "join") return "Waits for the other threads to end.";
  const queue = waitsOn(state, index);
  if (queue) return `Waits on ${queue}: no notification has reached it.`;
  if (state.owner === index) return "Cannot acquire the lock: it holds the lock itself.";
  if (isNotified(state, index)) return `Was notified. Cannot reacquire the lock: ${holder} holds it.`;
  return `Cannot acquire the lock: ${holder} holds it.`;
}

// What all states of a scene show, so that the board does not jump.
function features(scene) {
  const queues = [...new Set(scene.queues.flatMap(Object.keys))];
  for (const name of ["not_full", "not_empty"]) {
    const used = scene.threads.some((thread) => thread.on === name);
    if (used && !queues.includes(name)) queues.push(name);
  }
  return {
    queues: queues.sort().reverse(),
    counts: scene.values.some((value) => value.producers[0] + value.consumers[0] > 0),
    pending: scene.values.some((value) => value.producers[1] || value.consumers[1]),
    closes: scene.values.some((value) => value.closed),
    snapshot: scene.values.some((value) => value.snapshot !== undefined),
  };
}

function drawBuffer(scene, state) {
  const { value } = state;
  const shows = features(scene);
  const slots = Array.from({ length: scene.capacity }, (_, slot) => {
    const place = (slot - (value.taken % scene.capacity) + scene.capacity) % scene.capacity;
    const item = value.items[place];
    const next = item !== undefined && place === 0 ? " next" : "";
    return el("li", { class: `slot${item === undefined ? " free" : " taken"}${next}` },
      el("span", { class: "item" }, item === undefined ? "" : String(item)),
      el("span", { class: "place" }, `slot ${slot}${next ? ", oldest" : ""}`));
  });
  const lock = state.owner >= 0 ? chip(scene, state.owner, `held by ${scene.names[state.owner]}`) : el("span", { class: "chip free" }, "free");
  const side = (name) => {
    const [waiting, pending] = value[name];
    return el("p", { class: "side" }, `${capital(name)}: ${waiting} counted as waiting `,
      shows.pending ? el("span", { class: pending ? "flag set" : "flag" }, pending ? "⚑ wake-up pending" : "no wake-up pending") : null);
  };
  const queue = (name) => el("div", { class: "queue" },
    el("span", { class: "name" }, `Queue of ${name}`),
    (state.queues[name] ?? []).length
      ? el("ol", {}, ...state.queues[name].map((waiter) => el("li", {}, chip(scene, waiter))))
      : el("span", { class: "none" }, "empty"));
  const notified = scene.names.map((_, index) => index).filter((index) => isNotified(state, index));
  return el("article", { class: "buffer", "aria-label": `Buffer: ${value.items.length} of ${scene.capacity} slots taken, lock ${state.owner >= 0 ? `held by ${scene.names[state.owner]}` : "free"}` },
    el("h3", {}, "Buffer ", shows.closes ? el("span", { class: value.closed ? "flag set" : "flag" }, value.closed ? "■ closed" : "open") : null),
    el("div", { class: "lock" }, el("span", { class: "name" }, "Lock"), lock),
    el("ol", { class: "slots", "aria-label": `${value.items.length} of ${scene.capacity} slots taken` }, ...slots),
    shows.snapshot ? el("p", { class: "side" }, `len_snapshot: ${value.snapshot ?? "-"}`) : null,
    ...(shows.queues.length ? shows.queues.map(queue) : []),
    shows.queues.length ? el("div", { class: "queue notified" }, el("span", { class: "name" }, "Notified, need the lock"),
      notified.length ? el("ol", {}, ...notified.map((index) => el("li", {}, chip(scene, index, scene.names[index])))) : el("span", { class: "none" }, "none")) : null,
    shows.counts ? el("div", { class: "sides" }, side("producers"), side("consumers")) : null);
}

const KEYWORDS = /\b(fn|let|mut|if|else|while|loop|for|match|return|self|Self|Some|None|Ok|Err|true|false|pub|crate|move|in)\b/;

function drawLine(text) {
  const code = text.indexOf("//") >= 0 ? text.slice(0, text.indexOf("//")) : text;
  const parts = code.split(new RegExp(KEYWORDS, "g")).map((part) => (KEYWORDS.test(part) ? el("b", {}, part) : part));
  const comment = text.slice(code.length);
  return [...parts, comment ? el("i", {}, comment) : null].filter((part) => part !== null && part !== "");
}

function drawCode(thread) {
  if (!thread.at) return el("p", { class: "none" }, "");
  const [excerpt, current] = thread.at;
  const { file, line, lines } = LAB.code[excerpt];
  let isBug = false;
  const rows = lines.map((text, index) => {
    const isComment = text.trim().startsWith("//");
    isBug = text.includes("// BUG:") || (isBug && isComment);
    const indent = text.length - text.trimStart().length;
    const here = index === current;
    return el("li", {
      class: `${here ? "here" : ""}${isBug ? " bug" : ""}${Math.abs(index - current) > 3 ? " far" : ""}`,
      style: `--indent: ${indent}ch`,
      value: String(line + index),
      "aria-current": here ? "step" : undefined,
    }, ...drawLine(text.trim()));
  });
  return el("figure", { class: "code" },
    el("figcaption", {}, `${file}:${line + current}`),
    el("ol", { start: String(line) }, ...rows));
}

function drawCalls(scene, thread, index) {
  const done = thread.calls.map(([call, result]) => el("li", { class: result === null ? "now" : "done" },
    el("code", {}, call), result === null ? "" : ` ${result}`));
  const more = expected(scene, thread, index).map((call) => el("li", { class: "later" }, el("code", {}, call)));
  return el("ol", { class: "calls", "aria-label": "Calls" }, ...done, ...more);
}

// The calls that follow, if all executions agree on them.
function expected(scene, thread, index) {
  const all = allCalls(scene)[index].filter((calls) => thread.calls.every(([call], place) => calls[place] === call));
  const rest = all.map((calls) => calls.slice(thread.calls.length));
  const longest = rest.reduce((best, calls) => (calls.length > best.length ? calls : best), []);
  const agreed = longest.findIndex((call, place) => rest.some((calls) => calls.length > place && calls[place] !== call));
  return agreed < 0 ? longest : longest.slice(0, agreed);
}

function allCalls(scene) {
  scene.callsOfThreads ??= scene.names.map((_, index) => {
    const sequences = new Set(scene.nodes.map((row) => JSON.stringify(scene.threads[row[SHARE + index]].calls.map(([call]) => call))));
    return [...sequences].map((text) => JSON.parse(text));
  });
  return scene.callsOfThreads;
}

// A thread's column. `choose` is called with a step; without it the column only shows.
function drawThread(scene, at, index, choose, hinted) {
  const state = scene.state(at);
  const thread = state.threads[index];
  const choices = scene.stepsOf(at, index);
  const buttons = choices.map((step, place) => {
    const what = step.label === "" ? operation(thread) : step.label === "time out" ? "time out" : `${operation(thread)}: ${step.label}`;
    const isHint = hinted && hinted.target === step.target && hinted.thread === step.thread && hinted.label === step.label;
    const key = place === 0 ? String(index + 1) : place === 1 ? `⇧${index + 1}` : "";
    return el("button", {
      type: "button",
      class: `step${isHint ? " hinted" : ""}`,
      "data-thread": String(index),
      "data-choice": String(place),
      "aria-label": `Step ${scene.names[index]}: ${what}`,
      onclick: () => choose(step),
    }, el("kbd", {}, key), el("span", {}, capital(what)));
  });
  const blocked = el("p", { class: "why" }, whyNot(scene, state, index));
  const quiet = operation(thread) && !choices.length ? "blocked" : choices.length ? "ready" : "ended";
  const action = choose ? buttons : choices.map(() => el("p", { class: "why" }, `Next: ${operation(thread)}.`)).slice(0, 1);
  return el("article", { class: `thread t${index} ${quiet}`, "aria-label": `Thread ${scene.names[index]}` },
    el("h3", {}, el("span", { class: `chip t${index}` }, scene.names[index]), state.owner === index ? el("span", { class: "holds" }, " holds the lock") : null),
    drawCalls(scene, thread, index),
    choices.length ? el("div", { class: "actions" }, ...action) : blocked,
    drawCode(thread));
}

// All threads and the buffer between them.
function drawBoard(scene, at, choose, hinted) {
  const threads = scene.names.map((_, index) => drawThread(scene, at, index, choose, hinted));
  const [first, ...rest] = threads;
  const board = [first, drawBuffer(scene, scene.state(at)), ...rest];
  return el("div", { class: `columns n${threads.length}` }, ...board);
}

// The place of each state on the map: columns by the number of steps from the start.
function places(scene) {
  if (scene.places) return scene.places;
  const depth = scene.nodes.map(() => undefined);
  depth[0] = 0;
  const queue = [0];
  for (let next = 0; next < queue.length; next += 1) {
    for (const [, target] of scene.edges[queue[next]]) {
      if (depth[target] === undefined) {
        depth[target] = depth[queue[next]] + 1;
        queue.push(target);
      }
    }
  }
  const columns = [];
  for (const at of queue) (columns[depth[at]] ??= []).push(at);
  const tallest = Math.max(...columns.map((column) => column.length));
  const at = scene.nodes.map((_, node) => {
    const column = columns[depth[node]];
    return [depth[node] * 30 + 15, (column.indexOf(node) + 0.5 - column.length / 2 + tallest / 2) * 16 + 6];
  });
  scene.places = { at, width: columns.length * 30, height: tallest * 16 + 12 };
  return scene.places;
}

function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// All states of the scene: those that the reader has seen are filled. A bad state is a cross, once it was seen.
function drawMap(scene, path, seen) {
  const map = scene.map ??= newMap(scene);
  const walked = new Set(path.nodes.slice(1).map((node, index) => `${path.nodes[index]} ${node}`));
  for (const [edge, line] of map.lines) line.classList.toggle("walked", walked.has(edge));
  map.dots.forEach((dot, node) => {
    dot.classList.toggle("seen", seen.has(node));
    dot.classList.toggle("current", node === path.nodes.at(-1));
  });
  return map.svg;
}

function newMap(scene) {
  const { at, width, height } = places(scene);
  const lines = scene.edges.flatMap((steps, from) => steps.map(([, target]) => [`${from} ${target}`,
    svg("line", { x1: at[from][0], y1: at[from][1], x2: at[target][0], y2: at[target][1] })]));
  const dots = at.map(([x, y], node) => svg("g", { class: scene.isBad(node) ? "bad" : "" },
    svg("circle", { cx: x, cy: y, r: 5 }), svg("path", { d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10` })));
  const image = svg("svg", { viewBox: `0 0 ${width} ${height}`, style: `width: min(100%, ${width}px)` }, ...lines.map(([, line]) => line), ...dots);
  return { svg: image, lines, dots };
}
