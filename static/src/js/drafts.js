// Saving while typing. "Saved" is shown only after the server said so; without a connection or a sign-in the page keeps
// the text, says that it is not saved, and sends it when it can. Nothing goes into the browser's storage.

const PAUSE = 1500;
const RETRY = 15000;
const UNTYPED = new Set(["csrfmiddlewaretoken", "once", "draft_key", "draft_version"]);

function texts(form) {
  // A field of whatever name is a key and nothing else.
  const data = Object.create(null);
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || UNTYPED.has(name)) continue;
    (data[name] ??= []).push(value);
  }
  return data;
}

// Signing in again, in another tab, changes the token: the cookie has today's, the page that of when it was opened.
function token(form) {
  const cookie = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/);
  return cookie ? decodeURIComponent(cookie[1]) : form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

class Draft {
  constructor(form) {
    this.form = form;
    this.state = form.querySelector("[data-draft-state]");
    this.version = Number(form.dataset.draftVersion || 0);
    this.dirty = false;
    this.sending = false;
    this.stopped = false;
    this.timer = null;
    this.name();
    form.addEventListener("input", () => this.touch(PAUSE));
    form.addEventListener("change", () => this.touch(PAUSE));
    form.addEventListener("submit", () => this.stop());
    window.addEventListener("online", () => this.dirty && this.send());
    document.addEventListener("visibilitychange", () => {
      if (this.dirty && !this.stopped) this.send();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.stopped) event.preventDefault();
    });
    window.addEventListener("pageshow", () => {
      this.stopped = false;
    });
  }

  // Which page wrote: when an answer is lost on the way, the server knows its own text again, and shows no conflict.
  name() {
    const page = document.createElement("input");
    page.type = "hidden";
    page.name = "draft_page";
    page.value = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.form.append(page);
  }

  stop() {
    this.stopped = true;
    window.clearTimeout(this.timer);
  }

  touch(wait) {
    this.dirty = true;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send(), wait);
  }

  say(text, kind = "") {
    if (!this.state || this.state.textContent === text) return;
    this.state.textContent = text;
    this.state.className = `eh-saved${kind ? ` eh-saved--${kind}` : ""}`;
  }

  async send() {
    if (this.sending || this.stopped) return;
    window.clearTimeout(this.timer);
    this.sending = true;
    this.dirty = false;
    const data = texts(this.form);
    try {
      const answer = await fetch(this.form.dataset.draftUrl, {
        method: "POST",
        credentials: "same-origin",
        redirect: "manual",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          "X-CSRFToken": token(this.form),
        },
        body: JSON.stringify({ key: this.form.dataset.draftKey, data, version: this.version, title: document.title.split(" – ")[0] }),
      });
      await this.hear(answer, data);
    } catch {
      this.dirty = true;
      this.say("Not saved – no connection, will try again", "lost");
      this.timer = window.setTimeout(() => this.send(), RETRY);
    } finally {
      this.sending = false;
      // Typed while the answer was on its way.
      if (this.dirty && !this.stopped && this.state?.classList.contains("eh-saved--kept")) this.touch(PAUSE);
    }
  }

  async hear(answer, data) {
    if (answer.ok) {
      document.dispatchEvent(new Event("eh:heard"));
      const saved = await answer.json();
      this.version = saved.version;
      // A page that is sent says which text it last heard of, so that another tab's is not overwritten.
      if (this.form.elements.draft_version) this.form.elements.draft_version.value = saved.version;
      this.say(`Saved ${saved.saved_at}`, "kept");
    } else if (answer.status === 409) {
      const other = await answer.json();
      this.version = other.version;
      this.dirty = true;
      this.say("Not saved – this was changed elsewhere", "lost");
      this.showOther(other, data);
    } else if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") {
      this.dirty = true;
      this.say("Not saved – your sign-in has ended. Sign in again in another tab and keep this page open; it will then save.", "lost");
      this.timer = window.setTimeout(() => this.send(), RETRY);
    } else {
      this.dirty = true;
      this.say("Not saved – the server could not take it, will try again", "lost");
      this.timer = window.setTimeout(() => this.send(), RETRY);
    }
  }

  label(name) {
    const input = this.form.elements[name];
    const element = input instanceof RadioNodeList ? input[0] : input;
    const heading = element?.closest("fieldset")?.querySelector("legend") ?? element?.labels?.[0];
    return heading?.textContent.trim().replace(/\s+/g, " ") ?? name;
  }

  // Both texts: mine stays in the fields, the other one is shown above the form, and the person decides.
  showOther(other, mine) {
    this.form.querySelector(".eh-conflict")?.remove();
    const box = document.createElement("section");
    box.className = "eh-conflict";
    box.tabIndex = -1;
    box.setAttribute("aria-labelledby", "conflict-title");
    const add = (tag, text, parent = box) => {
      const element = document.createElement(tag);
      element.textContent = text;
      parent.append(element);
      return element;
    };
    add("h2", "This was changed elsewhere while you were writing").id = "conflict-title";
    add("p", `The other text was saved ${other.saved_at}. Your own is still in the form below and nothing has overwritten it.`);
    for (const [name, values] of Object.entries(other.data ?? {})) {
      const theirs = values.join(", ");
      if (theirs === (mine[name] ?? []).join(", ") || name === "version" || name === "draft_page") continue;
      add("h3", `${this.label(name)}: the other text`).className = "govuk-heading-s";
      add("blockquote", theirs || "(empty)");
    }
    add("p", "Copy what you need from it into the form, then keep yours.");
    const button = add("button", "Keep my text");
    button.type = "button";
    button.className = "govuk-button";
    button.addEventListener("click", () => {
      box.remove();
      this.state?.focus?.();
      this.send();
    });
    this.form.prepend(box);
    box.focus();
  }
}

const followed = new WeakSet();

export function followDrafts(scope) {
  const forms = [...scope.querySelectorAll("form[data-draft-url]")];
  if (scope.matches?.("form[data-draft-url]")) forms.push(scope);
  for (const form of forms) {
    if (followed.has(form)) continue;
    followed.add(form);
    new Draft(form);
  }
}
