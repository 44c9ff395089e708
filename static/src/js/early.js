// Runs before everything else on the page.
document.body.classList.add("js-enabled", "govuk-frontend-supported");

// Pages are about children, so nothing is kept in the browser: htmx would write the addresses of records there,
// and finds its storage closed instead.
Storage.prototype.setItem = () => {
  throw new DOMException("Nothing is kept in the browser's storage", "QuotaExceededError");
};
