/* Offers the portal each case that the reader wants to open in it, before its link is followed.

   Given: a press on the link .timeline-portal of a case's time line, with data-case-id and
   data-case-number.
   Gives: to the portal the question "case-open"; where the portal does not open the case, the link's
   address is opened in a new tab.
   Example: a portal that calls preventDefault() on the event case-open shows the case itself. */
const portal = require("./portal");

async function offer(link) {
  const { caseId, caseNumber } = link.dataset;
  const url = link.getAttribute("href");
  const answer = await portal.ask("case-open", { caseId, caseNumber, url }).catch(() => ({}));
  if (!answer.handled && url) window.open(url, "_blank", "noopener");
}

function press(event) {
  const link = event.target.closest?.(".timeline-portal");
  if (!link || !portal.isPortal() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  offer(link);
}

document.addEventListener("click", press);
document.addEventListener("keydown", (event) => {
  const isBare = event.target.matches?.(".by-portal-only");
  if (isBare && event.key === "Enter") press(event);
});
