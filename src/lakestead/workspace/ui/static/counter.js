// One number, and how it stands to another.
import { element } from "./element.js";
import { formatter } from "./format.js";

const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

function read(encoding, rows) {
  if (!encoding?.fieldName) return null;
  const text = rows.values(encoding.fieldName)[(encoding.rowNumber ?? 1) - 1] ?? null;
  return { text, shown: formatter(rows.type(encoding.fieldName), encoding)(text) };
}

export function counter(spec, rows) {
  const { value, target, comparison } = spec.encodings ?? {};
  const now = read(value, rows);
  const before = read(target ?? comparison, rows);
  const label = (target ?? comparison)?.displayName ?? "target";
  return [element("div", { class: "counter" },
    element("div", { class: "value", title: now?.text ?? "" }, now?.shown ?? "–"),
    before?.text ? element("div", { class: "target" }, ...change(now, before), `${label}: ${before.shown}`) : null)];
}

function change(now, before) {
  const share = (Number(now?.text) - Number(before.text)) / Math.abs(Number(before.text));
  if (!Number.isFinite(share)) return [];
  const [kind, sign] = share > 0 ? ["up", "▲ "] : share < 0 ? ["down", "▼ "] : ["", ""];
  return [element("span", { class: kind }, `${sign}${percent.format(Math.abs(share))}`), " · "];
}
