/* Copies the address of what the page shows; inside a portal the address that the portal makes of it.

   Given: a press on the button with data-action="copy-link"; its data-done is the text after success.
   Gives: `copyLink(value, button)`.
   Example: in a portal whose function linkFor makes an address of its own from "channel=X", that address
   is copied, and the button says "Link copiado" for two seconds. */
const portal = require("./portal");
const { wait } = require("./timing");

const SHOWN_MS = 2000;

async function addressOfView() {
  const { href, search, origin, pathname } = window.location;
  if (!portal.isPortal()) return href;
  if (!portal.portalSettings().makesLinks) return `${origin}${pathname}?${portal.viewOf(search)}`;
  const { address } = await portal.ask("link", { query: portal.viewOf(search) });
  if (typeof address !== "string") throw new TypeError("the portal makes no address");
  return address;
}

/* Copies a text. A frame may write to the clipboard only where the portal lets it; the older way, by a
   selected field, is open to it all the same. Returns whether the text was copied. */
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.className = "visually-hidden";
    field.value = text;
    button.after(field); // beside the button, since an open drawer keeps the focus inside
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    button.focus();
    return isCopied;
  }
}

async function copyLink(_value, button) {
  const text = button.textContent;
  let address;
  try {
    address = await addressOfView();
  } catch {
    return; // the portal makes no address
  }
  if (!(await copy(address, button))) return;
  button.textContent = button.dataset.done;
  await wait(SHOWN_MS);
  button.textContent = text;
}

module.exports = { copyLink };
