// What htmx brings in is said to screen readers, wired up, and given the focus when it asks for it.

export function announce(text) {
  const region = document.getElementById("announce");
  if (!region || !text) return;
  // Emptied first, so that the same words twice are said twice.
  region.textContent = "";
  window.setTimeout(() => {
    region.textContent = text;
  }, 100);
}

export function announceSwaps(initialise) {
  document.body.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.value;
    // Asked by the page itself, every so often: nobody is at work because of it.
    if (!event.detail.triggeringEvent) event.detail.headers["X-Passive"] = "yes";
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const target = event.detail.elt;
    initialise(target);
    const words = target.matches("[data-announce]") ? target : target.querySelector("[data-announce]");
    if (words) announce(words.dataset.announce || words.textContent.trim().replace(/\s+/g, " "));
    const focus = target.matches("[data-focus]") ? target : target.querySelector("[data-focus]");
    if (focus) {
      if (!focus.hasAttribute("tabindex")) focus.setAttribute("tabindex", "-1");
      focus.focus();
    }
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    announce(
      status === 401 || status === 403
        ? "Your sign-in has ended. Sign in again in another tab, then try again."
        : "That did not work. Nothing was changed. Try again."
    );
  });
  document.body.addEventListener("htmx:sendError", () => announce("No connection. Nothing was changed."));
}
