// The page around the boards: the scene, what the last step did, how it ended, and the list of scenes.
"use strict";

const shown = { scene: null, board: null, map: null, list: "", at: "" };

// A link into the documents of the repository. The page in one file has only their titles.
function documentLink(file, title) {
  const { docs } = document.documentElement.dataset;
  return docs === undefined ? el("span", {}, ...withCode(title)) : el("a", { href: `${docs}${file}#${anchorOf(title)}` }, ...withCode(title));
}

function goalText(scene) {
  if (scene.goal !== "bad") {
    const correct = COURSE.includes(scene.id) ? "" : ` Or try to stop it: all ${scene.nodes.length} states are in this page, and none is bad.`;
    return `Goal: ${GOALS[scene.goal].text}${correct}`;
  }
  const reasons = scene.reasons.filter((reason) => reason !== "");
  return reasons.every((reason) => reason.startsWith("Deadlock")) ? "Goal: Reach a deadlock, a state in which no thread can take a step." : "Goal: Let a call return a wrong result.";
}

// The last step of a path, with the state before it.
const lastOf = (scene, path) => path.steps.length ? { thread: path.steps.at(-1).thread, before: scene.state(path.nodes.at(-2)) } : undefined;

function render() {
  const { scene } = page;
  const path = pathNow();
  const at = path.nodes.at(-1);
  const seen = visited.get(scene.id) ?? new Set();
  path.nodes.forEach((node) => seen.add(node));
  visited.set(scene.id, seen);
  const isNew = shown.scene && shown.scene !== scene;
  if (shown.scene !== scene) renderScene(scene);

  const hash = `#${scene.id}${page.position ? `/${page.schedule.slice(0, page.position).join("")}` : ""}`;
  if (location.hash !== hash) history.replaceState(null, "", hash);
  $("undo").disabled = page.position === 0;
  $("redo").disabled = page.position === page.schedule.length;
  $("restart").disabled = page.schedule.length === 0;
  $("hint").disabled = !distancesOf(scene, path).at(-1); // reached, or out of reach
  setText($("show"), page.timer ? "Pause" : page.paused ? "Continue" : "Show me");
  $("compare").setAttribute("aria-pressed", String(page.comparing));
  const last = path.steps.at(-1);
  const said = last ? `Step ${path.steps.length}: ${sentences(last.sentence)}` : "Choose the thread that takes the first step.";
  refresh($("said"), `${said} ${page.note}`, () => [said, page.note ? el("strong", { class: "note" }, " ", ...withCode(page.note)) : null]);

  keepFocus(() => {
    const { parted, thread } = renderTwin(scene, path);
    shown.board.show(at, { hinted: page.hinted, parts: thread, last: lastOf(scene, path) });
    renderEnd(scene, path);
    setText($("progress"), `You have seen ${seen.size} of the ${scene.nodes.length} states.`);
    shown.map.show(path);
    renderList();
    renderTimeline(scene, parted); // last: it asks for the layout
  });
  $("said").scrollTop = page.note ? $("said").scrollHeight : 0; // a small screen cuts it
  measureBar();
  const place = `${scene.id} ${at} ${page.position}`;
  if (isNew) $("title").scrollIntoView({ block: "start" });
  else if (last && (shown.at !== place || page.note)) shown.board.reveal(scene.state(at), last.thread);
  shown.at = place;
}

function measureBar() {
  const height = `${$("bar").offsetHeight}px`;
  if (shown.bar !== height) document.documentElement.style.setProperty("--bar", height);
  shown.bar = height;
}

// What stays the same in all states of a scene.
function renderScene(scene) {
  shown.scene = scene;
  document.title = `${scene.title.replaceAll("`", "")} – the lab`;
  $("title").replaceChildren(...withCode(label(scene)));
  $("about").replaceChildren(...withCode([scene.text.why, scene.text.about].filter(Boolean).join(" ")));
  $("program").replaceChildren(...withCode(scene.text.program ?? scene.program));
  $("goal").textContent = goalText(scene);
  $("question").replaceChildren(...withCode(scene.text.question ?? ""));
  $("story").open = page.position === 0;
  $("compare").hidden = !scene.correct;
  shown.board = newBoard(scene, (thread, place) => {
    stopShow();
    chooseThread(thread, place);
  });
  $("board").replaceChildren(shown.board.element);
  $("strip").replaceChildren(shown.board.strip);
  $("steps").replaceChildren(shown.board.steps);
  shown.map = newMap(scene);
  $("map").replaceChildren(shown.map.element);
  visited.get(scene.id).forEach(shown.map.see);
}

// A step can replace the button that had the focus: the focus moves to the same thread's next button.
function keepFocus(draw) {
  const before = document.activeElement;
  const thread = before?.dataset?.thread;
  draw();
  if (thread !== undefined && !before.isConnected) {
    (document.querySelector(`#steps button[data-thread="${thread}"]`) ?? document.querySelector("#steps button") ?? $("bar")).focus({ preventScroll: true });
  }
}

// How a schedule stands: the goal is reached, it was shown, it has ended elsewhere, it cannot be reached, or none of these.
function verdictOf(scene, path) {
  const distance = distancesOf(scene, path).at(-1);
  if (distance === 0) return page.given > 0 ? "shown" : "reached";
  if (scene.isEnd(path.nodes.at(-1))) return "missed";
  return distance === undefined ? "lost" : "";
}

function renderEnd(scene, path) {
  const verdict = verdictOf(scene, path);
  const steps = path.steps.length;
  if (verdict === "reached" && !found.has(scene.id)) {
    found.add(scene.id);
    write("found", [...found]);
  }
  setClass($("verdict"), verdict);
  setClass($("end"), verdict);
  refresh($("verdict"), `${scene.id} ${verdict} ${steps} ${path.nodes.at(-1)}`, () => drawVerdict(scene, path, verdict));
  refresh($("end"), `${scene.id} ${verdict}`, () => (["reached", "shown"].includes(verdict) ? drawAnswer(scene) : []));
}

// What has happened at the end of a schedule.
function whatHappened(scene, at) {
  const { end } = scene.state(at);
  if (end) return hasFailed(scene.state(at)) ? `A check fails: ${end}.` : end;
  return scene.isEnd(at) ? "All threads have ended, and each result is correct." : "";
}

function drawVerdict(scene, path, verdict) {
  if (!verdict) return [];
  const happened = whatHappened(scene, path.nodes.at(-1));
  const distances = distancesOf(scene, path);
  if (verdict === "lost") {
    const back = path.steps.length - distances.findLastIndex((distance) => distance !== undefined);
    return [el("strong", {}, "The goal cannot be reached any more."), ` Undo ${plural(back, "step")}, or restart.`];
  }
  if (verdict === "missed") {
    const miss = GOALS[scene.goal].miss(countsOf(scene, path).at(-1));
    const also = scene.goal === "bad" || !happened ? "" : ` ${happened}`;
    return [el("strong", {}, `Not the goal yet: ${miss}.`), `${also} Undo or restart.`];
  }
  const steps = distances.indexOf(0); // some goals stay met
  const how = verdict === "shown" ? [el("strong", {}, "Shown, not solved."), " Restart and find it yourself."]
    : [el("strong", {}, `✓ Goal reached in ${plural(steps, "step")}.`), ` The shortest schedule has ${scene.distance[0]}.`];
  const next = nextScene(scene);
  return [...how, ` ${happened} `,
    el("button", { type: "button", id: "to-end", onclick: () => $("end").scrollIntoView({ block: "start" }) }, "Answer"),
    next ? el("a", { class: "button", id: "next", href: `#${next.id}` }, "Next: ", ...withCode(label(next))) : null];
}

function nextScene(scene) {
  const next = ORDER[ORDER.indexOf(scene.id) + 1];
  return next && dataOf(next);
}

function drawAnswer(scene) {
  const links = [];
  if (scene.text.guide) links.push("The guide: ", documentLink("internals.md", scene.text.guide), ". ");
  if (scene.group === "bug") links.push("The gallery: ", documentLink("gallery.md", label(scene)), ".");
  return [el("p", { class: "answer" }, el("strong", {}, "Question. "), ...withCode(scene.text.question ?? "")),
    el("p", { class: "answer" }, el("strong", {}, "Answer. "), ...withCode(scene.text.answer ?? "")),
    links.length ? el("p", { class: "links" }, ...links) : null];
}

// The anchor of a heading, as forges make it.
const anchorOf = (heading) => heading.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-");

// Marks the present scene, and those whose goal was reached.
function renderList() {
  const key = `${page.scene.id} ${found.size}`;
  if (shown.list === key) return;
  shown.list = key;
  const solved = (ids) => ids.filter((id) => found.has(id)).length;
  setText($("solved"), `${solved(COURSE)} of ${COURSE.length} solved`);
  for (const link of document.querySelectorAll("#scenes a")) {
    const { id } = link.dataset;
    if (id === page.scene.id) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    link.querySelector(".done").textContent = found.has(id) ? "✓" : "";
  }
  document.querySelectorAll("#scenes details").forEach((chapter, index) => {
    const { ids, course } = GROUPS[index];
    if (course) setText(chapter.querySelector(".count"), `${solved(ids)} of ${ids.length}`);
    if (ids.includes(page.scene.id)) chapter.open = true;
  });
  for (const option of document.querySelectorAll("#scene-select option")) {
    const text = `${found.has(option.value) ? "✓ " : ""}${label(dataOf(option.value)).replaceAll("`", "")}`;
    if (option.textContent !== text) option.textContent = text;
  }
  $("scene-select").value = page.scene.id;
}

function label(scene) {
  const number = scene.id.match(/^(bug|lesson)-(\d+)$/);
  if (!number) return scene.title;
  return number[1] === "bug" ? `${number[2]}. ${scene.title}` : `Lesson ${number[2]}: ${scene.title.charAt(0).toLowerCase()}${scene.title.slice(1)}`;
}

function drawScenes() {
  for (const { name, ids, course } of GROUPS) {
    const scenes = ids.map(dataOf);
    const links = scenes.map((scene) => el("li", {}, el("a", { href: `#${scene.id}`, "data-id": scene.id, class: scene.group },
      el("span", { class: "done" }), ...withCode(label(scene)))));
    $("scenes").append(el("details", { open: Boolean(course) }, el("summary", {}, `${name} `, el("span", { class: "count" })), el("ul", {}, ...links)));
    $("scene-select").append(el("optgroup", { label: name }, ...scenes.map((scene) => el("option", { value: scene.id }, label(scene).replaceAll("`", "")))));
  }
}
