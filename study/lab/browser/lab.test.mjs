// The page in a real browser: Debian's Chromium, without network.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

// scripts/lab installs the client there.
const require = createRequire(new URL("../../../target/lab/", import.meta.url));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const PAGE = new URL("../page/index.html", import.meta.url).href;
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

let browser;
before(async () => {
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
});
after(() => browser.close());

// Runs `body` on a page of its own, and fails if the page reports an error or uses the network.
async function onPage(body, { hash = "", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  await context.setOffline(true);
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.stack));
  page.on("request", (request) => /^(file|data):/.test(request.url()) || problems.push(request.url()));
  page.setDefaultTimeout(20_000);
  await page.goto(PAGE + hash);
  await body(page);
  assert.deepEqual(problems, []);
  await context.close();
}

const open = async (page, scene) => {
  await page.evaluate((id) => { location.hash = id; }, scene);
  await page.waitForFunction((id) => page.scene.id === id, scene);
};

// The buttons of a shortest schedule to the goal: pairs of a thread and a choice.
const shortest = (page) => page.evaluate(() => {
  const { nodes, steps } = shortest(page.scene);
  return steps.map((step, index) => {
    const [, choice] = tokenOf(page.scene, nodes[index], step);
    return [step.thread, choice ? choice.charCodeAt(0) - 97 : 0];
  });
});

// Presses the buttons without a wait between them. The tests of the screens use the mouse and the keys.
const play = (page, steps) => page.evaluate((steps) => {
  for (const [thread, choice] of steps) document.querySelector(`#steps button[data-thread="${thread}"][data-choice="${choice}"]`).click();
}, steps);

const scenes = (page) => page.evaluate(() => LAB.scenes.map(({ id, title }) => ({ id, title: title.replaceAll("`", "") })));

test("each scene loads, with its threads and its buffer", () => onPage(async (page) => {
  const all = await scenes(page);
  assert.ok(all.length > 60, `${all.length} scenes`);
  for (const { id, title } of all) {
    await open(page, id);
    assert.ok((await page.textContent("#title")).toLowerCase().endsWith(title.toLowerCase()), id);
    const [threads, names] = await page.evaluate(() => [document.querySelectorAll("#board .thread").length, page.scene.names.length]);
    assert.equal(threads, names, id);
    assert.equal(await page.locator("#strip .slots").count(), 1, id);
    assert.ok(await page.locator("#board .here .mark").count() > 0, `${id}: a line is marked`);
    const { functions, excerpts } = await page.evaluate(() => ({ functions: document.querySelectorAll("#board .code ol").length, excerpts: excerptsOf(page.scene).length }));
    assert.equal(functions, excerpts, `${id}: each function is shown once`);
  }
}));

test("the shortest bad schedule of each bug, played step by step, ends in its bad state", () => onPage(async (page) => {
  const bugs = await page.evaluate(() => LAB.scenes.filter((scene) => scene.group === "bug").map((scene) => scene.id));
  assert.ok(bugs.length >= 17, `${bugs.length} bugs`);
  for (const id of bugs) {
    await open(page, id);
    const steps = await shortest(page);
    assert.ok(steps.length > 0, id);
    await play(page, steps);
    assert.match(await page.textContent("#verdict"), new RegExp(`^✓ Goal reached in ${steps.length} steps\\. The shortest schedule has ${steps.length}\\. (Deadlock|A check fails): .`), id);
    assert.match(await page.textContent("#end .answer:nth-child(2)"), /^Answer\. ./, id);
    assert.equal(await page.locator("#steps button").count(), 0, `${id}: no thread can go on`);
  }
}));

test("no schedule of correct code reaches a bad state, and all threads can end", () => onPage(async (page) => {
  const correct = await page.evaluate(() => LAB.scenes.filter((scene) => scene.group !== "bug").map((scene) => scene.id));
  for (const id of correct) {
    await open(page, id);
    // Each state that the page has, and each state that its steps lead to.
    const bad = await page.evaluate(() => {
      const seen = new Set([0]);
      for (const at of seen) page.scene.steps(at).forEach((step) => seen.add(step.target));
      const toEnd = distances(page.scene, GOALS.end);
      return { reached: seen.size, of: page.scene.nodes.length, bad: [...seen].filter(page.scene.isBad).length,
        stuck: [...seen].filter((at) => toEnd[place(at, 0)] === undefined).length };
    });
    assert.deepEqual(bad, { reached: bad.of, of: bad.of, bad: 0, stuck: 0 }, id);
    assert.ok(await page.evaluate(() => !page.scene.sentences.some((sentence) => sentence.includes("although"))), `${id}: no step is wrong`);
    await play(page, await shortest(page));
    assert.match(await page.textContent("#verdict"), /^✓ Goal reached/, id);
    assert.match(await page.textContent("#end .answer:nth-child(2)"), /^Answer\. ./, id);
  }
}));

test("each scene has a question, and each bug the sentence on how its code differs", () => onPage(async (page) => {
  const without = await page.evaluate(() => LAB.scenes.filter(({ id, group }) => {
    const { text } = sceneOf(id);
    const inCourse = COURSE.includes(id);
    return !text.about || !text.question || !text.answer || !text.hint || (inCourse && !(text.why && text.guide)) || (group === "bug" && !text.differs) || !document.querySelector(`#scenes a[data-id="${id}"]`);
  }).map((scene) => scene.id));
  assert.deepEqual(without, []);
}));

test("undo, redo, restart and branch", () => onPage(async (page) => {
  await open(page, "bug-1");
  const drawn = () => page.evaluate(() => ["board", "strip", "steps", "said", "verdict"].map((id) => document.getElementById(id).innerHTML));
  const first = await drawn();
  await play(page, (await shortest(page)).slice(0, 4));
  const fourth = await drawn();
  for (let step = 0; step < 4; step += 1) await page.click("#undo");
  assert.deepEqual(await drawn(), first);
  assert.ok(await page.isDisabled("#undo"));
  for (let step = 0; step < 4; step += 1) await page.click("#redo");
  assert.deepEqual(await drawn(), fourth);
  await page.click("#timeline tbody tr:nth-child(2) button");
  assert.equal(await page.evaluate(() => location.hash.split("/")[1].length), 2);
  assert.equal(await page.locator("#timeline tbody tr").count(), 4, "the later steps can be redone");
  const other = page.locator("#steps button").last();
  await other.click();
  assert.equal(await page.locator("#timeline tbody tr").count(), 3, "a branch replaces them");
  await page.click("#restart");
  assert.deepEqual(await drawn(), first);
}));

test("the address names the scene and the schedule", () => onPage(async (page) => {
  await open(page, "bug-2");
  await play(page, await shortest(page));
  const [board, address] = [await page.innerHTML("#board"), await page.evaluate(() => location.href)];
  await page.goto("about:blank");
  await page.goto(address);
  assert.equal(await page.innerHTML("#board"), board);
  assert.match(await page.textContent("#verdict"), /^Shown, not solved\./, "the reader has not found it");
}));

test("an address that is wrong has a plain message and a usable page", () => onPage(async (page) => {
  const wrong = {
    "#bug-2/1199": [/Step 3 of this address is not possible\./, "bug-2", 2],
    "#bug-2/x": [/Step 1 of this address is not possible\./, "bug-2", 0],
    "#bug-2/11 2%": [/Step 3 of this address is not possible\./, "bug-2", 2],
    "#no-such-scene": [/There is no scene “no-such-scene”\. This is the first scene\./, "lesson-1", 0],
    "#no-such-scene/12": [/There is no scene/, "lesson-1", 0],
    "#%E0%A4%A": [/There is no scene “%E0%A4%A”\./, "lesson-1", 0],
    "#/12": [/There is no scene/, "lesson-1", 0],
    // The consumer can poll without end.
    [`#lesson-2/${"222".repeat(20_000)}`]: [/The schedule of this address is too long\. These are its first 500 steps\./, "lesson-2", 500],
    "#": [/^Choose the thread/, "lesson-1", 0],
  };
  for (const [hash, [message, scene, steps]] of Object.entries(wrong)) {
    await page.goto("about:blank");
    await page.goto(PAGE + hash);
    assert.match(await page.textContent("#said"), message, hash.slice(0, 40));
    assert.deepEqual(await page.evaluate(() => [page.scene.id, page.position]), [scene, steps], hash.slice(0, 40));
    const size = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(size <= 0, `${hash.slice(0, 40)}: nothing overflows`);
    if (steps === 500) {
      await page.click("#steps button");
      assert.match(await page.textContent("#said"), /A schedule has at most 500 steps\. Undo or restart\./);
      await page.click("#restart");
    }
    await page.click("#steps button");
    assert.equal(await page.evaluate(() => page.position), steps === 500 ? 1 : steps + 1, `${hash.slice(0, 40)}: the page is usable`);
  }
}));

test("the keyboard alone suffices", () => onPage(async (page) => {
  await open(page, "bug-9");
  for (const [thread, choice] of await shortest(page)) {
    await page.keyboard.press(`${choice ? "Shift+" : ""}Digit${thread + 1}`);
  }
  assert.match(await page.textContent("#verdict"), /^✓ Goal reached/);
  await page.keyboard.press("r");
  await page.keyboard.press("h");
  assert.equal(await page.locator("#steps .hinted").count(), 1);
  assert.match(await page.textContent("#said .note"), /steps away/);
  await page.keyboard.press("n");
  await page.waitForFunction(() => page.scene.id === "bug-10");
  // The first step is a few tabs from the beginning, and at once from the link that skips the rest.
  await page.reload();
  let tabs = 0;
  do {
    await page.keyboard.press("Tab");
    tabs += 1;
  } while (tabs < 20 && !(await page.evaluate(() => document.activeElement.dataset.thread)));
  assert.ok(tabs <= 5, `${tabs} tabs`);
  await page.reload();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.ok(await page.evaluate(() => document.activeElement.dataset.thread), "the link leads to a step");
  // With the tab key: the focus stays with the thread whose button was pressed.
  await page.locator("#steps button").first().focus();
  const thread = await page.evaluate(() => document.activeElement.dataset.thread);
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.thread), thread);
  // A key of a thread that cannot go on has a reason.
  await open(page, "bug-2");
  await page.keyboard.press("2");
  await page.keyboard.press("1");
  assert.match(await page.textContent("#said .note"), /Main cannot acquire the lock: consumer 1 holds it\./);
  await page.keyboard.press("9");
  assert.match(await page.textContent("#said .note"), /There is no thread 9\. This scene has 3 threads\./);
}));

test("show me plays the shortest schedule, pauses, and solves nothing", () => onPage(async (page) => {
  await page.clock.install();
  await open(page, "bug-8");
  const steps = await shortest(page);
  await page.selectOption("#speed", "4000");
  await page.click("#show");
  await page.clock.runFor(4_500);
  assert.equal(await page.locator("#timeline tbody tr").count(), 2, "a step each four seconds");
  await page.keyboard.press("s");
  assert.equal(await page.textContent("#show"), "Continue");
  await page.clock.runFor(60_000);
  assert.equal(await page.locator("#timeline tbody tr").count(), 2, "it pauses");
  await page.selectOption("#speed", "700");
  await page.click("#show");
  await page.clock.runFor(60_000);
  assert.equal(await page.locator("#timeline tbody tr").count(), steps.length);
  assert.match(await page.textContent("#verdict"), /^Shown, not solved\. Restart and find it yourself\. Deadlock/);
  assert.equal(await page.textContent("#show"), "Show me");
  assert.match(await page.textContent("#solved"), /^0 of/);
  // The last step alone is not the reader's schedule, either.
  await page.click("#undo");
  await play(page, steps.slice(-1));
  assert.match(await page.textContent("#verdict"), /^Shown/);
  await page.click("#restart");
  await play(page, steps);
  assert.match(await page.textContent("#verdict"), /^✓ Goal reached/);
  assert.match(await page.textContent("#solved"), /^1 of 31 solved$/);
  assert.equal(await page.textContent("#scenes details:nth-child(4) .count"), "1 of 3");
}));

test("an end that is not the goal says what is missing", () => onPage(async (page) => {
  const misses = {
    "lesson-2/2211222": /^Not the goal yet: the consumer has yielded 1 of 3 times\. All threads have ended, and each result is correct\. Undo or restart\.$/,
    "lesson-3": /no thread has waited/,
    "lesson-4": /a thread has notified/,
    "lesson-5": /did not return from its wait to two items/,
    "lesson-6": /no consumer has woken the other/,
    "lesson-7": /the consumer has not timed out/,
    "lesson-8": /did not wait when the buffer was closed/,
    "lesson-9": /found the item in its first poll/,
    "lesson-10": /has not read the length 0/,
    "bug-1": /^Not the goal yet: all threads have ended, and each result is correct\. Undo or restart\.$/,
  };
  for (const [hash, message] of Object.entries(misses)) {
    const [id, schedule] = hash.split("/");
    await open(page, id);
    // A schedule that ends without the goal, found by a search over states and counts.
    const missed = schedule ?? await page.evaluate(() => {
      const paths = [{ nodes: [0], steps: [] }];
      const seen = new Set();
      for (const path of paths) {
        const count = countsOf(page.scene, path).at(-1);
        const key = place(path.nodes.at(-1), count);
        if (seen.has(key)) continue;
        seen.add(key);
        if (page.scene.isEnd(path.nodes.at(-1)) && page.scene.distance[key] !== 0) return path.steps.map((step, at) => tokenOf(page.scene, path.nodes[at], step)).join("");
        if (page.scene.distance[key] === 0) continue;
        for (const step of page.scene.steps(path.nodes.at(-1))) paths.push(extend(path, step));
      }
      return undefined;
    });
    await page.evaluate((to) => { location.hash = to; }, `${id}/${missed}`);
    await page.waitForFunction((steps) => page.position === steps, (missed.match(/\d/g)).length);
    assert.match(await page.textContent("#verdict"), /^Not the goal yet: /, id);
    assert.match(await page.textContent("#verdict"), message, id);
    assert.equal(await page.locator("#end *").count(), 0, `${id}: no answer yet`);
  }
}));

test("a step from which the goal cannot be reached says so at once, and how far to undo", () => onPage(async (page) => {
  await open(page, "bug-15");
  const wrong = await page.evaluate(() => {
    const step = page.scene.steps(0).find(({ target }) => page.scene.distance[place(target, 0)] === undefined);
    return tokenOf(page.scene, 0, step);
  });
  await page.keyboard.press(`Digit${wrong}`);
  assert.equal(await page.textContent("#verdict"), "The goal cannot be reached any more. Undo 1 step, or restart.");
  assert.ok(await page.isDisabled("#hint"), "there is no next step");
  assert.equal(await page.locator("#end *").count(), 0, "no answer yet");
  await page.click("#undo");
  assert.equal(await page.textContent("#verdict"), "");
  await page.click("#hint");
  assert.match(await page.textContent("#said .note"), /^ ?Next: .*, .*\. The producer must wait before the close\. The goal is \d+ steps away\.$/);
}));

test("the same schedule on the correct code parts from each bug", () => onPage(async (page) => {
  for (const id of await page.evaluate(() => LAB.scenes.filter((scene) => scene.group === "bug").map((scene) => scene.id))) {
    await open(page, id);
    await play(page, await shortest(page));
    await page.click("#compare");
    assert.match(await page.textContent("#parting"), /^The codes differ in step \d+\. ./, id);
    const link = await page.getAttribute("#continue", "href");
    await page.click("#compare");
    await page.evaluate((hash) => { location.hash = hash; }, link);
    await page.waitForFunction(() => page.scene.group === "reference");
    assert.equal(await page.locator("#said .note").count(), 0, "the schedule is possible there");
  }
}));

test("the comparison opens where the two part, with the same number on both sides", () => onPage(async (page) => {
  await open(page, "bug-2");
  const steps = await shortest(page);
  const parted = await page.evaluate(() => compareWith(sceneOf(page.scene.correct), page.scene, shortest(page.scene)).parted + 1);
  await play(page, steps.slice(0, parted - 1));
  await page.keyboard.press("c");
  assert.equal(await page.getAttribute("#compare", "aria-pressed"), "true");
  assert.match(await page.textContent("#parting"), /So far, they do the same\./);
  const slots = await page.evaluate(() => ["#strip", "#twin-board"].map((board) => document.querySelector(`${board} .slots`).textContent));
  assert.equal(slots[0], slots[1]);
  await page.keyboard.press("c");
  await play(page, steps.slice(parted - 1));
  await page.keyboard.press("c");
  assert.equal(await page.evaluate(() => page.position), parted);
  const heads = async () => [await page.textContent("#mine-did"), await page.textContent("#twin-did")];
  for (const head of await heads()) assert.match(head, new RegExp(`^Step ${parted}: `));
  assert.equal(await page.locator(".parts .fork").count(), 3, "on both boards and in the timeline");
  assert.match(await page.textContent("#timeline tr.parts th"), new RegExp(`^${parted}.*differs here`));
  await page.click("#redo");
  assert.match((await heads())[0], new RegExp(`^Step ${parted}: .*The board shows step ${parted + 1}\\.$`));
  await page.click("#to-parting");
  assert.equal(await page.evaluate(() => page.position), parted);
  const boxes = () => page.evaluate(() => ["#mine", "#twin"].map((board) => document.querySelector(board).getBoundingClientRect().toJSON()));
  const [mine, theirs] = await boxes();
  assert.ok(mine.right < theirs.left && mine.top === theirs.top, "next to each other");
  await page.setViewportSize({ width: 360, height: 800 });
  const [above, below] = await boxes();
  assert.ok(above.bottom < below.top && above.left === below.left, "one below the other where they do not fit");
}, { viewport: { width: 1400, height: 900 } }));

test("the list of wakers is on the board of each scene with tasks, with names, and a woken task is marked", () => onPage(async (page) => {
  await open(page, "lesson-9");
  const wakers = () => page.evaluate(() => [...document.querySelectorAll("#strip .part")].map((part) => part.textContent).find((text) => text.startsWith("Wakers")));
  const marks = () => page.evaluate(() => [...document.querySelectorAll("#board .thread")].map((thread) => thread.textContent.includes("woken, not polled")));
  assert.equal(await wakers(), "Wakers–");
  for (const key of ["2", "2"]) await page.keyboard.press(key);
  assert.equal(await wakers(), "Wakersconsumer 1");
  for (const key of ["1", "1", "1"]) await page.keyboard.press(key);
  assert.deepEqual(await marks(), [false, true]);
  await page.keyboard.press("2");
  assert.deepEqual(await marks(), [false, false]);
  const expected = { "bug-18/11": "Wakersmain", "bug-19/11": undefined, "bug-20/11": "Wakersa waker", "bug-21/1": "Wakersmain", "reference-tasks-a-cancelled-pop-passes-its-wake-up-on/": undefined };
  for (const [hash, text] of Object.entries(expected)) {
    const id = hash.split("/")[0];
    if (!(await page.evaluate((id) => Boolean(dataOf(id)), id))) continue;
    await page.goto("about:blank");
    await page.goto(PAGE + `#${hash}`);
    if (text) assert.equal(await wakers(), text, hash);
    else assert.match(await wakers(), /^Wakers/, hash);
    assert.doesNotMatch(await page.textContent("#about"), /wake-up pending/, `${hash}: the introduction is about this code`);
  }
  // The sentence and the list agree in each step.
  const wrong = await page.evaluate(() => LAB.scenes.filter((scene) => ["lesson-9", "bug-18", "bug-19", "bug-20", "bug-21"].includes(scene.id) || scene.code === "reference_tasks").flatMap(({ id }) => {
    const scene = sceneOf(id);
    const size = (at) => (scene.state(at).queues.tasks ?? []).length;
    return scene.nodes.flatMap((_, at) => scene.steps(at).filter((step) => /stores its waker/.test(step.sentence) !== size(step.target) > size(at)).map((step) => `${id} ${at}: ${step.sentence}`));
  }));
  assert.deepEqual(wrong, []);
}));

test("the lines that a step has run are tinted, and strings are no code", () => onPage(async (page) => {
  await open(page, "lesson-3");
  const tinted = () => page.evaluate(() => [...document.querySelectorAll("#board .code li.ran")].map((row) => row.textContent.replace(/^.*thread \d+/, "")));
  await page.keyboard.press("1");
  assert.deepEqual(await tinted(), ["let mut items = self.items.lock();", "while items.len() == self.capacity {", "items.push_back(item);"], "the wait is left out");
  await page.keyboard.press("r");
  for (const key of ["2", "2"]) await page.keyboard.press(key);
  assert.deepEqual(await tinted(), ["self.not_empty.wait(&mut items);"]);
  for (const key of ["1", "1", "1", "2"]) await page.keyboard.press(key);
  assert.deepEqual(await tinted(), ["while items.is_empty() {", "self.not_empty.wait(&mut items);", "let item = items.pop_front();"], "the condition is checked again");
  await open(page, "bug-1");
  await play(page, (await shortest(page)).slice(0, 9));
  assert.deepEqual(await tinted(), ["self.not_empty.wait(&mut items);", "let item = items.pop_front();"], "an `if` is not");
  await open(page, "lesson-7");
  for (const key of ["2", "2", "2", "2"]) await page.keyboard.press(key);
  assert.deepEqual(await tinted(), ["if self.not_empty.wait_until(&mut state, self.deadline).timed_out() {", "state.items.pop_front()"], "a time-out leaves the loop");
  await open(page, "bug-17");
  await play(page, (await shortest(page)).slice(0, 6));
  assert.deepEqual(await tinted(), ["if self.len_snapshot.load(Relaxed) == 0 {"], "a call that has returned runs no further line");
  assert.deepEqual(await page.evaluate(() => drawLine('let a = "the loop // ends"; // if').map((part) => part.textContent ?? part)), ["let", " a = ", '"the loop // ends"', "; ", "// if"]);
  assert.deepEqual(await page.evaluate(() => [shortHead("pub(crate) fn pop(&self) -> u32 {"), shortHead("fn wait_for_items<T>(&self, deadline: Option<Instant>) -> MutexGuard<'_, State> {")]),
    ["fn pop(&self) -> u32 {", "fn wait_for_items(&self, deadline) -> … {"]);
}));

test("links lead to a section of the guide and of the gallery that exist", () => onPage(async (page) => {
  const anchors = (file) => new Set(readFileSync(new URL(`../../../docs/${file}`, import.meta.url), "utf8").split("\n").filter((line) => line.startsWith("#"))
    .map((line) => line.replace(/^#+ /, "").toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")));
  const documents = { "internals.md": anchors("internals.md"), "gallery.md": anchors("gallery.md") };
  for (const id of await page.evaluate(() => COURSE)) {
    await open(page, id);
    await play(page, await shortest(page));
    const links = await page.evaluate(() => [...document.querySelectorAll("#end .links a")].map((link) => link.getAttribute("href")));
    assert.equal(links.length, id.startsWith("bug") ? 2 : 1, id);
    for (const link of links) {
      const [, file, anchor] = link.match(/([a-z]+\.md)#(.+)$/);
      assert.ok(documents[file].has(anchor), `${id}: ${link}`);
    }
  }
}));

test("a state of the map can be chosen, and Escape closes the help", () => onPage(async (page) => {
  await open(page, "bug-9");
  const bad = await page.evaluate(() => page.scene.nodes.findIndex((_, at) => page.scene.isBad(at)));
  await page.locator("#map g").nth(bad).dispatchEvent("click");
  assert.equal(await page.evaluate(() => pathNow().nodes.at(-1)), bad);
  assert.match(await page.textContent("#verdict"), /^Shown/);
  await page.click("#help-button");
  assert.ok(await page.isVisible("#help"));
  assert.ok(await page.isHidden("#bar"), "it does not cover the help");
  const position = await page.evaluate(() => page.position);
  await page.keyboard.press("u");
  assert.equal(await page.evaluate(() => page.position), position, "no step is taken behind the help");
  await page.keyboard.press("Escape");
  assert.ok(await page.isHidden("#help"));
  assert.ok(await page.isVisible("#bar"));
}));

test("the next scene begins with its title and its goal in sight", async () => {
  for (const [width, height] of [[360, 640], [1600, 900]]) {
    await onPage(async (page) => {
      await open(page, "lesson-3");
      await play(page, await shortest(page));
      await page.click("#next");
      await page.waitForFunction(() => page.scene.id === "bug-1");
      const hidden = await page.evaluate(() => ["title", "goal"].filter((id) => {
        const { top, bottom } = document.getElementById(id).getBoundingClientRect();
        return top < 0 || bottom > document.getElementById("bar").getBoundingClientRect().top;
      }));
      assert.deepEqual(hidden, [], `${width} by ${height}`);
    }, { viewport: { width, height } });
  }
});

test("steps after the goal do not count", () => onPage(async (page) => {
  await open(page, "lesson-2");
  await play(page, [...await shortest(page), [0, 0], [0, 0]]);
  assert.match(await page.textContent("#verdict"), /^✓ Goal reached in 9 steps\. The shortest schedule has 9\./);
}));

test("each step of a thread has its own key, and code in a hint is code", () => onPage(async (page) => {
  await open(page, "lesson-7");
  for (const key of ["2", "2", "1"]) await page.keyboard.press(key);
  await page.click("#hint");
  assert.equal(await page.locator("#said .note code").first().textContent(), "main");
  await page.keyboard.press("2"); // times out
  assert.equal(await page.evaluate(() => [...document.querySelectorAll("#strip .part")].map((part) => part.textContent).find((text) => text.startsWith("Timed out"))), "Timed outconsumer 1");
  await open(page, "lesson-6");
  for (const key of ["2", "2", "3", "3", "1"]) await page.keyboard.press(key);
  assert.deepEqual(await page.locator("#steps button kbd").allTextContents(), ["1", "⇧1"]);
}));

test("what is said about a thread is a sentence with one subject", () => onPage(async (page) => {
  const odd = await page.evaluate(() => LAB.scenes.flatMap(({ id }) => {
    const scene = sceneOf(id);
    return scene.nodes.flatMap((_, at) => scene.names.map((_, thread) => (scene.stepsOf(at, thread).length ? "" : cannot(scene, scene.state(at), thread))));
  }).filter((text) => text && !/^(Main|Consumer \d|Producer \d) (has|cannot|waits|was) /.test(text)));
  assert.deepEqual([...new Set(odd)], []);
}));

// scripts/lab writes it before the tests.
test("the page in one file needs no other file", () => onPage(async (page) => {
  const problems = [];
  page.on("request", (request) => request.url().startsWith("data:") || problems.push(request.url()));
  const file = new URL("../../../target/lab/lab.html", import.meta.url).href;
  await page.goto(`${file}#bug-1`);
  await play(page, await shortest(page));
  assert.match(await page.textContent("#verdict"), /^✓ Goal reached/);
  assert.equal(await page.locator("#end .links a").count(), 0, "the documents are not there");
  assert.match(await page.textContent("#end .links"), /Why is the wait a loop\?/);
  assert.deepEqual(problems, [file]);
  assert.ok(statSync(new URL(file)).size < 3_000_000);
}));

// The pressed button, the state, the sentence and the code of the thread are within one screen after each step.
for (const [width, height] of [[360, 640], [400, 850], [768, 1024], [1024, 768], [1600, 900]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`each lesson and bug is played on one screen of ${width} by ${height}, ${colorScheme}`, () => onPage(async (page) => {
      const ids = await page.evaluate(() => COURSE);
      // By clicks in one theme, by keys in the other.
      for (const id of ids) {
        await open(page, id);
        let number = 0;
        for (const [thread, choice] of await shortest(page)) {
          if (colorScheme === "dark") await page.keyboard.press(`${choice ? "Shift+" : ""}Digit${thread + 1}`);
          else {
            const { x, y } = await page.evaluate(([thread, choice]) => {
              const box = document.querySelector(`#steps button[data-thread="${thread}"][data-choice="${choice}"]`).getBoundingClientRect();
              return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
            }, [thread, choice]);
            await page.mouse.click(x, y);
          }
          assert.equal(await page.evaluate(() => page.position), number += 1, `${id}: the step is taken`);
          const outside = await page.evaluate((thread) => {
            const bar = document.getElementById("bar").getBoundingClientRect();
            const isIn = (element, top, bottom) => {
              const box = element.getBoundingClientRect();
              return box.height > 0 && box.left >= 0 && box.right <= innerWidth && box.top >= top - 1 && box.bottom <= bottom + 1;
            };
            const cell = document.querySelectorAll("#steps .cell")[thread];
            const isOver = document.querySelector("#steps .cells").hidden;
            const wanted = [["said", document.getElementById("said")], ["strip", document.getElementById("strip")],
              ["controls", document.getElementById("controls")], isOver ? ["verdict", document.getElementById("verdict")] : ["button", cell]];
            const wrong = wanted.filter(([, element]) => !isIn(element, 0, innerHeight)).map(([name]) => name);
            const overflows = [...document.querySelectorAll("#steps .step")].some((step) => step.scrollHeight > step.clientHeight + 1 || step.getBoundingClientRect().bottom > step.closest(".cells").getBoundingClientRect().bottom + 1);
            if (overflows) wrong.push("a step's text");
            const said = document.getElementById("said");
            if (said.scrollHeight > said.clientHeight + 1) wrong.push("the end of the sentence");
            const code = document.querySelector("#board .code");
            const rows = [...code.querySelectorAll("li")];
            const line = rows.find((row) => row.querySelector(`.mark.t${thread}`)) ?? rows.findLast((row) => row.classList.contains("ran"));
            const box = code.getBoundingClientRect();
            if (line && !isIn(line, Math.max(0, box.top), Math.min(bar.top, box.bottom))) wrong.push("the line");
            if (document.documentElement.scrollWidth > innerWidth) wrong.push("the width");
            return wrong;
          }, thread);
          assert.deepEqual(outside, [], `${id}, step ${number}`);
        }
        assert.match(await page.textContent("#verdict"), /^✓ Goal reached/, id);
        await page.locator("#timeline tbody tr:last-child").scrollIntoViewIfNeeded();
        const cut = await page.evaluate(() => [...document.querySelectorAll("#timeline tbody button")].some((button) => button.getBoundingClientRect().right > document.querySelector(".scroll").getBoundingClientRect().right));
        assert.ok(!cut, `${id}: the timeline is not cut`);
        if (id.startsWith("bug")) {
          await page.keyboard.press("c");
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `${id}, compared`);
        }
      }
      assert.equal(await page.textContent("#solved"), `${ids.length} of ${ids.length} solved`);
    }, { viewport: { width, height }, colorScheme }));
  }
}

test("axe finds no serious violation", async () => {
  for (const [width, colorScheme] of [[360, "light"], [1600, "dark"], [1600, "light"]]) {
    await onPage(async (page) => {
      await page.addScriptTag({ content: axe });
      for (const hash of ["lesson-1", "bug-1/22111333", "bug-2/22331111122233", "bug-18/1122111", "shipped-two-producers-and-two-consumers-on-one-slot"]) {
        await page.evaluate((to) => { location.hash = to; }, hash);
        await page.waitForFunction((id) => page.scene.id === id, hash.split("/")[0]);
        if (hash.startsWith("bug-2")) await page.keyboard.press("c");
        const serious = await page.evaluate(async () => {
          const { violations } = await globalThis.axe.run(document, { preload: false });
          return violations.filter(({ impact }) => ["serious", "critical"].includes(impact)).map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)} (${nodes.length})`);
        });
        assert.deepEqual(serious, [], `${hash} at ${width} px, ${colorScheme}`);
      }
    }, { viewport: { width, height: 800 }, colorScheme });
  }
});

test("controls have names, identifiers are unique, and changes are announced", () => onPage(async (page) => {
  await open(page, "bug-1");
  await page.click("#steps button");
  const report = await page.evaluate(() => {
    const unnamed = [...document.querySelectorAll("button, select, a")].filter((control) => !(control.getAttribute("aria-label") ?? control.textContent).trim() && !control.labels?.length);
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    return { unnamed: unnamed.length, repeated: ids.filter((id, at) => ids.indexOf(id) !== at), live: document.getElementById("said").getAttribute("aria-live") };
  });
  assert.deepEqual(report, { unnamed: 0, repeated: [], live: "polite" });
}));

test("text has enough contrast in both themes", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await onPage(async (page) => {
      await open(page, "bug-1");
      await page.click("#steps button");
      const low = await page.evaluate(() => {
        const parse = (color) => color.match(/[\d.]+/g).map(Number);
        const light = ([r, g, b]) => [r, g, b].map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
          .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
        const ground = (element) => {
          for (let at = element; at; at = at.parentElement) {
            const color = parse(getComputedStyle(at).backgroundColor);
            if (color.length < 4 || color[3] > 0) return color;
          }
          return [255, 255, 255];
        };
        const texts = [...document.querySelectorAll("body *")].filter((element) => !element.closest(":disabled, tr.later, option, optgroup")
          && [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()) && element.offsetParent);
        return texts.map((element) => {
          const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((one, other) => other - one);
          return [(a + 0.05) / (b + 0.05), element.textContent.slice(0, 30), element.className];
        }).filter(([contrast]) => contrast < 4.5);
      });
      assert.deepEqual(low, [], colorScheme);
    }, { colorScheme });
  }
});

test("a step is drawn within a frame", () => onPage(async (page) => {
  const all = [];
  for (const id of ["lesson-3", "bug-1", "bug-2", "bug-8", "shipped-two-producers-and-two-consumers-on-one-slot"]) {
    for (const comparing of id.startsWith("bug") ? [false, true] : [false]) {
      await open(page, id);
      if (comparing) await page.keyboard.press("c");
      // Some schedule, the same in each run.
      const times = await page.evaluate(() => {
        const times = [];
        for (let round = 1; round <= 3; round += 1) {
          restart();
          for (let number = round; ; number = (number * 25_173 + 13_849) % 65_536) {
            const steps = page.scene.steps(pathNow().nodes.at(-1));
            if (!steps.length) break;
            const begin = performance.now();
            choose(steps[number % steps.length]);
            document.body.getBoundingClientRect(); // lays the page out
            times.push(performance.now() - begin);
          }
        }
        return times;
      });
      report(`${id}${comparing ? " and the correct code" : ""}`, times);
      all.push(...times);
    }
  }
  // A busy machine can delay any step, so the bound is on the median.
  assert.ok(report("all", all) < 16.7);
}));

function report(name, times) {
  times.sort((a, b) => a - b);
  const median = times[times.length >> 1];
  console.log(`${name}: ${times.length} steps, median ${median.toFixed(1)} ms, longest ${times.at(-1).toFixed(1)} ms`);
  return median;
}
