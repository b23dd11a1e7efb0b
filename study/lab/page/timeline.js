// The timeline: a row for each step of the schedule, also for those that were undone.
"use strict";

const timeline = { scene: null, rows: [] };

// `parted` is the number of the step in which the compared boards part.
function renderTimeline(scene, parted) {
  const path = follow(scene, page.schedule);
  if (timeline.scene !== scene) {
    timeline.scene = scene;
    timeline.rows = [];
    $("timeline").setAttribute("style", `--threads: ${scene.names.length}`);
    $("timeline").replaceChildren(el("caption", {}, "No step yet."), drawHead(scene), el("tbody"));
  }
  const [caption, head, body] = $("timeline").children;
  const { rows } = timeline;
  for (const { row } of rows.splice(path.steps.length)) row.remove();
  path.steps.forEach((step, index) => {
    const key = `${path.nodes[index]} ${step.thread} ${step.target} ${step.label}`;
    if (rows[index]?.key !== key) {
      const row = drawRow(scene, path.nodes[index], step, index + 1);
      if (rows[index]) rows[index].row.replaceWith(row);
      else body.append(row);
      rows[index] = { key, row };
    }
    const { row } = rows[index];
    const number = index + 1;
    const kind = number === page.position ? "now" : number > page.position ? "later" : "before";
    setClass(row, number === parted ? `${kind} parts` : kind);
    refresh(row.firstChild, number === parted, () => [String(number), number === parted ? el("span", { class: "fork" }, "≠ differs here") : null]);
  });
  caption.hidden = rows.length > 0;
  head.hidden = rows.length === 0;
  const current = rows[page.position - 1]?.row;
  const box = $("timeline").parentElement;
  if (rows.length > 8) box.scrollTop = current ? current.offsetTop - box.clientHeight / 2 : 0; // fewer rows fit
}

function drawHead(scene) {
  return el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Step"),
    ...scene.names.map((_, index) => el("th", { scope: "col" }, chip(scene, index))), el("th", { scope: "col" }, "Buffer")));
}

function drawRow(scene, from, step, number) {
  const before = scene.state(from);
  const after = scene.state(step.target);
  const what = shortName(scene, before, { ...step, after });
  const [was, is] = [before, after].map((state) => state.threads[step.thread].calls);
  const results = is.filter(([, result], place) => result !== null && was[place]?.[1] !== result);
  const cells = scene.names.map((name, thread) => (thread !== step.thread ? el("td") : el("td", {},
    el("button", { type: "button", class: `t${thread}`, "aria-label": `Go to step ${number}: ${name}, ${what}`, onclick: () => moveTo(number) },
      el("span", { class: "of" }, `${name}: `), what),
    ...results.map(([call, result]) => el("small", {}, `${call} ${result}`)))));
  return el("tr", {}, el("th", { scope: "row" }), ...cells, el("td", { class: "items" }, `[${after.value.items.join(", ")}]`));
}
