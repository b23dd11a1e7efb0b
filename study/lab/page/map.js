// The map of a scene: all states and steps, and where the reader was.
"use strict";

// The place of each state: columns by the number of steps from the start.
function places(scene) {
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
  const at = [];
  columns.forEach((column, x) => column.forEach((node, y) => {
    at[node] = [x * 30 + 15, (y + 0.5 - column.length / 2 + tallest / 2) * 16 + 6];
  }));
  return { at, width: columns.length * 30, height: tallest * 16 + 12 };
}

// States that the reader has seen are filled. A bad state is a cross, once it was seen.
function newMap(scene) {
  const { at, width, height } = places(scene);
  const lines = new Map(scene.edges.flatMap((steps, from) => steps.map(([, target]) => [`${from} ${target}`,
    svg("line", { x1: at[from][0], y1: at[from][1], x2: at[target][0], y2: at[target][1] })])));
  const dots = at.map(([x, y], node) => svg("g", { class: scene.isBad(node) ? "bad" : "" },
    svg("title", {}, `Go to this state, ${plural((x - 15) / 30, "step")} from the start`),
    svg("circle", { cx: x, cy: y, r: 5 }), svg("path", { d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10` })));
  const element = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "xMinYMid", style: `width: min(100%, ${width}px)` }, ...lines.values(), ...dots);
  dots.forEach((dot, node) => dot.addEventListener("click", () => goToNode(node)));
  const see = (node) => dots[node].classList.add("seen");
  let walked = new Set();
  let current = 0;
  const show = (path) => {
    const edges = new Set(path.steps.map((step, index) => `${path.nodes[index]} ${step.target}`));
    for (const edge of walked) if (!edges.has(edge)) lines.get(edge).classList.remove("walked");
    for (const edge of edges) if (!walked.has(edge)) lines.get(edge).classList.add("walked");
    walked = edges;
    dots[current].classList.remove("current");
    current = path.nodes.at(-1);
    dots[current].classList.add("current");
    path.nodes.forEach(see);
  };
  return { element, see, show };
}
