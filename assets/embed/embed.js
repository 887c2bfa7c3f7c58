/* Defines <consumo-whatsapp>, the element with which a portal shows the dashboard. docs/embedding.md has
   its attributes, properties, methods and events, and embed.d.ts their types.

   Each element has a frame of its own, and shares nothing with others on the portal's page. When the page
   in the frame says hello, the element answers with one end of a private channel: from then on they
   talk through this channel only. The page asks for a token whenever it needs one; the element fetches
   it from the portal and keeps no copy. There is no timer but the limits of a fetch under way and of the
   wait for the first hello. */
(() => {
  const NAME = "consumo-whatsapp";
  if (customElements.get(NAME)) return; // the portal's page loads this script twice

  const HELLO = "consumo-whatsapp:hello";
  const WELCOME = "consumo-whatsapp:welcome";
  const HELLO_MS = 20_000;
  const TOKEN_MS = 10_000;
  const HEIGHT = { first: 600, least: 120, most: 20_000 }; // pixels
  const LONGEST_ADDRESS = 4_000; // characters; longer ones are cut by some servers on the way
  const ALLOW = "fullscreen; clipboard-write";
  // Modals are for printing; popups are cases that the reader opens, which are no part of the page.
  const SANDBOX = [
    ...["allow-scripts", "allow-same-origin", "allow-downloads", "allow-modals"],
    ...["allow-popups", "allow-popups-to-escape-sandbox"],
  ].join(" ");
  // Set through CSSOM, which every content security policy lets pass. A portal's own rule for the
  // element is stronger than these.
  const STYLES = `:host { display: block }
    :host([hidden]) { display: none }
    iframe { display: block; width: 100%; height: 100%; border: 0 }`;

  // --- reading attributes ------------------------------------------------------------------------

  /* Parameters of the page's address that are no filters. */
  const NO_FILTERS = ["lang", "theme", "portal"];

  /* Returns filters as { name: [texts] }. They are given as such an object (a single text needs no
     list), as its JSON, or as a query such as "channel=A&channel=B". Throws for anything else. */
  function filtersOf(given) {
    const filters = new Map();
    for (const [name, value] of pairsOf(given ?? "")) {
      if (!/^[a-z][\w.]*$/.test(name)) throw new Error(`"${name}" is no name of a filter`);
      const texts = [value ?? []].flat().map((one) => {
        if (!["string", "number"].includes(typeof one)) throw new Error(`${name} needs texts`);
        return String(one);
      });
      const before = filters.get(name) ?? [];
      if (texts.length && !NO_FILTERS.includes(name)) filters.set(name, [...before, ...texts]);
    }
    return Object.fromEntries(filters);
  }

  function pairsOf(given) {
    if (typeof given !== "string") {
      if (typeof given === "object" && !Array.isArray(given)) return Object.entries(given);
      throw new Error("neither an object nor a text");
    }
    const text = given.trim().replace(/^\?/, "");
    if (text.startsWith("{")) return Object.entries(JSON.parse(text));
    return text.split("&").flatMap((part) => {
      if (!part) return [];
      const at = part.indexOf("=");
      if (at < 1) throw new Error(`"${part}" is neither JSON nor name=value`);
      return [[decoded(part.slice(0, at)), decoded(part.slice(at + 1))]];
    });
  }

  const decoded = (text) => decodeURIComponent(text.replaceAll("+", " "));

  const wordsOf = (text) => (text ?? "").split(/\s+/).filter(Boolean);

  /* Returns a reader of an attribute that gives its text, or null without the attribute, and that
     throws what is expected where `accepts(text)` is false. */
  const textThat = (accepts, expected) => (text) => {
    if (text !== null && !accepts(text)) throw new Error(`"${text}" is not ${expected}`);
    return text;
  };

  /* Returns the http or https address that `text` names, seen from the portal's page; else null. */
  function webAddress(text) {
    try {
      const url = text ? new URL(text, document.baseURI) : null;
      return ["http:", "https:"].includes(url?.protocol) ? url : null;
    } catch {
      return null;
    }
  }

  function heightOf(text) {
    const height = (text ?? "").trim() || "auto";
    if (height === "auto") return null;
    const css = /^\d+$/.test(height) ? `${height}px` : height;
    if (!CSS.supports("height", css)) throw new Error(`"${text}" is neither auto nor a CSS height`);
    return css;
  }

  /* What each attribute gives; undefined until it was read for the first time. */
  const READERS = {
    filters: filtersOf,
    "locked-filters": filtersOf,
    "hidden-filters": wordsOf,
    panels: wordsOf,
    height: heightOf,
    lang: textThat((text) => ["pt-BR", "en", "es"].includes(text), "pt-BR, en or es"),
    theme: textThat((text) => ["light", "dark", "auto"].includes(text), "light, dark or auto"),
    accent: textThat((text) => /^#[\da-f]{6}$/i.test(text), "a colour such as #0a7d4f"),
    font: textThat((text) => /^[\p{L}\p{N} -]{1,60}$/u.test(text), "the name of one font"),
  };
  /* The frame is loaded anew where one of these changes, */
  const OF_FRAME = ["src", "lang", "credentialless"];
  /* and where one of these does after the page got a token: one for another context may show less. */
  const OF_TOKEN = ["token-url", "context"];
  /* Properties, which a framework may have set before this script was loaded. */
  const PROPERTIES = ["tokenSource", "linkFor"];
  const CASE_OPEN = "case-open";
  /* The page is told what it is to be like where one of these changes, or got its first listener. */
  const OF_SETTINGS = [
    ...["locked-filters", "hidden-filters", "panels", "accent", "font", "height"],
    ...[...OF_TOKEN, ...PROPERTIES, CASE_OPEN],
  ];

  const hasOne = (changed, names) => names.some((name) => changed.has(name));

  // --- tokens --------------------------------------------------------------------------------------

  /* The portal says that it has no token for this reader: nobody is signed in. */
  class Refused extends Error {}

  /* Returns what token-url answers; throws where that is no success. */
  async function fetched(tokenUrl, context, signal) {
    const url = new URL(tokenUrl, document.baseURI);
    if (context !== null) url.searchParams.append("context", context);
    const headers = { Accept: "application/json" };
    // A redirect leads to the portal's sign-in, whose page must not be taken for an answer.
    const options = { credentials: "include", cache: "no-store", redirect: "manual" };
    const answer = await fetch(url, { ...options, headers, signal });
    if (answer.type === "opaqueredirect") throw new Refused("token-url answers with a redirect");
    const said = `token-url answers ${answer.status}`;
    if (answer.status === 401 || answer.status === 403) throw new Refused(said);
    if (!answer.ok) throw new Error(said);
    const text = await answer.text();
    try {
      return JSON.parse(text);
    } catch {
      return text; // a token as it is
    }
  }

  /* Returns the token in an answer: the answer itself, or its property `token`. */
  function tokenIn(answer) {
    const given = answer?.token === undefined ? answer : answer.token;
    const token = typeof given === "string" ? given.trim() : given;
    if ([undefined, null, ""].includes(token)) throw new Refused("no token is given");
    if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return token;
    throw new Error("the answer holds no token (three parts with points between them)");
  }

  /* Asks for a token with `give(signal)`. `answer` becomes { token } or { failed }, and never throws;
     `stop()` ends the question without a trace. */
  function askForToken(give) {
    const control = new AbortController();
    const ended = new Promise((_, reject) => {
      control.signal.onabort = () => reject(control.signal.reason);
    });
    const late = new Error(`no answer within ${TOKEN_MS / 1_000} s`);
    const timer = setTimeout(() => control.abort(late), TOKEN_MS);
    let isStopped = false;
    const given = Promise.resolve(control.signal).then(give).then(tokenIn);
    const answer = Promise.race([given, ended])
      .then((token) => ({ token }))
      .catch((error) => {
        if (!isStopped) console.warn(`<${NAME}> gets no token:`, error);
        return { failed: error instanceof Refused ? "refused" : "unreachable" };
      })
      .finally(() => clearTimeout(timer));
    const stop = () => {
      isStopped = true;
      clearTimeout(timer);
      control.abort();
    };
    return { answer, stop };
  }

  // --- the element ---------------------------------------------------------------------------------

  class ConsumoWhatsApp extends HTMLElement {
    static observedAttributes = [...OF_FRAME, ...OF_TOKEN, ...Object.keys(READERS), "title"];

    #read = {}; // by attribute: what its reader gave
    #filters = {}; // what the page shows, or begins with
    #areFiltersWaiting = false; // they were set, and neither address nor channel carried them yet
    #changed = new Set(); // attributes and properties that changed and were not applied yet
    #tokenSource = null;
    #linkFor = null;
    // An element that was there before this script may have listeners already.
    #opensCases = this.isConnected;
    #styles = new CSSStyleSheet();
    #height = HEIGHT.first;
    #frame = null;
    #origin = null; // of the page in the frame
    #port = null; // null until its hello
    #helloTimer = null;
    #isUnanswered = false; // no hello came in time
    #question = null; // for a token, while it runs
    #hasToken = false; // the page got one

    constructor() {
      super();
      this.#styles.replaceSync(STYLES);
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [this.#styles];
    }

    connectedCallback() {
      for (const name of PROPERTIES.filter((one) => Object.hasOwn(this, one))) {
        const value = this[name];
        delete this[name];
        this[name] = value;
      }
      this.#mark("src");
    }

    disconnectedCallback() {
      this.#end();
    }

    /* Where a browser moves the element without removing it, nothing is to be done. */
    connectedMoveCallback() {}

    attributeChangedCallback(name, before, now) {
      if (before !== now) this.#mark(name);
    }

    get tokenSource() {
      return this.#tokenSource;
    }

    set tokenSource(value) {
      this.#tokenSource = typeof value === "function" ? value : null;
      this.#mark("tokenSource");
    }

    get linkFor() {
      return this.#linkFor;
    }

    set linkFor(value) {
      this.#linkFor = typeof value === "function" ? value : null;
      this.#mark("linkFor");
    }

    addEventListener(type, ...rest) {
      super.addEventListener(type, ...rest);
      if (type !== CASE_OPEN || this.#opensCases) return;
      this.#opensCases = true;
      this.#mark(CASE_OPEN);
    }

    setFilters(filters) {
      try {
        this.#filters = filtersOf(filters);
      } catch (error) {
        this.#fail("bad-attribute", `setFilters: ${error.message}`);
        return;
      }
      this.#sendFilters();
    }

    /* Reads the numbers anew; where the dashboard did not answer, loads the frame once more. */
    refresh() {
      if (this.#isUnanswered) this.#load();
      else this.#send({ type: "refresh" });
    }

    // --- changes of attributes ---

    /* Applies all that one task of the portal changes at once, so that the first address has it all. */
    #mark(name) {
      if (!this.#changed.size) queueMicrotask(() => this.#apply());
      this.#changed.add(name);
    }

    #apply() {
      const changed = this.#changed;
      this.#changed = new Set();
      for (const name of Object.keys(READERS)) if (changed.has(name)) this.#readAttribute(name);
      if (!this.isConnected) return;
      const isOfOtherToken = hasOne(changed, OF_TOKEN) && (this.#hasToken || this.#question);
      const isLockedAtLast = !this.#frame && changed.has("locked-filters");
      if (hasOne(changed, OF_FRAME) || isOfOtherToken || isLockedAtLast) this.#load();
      else if (this.#frame) this.#update(changed);
    }

    #update(changed) {
      this.#frame.title = this.title || "Consumo WhatsApp";
      this.#showHeight();
      if (changed.has("theme")) this.#send({ type: "theme", theme: this.#read.theme ?? "auto" });
      if (hasOne(changed, OF_SETTINGS)) this.#send({ type: "settings", settings: this.#settings });
      if (changed.has("filters")) this.#sendFilters();
    }

    /* Reads an attribute; one that cannot be read keeps the value that it had. */
    #readAttribute(name) {
      try {
        this.#read[name] = READERS[name](this.getAttribute(name));
        if (name === "filters") this.#filters = this.#read.filters;
      } catch (error) {
        this.#fail("bad-attribute", `${name}: ${error.message}`);
      }
    }

    get #settings() {
      return {
        locked: this.#read["locked-filters"] ?? {},
        hidden: this.#read["hidden-filters"] ?? [],
        panels: this.#read.panels ?? [],
        accent: this.#read.accent ?? null,
        font: this.#read.font ?? null,
        hasFixedHeight: (this.#read.height ?? null) !== null,
        opensCases: this.#opensCases,
        makesLinks: this.#linkFor !== null,
        givesTokens: this.#tokenSource !== null || this.hasAttribute("token-url"),
      };
    }

    // --- the frame ---

    #load() {
      this.#end();
      // Without its locked filters the page would show more than the portal means it to.
      if (this.hasAttribute("locked-filters") && !this.#read["locked-filters"]) return;
      const address = this.#address();
      if (!address) return;
      const frame = document.createElement("iframe");
      frame.title = this.title || "Consumo WhatsApp";
      frame.allow = ALLOW;
      frame.sandbox = SANDBOX;
      frame.referrerPolicy = "strict-origin";
      frame.loading = "eager";
      frame.credentialless = this.hasAttribute("credentialless");
      frame.src = address;
      this.#frame = frame;
      this.#origin = address.origin;
      this.#showHeight();
      window.addEventListener("message", this.#onMessage);
      this.#helloTimer = setTimeout(() => {
        this.#isUnanswered = true;
        const reasons = "it is down, or CONSUMO_FRAME_ANCESTORS lacks this portal";
        this.#fail("unreachable", `no answer from ${address.origin}: ${reasons}`);
      }, HELLO_MS);
      this.shadowRoot.replaceChildren(frame);
    }

    /* Returns the page's first address, or null after an error event where src is none. */
    #address() {
      const url = webAddress(this.getAttribute("src"));
      if (!url) {
        this.#fail("bad-attribute", "src: not the http or https address of a dashboard");
        return null;
      }
      for (const name of Object.keys(this.#settings.locked)) url.searchParams.delete(name);
      const own = { lang: this.#read.lang, theme: this.#read.theme, portal: self.origin };
      for (const [name, text] of Object.entries(own)) if (text) url.searchParams.set(name, text);
      const short = new URL(url);
      for (const [name, texts] of this.#freeFilters()) {
        url.searchParams.delete(name);
        for (const text of texts) url.searchParams.append(name, text);
      }
      this.#areFiltersWaiting = url.href.length > LONGEST_ADDRESS;
      return this.#areFiltersWaiting ? short : url;
    }

    #freeFilters() {
      const { locked } = this.#settings;
      return Object.entries(this.#filters).filter(([name]) => !Object.hasOwn(locked, name));
    }

    #showHeight() {
      const fixed = this.#read.height ?? null;
      this.#styles.cssRules[0].style.height = fixed ?? "";
      this.#frame.style.height = fixed === null ? `${this.#height}px` : "";
    }

    /* Ends all that runs, and takes the frame away. */
    #end() {
      window.removeEventListener("message", this.#onMessage);
      clearTimeout(this.#helloTimer);
      this.#endChannel();
      this.#isUnanswered = false;
      this.#frame?.remove();
      this.#frame = null;
    }

    #endChannel() {
      this.#port?.close();
      this.#port = null;
      this.#question?.stop();
      this.#question = null;
      this.#hasToken = false;
    }

    // --- the channel ---

    #onMessage = (event) => {
      if (event.source !== this.#frame?.contentWindow || event.data?.type !== HELLO) return;
      if (event.origin !== this.#origin) {
        console.warn(`<${NAME}> leads to ${event.origin}, src names ${this.#origin}`);
        return;
      }
      clearTimeout(this.#helloTimer);
      this.#isUnanswered = false;
      this.#endChannel();
      const { port1, port2 } = new MessageChannel();
      this.#port = port1;
      port1.onmessage = ({ data }) => {
        if (port1 === this.#port) this.#hear(data);
      };
      const welcome = { type: WELCOME, settings: this.#settings };
      event.source.postMessage(welcome, this.#origin, [port2]);
      if (this.#areFiltersWaiting) this.#sendFilters();
    };

    #send(message) {
      this.#port?.postMessage(message);
    }

    #sendFilters() {
      this.#areFiltersWaiting = !this.#port;
      this.#send({ type: "filters", filters: Object.fromEntries(this.#freeFilters()) });
    }

    #hear(said) {
      switch (said?.type) {
        case "token":
          this.#giveToken(said.id);
          break;
        case "link":
          this.#giveLink(said.id, said.query);
          break;
        case "height":
          if (!Number.isFinite(said.height)) break;
          this.#height = Math.min(Math.max(Math.ceil(said.height), HEIGHT.least), HEIGHT.most);
          this.#showHeight();
          break;
        case CASE_OPEN: {
          const { id, caseNumber, caseId, url } = said;
          const handled = !this.#tell(CASE_OPEN, { caseNumber, caseId, url }, true);
          this.#send({ type: "case-open-answer", id, handled });
          break;
        }
        case "filters-change":
          this.#filters = said.filters ?? {}; // where the page begins when it is loaded anew
          this.#tell("filters-change", { filters: said.filters, query: said.query });
          break;
        case "error":
          this.#tell("error", { code: said.code, message: said.message });
          break;
        case "session-expired":
          this.#tell("session-expired", { reason: said.reason });
          break;
        case "ready":
          this.#tell("ready");
      }
    }

    /* Sends a token, fetched once for all questions that are open at a time. */
    async #giveToken(id) {
      const port = this.#port;
      if (!this.#question) {
        const question = askForToken((signal) => this.#ask(signal));
        this.#question = question;
        question.answer.then(() => {
          if (this.#question === question) this.#question = null;
        });
      }
      const answer = await this.#question.answer;
      if (port !== this.#port) return;
      this.#hasToken ||= "token" in answer;
      this.#send({ type: "token-answer", id, ...answer });
    }

    #ask(signal) {
      const [url, context] = ["token-url", "context"].map((name) => this.getAttribute(name));
      if (this.#tokenSource) return this.#tokenSource(context);
      if (url !== null) return fetched(url, context, signal);
      throw new Error("neither token-url nor tokenSource is set");
    }

    /* Sends the portal's own address of a view, or null where it makes none. */
    async #giveLink(id, query) {
      const port = this.#port;
      let address = null;
      try {
        address = webAddress(await this.#linkFor?.(query))?.href ?? null;
      } catch (error) {
        console.warn(`<${NAME}> gets no address from linkFor:`, error);
      }
      if (port === this.#port) this.#send({ type: "link-answer", id, address });
    }

    // --- events ---

    /* Returns false where a listener cancelled the event. */
    #tell(type, detail, cancelable = false) {
      return this.dispatchEvent(new CustomEvent(type, { detail, cancelable }));
    }

    /* Tells what is wrong, also to a developer who listens to nothing yet. */
    #fail(code, message) {
      console.error(`<${NAME}> ${code}: ${message}`);
      this.#tell("error", { code, message });
    }
  }

  customElements.define(NAME, ConsumoWhatsApp);
})();
