/* When the last change inside the panels was painted: one measurer for every page.

   Called with the selector of the area that holds the panels, before anything of the page runs.
   A change is any change of the DOM in that area; it is painted when the frame after it is drawn.
   Times are milliseconds since the page was asked for. */
(area) => {
  const state = { begun: 0, changed: -1, painted: -1, armed: false };
  let waiting = false;

  const afterFrame = (work) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = work;
    requestAnimationFrame(() => channel.port2.postMessage(null));
  };

  const concerns = ({ target, addedNodes }) => {
    const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
    if (element && element.closest(area)) return true;
    return [...addedNodes].some(
      (node) => node.nodeType === Node.ELEMENT_NODE &&
        (node.matches(area) || node.querySelector(area)));
  };

  new MutationObserver((changes) => {
    if (!changes.some(concerns)) return;
    state.changed = performance.now();
    if (waiting) return;
    waiting = true;
    afterFrame(() => {
      waiting = false;
      state.painted = performance.now();
    });
  }).observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });

  document.addEventListener("click", (event) => {
    if (!state.armed) return;
    state.armed = false;
    state.begun = event.timeStamp;
  }, true);

  window.painted = {
    /* The next click is where the time begins. */
    arm() {
      Object.assign(state, { armed: true, begun: Infinity });
    },
    /* Milliseconds until the last change was painted, or null while the page may still change. */
    elapsed(quiet) {
      const now = performance.now();
      if (state.changed <= state.begun || now - state.changed < quiet) return null;
      return state.painted - state.begun;
    },
  };
}
