/* The call of the server's callback for all panels, in the form in which Dash would send it. The page sends it
   by itself: dash-renderer would take some frames for each way.

   Gives: `panelsCall(data)`, { address, options } for fetch, where `data` is the question
   (callbacks/asking.py `page_question`); `answerIn(body)`, the answer in the JSON that the server sends
   (callbacks/panels.py).
   Example: answerIn({ response: { answers: { data: '{"number":3}' } } }).number is 3. */
const { prefix } = require("./dash");
const ids = require("./ids");

function panelsCall(data) {
  const body = {
    output: `${ids.ANSWERS}.data`,
    outputs: { id: ids.ANSWERS, property: "data" },
    inputs: [{ id: ids.QUESTION, property: "data", value: data }],
    changedPropIds: [`${ids.QUESTION}.data`],
    state: [],
  };
  const options = {
    method: "POST",
    credentials: "same-origin",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  return { address: `${prefix()}_dash-update-component`, options };
}

const answerIn = ({ response }) => JSON.parse(response[ids.ANSWERS].data);

module.exports = { answerIn, panelsCall };
