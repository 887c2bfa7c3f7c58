/* Measure when a page has painted its answer to a click, in the same way on every page.

   Given: the CSS selectors `area`, the element that holds the panels, and `panel`, each of them. Run
   it before any script of the page.
   Gives: `window.paintTimer`. After `await paintTimer.arm()` and a click,
   `await paintTimer.finished(isReady, 1500)` gives for example
   { begun: 71234.5, inView: 180.2, all: 363.2, settled: 363.2 }: the time of the click in milliseconds
   after the browser began to load the page, and the milliseconds from the click to the paint of the
   panels in view, of all panels, and of the last change of all. Without `arm()` the time begins when
   the browser began to load the page, and `inView` is as `all`. It waits until `isReady()` and
   nothing has changed for 1500 ms.

   A change is any change of the DOM in the area, but not of the attribute by which Dash marks
   components while a callback runs: the page asks for news every few seconds, which paints no
   panel. A change counts as painted when the animation frame after it has been drawn.

   A page may number its questions: `data-question` of the root element is the number of the newest,
   `data-answer` of a panel that of the question which it shows. Then panels are painted when they
   show the newest question. Otherwise they are when nothing in them changes any more. */
({ area, panel }) => {
  const LOADING = "data-dash-is-loading";
  const root = document.documentElement;
  const state = { armed: false };
  start(0);
  let waiting = false;

  /* Begin a measurement. `seen` are the panels in view at the click; null: all panels count. */
  function start(begun, seen = null) {
    Object.assign(state, {
      begun,
      seen,
      question: root ? root.dataset.question : undefined,
      changed: -1,
      painted: { inView: -1, all: -1 }, // the frames after the last changes,
      answered: { inView: null, all: null }, // and after which all showed the newest question
      newest: undefined,
    });
  }

  const afterFrame = (work) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = work;
    requestAnimationFrame(() => channel.port2.postMessage(null));
  };

  const elementOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement);

  const isInArea = ({ target, addedNodes, attributeName }) => {
    if (attributeName === LOADING) return false;
    if (elementOf(target)?.closest(area)) return true;
    return [...addedNodes].some(
      (node) => node.nodeType === Node.ELEMENT_NODE &&
        (node.matches(area) || node.querySelector(area)));
  };

  /* A panel that was not there at the click may be in view, and so counts as one that is. */
  const isInView = ({ target }) => {
    const changed = elementOf(target)?.closest(panel);
    return !changed || !state.seen || state.seen.get(changed) !== false;
  };

  /* The panels that show answers: those far from the screen are not asked about. */
  const asked = () => [...document.querySelectorAll(panel)].filter((one) => !("far" in one.dataset));

  function noteAnswers(now) {
    const { question } = document.documentElement.dataset;
    if (question === undefined || question === state.question) return;
    if (question !== state.newest) {
      Object.assign(state, { newest: question, answered: { inView: null, all: null } });
    }
    const panels = asked();
    const shows = (one) => one.dataset.answer === question;
    const inView = state.seen ? panels.filter((one) => state.seen.get(one) !== false) : panels;
    if (inView.every(shows)) state.answered.inView ??= now;
    if (panels.every(shows)) state.answered.all ??= now;
  }

  let inViewChanged = false;
  new MutationObserver((changes) => {
    const inArea = changes.filter(isInArea);
    if (!inArea.length) return;
    state.changed = performance.now();
    inViewChanged ||= inArea.some(isInView);
    if (waiting) return;
    waiting = true;
    afterFrame(() => {
      waiting = false;
      const now = performance.now();
      state.painted.all = now;
      if (inViewChanged) state.painted.inView = now;
      inViewChanged = false;
      noteAnswers(now);
    });
  }).observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });

  document.addEventListener("click", (event) => {
    if (!state.armed) return;
    state.armed = false;
    state.begun = event.timeStamp;
  }, true);

  const isNumbered = () => document.documentElement.dataset.question !== undefined;

  function isFinished(isReady, quiet) {
    if (waiting || state.changed <= state.begun || performance.now() - state.changed < quiet) {
      return false;
    }
    return isReady() && (!isNumbered() || state.answered.all !== null);
  }

  window.paintTimer = {
    /* Start the time at the next click. Return after the next frame, when the page stands still. */
    arm() {
      const isSeen = (one) => {
        const { top, bottom, height } = one.getBoundingClientRect();
        return height > 0 && top < innerHeight && bottom > 0;
      };
      const panels = [...document.querySelectorAll(panel)];
      start(Infinity, new Map(panels.map((one) => [one, isSeen(one)])));
      state.armed = true;
      return new Promise(afterFrame);
    },
    /* Return whether nothing has changed for `quiet` ms. */
    isQuiet: (quiet) => performance.now() - state.changed >= quiet,
    async finished(isReady, quiet) {
      while (!isFinished(isReady, quiet)) await new Promise((resolve) => setTimeout(resolve, 50));
      const { begun, painted, answered } = state;
      const numbered = isNumbered();
      return {
        begun,
        inView: (numbered ? answered.inView : painted.inView) - begun,
        all: (numbered ? answered.all : painted.all) - begun,
        settled: painted.all - begun,
      };
    },
  };
}
