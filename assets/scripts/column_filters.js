/* Reads and writes the filters above the table's columns, in the filter language of Dash's table.

   Given: the table's `filter_query`, a text; every operator in it means "contains".
   Gives: `conditions(query)`, pairs of column and text; `written(pairs)`, the query of such pairs;
   `plainText(text)`, the text that was typed above a column, without the operator that Dash adds.
   Example: written([["status", 'a"b']]) is '{status} icontains "a\\"b"', and conditions of that is
   [["status", 'a"b']] again. */
const CONDITION =
  /\{([^}]+)\}\s+[^\s"'`]+\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\S+)/g;

const quoted = (text) => `"${text.replace(/[\\"]/g, "\\$&")}"`;
const unquoted = (text) => (/^["'`]/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text);

const conditions = (query) =>
  [...query.matchAll(CONDITION)].map(([, column, text]) => [column, unquoted(text)]);

const written = (pairs) =>
  pairs.map(([column, text]) => `{${column}} icontains ${quoted(text)}`).join(" && ");

function plainText(text) {
  const whole = /^icontains (?:"((?:[^"\\]|\\.)*)"|(\S+))$/.exec(text);
  return whole ? (whole[1] || whole[2]).replace(/\\(.)/g, "$1") : text;
}

module.exports = { conditions, plainText, written };
