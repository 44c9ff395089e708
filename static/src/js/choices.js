// Choices that depend on another, and long lists to find in. Without this script everything is shown.

// `data-when="response:service other"`: only while that field has one of these values. What is hidden is not sent.
function followWhen(group) {
  const [name, values] = group.dataset.when.split(":");
  const field = group.closest("form")?.elements.namedItem(name);
  if (!field) return;
  const wanted = new Set(values.split(" "));
  const update = () => {
    const shown = wanted.has(field.value) || group.querySelector(".govuk-form-group--error") !== null;
    group.hidden = !shown;
    for (const input of group.querySelectorAll("input, select, textarea")) input.disabled = !shown;
  };
  field.addEventListener("change", update);
  update();
}

// `data-picker="Find a partner service"`: a box above a list of ticks that leaves those that match, and those ticked.
let number = 0;

function findIn(list) {
  const items = [...list.querySelectorAll(".govuk-checkboxes__item")];
  if (items.length < 8) return;
  number += 1;
  const label = document.createElement("label");
  label.className = "govuk-visually-hidden";
  label.htmlFor = `picker-${number}`;
  label.textContent = list.dataset.picker;
  const box = document.createElement("input");
  box.className = "govuk-input eh-picker__find";
  box.id = label.htmlFor;
  box.type = "text";
  box.placeholder = list.dataset.picker;
  box.autocomplete = "off";
  const show = () => {
    const words = box.value.trim().toLowerCase();
    for (const item of items) {
      const text = item.textContent.toLowerCase();
      item.hidden = words !== "" && !text.includes(words) && !item.querySelector("input").checked;
    }
  };
  box.addEventListener("input", show);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  list.before(label, box);
}

export function followChoices(scope) {
  for (const list of scope.querySelectorAll("[data-picker]")) findIn(list);
  for (const group of scope.querySelectorAll("[data-when]")) followWhen(group);
}
