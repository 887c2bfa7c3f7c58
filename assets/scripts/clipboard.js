/* Copies a text to the clipboard, and says so on the button that was pressed.

   Given: a press (actions.js) on a button with data-action="copy-text" and the text in data-value; its
   data-done is what the button shows after success.
   Gives: `copyText(text, button)`.
   Example: copyText("consumo-whatsapp demo", button) shows "Copiado" on the button for two seconds. */
const { wait } = require("./timing");

const SHOWN_MS = 2000;

/* A frame may write to the clipboard only where the portal lets it; the older way, by a selected field,
   is open to it all the same. Returns whether the text was copied. */
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

async function copyText(text, button) {
  const before = button.textContent;
  if (before === button.dataset.done || !(await copy(text, button))) return;
  button.textContent = button.dataset.done;
  await wait(SHOWN_MS);
  button.textContent = before;
}

module.exports = { copyText };
