// Warns two minutes before a sign-in ends, lets it go on, and takes the page away when it has ended, here or by signing
// out in another tab, so that nobody else reads a child's record from a screen left alone. A page that is only read is
// emptied; one that is written on is covered, with its text. It is back when the same person has signed in anew in
// another tab. The tabs tell each other; nothing is stored.
import { announce } from "./announce.js";

const WARN = 120;
const LOOK = 1000;

const now = () => Date.now() / 1000;
const words = (seconds) => (seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : seconds > 60 ? "one minute" : `${Math.max(1, Math.ceil(seconds))} seconds`);

export function watchSession() {
  const { idle, left, whose, stay, signIn } = document.body.dataset;
  if (!idle) return;
  const session = new Session(Number(idle), Number(left), whose, stay, signIn);
  document.addEventListener("eh:heard", () => session.heard());
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const passive = event.detail.requestConfig?.headers?.["X-Passive"];
    if (event.detail.successful && !passive) session.heard();
  });
}

class Session {
  constructor(idle, left, whose, stay, signIn) {
    Object.assign(this, { idle, whose, stay, signIn });
    this.end = now() + left;
    this.seen = now();
    this.state = "open";
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel("eh-session") : null;
    this.channel?.addEventListener("message", ({ data }) => this.told(data));
    this.tell();
    for (const form of document.querySelectorAll("form[data-sign-out]")) {
      form.addEventListener("submit", () => this.channel?.postMessage({ whose: this.whose, left: true }));
    }
    window.setInterval(() => this.look(), LOOK);
    document.addEventListener("visibilitychange", () => this.look());
  }

  tell() {
    this.channel?.postMessage({ whose: this.whose, seen: this.seen, end: this.end });
  }

  // Another tab of the same person has been heard by the server.
  told({ whose, seen, end, left }) {
    if (whose !== this.whose) return;
    if (left) {
      this.end = now();
      this.look();
      return;
    }
    if (seen < this.seen) return;
    this.seen = seen;
    this.end = end;
    this.look();
  }

  heard() {
    if (this.state === "over") return;
    this.seen = now();
    this.tell();
    this.look();
  }

  look() {
    const rest = Math.min(this.seen + this.idle, this.end) - now();
    const state = rest <= 0 ? "over" : rest <= WARN ? "warned" : "open";
    if (state === "warned") this.count(rest);
    if (state === this.state) return;
    this.state = state;
    document.documentElement.classList.toggle("eh-covered", state === "over");
    this.dialog?.remove();
    this.dialog = null;
    if (this.emptied) {
      if (state !== "over") window.location.reload();
      return;
    }
    if (state === "warned") this.warn(rest);
    if (state === "over") this.over();
  }

  warn(rest) {
    const last = this.end - now() <= rest + 1;
    const dialog = this.open("You will soon be signed out", last ? "A sign-in lasts a working day at most. Send or finish what you are writing, then sign in again." : "Nothing has been done here for a while. What you have typed is kept.");
    this.counter = this.add(dialog, "p", "");
    this.counter.className = "govuk-body govuk-!-font-weight-bold";
    this.count(rest);
    const button = this.add(dialog, "button", last ? "Go on for now" : "Stay signed in");
    button.type = "button";
    button.className = "govuk-button";
    button.addEventListener("click", () => (last ? dialog.close() : this.goOn()));
    dialog.addEventListener("cancel", () => !last && this.goOn());
    dialog.showModal();
    announce(`You will be signed out in ${words(rest)}.`);
  }

  count(rest) {
    if (this.counter) this.counter.textContent = `You will be signed out in ${words(rest)}.`;
  }

  over() {
    const written = document.querySelector("main form[method=post] :is(input:not([type=hidden]), textarea, select)");
    if (!written) this.empty();
    const text = written ? "The page is covered so that nobody else reads it. What is written on it is still here: sign in again, then come back to this tab." : "The page is emptied so that nobody else reads it. Sign in again, then come back to this tab.";
    const dialog = this.open("You have been signed out", text);
    const link = this.add(dialog, "a", "Sign in again");
    link.className = "govuk-button";
    link.href = this.signIn;
    link.target = "_blank";
    link.rel = "opener";
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.showModal();
  }

  // Nothing of it is left in the browser, for whoever looks beneath the cover.
  empty() {
    this.emptied = true;
    document.title = "Signed out";
    for (const part of document.querySelectorAll("body > :not(script)")) part.replaceChildren();
  }

  open(title, text) {
    const dialog = document.createElement("dialog");
    dialog.className = "eh-dialog";
    dialog.setAttribute("aria-labelledby", "session-title");
    const heading = this.add(dialog, "h2", title);
    heading.id = "session-title";
    heading.className = "govuk-heading-m";
    this.add(dialog, "p", text).className = "govuk-body";
    document.body.append(dialog);
    this.dialog = dialog;
    return dialog;
  }

  add(parent, tag, text) {
    const element = document.createElement(tag);
    element.textContent = text;
    parent.append(element);
    return element;
  }

  async goOn() {
    const cookie = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/);
    const token = cookie ? decodeURIComponent(cookie[1]) : document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
    try {
      const answer = await fetch(this.stay, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token, Accept: "application/json" } });
      if (answer.ok) {
        this.end = now() + (await answer.json()).left;
        this.heard();
      } else if (answer.status === 401) {
        this.seen = 0;
        this.look();
      }
    } catch {
      this.counter.textContent = "No connection. Try again.";
    }
  }
}
