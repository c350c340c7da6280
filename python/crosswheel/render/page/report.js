// Filters the matrix and shows what a package or a build is made of. Texts are only ever set as texts, never as markup.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (selector, inside = document) => inside.querySelector(selector);
  const every = (selector, inside = document) => [...inside.querySelectorAll(selector)];

  function make(name, attributes = {}, ...content) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value);
    }
    element.append(...content.filter((one) => one !== ""));
    return element;
  }

  // Tabs, as https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ has them.
  const tabs = every('[role="tab"]');
  function selectTab(tab) {
    for (const one of tabs) {
      const selected = one === tab;
      one.setAttribute("aria-selected", String(selected));
      one.tabIndex = selected ? 0 : -1;
      find(`#${one.getAttribute("aria-controls")}`).hidden = !selected;
    }
  }
  for (const tab of tabs) {
    find(`#${tab.getAttribute("aria-controls")}`).setAttribute("role", "tabpanel");
    tab.addEventListener("click", () => selectTab(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step === undefined) return;
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      selectTab(next);
      next.focus();
    });
  }
  document.documentElement.classList.add("scripted");
  find(".tabs").hidden = tabs.length < 2;
  const asked = tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash);
  if (tabs.length) selectTab(asked || tabs[0]);

  // The matrix.
  const search = find("#search");
  const rows = every("#matrix tbody tr").map((row, place) => {
    const name = row.dataset.p;
    const about = data.packages[name];
    const targets = Object.values(about.targets);
    const words = targets.flatMap((one) => [one.state, ...one.rows.map((pair) => pair[1])]);
    return {
      row, name, place,
      size: Number(row.dataset.size),
      states: new Set(targets.map((one) => one.key)),
      differs: new Set(targets.map((one) => `${one.key} ${one.version}`)).size > 1,
      text: [name, about.version, about.licence, ...words].join("\n").toLowerCase(),
    };
  });
  const chips = every("[data-state]");
  const differing = find("#differing");
  const pressed = (button) => button.getAttribute("aria-pressed") === "true";

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const states = chips.filter(pressed).map((chip) => chip.dataset.state);
    let shown = 0;
    for (const one of rows) {
      const fits = words.every((word) => one.text.includes(word))
        && (!states.length || states.some((state) => one.states.has(state)))
        && (!pressed(differing) || one.differs);
      one.row.hidden = !fits;
      shown += fits;
    }
    find("#count").textContent = shown === rows.length ? `${shown} packages` : `${shown} of ${rows.length} packages`;
    find("#nothing").hidden = shown > 0;
    enterable();
  }

  function sort() {
    const bySize = find("#sort").value === "size";
    const ordered = [...rows].sort((a, b) => (bySize && b.size - a.size) || a.place - b.place);
    find("#matrix tbody").append(...ordered.map((one) => one.row));
    enterable();
  }

  // Of the cells only one is a stop of the Tab key; the arrow keys move it.
  const cellsOf = (row) => every(".cell", row);
  const shownRows = () => every("#matrix tbody tr").filter((row) => !row.hidden);
  function enterable(cell) {
    for (const one of every('#matrix .cell[tabindex="0"]')) one.tabIndex = -1;
    const stop = cell || find("#matrix tbody tr:not([hidden]) .cell");
    if (stop) stop.tabIndex = 0;
  }
  function move(cell, event) {
    const shown = shownRows();
    const row = cell.closest("tr");
    const column = cellsOf(row).indexOf(cell);
    const place = shown.indexOf(row);
    const [down, right] = {
      ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1],
      PageDown: [10, 0], PageUp: [-10, 0],
    }[event.key] || [0, 0];
    if (!down && !right) return;
    event.preventDefault();
    const next = shown[Math.max(0, Math.min(shown.length - 1, place + down))];
    const target = cellsOf(next)[column + right];
    if (!target) return;
    enterable(target);
    target.focus();
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  if (search) {
    find(".tools").hidden = false;
    find("#keys").hidden = false;
    search.addEventListener("input", filter);
    for (const chip of [...chips, differing]) {
      chip.addEventListener("click", () => {
        chip.setAttribute("aria-pressed", String(!pressed(chip)));
        filter();
      });
    }
    find("#sort").addEventListener("change", sort);
    find("#reset").addEventListener("click", () => {
      search.value = "";
      for (const chip of [...chips, differing]) chip.setAttribute("aria-pressed", "false");
      filter();
      search.focus();
    });
    find("#matrix").addEventListener("keydown", (event) => {
      const cell = event.target.closest(".cell");
      if (cell) move(cell, event);
    });
    find("#matrix").addEventListener("click", (event) => {
      const cell = event.target.closest(".cell");
      if (cell) open(() => showPackage(cell.closest("tr").dataset.p, cell.dataset.t));
    });
    filter();
  }
  document.addEventListener("keydown", (event) => {
    const typing = ["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement.tagName);
    if (event.key !== "/" || typing || dialog.open || !search) return;
    event.preventDefault();
    selectTab(tabs[0]);
    search.focus();
  });

  // Details: a stack of what was shown, so that one can go back.
  const dialog = find("#details");
  let stack = [];
  function open(show) {
    stack = [show];
    draw();
    if (!dialog.open) dialog.showModal();
  }
  function go(show) {
    stack.push(show);
    draw();
  }
  function draw() {
    const back = stack.length > 1
      ? make("button", { type: "button", class: "chip", onclick: () => { stack.pop(); draw(); } }, "Back")
      : "";
    const close = make("button", { type: "button", class: "chip", onclick: () => dialog.close() }, "Close");
    dialog.replaceChildren(make("div", { class: "buttons" }, ...[back, close].filter(Boolean)), ...stack.at(-1)());
    dialog.scrollTop = 0;
    close.focus();
  }
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  function showPackage(name, target) {
    const about = data.packages[name];
    const one = about.targets[target];
    const facts = make("dl", {}, ...one.rows.flatMap(([label, text]) => [make("dt", {}, label), make("dd", {}, text)]));
    const parts = [
      make("h2", { id: "details-title" }, `${name} ${one.version}`.trim()),
      make("p", {}, "on ", make("code", {}, target)),
      make("span", { class: `badge ${one.key}` }, one.state),
      facts,
    ];
    if (one.build) parts.push(make("h3", {}, "What it is built of"), ...graph(one.build));
    const others = Object.entries(about.targets).filter(([key]) => key !== target);
    if (others.length) {
      const buttons = others.map(([key, other]) => make("li", {}, make("button", {
        type: "button", class: `cell ${other.key}`, onclick: () => go(() => showPackage(name, key)),
      }, `${key}: ${other.state}`)));
      parts.push(make("h3", {}, "On the other targets"), make("ul", { class: "others" }, ...buttons));
    }
    return parts;
  }

  function showBuild(key) {
    const build = data.builds[key];
    return [
      make("h2", { id: "details-title" }, `The build of ${build.title}`),
      make("p", {}, "for ", make("code", {}, build.target)),
      ...graph(key),
    ];
  }

  function graph(key) {
    const build = data.builds[key];
    const inputs = build.groups.map((group) => make("div", { class: "node" },
      make("h4", {}, group.items.length > 1 ? `${group.heading} (${group.items.length})` : group.heading),
      ...listed(group.items)));
    const step = make("div", { class: "node step" }, make("h4", {}, "Build"),
      make("p", {}, make("code", {}, build.backend)),
      make("p", {}, make("small", {}, `in a sandbox, on ${build.platforms.join(", ") || "any machine"}`)));
    const compared = build.compared_with
      ? make("p", {}, make("small", {}, "compared with ", make("code", {}, build.compared_with)))
      : "";
    const wheel = make("div", { class: "node step made" }, make("h4", {}, "Wheel"),
      make("p", {}, build.title), make("p", {}, make("small", {}, `checked for ${build.target}`)), compared);
    const parts = [make("div", { class: "graph" }, make("div", { class: "inputs" }, ...inputs), step, wheel)];
    if (build.settings.length) {
      parts.push(make("h3", {}, "What it was told"),
        make("ul", { class: "settings" }, ...build.settings.map((line) => make("li", {}, line))));
    }
    return parts;
  }

  const SHOWN = 8;
  function listed(items) {
    const lines = items.map(([name, size, build]) => {
      const label = build
        ? make("button", { type: "button", class: "link", onclick: () => go(() => showBuild(build)) }, `${name}, built too`)
        : make("span", {}, name);
      return make("li", {}, label, make("small", {}, size));
    });
    if (lines.length <= SHOWN + 1) return [make("ul", {}, ...lines)];
    return [
      make("ul", {}, ...lines.slice(0, SHOWN)),
      make("details", {}, make("summary", {}, `${lines.length - SHOWN} more`), make("ul", {}, ...lines.slice(SHOWN))),
    ];
  }

  for (const button of every("[data-build]")) {
    button.addEventListener("click", () => open(() => showBuild(button.dataset.build)));
  }
})();
