// Tables that sort and turn pages, and pivots.
import { element, safeAddress } from "./element.js";
import { formatter, isNumber, isTime, moment } from "./format.js";

const PAGE = 25;
const WHOLE = /^(TINYINT|SMALLINT|INT|BIGINT)$/;

export function table(spec, rows) {
  const columns = columnsOf(spec, rows);
  let order = { place: -1, ascending: true };
  let page = 0;
  const body = element("tbody");
  const heads = columns.map((column, place) => head(column, () => {
    order = { place, ascending: order.place === place ? !order.ascending : true };
    page = 0;
    draw();
  }));
  const paging = element("nav", { class: "paging", "aria-label": "Pages of the table" });
  const frame = element("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Table" },
    element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body));

  function draw() {
    const sorted = order.place < 0 ? rows.rows : sort(rows.rows, columns[order.place], order.ascending);
    heads.forEach((cell, place) => {
      const direction = place !== order.place ? "none" : order.ascending ? "ascending" : "descending";
      cell.setAttribute("aria-sort", direction);
      cell.querySelector("[aria-hidden]").textContent = { none: "", ascending: "▲", descending: "▼" }[direction];
    });
    body.replaceChildren(...sorted.slice(page * PAGE, (page + 1) * PAGE).map((row) =>
      element("tr", {}, ...columns.map((column) => cell(column, row)))));
    turn(sorted.length);
  }

  function turn(count) {
    paging.hidden = count <= PAGE;
    const to = (next) => () => { page = next; draw(); };
    paging.replaceChildren(
      element("span", {}, `${page * PAGE + 1}–${Math.min(count, (page + 1) * PAGE)} of ${count.toLocaleString()}`),
      element("button", { onclick: to(page - 1), disabled: page === 0, "aria-label": "Previous page" }, "‹"),
      element("button", { onclick: to(page + 1), disabled: (page + 1) * PAGE >= count, "aria-label": "Next page" }, "›"));
  }

  draw();
  return [frame, paging];
}

function columnsOf(spec, rows) {
  const encodings = spec.encodings?.columns?.filter((one) => one.visible !== false)
    ?? rows.columns.map((column) => ({ fieldName: column.name }));
  return [...encodings].sort((a, b) => (a.order ?? 0) - (b.order ?? 0)).map((encoding) => {
    const type = rows.type(encoding.fieldName);
    return {
      encoding, type,
      place: rows.places.get(encoding.fieldName),
      title: encoding.title ?? encoding.displayName ?? encoding.fieldName,
      // Whole numbers may well be numbers of something, which have no commas in them.
      format: formatter(type, { format: WHOLE.test(type) ? { type: "number-plain" } : undefined, ...encoding }),
      align: encoding.alignContent ?? (isNumber(type) ? "right" : "left"),
    };
  });
}

function head(column, sorted) {
  return element("th", { scope: "col", class: column.align, "aria-sort": "none" },
    element("button", { onclick: sorted, title: column.encoding.description ?? column.title },
      column.title, element("span", { "aria-hidden": "true" })));
}

function cell(column, row) {
  const value = row[column.place] ?? null;
  if (value === null) return element("td", { class: `${column.align} null` }, "null");
  const shown = column.format(value);
  const address = column.encoding.displayAs === "link"
    && safeAddress((column.encoding.linkUrlTemplate ?? "{{ @ }}").replaceAll(/\{\{\s*@\s*\}\}/g, () => value));
  if (!address) return element("td", { class: column.align, title: value }, shown);
  return element("td", { class: column.align },
    element("a", { href: address, rel: "noopener noreferrer", target: "_blank" }, shown));
}

function sort(rows, column, ascending) {
  const key = isNumber(column.type) ? Number : isTime(column.type) ? moment : (text) => text;
  const compare = isNumber(column.type) || isTime(column.type)
    ? (a, b) => key(a) - key(b)
    : new Intl.Collator(undefined, { numeric: true }).compare;
  const sign = ascending ? 1 : -1;
  return [...rows].sort((one, other) => {
    const [a, b] = [one[column.place], other[column.place]];
    // What is not there comes last in both directions.
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * compare(a, b);
  });
}

const listed = (part) => (Array.isArray(part) ? part : part?.fields ?? (part?.fieldName ? [part] : []));

export function pivot(spec, rows) {
  const { rows: down = [], columns: across = [], cell: cells, values } = spec.encodings ?? {};
  const measures = listed(cells).concat(listed(values)).filter((one) => one.fieldName);
  const key = (encodings, row) => JSON.stringify(listed(encodings).map((one) => row[rows.places.get(one.fieldName)]));
  const heads = [...new Set(rows.rows.map((row) => key(across, row)))].sort();
  const lines = [...new Set(rows.rows.map((row) => key(down, row)))].sort();
  const found = new Map(rows.rows.map((row) => [key(down, row) + key(across, row), row]));
  const formats = measures.map((one) => formatter(rows.type(one.fieldName), one));
  const label = (name, measure) =>
    [...JSON.parse(name).map((part) => part ?? "null"), ...(measures.length > 1 ? [measure.displayName ?? measure.fieldName] : [])].join(" · ")
      || (measure.displayName ?? measure.fieldName);
  const titles = listed(down).map((one) => element("th", { scope: "col", class: "plain-head" }, one.displayName ?? one.fieldName));
  const columns = heads.flatMap((name) => measures.map((measure, number) => ({ name, measure, number })));
  const body = lines.map((line) => element("tr", {},
    ...JSON.parse(line).map((part) => element("th", { scope: "row" }, part ?? "null")),
    ...columns.map(({ name, measure, number }) => {
      const value = found.get(line + name)?.[rows.places.get(measure.fieldName)] ?? null;
      return element("td", { class: "right" }, value === null ? "" : formats[number](value));
    })));
  const top = columns.map(({ name, measure }) => element("th", { scope: "col", class: "plain-head right" }, label(name, measure)));
  return [element("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Pivot" },
    element("table", {}, element("thead", {}, element("tr", {}, ...titles, ...top)), element("tbody", {}, ...body)))];
}
