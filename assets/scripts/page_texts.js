/* Reads the texts that scripts show, in the language of the page.

   Given: JSON in data attributes that components/layout.py and components/downloads.py write.
   Gives: `pageTexts(name)`, the texts of the attribute with that name, which is read once; null before
   the page has been drawn.
   Example: pageTexts("words").clear is "Limpar filtros"; its attribute is data-words. */
const read = {};

function pageTexts(name) {
  if (!read[name]) {
    const attribute = `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const holder = document.querySelector(`[${attribute}]`);
    if (!holder) return null;
    read[name] = JSON.parse(holder.dataset[name]);
  }
  return read[name];
}

module.exports = { pageTexts };
