// A board: the threads of a scene, its code, the state of its buffer in a strip, and a button for each step. It is created once; a
// step changes only what differs.
"use strict";

// `choose` is called with a thread and the place of its choice; without it the board only shows.
function newBoard(scene, choose) {
  const threads = scene.names.map((_, index) => newThread(scene, index));
  const strip = newStrip(scene);
  const code = newCode(scene);
  const steps = choose ? newSteps(scene, choose) : null;
  const element = el("div", { class: "board" }, el("div", { class: "threads" }, ...threads.map((thread) => thread.element)), code.element);
  // Shows a state and the step before it. A step can be marked as the hint, and a thread as the one that parts from the other board.
  const show = (at, { last, hinted, parts } = {}) => {
    const state = scene.state(at);
    threads.forEach((thread, index) => thread.show(state, scene.stepsOf(at, index), parts === index));
    strip.show(state);
    code.show(state, last);
    steps?.show(at, state, hinted);
  };
  return { element, strip: strip.element, steps: steps?.element, show, reveal: code.reveal };
}

function newThread(scene, index) {
  const title = el("h3");
  const calls = el("ol", { class: "calls", "aria-label": "Calls" });
  const why = el("p", { class: "why" });
  const element = el("article", { class: "thread", "aria-label": `Thread ${scene.names[index]}` }, title, calls, why);
  const show = (state, steps, parts) => {
    const thread = state.threads[index];
    const kind = steps.length ? "ready" : operation(thread) ? "blocked" : "ended";
    setClass(element, `thread t${index} ${kind}${parts ? " parts" : ""}`);
    const holds = state.owner === index;
    refresh(title, `${holds} ${parts} ${thread.woken}`, () => [chip(scene, index),
      holds ? el("span", { class: "holds" }, "holds the lock") : null,
      thread.woken ? el("span", { class: "flag set" }, "woken, not polled") : null,
      parts ? el("span", { class: "fork" }, "≠ differs here") : null]);
    refresh(calls, thread.calls, () => drawCalls(scene, thread, index));
    setText(why, steps.length ? `Next: ${stepNames(thread, steps).join(", or ")}.` : whyNot(scene, state, index));
  };
  return { element, show };
}

function drawCalls(scene, thread, index) {
  const done = thread.calls.map(([call, result]) => el("li", { class: result === null ? "now" : "done" },
    el("code", {}, call), result === null ? "" : ` ${result}`));
  const more = expected(scene, thread, index).map((call) => el("li", { class: "later" }, el("code", {}, call)));
  return [...done, ...more];
}

const stepNames = (thread, steps) => steps.map(({ label }) => {
  if (label === "time out") return label;
  if (label.startsWith("wake ")) return `notify, ${label}`;
  return label ? `${operation(thread)}: ${label}` : operation(thread);
});

// The bar's buttons: the steps that each thread can take now, or why it can take none.
function newSteps(scene, choose) {
  const cells = scene.names.map((_, index) => el("div", { class: `cell t${index}` }));
  const element = el("div", { class: `cells n${cells.length}` }, ...cells);
  const show = (at, state, hinted) => {
    element.hidden = scene.isEnd(at);
    cells.forEach((cell, index) => drawCell(scene, state, index, scene.stepsOf(at, index), hinted, choose, cell));
  };
  return { element, show };
}

function drawCell(scene, state, index, steps, hinted, choose, cell) {
  const thread = state.threads[index];
  const why = steps.length ? "" : whyNotShort(state, index);
  const names = stepNames(thread, steps);
  const hint = steps.findIndex((step) => hinted && hinted.thread === index && hinted.target === step.target && hinted.label === step.label);
  refresh(cell, JSON.stringify([why, names, hint]), () => {
    const name = (place = 0) => el("span", { class: "who" }, el("kbd", {}, `${place ? "⇧" : ""}${index + 1}`), ` ${scene.names[index]}: `);
    if (why) return [el("p", { class: "step none" }, name(), el("span", { class: "what" }, why))];
    return names.map((what, place) => el("button", {
      type: "button",
      class: `step${place === hint ? " hinted" : ""}`,
      "data-thread": String(index),
      "data-choice": String(place),
      onclick: () => choose(index, place),
    }, name(place), el("span", { class: "what" }, what), place === hint ? el("span", { class: "hidden" }, " (hint)") : null));
  });
}

// What some state of the scene shows, so that the strip does not jump.
function features(scene) {
  const queues = [...new Set(scene.queues.flatMap(Object.keys))].filter((name) => name !== "tasks");
  for (const name of ["not_full", "not_empty"]) {
    const used = scene.threads.some((thread) => thread.on === name);
    if (used && !queues.includes(name)) queues.push(name);
  }
  return {
    queues: queues.sort().reverse(),
    tasks: scene.tasks && (scene.code === "reference_tasks" || scene.queues.some((queue) => queue.tasks)),
    sides: ["producers", "consumers"].filter((side) => scene.values.some((value) => value[side][0] > 0)),
    pending: scene.values.some((value) => value.producers[1] || value.consumers[1]),
    timeouts: scene.threads.some(hasTimedOut),
    closes: scene.values.some((value) => value.closed),
    snapshot: scene.values.some((value) => value.snapshot !== undefined),
  };
}

const flag = (isSet, set, unset) => el("span", { class: isSet ? "flag set" : "flag" }, isSet ? set : unset);

const part = (name, ...content) => [el("span", { class: "name" }, name), ...content];

// The state of the buffer, in a line.
function newStrip(scene) {
  const shows = features(scene);
  const item = (class_) => el("div", { class: `part ${class_}` });
  const [lock, ring, notified, late, tasks, snapshot, closed] = ["lock", "ring", "notified", "late", "queue", "snapshot", "closed"].map(item);
  const queues = shows.queues.map((name) => [name, item("queue")]);
  const sides = shows.sides.map((name) => [name, item("side")]);
  const element = el("div", { class: "strip", role: "group" }, lock, ring, ...queues.map(([, queue]) => queue),
    ...(shows.queues.length ? [notified] : []), ...(shows.timeouts ? [late] : []), ...(shows.tasks ? [tasks] : []), ...sides.map(([, side]) => side),
    ...(shows.snapshot ? [snapshot] : []), ...(shows.closes ? [closed] : []));
  const waiters = (part_, name, who) => refresh(part_, who.join(), () => part(name,
    ...(who.length ? who.map((one) => (typeof one === "number" ? chip(scene, one) : el("span", { class: "chip" }, one))) : [el("span", { class: "none" }, "–")])));
  const show = (state) => {
    const { value, owner } = state;
    setLabel(element, `Buffer: ${value.items.length} of ${plural(scene.capacity, "slot")} taken, lock ${owner >= 0 ? `held by ${scene.names[owner]}` : "free"}`);
    refresh(lock, owner, () => part("Lock", owner >= 0 ? chip(scene, owner) : el("span", { class: "chip free" }, "free")));
    refresh(ring, `${value.items} ${value.taken}`, () => part("Ring", el("ol", { class: "slots" }, ...drawSlots(scene, value))));
    for (const [name, queue] of queues) waiters(queue, `Queue ${name}`, state.queues[name] ?? []);
    waiters(notified, "Notified", scene.names.map((_, index) => index).filter((index) => isNotified(state, index)));
    waiters(late, "Timed out", scene.names.map((_, index) => index).filter((index) => hasTimedOut(state.threads[index])));
    waiters(tasks, "Wakers", state.queues.tasks ?? []);
    for (const [name, side] of sides) {
      const [waiting, pending] = value[name];
      refresh(side, `${waiting} ${pending}`, () => part(`${capital(name)} counted`, el("strong", {}, String(waiting)),
        shows.pending ? flag(pending, "⚑ wake-up pending", "none pending") : null));
    }
    refresh(snapshot, value.snapshot, () => part("len_snapshot", el("strong", {}, value.snapshot > Number.MAX_SAFE_INTEGER ? "usize::MAX" : String(value.snapshot ?? "-"))));
    refresh(closed, value.closed, () => [flag(value.closed, "■ closed", "open")]);
  };
  return { element, show };
}

function drawSlots(scene, value) {
  return Array.from({ length: scene.capacity }, (_, slot) => {
    const place = (slot - (value.taken % scene.capacity) + scene.capacity) % scene.capacity;
    const item = value.items[place];
    const oldest = item !== undefined && place === 0 && value.items.length > 1;
    return el("li", { class: `slot ${item === undefined ? "free" : "taken"}`, title: `slot ${slot}${oldest ? ", oldest" : ""}` },
      el("span", { class: "item" }, item === undefined ? "·" : String(item)),
      scene.capacity > 1 ? el("span", { class: "place" }, `${slot}${oldest ? " ◂" : ""}`) : null);
  });
}
