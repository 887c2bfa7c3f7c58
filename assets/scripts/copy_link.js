/* Copies the address of what the page shows; inside a portal the address that the portal makes of it.

   Given: a press on the button with data-action="copy-link"; its data-done is the text after success.
   Gives: `copyLink(value, button)`.
   Example: in a portal whose function linkFor makes an address of its own from "channel=X", that address
   is copied, and the button says "Link copiado" for two seconds. */
const { copyText } = require("./clipboard");
const portal = require("./portal");

async function addressOfView() {
  const { href, search, origin, pathname } = window.location;
  if (!portal.isPortal()) return href;
  if (!portal.portalSettings().makesLinks) return `${origin}${pathname}?${portal.viewOf(search)}`;
  const { address } = await portal.ask("link", { query: portal.viewOf(search) });
  if (typeof address !== "string") throw new TypeError("the portal makes no address");
  return address;
}

async function copyLink(_value, button) {
  let address;
  try {
    address = await addressOfView();
  } catch {
    return; // the portal makes no address
  }
  await copyText(address, button);
}

module.exports = { copyLink };
