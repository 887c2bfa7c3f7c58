/* What a portal may do with <consumo-whatsapp>; nothing of it is needed to show the dashboard. */
const dashboard = document.querySelector("consumo-whatsapp");
const events = document.getElementById("events");
const dialog = document.getElementById("case");

// --- its attributes may change while it lives ---

for (const control of document.querySelectorAll("[data-attribute]")) {
  control.addEventListener("change", () => {
    const { attribute } = control.dataset;
    if (control.value) dashboard.setAttribute(attribute, control.value);
    else dashboard.removeAttribute(attribute);
  });
}

// --- its methods ---

const onPress = (id, act) => document.getElementById(id).addEventListener("click", act);
onPress("failed", () => dashboard.setFilters({ status: "failed", direction: "out" }));
onPress("everything", () => dashboard.setFilters({}));
onPress("refresh", () => dashboard.refresh());
onPress("remove", ({ target }) => {
  if (dashboard.isConnected) dashboard.remove();
  else dialog.before(dashboard);
  target.textContent = dashboard.isConnected ? "Take away" : "Put back";
});

// --- its events ---

for (const type of ["ready", "error", "session-expired", "filters-change", "case-open"]) {
  dashboard.addEventListener(type, ({ detail }) => {
    const line = document.createElement("li");
    line.textContent = `${type} ${detail ? JSON.stringify(detail) : ""}`;
    events.append(line);
  });
}

// The portal opens cases itself: here in a dialog, with a link to the whole page of the case.
dashboard.addEventListener("case-open", (event) => {
  event.preventDefault();
  const { caseNumber, caseId } = event.detail;
  dialog.querySelector("p").textContent = `Case ${caseNumber}`;
  dialog.querySelector("a").href = `/cases/${encodeURIComponent(caseId)}`;
  dialog.showModal();
});
dialog.querySelector("button").addEventListener("click", () => dialog.close());

// "Copy link" gives an address of the portal, which opens the same view here.
dashboard.linkFor = (query) => `/?view=${encodeURIComponent(query)}`;
