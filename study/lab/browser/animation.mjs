// Writes an animated picture of a schedule of the lab, made from the page's own data: the code with the marks of the threads, the
// ring, and the sentence of each step. `scripts/lab animation` runs it; the shortest schedule of bug 1 is the picture of README.md.
import { readFileSync, writeFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

const SECONDS = 2.4; // a step
const LAST = 2; // steps that the last picture stays
const [WIDTH, LINE, TOP] = [760, 19, 16];

const page = createContext({});
const part = (name) => readFileSync(new URL(`../page/${name}`, import.meta.url), "utf8");
// The scripts of the page that do not draw.
runInContext([...["scenes.js", "course.js", "texts.js", "words.js", "goals.js", "graph.js", "ran.js"].map(part),
  "globalThis.lab = { openScene, dataOf, shortest, ranLines, sentences, LAB, stopsOf };"].join("\n"), page);
const { lab } = page;

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function wrap(text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (`${lines.at(-1)} ${word}`.length > width) lines.push(word);
    else lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines;
}

function picture(id) {
  const scene = lab.openScene(lab.dataOf(id));
  const { nodes, steps } = lab.shortest(scene);
  const places = [...lab.stopsOf(scene).keys()];
  const isComment = (text) => text?.trim().startsWith("//");
  const rows = places.flatMap((excerpt) => [...lab.LAB.code[excerpt].lines.entries()].filter(([, text]) => !isComment(text))
    .map(([line, text]) => ({ key: `${excerpt}:${line}`, text, bug: isComment(lab.LAB.code[excerpt].lines[line - 1]) })));
  const at = new Map(rows.map(({ key }, index) => [key, TOP + index * LINE]));
  const code = rows.map(({ key, text, bug }) => `<text x="64" y="${at.get(key) + 14}" class="code${bug ? " bug" : ""}" xml:space="preserve">${escape(text)}${bug ? "  // the bug" : ""}</text>`);
  const bottom = TOP + rows.length * LINE + 14;
  const duration = (steps.length + 1 + LAST) * SECONDS;
  const frames = nodes.map((node, number) => {
    const state = scene.state(node);
    const { thread, sentence } = steps[number - 1] ?? {};
    const ran = number ? lab.ranLines(scene, scene.state(nodes[number - 1]).threads[thread], state.threads[thread]) : [];
    const marks = new Map();
    state.threads.forEach((of, index) => {
      const key = of.at?.join(":");
      if (at.has(key)) marks.set(key, [...(marks.get(key) ?? []), index]);
    });
    const said = [number ? `Step ${number}: ${lab.sentences(sentence)}` : "A scheduler decides which thread takes the next step.",
      ...(state.end ? [state.end.startsWith("Deadlock") ? state.end : `A check fails: ${state.end}.`] : [])].flatMap((text) => wrap(text, 92));
    const shown = [
      ...ran.filter((key) => at.has(key)).map((key) => `<rect x="56" y="${at.get(key)}" width="${WIDTH - 70}" height="${LINE}" class="g${thread}"/>`),
      ...[...marks].flatMap(([key, all]) => all.map((index, place) => `<rect x="${6 + place * 16}" y="${at.get(key) + 1}" width="15" height="17" rx="3" class="m${index}"/><text x="${13.5 + place * 16}" y="${at.get(key) + 14}" class="mark">${index + 1}</text>`)),
      ...scene.names.map((name, index) => `<text x="${14 + index * 150}" y="${bottom + 12}" class="n${index}">${index + 1} ${escape(name)}${state.owner === index ? ": has the lock" : ""}</text>`),
      `<text x="${14 + scene.names.length * 150}" y="${bottom + 12}">ring: [${state.value.items.join(", ")}]</text>`,
      ...said.map((line, place) => `<text x="14" y="${bottom + 38 + place * 19}" class="said">${escape(line)}</text>`),
    ];
    return `<g class="frame" style="animation-delay:${(number * SECONDS).toFixed(1)}s" id="f${number}">${shown.join("")}</g>`;
  });
  const share = (100 / (steps.length + 1 + LAST)).toFixed(3);
  const long = (100 * (1 + LAST) / (steps.length + 1 + LAST)).toFixed(3);
  const colors = (names) => names.map(([ink, ground], index) => `.m${index},.n${index}{fill:${ink}}.g${index}{fill:${ground}}`).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 84}" role="img" aria-labelledby="t">
<title id="t">${escape(`${scene.title.replaceAll("`", "")}: the shortest schedule that exposes it, in ${steps.length} steps`)}</title>
<style>
text{font:14px system-ui,"DejaVu Sans",sans-serif;fill:#1c1e21}.code{font:13px ui-monospace,"DejaVu Sans Mono",monospace}.bug{fill:#a8320a}.said{font-size:15px}.mark{font:700 11px monospace;fill:#fff;text-anchor:middle}
.ground{fill:#fff;stroke:#d9d6cf}${colors([["#005a9e", "#e3effa"], ["#a34700", "#fcebdd"], ["#00705a", "#ddf3ec"], ["#7a3e9d", "#f2e8f8"]])}
.frame{opacity:0;animation:one ${duration.toFixed(1)}s step-end infinite}#f${steps.length}{animation-name:last}
@keyframes one{0%{opacity:1}${share}%{opacity:0}}@keyframes last{0%{opacity:1}${long}%{opacity:0}}
@media (prefers-color-scheme:dark){text{fill:#e8e6e1}.bug{fill:#ff9a73}.mark{fill:#1d2024}.ground{fill:#1d2024;stroke:#383c42}${colors([["#7cc0ff", "#16304a"], ["#ffb074", "#452a14"], ["#62d8b8", "#123a31"], ["#d3a4ef", "#35223f"]])}}
@media (prefers-reduced-motion:reduce){.frame{animation:none}#f${steps.length}{opacity:1}}
</style>
<rect x=".5" y=".5" width="${WIDTH - 1}" height="${bottom + 83}" rx="8" class="ground"/>
${frames.join("\n")}
${code.join("\n")}
</svg>
`;
}

const [target] = process.argv.slice(2);
const drawn = picture("bug-1");
if (target === "--check") {
  const written = readFileSync(new URL("../../../docs/study/lab.svg", import.meta.url), "utf8");
  if (written !== drawn) throw new Error("docs/study/lab.svg is out of date: run `scripts/lab animation`");
} else {
  writeFileSync(new URL("../../../docs/study/lab.svg", import.meta.url), drawn);
}
