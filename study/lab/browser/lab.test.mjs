// The page in a real browser: Debian's Chromium, without network.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

// scripts/lab installs the client there.
const { chromium } = createRequire(new URL("../../../target/lab/", import.meta.url))("playwright-core");

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

async function play(page, steps) {
  for (const [thread, choice] of steps) {
    await page.click(`#board button[data-thread="${thread}"][data-choice="${choice}"]`);
  }
}

const scenes = (page) => page.evaluate(() => LAB.scenes.map(({ id, title }) => ({ id, title: title.replaceAll("`", "") })));

test("each scene loads, with its threads and its buffer", () => onPage(async (page) => {
  const all = await scenes(page);
  assert.ok(all.length > 60, `${all.length} scenes`);
  for (const { id, title } of all) {
    await open(page, id);
    assert.equal(await page.textContent("#title"), title);
    const [threads, names] = await page.evaluate(() => [document.querySelectorAll("#board .thread").length, page.scene.names.length]);
    assert.equal(threads, names, id);
    assert.equal(await page.locator("#board .buffer").count(), 1, id);
    assert.ok(await page.locator("#board .here").count() > 0, `${id}: a line is marked`);
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
    assert.match(await page.textContent("#end .verdict.bad"), /^✗ ./, id);
    assert.match(await page.textContent("#end .answer"), /^Answer\. ./, id);
    assert.equal(await page.locator("#board button").count(), 0, `${id}: no thread can go on`);
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
    await play(page, await shortest(page));
    if (await page.evaluate(() => page.scene.goal !== "poll")) assert.equal(await page.locator("#end .verdict.good").count(), 1, id);
    assert.match(await page.textContent("#end .answer"), /^Answer\. ./, id);
  }
}));

test("each scene has a question, and each bug the sentence on how its code differs", () => onPage(async (page) => {
  const without = await page.evaluate(() => LAB.scenes.filter(({ id, group }) => {
    const text = { ...TEXTS[group], ...TEXTS[id] };
    return !text.about || !text.question || !text.answer || (group === "bug" && !text.differs) || !document.querySelector(`#scenes a[data-id="${id}"]`);
  }).map((scene) => scene.id));
  assert.deepEqual(without, []);
}));

test("undo, redo, restart and branch", () => onPage(async (page) => {
  await open(page, "bug-1");
  const first = await page.innerHTML("#board");
  await play(page, (await shortest(page)).slice(0, 4));
  const fourth = await page.innerHTML("#board");
  for (let step = 0; step < 4; step += 1) await page.click("#undo");
  assert.equal(await page.innerHTML("#board"), first);
  assert.ok(await page.isDisabled("#undo"));
  for (let step = 0; step < 4; step += 1) await page.click("#redo");
  assert.equal(await page.innerHTML("#board"), fourth);
  await page.click("#timeline tbody tr:nth-child(2) button");
  assert.equal(await page.evaluate(() => location.hash.split("/")[1].length), 2);
  assert.equal(await page.locator("#timeline tbody tr").count(), 4, "the later steps can be redone");
  const other = page.locator("#board button").last();
  await other.click();
  assert.equal(await page.locator("#timeline tbody tr").count(), 3, "a branch replaces them");
  await page.click("#restart");
  assert.equal(await page.innerHTML("#board"), first);
}));

test("the address names the scene and the schedule", () => onPage(async (page) => {
  await open(page, "bug-2");
  await play(page, await shortest(page));
  const [board, address] = [await page.innerHTML("#board"), await page.evaluate(() => location.href)];
  await page.goto("about:blank");
  await page.goto(address);
  assert.equal(await page.innerHTML("#board"), board);
  assert.equal(await page.locator("#end .verdict.bad").count(), 1);
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
      await page.click("#board button");
      assert.match(await page.textContent("#said"), /A schedule has at most 500 steps\. Undo or restart\./);
      await page.click("#restart");
    }
    await page.click("#board button");
    assert.equal(await page.evaluate(() => page.position), steps === 500 ? 1 : steps + 1, `${hash.slice(0, 40)}: the page is usable`);
  }
}));

test("the keyboard alone suffices", () => onPage(async (page) => {
  await open(page, "bug-9");
  for (const [thread, choice] of await shortest(page)) {
    await page.keyboard.press(`${choice ? "Shift+" : ""}Digit${thread + 1}`);
  }
  assert.equal(await page.locator("#end .verdict.bad").count(), 1);
  await page.keyboard.press("r");
  await page.keyboard.press("h");
  assert.equal(await page.locator("#board .hinted").count(), 1);
  assert.match(await page.textContent("#said .note"), /steps away/);
  await page.keyboard.press("n");
  await page.waitForFunction(() => page.scene.id === "bug-10");
  // With the tab key: the focus stays with the thread whose button was pressed.
  await page.locator("#board button").first().focus();
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

test("show me plays the shortest schedule", () => onPage(async (page) => {
  await page.clock.install();
  await open(page, "bug-8");
  const steps = await shortest(page);
  await page.click("#show");
  await page.clock.runFor(60_000);
  assert.equal(await page.locator("#timeline tbody tr").count(), steps.length);
  assert.equal(await page.locator("#end .verdict.bad").count(), 1);
  assert.match(await page.textContent("#show"), /^Show me/);
}));

test("a hint where no bad state can be reached says how far to undo", () => onPage(async (page) => {
  await open(page, "bug-15");
  const wrong = await page.evaluate(() => {
    const step = page.scene.steps(0).find(({ target }) => page.scene.distance[place(target, 0)] === undefined);
    return tokenOf(page.scene, 0, step);
  });
  await page.keyboard.press(`Digit${wrong}`);
  await page.click("#hint");
  assert.match(await page.textContent("#said .note"), /No schedule leads from here to the goal\. Undo 1 step\./);
  await page.click("#undo");
  await page.click("#hint");
  assert.match(await page.textContent("#said .note"), /^ ?Next: .* steps away\.$/);
}));

test("the same schedule on the correct code parts from each bug", () => onPage(async (page) => {
  for (const id of await page.evaluate(() => LAB.scenes.filter((scene) => scene.group === "bug").map((scene) => scene.id))) {
    await open(page, id);
    await play(page, await shortest(page));
    await page.click("#compare");
    assert.match(await page.textContent("#parting"), /^The two part in step \d+\. ./, id);
    const link = await page.getAttribute("#continue", "href");
    await page.click("#compare");
    await page.evaluate((hash) => { location.hash = hash; }, link);
    await page.waitForFunction(() => page.scene.group === "reference");
    assert.equal(await page.locator("#said .note").count(), 0, "the schedule is possible there");
  }
}));

test("the boards are side by side, and take each step together up to where they part", () => onPage(async (page) => {
  await open(page, "bug-2");
  await page.keyboard.press("c");
  assert.equal(await page.getAttribute("#compare", "aria-pressed"), "true");
  assert.match(await page.textContent("#parting"), /So far, both codes do the same\./);
  const steps = await shortest(page);
  const parted = await page.evaluate(() => compareWith(sceneOf(page.scene.correct), page.scene, shortest(page.scene)).parted + 1);
  for (const [index, step] of steps.entries()) {
    await play(page, [step]);
    const [mine, theirs] = await page.evaluate(() => ["#board", "#twin-board"].map((board) => {
      const box = document.querySelector(board).getBoundingClientRect();
      return { left: box.left, right: box.right, slots: document.querySelector(`${board} .slots`).textContent,
        tops: [...document.querySelectorAll(`${board} article`)].map((article) => article.getBoundingClientRect().top), parts: document.querySelectorAll(`${board} .parts .fork`).length };
    }));
    assert.ok(mine.right < theirs.left, "next to each other");
    assert.deepEqual(mine.tops, theirs.tops, "each thread at the same height");
    const after = index + 1 >= parted;
    if (!after) assert.equal(mine.slots, theirs.slots);
    assert.deepEqual([mine.parts, theirs.parts], after ? [1, 1] : [0, 0], `step ${index + 1}`);
  }
  assert.match(await page.textContent("#timeline tr.parts th"), new RegExp(`^${parted}.*parts here`));
  await page.click("#to-parting");
  assert.equal(await page.evaluate(() => page.position), parted);
  await page.click("#undo");
  assert.match(await page.textContent("#parting"), /So far, both codes do the same\./);
  await page.setViewportSize({ width: 360, height: 800 });
  const [mine, theirs] = await page.evaluate(() => ["#board", "#twin-board"].map((board) => document.querySelector(board).getBoundingClientRect().toJSON()));
  assert.ok(mine.bottom < theirs.top && mine.left === theirs.left, "one below the other where they do not fit");
}, { viewport: { width: 1400, height: 900 } }));

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 1600]) {
    test(`nothing overflows at ${width} px, ${colorScheme}`, () => onPage(async (page) => {
      for (const id of ["lesson-1", "bug-1", "bug-2", "bug-17"]) {
        await open(page, id);
        await play(page, await shortest(page));
        if (id !== "lesson-1") await page.keyboard.press("c");
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, id);
      }
    }, { viewport: { width, height: 800 }, colorScheme }));
  }
}

test("controls have names, identifiers are unique, and changes are announced", () => onPage(async (page) => {
  await open(page, "bug-1");
  await page.click("#board button");
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
      await page.click("#board button");
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
