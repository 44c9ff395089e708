// The six boxes grow and their lines move: Enter adds a line below, an empty line at the end is always there, Alt with the
// arrow keys, the buttons or the mouse move a line. Lines are numbered as they stand, so what is saved has their order.
// Without this script the page has empty lines in each box, a button for more, and buttons that move a line by themselves.

const LONGEST = 60;
const PARTS = { TEXTAREA: "text", SELECT: null, INPUT: "factor" };

const form = document.querySelector("[data-formulation]");
const boxes = form ? [...form.querySelectorAll("[data-box]")] : [];

const text = (line) => line.querySelector("textarea");
const lines = (box) => [...box.querySelectorAll("[data-line]")];
const boxOf = (line) => line.closest("[data-box]");
const label = (box) => box.querySelector("h3").textContent.trim();
const say = (words) => {
  form.querySelector("[data-moved]").textContent = words;
};

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 4}px`;
}

// Names, ids and what a screen reader hears follow from the box and the place in it.
function renumber(box) {
  lines(box).forEach((line, place) => {
    const name = `${box.dataset.box}-${place}`;
    const where = `${label(box)}, line ${place + 1}`;
    for (const field of line.querySelectorAll("textarea, select, input")) {
      const part = PARTS[field.tagName] ?? (field.name.endsWith("-person") ? "person" : "domain");
      field.name = `${name}-${part}`;
      if (field.id) field.id = `id_${name}-${part}`;
      if (part !== "factor") field.setAttribute("aria-label", { text: where, person: `Person of ${where}`, domain: `Domain of ${where}` }[part]);
    }
    for (const said of line.querySelectorAll("[data-where]")) said.textContent = ` ${where}`;
    for (const button of line.querySelectorAll("[data-move]")) {
      button.value = `${name}:${button.dataset.move}`;
      button.hidden = button.dataset.move === box.dataset.box;
    }
  });
}

// The form saves itself while typing; a move is typing too.
const touched = () => form.dispatchEvent(new Event("input", { bubbles: true }));

function addLine(box, after) {
  const all = lines(box);
  if (all.length >= LONGEST) {
    say(`${label(box)} holds ${LONGEST} lines at most.`);
    return null;
  }
  const line = all[0].cloneNode(true);
  line.classList.remove("eh-line--wrong");
  line.querySelectorAll(".govuk-error-message, .eh-line__added").forEach((part) => part.remove());
  for (const field of line.querySelectorAll("textarea, select, input")) {
    field.value = "";
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    field.classList.remove("govuk-textarea--error");
  }
  text(line).rows = 1;
  text(line).style.height = "";
  line.querySelector("details").open = false;
  line.querySelector("[data-tags]").textContent = "Tag or move";
  if (after) after.after(line);
  else box.querySelector("[data-lines]").append(line);
  renumber(box);
  return line;
}

function keepOneEmpty(box) {
  const empty = lines(box).filter((line) => !text(line).value.trim() && line !== document.activeElement?.closest("[data-line]"));
  for (const line of empty.slice(1)) line.remove();
  if (!empty.length && lines(box).length < LONGEST) addLine(box, null);
  renumber(box);
}

function showTags(line) {
  const chosen = [...line.querySelectorAll("select")].filter((s) => s.value).map((s) => s.selectedOptions[0].textContent.trim());
  line.querySelector("[data-tags]").textContent = chosen.join(" · ") || "Tag or move";
}

// `before`: the line it is put in front of; null puts it behind the last line with words.
function put(line, box, before) {
  const from = boxOf(line);
  if (box !== from && lines(box).filter((l) => text(l).value.trim()).length >= LONGEST) return;
  const target = before ?? lines(box).find((other) => other !== line && !text(other).value.trim());
  if (target) target.before(line);
  else box.querySelector("[data-lines]").append(line);
  if (box !== from) keepOneEmpty(from);
  renumber(box);
  grow(text(line));
  say(`Now in ${label(box)}, line ${lines(box).indexOf(line) + 1}.`);
  touched();
}

function move(line, to) {
  const box = boxOf(line);
  const others = lines(box).filter((other) => text(other).value.trim());
  const place = others.indexOf(line);
  if (place < 0) return;
  if (to === "up") {
    if (place > 0) put(line, box, others[place - 1]);
    else say(`It is the first line of ${label(box)}.`);
  } else if (to === "down") {
    if (place < others.length - 1) put(line, box, others[place + 1].nextElementSibling);
    else say(`It is the last line of ${label(box)}.`);
  } else {
    const other = boxes.find((each) => each.dataset.box === to);
    if (other) put(line, other, null);
  }
}

function moveByKey(line, key) {
  const at = boxes.indexOf(boxOf(line));
  const to = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: boxes[at - 1]?.dataset.box, ArrowRight: boxes[at + 1]?.dataset.box }[key];
  const focused = document.activeElement;
  if (to) move(line, to);
  else say("There is no box there.");
  focused?.focus();
}

function keys(event) {
  const line = event.target.closest("[data-line]");
  if (!line) return;
  if (event.altKey && !event.ctrlKey && !event.metaKey && event.key.startsWith("Arrow")) {
    event.preventDefault();
    moveByKey(line, event.key);
    return;
  }
  if (!event.target.matches("textarea")) return;
  const box = boxOf(line);
  const all = lines(box);
  const place = all.indexOf(line);
  if (event.key === "Enter" && !event.isComposing) {
    event.preventDefault();
    const following = all[place + 1];
    const to = following && !text(following).value.trim() ? following : text(line).value.trim() ? addLine(box, line) : null;
    if (to) text(to).focus();
  } else if (event.key === "Backspace" && !event.target.value && all.length > 1 && place > 0 && !line.querySelector("[name$='-factor']").value) {
    event.preventDefault();
    line.remove();
    renumber(box);
    text(all[place - 1]).focus();
  }
}

function pressed(event) {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  event.preventDefault();
  const line = button.closest("[data-line]");
  move(line, button.dataset.move);
  (button.hidden ? text(line) : button).focus();
}

function dragging() {
  let dragged = null;
  const mark = (line) => {
    form.querySelectorAll(".eh-line--here").forEach((each) => each.classList.remove("eh-line--here"));
    line?.classList.add("eh-line--here");
  };
  form.addEventListener("dragstart", (event) => {
    if (!event.target.matches?.("[data-grip]")) return;
    dragged = event.target.closest("[data-line]");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", text(dragged).value);
    event.dataTransfer.setDragImage(dragged, 0, 0);
  });
  form.addEventListener("dragover", (event) => {
    if (!dragged || !event.target.closest("[data-box]")) return;
    event.preventDefault();
    mark(event.target.closest("[data-line]"));
  });
  form.addEventListener("drop", (event) => {
    const box = event.target.closest("[data-box]");
    if (!dragged || !box) return;
    event.preventDefault();
    const onto = event.target.closest("[data-line]");
    if (onto !== dragged && text(dragged).value.trim()) put(dragged, box, onto && text(onto).value.trim() ? onto : null);
  });
  form.addEventListener("dragend", () => {
    dragged = null;
    mark(null);
  });
}

function follow() {
  // First what takes room beside the lines, so that they grow to the height that they need then.
  form.classList.add("eh-formulation--moves");
  form.querySelectorAll("[data-grip], [data-keys]").forEach((part) => {
    part.hidden = false;
  });
  for (const box of boxes) {
    keepOneEmpty(box);
    lines(box).forEach((line) => grow(text(line)));
    const add = box.querySelector("[data-add]");
    add.type = "button";
    add.firstChild.textContent = "Add a line";
    add.addEventListener("click", () => {
      const empty = lines(box).find((line) => !text(line).value.trim()) ?? addLine(box, null);
      if (empty) text(empty).focus();
    });
  }
  form.addEventListener("keydown", keys);
  form.addEventListener("click", pressed);
  form.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-line] textarea")) return;
    // A pasted list becomes one line with spaces: a factor is one line.
    if (event.target.value.includes("\n")) event.target.value = event.target.value.replace(/\s*\n\s*/g, " ");
    grow(event.target);
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-line] select")) showTags(event.target.closest("[data-line]"));
  });
  dragging();
}

if (form) follow();
