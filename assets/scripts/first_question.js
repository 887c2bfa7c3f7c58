/* Asks the page's first question before Dash has started, so that its answer is there when the page is
   drawn. The question is the one that the controls will make of the address: no other is sent for it.

   Given: the store's status in the layout, which components/index.py asks for; the page's address; the
   panels to ask, as a function.
   Gives: `askFirst(parts)`; `firstQuestion()`, { applied, table, theme } as
   asking.js and theme.js make them, null where nothing was asked; `firstAnswer(question)`, a promise of
   the answer where `question`, that of question.js, was asked here, else null. The promise fails where no
   answer came; it is given once.
   Example: with "?channel=whats", firstQuestion().applied.raw is { channel: ["whats"] }. */
const { filtersIn, rowsIn } = require("./asking");
const { inTime } = require("./call_time");
const { firstControls } = require("./filters");
const ids = require("./ids");
const { answerIn, panelsCall } = require("./panels_call");
const session = require("./session");
const { same } = require("./values");

let question = null;
let asked = null; // the question as the server got it
let answer = null;

function askFirst(parts) {
  session.layout?.then((layout) => {
    const status = statusIn(layout);
    if (status) begin(status, parts(), layout.props["data-query-seconds"]);
  });
}

function statusIn({ props }) {
  const { children } = props;
  const stores = Array.isArray(children) ? children : [];
  return stores.find((store) => store?.props?.id === ids.STATUS)?.props.data;
}

function begin(status, parts, querySeconds) {
  const controls = firstControls(status);
  const { preset } = controls.period;
  const raw = filtersIn({ ...controls, status });
  const table = { raw: rowsIn(controls) };
  question = { applied: { raw, preset, version: status.version }, table, theme: controls.theme };
  if (!parts.length) return;
  asked = { raw, table: { ...table, page: 0 }, choices: {}, parts };
  answer = send({ number: 0, ...asked, waits: false }, querySeconds);
  answer.catch(() => {}); // whoever needs the answer hears of it
}

async function send(data, querySeconds) {
  const { address, options } = panelsCall(data);
  return inTime(querySeconds, options, async (given) => {
    const response = await session.send(address, given);
    if (response.status !== 200 || response.redirected) throw new TypeError("not an answer");
    return answerIn(await response.json());
  });
}

function firstAnswer({ raw, table, choices, parts }) {
  const chosen = parts.some((slug) => choices[slug]);
  const promise = !chosen && same({ raw, table, choices: {}, parts }, asked) ? answer : null;
  asked = null;
  return promise;
}

module.exports = { askFirst, firstAnswer, firstQuestion: () => question };
