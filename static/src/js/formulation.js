// The six boxes grow: Enter adds a line below, an empty line at the end is always there, tags show what was chosen.
// Without this script the page has three empty lines in each box and a button for more.

const LONGEST = 40;

function text(line) {
  return line.querySelector("textarea");
}

function lines(box) {
  return [...box.querySelectorAll("[data-line]")];
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 4}px`;
}

function nextNumber(box) {
  return 1 + Math.max(-1, ...lines(box).map((line) => Number(text(line).name.split("-")[1])));
}

function addLine(box, after) {
  const all = lines(box);
  if (all.length >= LONGEST) return null;
  const from = all[0];
  const line = from.cloneNode(true);
  const old = text(from).name.replace(/-text$/, "");
  const name = `${box.dataset.box}-${nextNumber(box)}`;
  line.classList.remove("eh-line--wrong");
  line.querySelectorAll(".govuk-error-message, .eh-line__added").forEach((part) => part.remove());
  const label = box.querySelector("h3").textContent.trim();
  for (const input of line.querySelectorAll("textarea, select, input")) {
    input.name = input.name.replace(old, name);
    if (input.id) input.id = input.id.replace(old, name);
    input.value = "";
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    input.classList.remove("govuk-textarea--error");
    if (input.hasAttribute("aria-label")) {
      input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/line \d+/, `line ${nextNumber(box) + 1}`));
    }
  }
  text(line).rows = 1;
  text(line).style.height = "";
  line.querySelector("details").open = false;
  line.querySelector("[data-tags]").textContent = "Tag";
  line.querySelector("summary .govuk-visually-hidden").textContent = ` ${label}, new line`;
  if (after) after.after(line);
  else box.querySelector("[data-lines]").append(line);
  return line;
}

function keepOneEmpty(box) {
  const empty = lines(box).filter((line) => !text(line).value.trim() && line !== document.activeElement?.closest("[data-line]"));
  for (const line of empty.slice(1)) line.remove();
}

function showTags(line) {
  const chosen = [...line.querySelectorAll("select")].filter((s) => s.value).map((s) => s.selectedOptions[0].textContent.trim());
  line.querySelector("[data-tags]").textContent = chosen.join(" · ") || "Tag";
}

function followBox(box) {
  keepOneEmpty(box);
  lines(box).forEach((line) => grow(text(line)));
  const add = box.querySelector("[data-add]");
  add.type = "button";
  add.firstChild.textContent = "Add a line";
  add.addEventListener("click", () => {
    const empty = lines(box).find((line) => !text(line).value.trim()) ?? addLine(box, null);
    if (empty) text(empty).focus();
  });
  box.addEventListener("keydown", (event) => {
    if (!event.target.matches("textarea")) return;
    const line = event.target.closest("[data-line]");
    const all = lines(box);
    const place = all.indexOf(line);
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const following = all[place + 1];
      const to = following && !text(following).value.trim() ? following : line && text(line).value.trim() ? addLine(box, line) : null;
      if (to) text(to).focus();
    } else if (event.key === "Backspace" && !event.target.value && all.length > 1 && place > 0 && !line.querySelector("[name$='-factor']").value) {
      event.preventDefault();
      line.remove();
      text(all[place - 1]).focus();
    }
  });
  box.addEventListener("input", (event) => {
    if (event.target.matches("textarea")) {
      // A pasted list becomes one line with spaces: a factor is one line.
      if (event.target.value.includes("\n")) event.target.value = event.target.value.replace(/\s*\n\s*/g, " ");
      grow(event.target);
    }
  });
  box.addEventListener("change", (event) => {
    if (event.target.matches("select")) showTags(event.target.closest("[data-line]"));
  });
}

for (const box of document.querySelectorAll("[data-formulation] [data-box]")) followBox(box);
