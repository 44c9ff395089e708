// The page works without this script; it makes it quicker. Nothing is written to the browser's storage.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  FileUpload,
  NotificationBanner,
  PasswordInput,
  Radios,
  SkipLink,
  createAll,
} from "./govuk-frontend.js";
import { followDrafts } from "./drafts.js";
import { announceSwaps } from "./announce.js";
import { guardSubmits } from "./submits.js";
import { boardKeys } from "./board.js";
import { followChoices } from "./choices.js";
import { watchSession } from "./session.js";
import { offerPasskeys } from "./passkeys.js";

function initialise(scope) {
  for (const component of [Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload, NotificationBanner, PasswordInput, Radios, SkipLink]) {
    createAll(component, undefined, scope);
  }
  dropExpanded();
  followDrafts(scope);
  followChoices(scope);
}

// The current link of a row that scrolls sideways is brought into view.
function showCurrent() {
  for (const link of document.querySelectorAll(".eh-nav__link[aria-current]")) {
    const row = link.closest(".eh-nav__list");
    if (row.scrollWidth > row.clientWidth) {
      row.scrollLeft = link.offsetLeft - row.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
    }
  }
}

// Without the script the browser's own menu prints, so the button is not there.
function offerPrinting() {
  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

// ARIA does not allow aria-expanded on a radio; the component writes it at the start, on return and on each click.
function dropExpanded() {
  for (const radio of document.querySelectorAll("input[type=radio][aria-expanded]")) radio.removeAttribute("aria-expanded");
}

initialise(document);
document.addEventListener("click", dropExpanded);
window.addEventListener("pageshow", dropExpanded);
showCurrent();
offerPrinting();
guardSubmits();
boardKeys();
announceSwaps(initialise);
watchSession();
offerPasskeys();
