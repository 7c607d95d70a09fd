// Filters: what people select, and what is selected before they do.
import { element } from "./element.js";

export const FILTERS = new Set(["filter-single-select", "filter-multi-select", "filter-date-picker", "filter-date-range-picker"]);

// What a filter selects at first, as the workspace takes it; null when that is everything.
//   defaults: the values that its parameters have by themselves
export function initial(spec, defaults) {
  const selection = spec.selection?.defaultSelection;
  if (selection?.values?.values?.length) return { values: selection.values.values.map(({ value }) => (value === null ? null : String(value))) };
  if (selection?.range) return { since: selection.range.min?.value ?? null, until: selection.range.max?.value ?? null };
  return defaults?.length ? { values: defaults } : null;
}

// The query whose values a filter offers: one of a field; a filter of parameters alone offers none.
export const offering = (widget) => widget.queries?.find(({ query }) => query.fields?.length)?.name ?? null;

// Draws a filter.
//   label: what it is called, for those who do not see it
//   options: the values it offers
//   chosen: what it selects now
//   choose: takes what it is to select
//   must: whether something must be selected, as for a parameter
export function filter(kind, label, options, chosen, choose, must) {
  const draw = { "filter-multi-select": many, "filter-date-picker": day, "filter-date-range-picker": range }[kind] ?? single;
  return element("div", { class: "filter" }, draw(label, options, chosen, choose, must));
}

const shown = (value) => value ?? "null";

function single(label, offered, chosen, choose, must) {
  const options = must ? [...new Set([...chosen.values, ...offered])] : offered;
  const select = element("select", { "aria-label": label, onchange: () =>
    choose(select.value === "" ? null : { values: [options[Number(select.value)]] }) },
  must ? null : element("option", { value: "" }, "All"),
  ...options.map((value, place) => element("option", { value: String(place) }, shown(value))));
  const place = chosen ? options.indexOf(chosen.values?.[0]) : -1;
  select.value = place < 0 ? "" : String(place);
  return select;
}

function many(label, options, chosen, choose) {
  const selected = new Set(chosen?.values ?? []);
  const button = element("button", { type: "button", "aria-haspopup": "true", "aria-expanded": "false" });
  const name = () => button.replaceChildren(
    element("span", {}, selected.size === 0 ? "All" : [...selected].map(shown).join(", ")), element("span", { "aria-hidden": "true" }, "▾"));
  const boxes = options.map((value) => element("label", {},
    element("input", { type: "checkbox", checked: selected.has(value), onchange: ({ target }) => {
      if (target.checked) selected.add(value);
      else selected.delete(value);
      name();
      choose(selected.size ? { values: [...selected] } : null);
    } }), shown(value)));
  const search = element("input", { type: "search", placeholder: "Search", "aria-label": `Search ${label}`, oninput: () =>
    boxes.forEach((box) => { box.hidden = !box.textContent.toLowerCase().includes(search.value.toLowerCase()); }) });
  const panel = element("div", { class: "options card", role: "group", "aria-label": label, hidden: true }, options.length > 8 ? search : null, ...boxes);
  const frame = element("div", { class: "choose" }, button, panel);
  const open = (opened) => {
    panel.hidden = !opened;
    button.setAttribute("aria-expanded", String(opened));
    if (opened) panel.querySelector("input")?.focus();
  };
  button.addEventListener("click", () => open(panel.hidden));
  frame.addEventListener("keydown", (event) => { if (event.key === "Escape") { open(false); button.focus(); } });
  frame.addEventListener("focusout", ({ relatedTarget }) => { if (!frame.contains(relatedTarget) && relatedTarget) open(false); });
  document.addEventListener("click", ({ target }) => { if (!frame.contains(target)) open(false); });
  name();
  return frame;
}

const isDay = (text) => (/^\d{4}-\d\d-\d\d/.test(text ?? "") ? text.slice(0, 10) : "");

function day(label, _, chosen, choose) {
  const input = element("input", { type: "date", "aria-label": label, value: isDay(chosen?.since), onchange: () =>
    choose(input.value ? { since: input.value, until: input.value } : null) });
  return input;
}

function range(label, _, chosen, choose) {
  const changed = () => choose(since.value || until.value ? { since: since.value || null, until: until.value || null } : null);
  const since = element("input", { type: "date", "aria-label": `${label}: from`, value: isDay(chosen?.since), onchange: changed });
  const until = element("input", { type: "date", "aria-label": `${label}: to`, value: isDay(chosen?.until), onchange: changed });
  return element("div", { class: "range" }, since, "–", until);
}
