// Passkeys: the browser's own ceremony between a form's button and its one field. The form stands in mfa/passkey.html;
// without this script, or where the browser knows no passkeys, its button stays hidden and the page offers other ways.

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// The server's options hold bytes as text; so does what goes back.
function readable({ publicKey }) {
  const known = (list) => list?.map((one) => ({ ...one, id: toBytes(one.id) }));
  const options = { ...publicKey, challenge: toBytes(publicKey.challenge) };
  if (publicKey.user) options.user = { ...publicKey.user, id: toBytes(publicKey.user.id) };
  if (publicKey.allowCredentials) options.allowCredentials = known(publicKey.allowCredentials);
  if (publicKey.excludeCredentials) options.excludeCredentials = known(publicKey.excludeCredentials);
  return { publicKey: options };
}

function sendable(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function optionsFor(form) {
  if (!form.dataset.ask) return JSON.parse(document.getElementById("passkey-options").textContent);
  const answer = await fetch(form.dataset.ask, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function ask(form) {
  const data = await optionsFor(form);
  const credential =
    form.dataset.passkey === "create"
      ? await navigator.credentials.create(readable(data.creation_options))
      : await navigator.credentials.get(readable(data.request_options));
  form.elements.credential.value = JSON.stringify(sendable(credential));
  form.requestSubmit();
}

const WORDS = { InvalidStateError: "known", SecurityError: "place" };

export function offerPasskeys() {
  if (!window.PublicKeyCredential) return;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("button");
    const trouble = form.querySelector("[role=alert]");
    form.querySelector("[data-without]")?.remove();
    button.hidden = false;
    button.addEventListener("click", async () => {
      trouble.hidden = true;
      button.setAttribute("aria-disabled", "true");
      try {
        await ask(form);
      } catch (error) {
        trouble.textContent = trouble.dataset[WORDS[error.name] ?? "stopped"];
        trouble.hidden = false;
        button.removeAttribute("aria-disabled");
      }
    });
  }
}
