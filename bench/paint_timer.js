/* Measure when the last change inside the panels was painted, in the same way on every page.

   Given: the CSS selector of the area that holds the panels. Run it before any script of the page.
   Gives: `window.paintTimer`. After `paintTimer.arm()` and a click, `paintTimer.elapsed(1500)`
   gives for example 363.2: milliseconds from the click to the paint of the last change. Without
   `arm()` the time begins when the browser began to load the page.

   A change is any change of the DOM in that area, but not of the attribute by which Dash marks
   components while a callback runs: the page asks for news every few seconds, which paints no
   panel. A change counts as painted when the animation frame after it has been drawn. */
(area) => {
  const LOADING = "data-dash-is-loading";
  const state = { begun: 0, changed: -1, painted: -1, armed: false };
  let waiting = false;

  const afterFrame = (work) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = work;
    requestAnimationFrame(() => channel.port2.postMessage(null));
  };

  const isInArea = ({ target, addedNodes, attributeName }) => {
    if (attributeName === LOADING) return false;
    const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
    if (element && element.closest(area)) return true;
    return [...addedNodes].some(
      (node) => node.nodeType === Node.ELEMENT_NODE &&
        (node.matches(area) || node.querySelector(area)));
  };

  new MutationObserver((changes) => {
    if (!changes.some(isInArea)) return;
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

  window.paintTimer = {
    /* Start the time at the next click. */
    arm() {
      Object.assign(state, { armed: true, begun: Infinity });
    },
    /* Return the milliseconds from the start to the paint of the last change. Return null while
       nothing has changed since the start, or the last change is less than `quiet` ms ago. */
    elapsed(quiet) {
      const now = performance.now();
      if (state.changed <= state.begun || now - state.changed < quiet) return null;
      return state.painted - state.begun;
    },
  };
}
