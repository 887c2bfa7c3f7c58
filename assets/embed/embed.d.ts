/* Types of /embed.js: the element <consumo-whatsapp>. docs/embedding.md says what everything does. */

/** Filters by name; a filter with several texts takes what has one of them. */
export type Filters = Record<string, string | number | readonly (string | number)[] | null>;

/** What the page shows, by name of the filter. */
export type ShownFilters = Record<string, string[]>;

/** A token, alone or as the portal's endpoint answers it; null where nobody is signed in. */
export type GivenToken = string | { token: string } | null;

export interface ConsumoWhatsAppAttributes {
  /** Address of the dashboard, for example https://dash.example/ */
  src: string;
  /** Address of the portal that answers with a token: {"token": "…"}. */
  "token-url"?: string;
  /** A text of the portal, handed to its token endpoint or to `tokenSource`. */
  context?: string;
  theme?: "light" | "dark" | "auto";
  lang?: "pt-BR" | "en" | "es";
  title?: string;
  /** Where the page begins: JSON of `Filters`, or a query such as "channel=A&channel=B". */
  filters?: string;
  /** Filters that the reader cannot change, in the same form. They protect nothing: the token does. */
  "locked-filters"?: string;
  /** Names of filters that are not shown, separated by blanks. */
  "hidden-filters"?: string;
  /** Slugs of the only panels that are shown, separated by blanks. */
  panels?: string;
  /** "auto" (as tall as the page) or a height in CSS. */
  height?: string;
  /** The portal's colour, as #rrggbb. */
  accent?: string;
  /** The name of one font that readers have. */
  font?: string;
  /** The frame has storage of its own that nobody keeps (for portals under COEP). */
  credentialless?: "" | boolean;
}

export interface ConsumoWhatsAppEventMap {
  /** Numbers are painted. */
  ready: CustomEvent<null>;
  error: CustomEvent<{ code: string; message: string }>;
  /** The portal gives no token any more ("no token"), or the dashboard refuses it, and why. */
  "session-expired": CustomEvent<{ reason: string }>;
  /** `query` is the same as part of an address: "channel=A&channel=B". */
  "filters-change": CustomEvent<{ filters: ShownFilters; query: string }>;
  /** Cancel it to open the case yourself; otherwise `url` is opened, where there is one. */
  "case-open": CustomEvent<{ caseNumber: string; caseId: string; url: string | null }>;
}

export interface ConsumoWhatsAppElement extends HTMLElement {
  /** Gives a token, in place of token-url. */
  tokenSource: ((context: string | null) => GivenToken | Promise<GivenToken>) | null;
  /** Gives the portal's own address of the view that `query` names, for "copy link". */
  linkFor: ((query: string) => string | null | Promise<string | null>) | null;
  /** Replaces all filters that are not locked. */
  setFilters(filters: Filters | string): void;
  /** Reads the numbers anew; after "unreachable" loads the frame once more. */
  refresh(): void;

  addEventListener<K extends keyof ConsumoWhatsAppEventMap>(
    type: K,
    listener: (this: ConsumoWhatsAppElement, event: ConsumoWhatsAppEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof ConsumoWhatsAppEventMap>(
    type: K,
    listener: (this: ConsumoWhatsAppElement, event: ConsumoWhatsAppEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "consumo-whatsapp": ConsumoWhatsAppElement;
  }

  namespace JSX {
    interface IntrinsicElements {
      "consumo-whatsapp": ConsumoWhatsAppAttributes & { [name: string]: unknown };
    }
  }
}
