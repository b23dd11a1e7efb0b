// A board: the threads of a scene and the buffer between them. It is created once; a step changes only what differs.
"use strict";

// `choose` is called with a thread and the place of its choice; without it the board only shows.
function newBoard(scene, choose) {
  const threads = scene.names.map((_, index) => newThread(scene, index, choose));
  const buffer = newBuffer(scene);
  const [first, ...rest] = threads.map((thread) => thread.element);
  const element = el("div", { class: `columns n${threads.length}`, style: `--rows: ${threads.length + 1}` }, first, buffer.element, ...rest);
  // Shows a state. A step can be marked as the hint, and a thread as the one that parts from the other board.
  const show = (at, { hinted, parts } = {}) => {
    const state = scene.state(at);
    threads.forEach((thread, index) => thread.show(state, scene.stepsOf(at, index), hinted, parts === index));
    buffer.show(state);
  };
  return { element, show };
}

function newThread(scene, index, choose) {
  const title = el("h3");
  const calls = el("ol", { class: "calls", "aria-label": "Calls" });
  const action = el("div", { class: "actions" });
  const code = newCode();
  const element = el("article", { class: "thread", "aria-label": `Thread ${scene.names[index]}` },
    el("div", { class: "program" }, title, calls, action), code.element);
  const show = (state, steps, hinted, parts) => {
    const thread = state.threads[index];
    const kind = steps.length ? "ready" : operation(thread) ? "blocked" : "ended";
    setClass(element, `thread t${index} ${kind}${parts ? " parts" : ""}`);
    const holds = state.owner === index;
    refresh(title, `${holds} ${parts}`, () => [chip(scene, index),
      holds ? el("span", { class: "holds" }, "holds the lock") : null,
      parts ? el("span", { class: "fork" }, "≠ parts here") : null]);
    refresh(calls, thread.calls, () => drawCalls(scene, thread, index));
    drawActions(scene, state, index, steps, hinted, choose, action);
    code.show(thread);
  };
  return { element, show };
}

function drawCalls(scene, thread, index) {
  const done = thread.calls.map(([call, result]) => el("li", { class: result === null ? "now" : "done" },
    el("code", {}, call), result === null ? "" : ` ${result}`));
  const more = expected(scene, thread, index).map((call) => el("li", { class: "later" }, el("code", {}, call)));
  return [...done, ...more];
}

// The steps that a thread can take now, or why it can take none.
function drawActions(scene, state, index, steps, hinted, choose, action) {
  const thread = state.threads[index];
  const why = steps.length ? "" : whyNot(scene, state, index);
  const names = steps.map(({ label }) => (label === "time out" ? label : label ? `${operation(thread)}: ${label}` : operation(thread)));
  const hint = steps.findIndex((step) => hinted && hinted.thread === index && hinted.target === step.target && hinted.label === step.label);
  refresh(action, JSON.stringify([why, names, hint]), () => {
    if (why) return [el("p", { class: "why" }, why)];
    if (!choose) return [el("p", { class: "why" }, `Next: ${names.join(", or ")}.`)];
    return names.map((name, place) => el("button", {
      type: "button",
      class: `step${place === hint ? " hinted" : ""}`,
      "data-thread": String(index),
      "data-choice": String(place),
      "aria-label": `Step ${scene.names[index]}: ${name}${place === hint ? " (hint)" : ""}`,
      onclick: () => choose(index, place),
    }, el("kbd", {}, place < 2 ? `${place ? "⇧" : ""}${index + 1}` : ""), el("span", {}, capital(name))));
  });
}

const KEYWORDS = /\b(fn|let|mut|if|else|while|loop|for|match|return|self|Self|Some|None|Ok|Err|true|false|pub|crate|move|in)\b/;

function drawLine(text) {
  const comment = text.indexOf("//");
  const code = comment >= 0 ? text.slice(0, comment) : text;
  const parts = code.split(KEYWORDS).map((part, at) => (at % 2 ? el("b", {}, part) : part)); // the keywords are captured
  if (comment >= 0) parts.push(el("i", {}, text.slice(comment)));
  return parts.filter((part) => part !== "");
}

// The function in which a thread is, with the line of its next operation.
function newCode() {
  const element = el("figure", { class: "code" });
  let rows = [];
  const show = (thread) => {
    const [excerpt, current] = thread.at ?? [];
    element.hidden = excerpt === undefined;
    if (element.hidden) {
      refresh(element, null, () => []);
      return;
    }
    const { file, line, lines } = LAB.code[excerpt];
    refresh(element, excerpt, () => {
      let isBug = false;
      rows = lines.map((text) => {
        isBug = text.includes("// BUG:") || (isBug && text.trim().startsWith("//"));
        const indent = text.length - text.trimStart().length;
        const row = el("li", { style: `--indent: ${indent}ch` }, ...drawLine(text.trim()));
        return { row, bug: isBug ? " bug" : "" };
      });
      return [el("figcaption"), el("ol", { start: String(line) }, ...rows.map(({ row }) => row))];
    });
    refresh(element.firstChild, `${file}:${line + current}`, () => `${file}:${line + current}`.split(/(?<=[/_])/).flatMap((part) => [part, el("wbr")]));
    rows.forEach(({ row, bug }, at) => {
      const here = at === current;
      setClass(row, `${here ? "here" : Math.abs(at - current) > 3 ? "far" : "near"}${bug}`);
      if (here) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
    });
  };
  return { element, show };
}

// What some state of the scene shows, so that the board does not jump.
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

const flag = (isSet, set, unset) => el("span", { class: isSet ? "flag set" : "flag" }, isSet ? set : unset);

function newBuffer(scene) {
  const shows = features(scene);
  const parts = { title: el("h3"), lock: el("div", { class: "lock" }), slots: el("ol", { class: "slots" }), snapshot: el("p", { class: "side" }) };
  const queues = shows.queues.map((name) => [name, el("div", { class: "queue" })]);
  const notified = el("div", { class: "queue" });
  const sides = ["producers", "consumers"].map((name) => [name, el("p", { class: "side" })]);
  const waiters = (scene, element, name, threads, none) => refresh(element, threads.join(), () => [
    el("span", { class: "name" }, name),
    threads.length ? el("ol", {}, ...threads.map((index) => el("li", {}, chip(scene, index)))) : el("span", { class: "none" }, none)]);
  const element = el("article", { class: "buffer" },
    el("div", {}, parts.title, parts.lock, parts.slots, shows.snapshot ? parts.snapshot : null),
    shows.queues.length || shows.counts ? el("div", {}, ...queues.map(([, queue]) => queue), shows.queues.length ? notified : null,
      shows.counts ? el("div", { class: "sides" }, ...sides.map(([, side]) => side)) : null) : null);
  const show = (state) => {
    const { value, owner } = state;
    const taken = `${value.items.length} of ${plural(scene.capacity, "slot")} taken`;
    setLabel(element, `Buffer: ${taken}, lock ${owner >= 0 ? `held by ${scene.names[owner]}` : "free"}`);
    setLabel(parts.slots, taken);
    refresh(parts.title, value.closed, () => ["Buffer", shows.closes ? flag(value.closed, "■ closed", "open") : null]);
    refresh(parts.lock, owner, () => [el("span", { class: "name" }, "Lock"),
      owner >= 0 ? chip(scene, owner, `held by ${scene.names[owner]}`) : el("span", { class: "chip free" }, "free")]);
    refresh(parts.slots, `${value.items} ${value.taken}`, () => drawSlots(scene, value));
    setText(parts.snapshot, `len_snapshot: ${value.snapshot ?? "-"}`);
    for (const [name, queue] of queues) waiters(scene, queue, `Queue of ${name}`, state.queues[name] ?? [], "empty");
    waiters(scene, notified, "Notified, need the lock", scene.names.map((_, index) => index).filter((index) => isNotified(state, index)), "none");
    for (const [name, side] of sides) {
      const [waiting, pending] = value[name];
      refresh(side, `${waiting} ${pending}`, () => [`${capital(name)}: ${waiting} counted as waiting `,
        shows.pending ? flag(pending, "⚑ wake-up pending", "no wake-up pending") : null]);
    }
  };
  return { element, show };
}

function drawSlots(scene, value) {
  return Array.from({ length: scene.capacity }, (_, slot) => {
    const place = (slot - (value.taken % scene.capacity) + scene.capacity) % scene.capacity;
    const item = value.items[place];
    const next = item !== undefined && place === 0;
    return el("li", { class: `slot${item === undefined ? " free" : " taken"}${next ? " next" : ""}` },
      el("span", { class: "item" }, item === undefined ? "" : String(item)),
      el("span", { class: "place" }, `slot ${slot}${next ? ", oldest" : ""}`));
  });
}
