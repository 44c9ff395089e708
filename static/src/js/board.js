// The screening board by keyboard: each link or field says its key (`data-key="n"`). Not while typing.

function isTyping(element) {
  return element.isContentEditable || element.matches("input:not([type=radio], [type=checkbox]), textarea, select");
}

// Each referral begins at its heading: what follows is read and tabbed from there.
function arrive() {
  const heading = document.querySelector("[data-arrive]");
  if (heading && !document.querySelector(".govuk-error-summary") && !location.hash) heading.focus({ preventScroll: true });
}

export function boardKeys() {
  arrive();
  document.addEventListener("keydown", (event) => {
    if (!event.ctrlKey || event.key !== "Enter") return;
    const form = document.querySelector('form:has([data-key="d"])');
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || isTyping(event.target)) return;
    if (!/^[a-z]$/i.test(event.key)) return;
    const target = document.querySelector(`[data-key="${event.key.toLowerCase()}"]`);
    if (!target) return;
    event.preventDefault();
    target.focus();
    if (target.matches("a[href]")) target.click();
    else target.scrollIntoView({ block: "center" });
  });
}
