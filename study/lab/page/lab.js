// The page: which scene, which schedule, and what the reader does with them.
"use strict";

const MOST_STEPS = 500; // of a schedule; each scene can end in far fewer

const $ = (id) => document.getElementById(id);
const open = new Map(); // scenes that were opened
const visited = new Map(); // states that the reader has seen, by scene
const found = new Set([read("found")].flat()); // scenes whose goal was reached

const page = { scene: null, schedule: [], position: 0, hinted: null, comparing: false, timer: null, paused: false, note: "",
  given: 0 }; // the steps at the beginning of the schedule that the reader did not choose: they were shown, or came with the address

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(`lab-${name}`)) ?? [];
  } catch {
    return []; // no storage: nothing is remembered
  }
}

function write(name, value) {
  try {
    localStorage.setItem(`lab-${name}`, JSON.stringify(value));
  } catch {
    // no storage: nothing is remembered
  }
}

function sceneOf(id) {
  const data = dataOf(id);
  if (data && !open.has(id)) open.set(id, openScene(data));
  return open.get(id);
}

// The path up to the position of the reader; the rest of the schedule can be redone.
const pathNow = () => follow(page.scene, page.schedule.slice(0, page.position));

function goTo(id, schedule = "") {
  const known = sceneOf(id);
  const wanted = known ? tokens(schedule) : [];
  const path = follow(known ?? sceneOf(ORDER[0]), wanted.slice(0, MOST_STEPS));
  const steps = path.steps.length;
  page.scene = known ?? sceneOf(ORDER[0]);
  page.schedule = wanted.slice(0, steps);
  page.position = steps;
  page.given = steps;
  page.hinted = null;
  page.comparing = false;
  page.note = "";
  if (!known && (id || schedule)) page.note = `There is no scene “${id.slice(0, 60)}”. This is the first scene.`;
  else if (steps < wanted.length && steps === MOST_STEPS) page.note = `The schedule of this address is too long. These are its first ${MOST_STEPS} steps.`;
  else if (steps < wanted.length) page.note = `Step ${steps + 1} of this address is not possible. The schedule stops before it.`;
  stopShow();
  render();
}

function choose(step, given = false) {
  if (!step) return;
  if (page.position === MOST_STEPS) {
    page.note = `A schedule has at most ${MOST_STEPS} steps. Undo or restart.`;
    render();
    return;
  }
  const at = pathNow().nodes.at(-1);
  const token = tokenOf(page.scene, at, step);
  if (page.schedule[page.position] !== token) { // a branch
    page.schedule = [...page.schedule.slice(0, page.position), token];
    page.given = Math.min(page.given, page.position);
  }
  if (page.position === 0) $("story").open = false;
  page.position += 1;
  if (given) page.given = page.position;
  changed();
}

// Steps a thread, or explains why it cannot take this step.
function chooseThread(thread, place) {
  const { scene } = page;
  const at = pathNow().nodes.at(-1);
  const steps = scene.stepsOf(at, thread);
  if (steps[place]) {
    choose(steps[place]);
    return;
  }
  const count = scene.names.length;
  if (thread >= count) page.note = `There is no thread ${thread + 1}. This scene has ${plural(count, "thread")}.`;
  else if (steps.length) page.note = `${capital(scene.names[thread])} has one possible step.`;
  else page.note = cannot(scene, scene.state(at), thread);
  render();
}

function moveTo(position) {
  page.position = Math.max(0, Math.min(position, page.schedule.length));
  changed();
}

function restart() {
  stopShow();
  page.schedule = [];
  page.given = 0;
  page.position = 0;
  changed();
}

function changed() {
  page.hinted = null;
  page.note = "";
  render();
}

function hint() {
  const { scene } = page;
  const path = pathNow();
  page.hinted = nextStep(scene, path);
  if (!page.hinted) return; // the verdict says that the goal is reached, or cannot be reached
  const { thread, label: choice } = page.hinted;
  const what = operation(scene.state(path.nodes.at(-1)).threads[thread]);
  page.note = `Next: ${scene.names[thread]}, ${choice || what}. ${scene.text.hint ?? ""} The goal is ${plural(distancesOf(scene, path).at(-1), "step")} away.`;
  render();
}

// Plays a shortest schedule from the start, pauses, or continues.
function show() {
  if (page.timer) {
    stopShow();
    page.paused = true;
    render();
    return;
  }
  if (!page.paused) restart();
  page.paused = false;
  const tick = () => {
    const step = nextStep(page.scene, pathNow());
    if (!step) {
      stopShow();
      render();
      return;
    }
    page.timer = setTimeout(tick, Number($("speed").value));
    choose(step, true);
  };
  tick();
}

function stopShow() {
  clearTimeout(page.timer);
  page.timer = null;
  page.paused = false;
}

// Opens the comparison where the two part, if the schedule gets that far.
function compare() {
  if (!page.scene.correct) return;
  page.comparing = !page.comparing;
  const parted = page.comparing ? partingOf(page.scene, pathNow()) : undefined;
  if (parted) moveTo(parted);
  else render();
  if (page.comparing) $("parting").scrollIntoView({ block: "start" });
}

function neighbour(offset) {
  const at = ORDER.indexOf(page.scene.id);
  location.hash = ORDER[(at + offset + ORDER.length) % ORDER.length];
}

// Goes to a state of the map, by a shortest schedule.
function goToNode(node) {
  stopShow();
  page.schedule = pathTo(page.scene, node);
  page.position = page.schedule.length;
  page.given = page.position;
  changed();
}

// The bar of the steps is hidden while the help is open.
function help(isOpen) {
  if (page.timer) show();
  $("help").hidden = !isOpen;
  $("help-button").setAttribute("aria-expanded", String(isOpen));
}

const KEYS = {
  u: () => moveTo(page.position - 1),
  ArrowLeft: () => moveTo(page.position - 1),
  ArrowRight: () => moveTo(page.position + 1),
  r: restart,
  h: hint,
  s: show,
  c: compare,
  Escape: () => {
    if ($("help").hidden) return;
    help(false);
    $("help-button").focus();
  },
  n: () => neighbour(1),
  p: () => neighbour(-1),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
  if (!$("help").hidden && event.key !== "Escape") return;
  const digit = event.code.match(/^(?:Digit|Numpad)([1-9])$/);
  if (digit) {
    stopShow();
    chooseThread(Number(digit[1]) - 1, event.shiftKey ? 1 : 0);
    return;
  }
  const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  if (action !== KEYS.s) stopShow();
  action();
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // no valid encoding, so no scene either
  }
}

function fromAddress() {
  const [id, schedule] = decoded(location.hash.slice(1)).split("/");
  goTo(id, schedule);
}

function start() {
  drawScenes();
  for (const [id, action] of Object.entries({ undo: KEYS.u, redo: KEYS.ArrowRight, restart, hint, compare })) {
    $(id).addEventListener("click", () => {
      stopShow();
      action();
    });
  }
  $("show").addEventListener("click", show);
  $("scene-select").addEventListener("change", () => { location.hash = $("scene-select").value; });
  $("help-button").addEventListener("click", () => help($("help").hidden));
  // The bar covers the end of the page, and what is scrolled into view.
  new ResizeObserver(measureBar).observe($("bar"));
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", fromAddress);
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    help(false);
    ($("steps").querySelector("button") ?? $("bar")).focus();
  });
  fromAddress();
}

start();
