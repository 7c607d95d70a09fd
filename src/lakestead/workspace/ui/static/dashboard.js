// A dashboard's page: its tabs, its widgets in their places, and what filters do to them.
import { DRAWN, option } from "./charts.js";
import { counter } from "./counter.js";
import { ask, forget } from "./data.js";
import { element } from "./element.js";
import { FILTERS, filter, initial, offering } from "./filters.js";
import { onLook } from "./look.js";
import { markdown } from "./markdown.js";
import { pivot, table } from "./table.js";

const GLOBAL = "PAGE_TYPE_GLOBAL_FILTERS";
const dashboard = JSON.parse(document.getElementById("content").textContent);
const pages = dashboard.pages.filter((page) => page.pageType !== GLOBAL);
const globals = dashboard.pages.filter((page) => page.pageType === GLOBAL);
const kindOf = (widget) => widget.spec?.widgetType;
const isFilter = (widget) => FILTERS.has(kindOf(widget));

// What filters select, by their names.
const chosen = new Map();
for (const page of dashboard.pages) {
  for (const { widget } of page.layout ?? []) {
    if (isFilter(widget)) chosen.set(widget.name, initial(widget.spec, dashboard.defaults[widget.name]));
  }
}

// The widgets that have been drawn, each with what draws it again.
const drawn = new Map();

const text = (part) => (part && typeof part === "object" ? part.value : part) ?? "";

function frameOf(page, { widget, position }) {
  const { showTitle, title, showDescription, description } = widget.spec?.frame ?? {};
  const name = text(title) || widget.name;
  const content = element("div", { class: "content" });
  const plain = !widget.spec;
  const box = element("section", { class: `widget ${plain ? "plain" : "card"}${isFilter(widget) ? " filtering" : ""}`, "aria-label": plain ? null : name, "data-widget": widget.name },
    showTitle === false || plain || !text(title) ? null : element("header", {}, element("h2", { title: name }, name),
      showDescription && text(description) ? element("p", { title: text(description) }, text(description)) : null),
    content);
  if (position) {
    box.style.gridArea = `${position.y + 1} / ${position.x + 1} / span ${position.height} / span ${position.width}`;
    box.style.setProperty("--height", position.height);
  }
  drawn.set(box, () => fill(page, widget, name, content));
  return box;
}

// Only the filters that a widget heeds: what others select is no new question.
function selections(page, dataset) {
  const filters = [page, ...globals].flatMap((one) => one.layout ?? []).map(({ widget }) => widget).filter(isFilter);
  const heeded = filters.filter(({ name, queries }) =>
    chosen.get(name) && queries?.some(({ query }) => query.datasetName === dataset));
  return Object.fromEntries(heeded.map(({ name }) => [name, chosen.get(name)]));
}

async function fill(page, widget, name, content) {
  if (!widget.spec) {
    const lines = widget.multilineTextboxSpec?.lines?.map((line) => line.replace(/\n$/, "")).join("\n") ?? widget.textbox_spec ?? widget.textboxSpec ?? "";
    content.replaceChildren(markdown(lines));
    return;
  }
  // Of two questions that are under way, only the answer to the later one is shown.
  const turn = (content.turn = (content.turn ?? 0) + 1);
  content.classList.add("loading");
  content.setAttribute("aria-busy", "true");
  let parts;
  try {
    parts = await partsOf(page, widget, name);
  } catch (error) {
    parts = () => content.replaceChildren(element("p", { class: "problem", role: "alert" }, error.message));
  }
  if (turn !== content.turn) return;
  content.classList.remove("loading");
  content.removeAttribute("aria-busy");
  parts(content);
}

// Asks for what a widget shows, and returns what puts it into its place.
async function partsOf(page, widget, name) {
  const kind = kindOf(widget);
  if (isFilter(widget)) {
    const query = kind.startsWith("filter-date") ? null : offering(widget);
    const rows = query && await ask(dashboard, { page: page.name, widget: widget.name, query });
    const options = rows ? rows.values("value") : [];
    return (content) => content.replaceChildren(filter(kind, name, options, chosen.get(widget.name), (selection) => {
      chosen.set(widget.name, selection);
      refresh((box) => !box.classList.contains("filtering"));
    }, Boolean(dashboard.defaults[widget.name]?.length)));
  }
  const show = { counter, table, pivot }[kind];
  if (!show && !DRAWN.has(kind)) {
    return (content) => content.replaceChildren(element("p", { class: "note" }, `Widgets of type “${kind}” are not drawn here.`));
  }
  const asks = widget.queries?.[0];
  if (!asks) return (content) => content.replaceChildren(element("p", { class: "note" }, "This widget asks for nothing."));
  const question = { page: page.name, widget: widget.name, query: asks.name, filters: selections(page, asks.query.datasetName) };
  const rows = await ask(dashboard, question);
  return (content) => {
    if (!rows.rows.length) content.replaceChildren(element("p", { class: "note" }, "No data"));
    else if (show) content.replaceChildren(...show(widget.spec, rows));
    else chart(content, widget.spec, rows, name);
    if (rows.truncated) content.append(element("p", { class: "more" }, `Only the first ${rows.rows.length.toLocaleString()} rows are shown.`));
  };
}

function chart(content, spec, rows, name) {
  const place = element("div", { class: "chart", role: "img", "aria-label": name });
  content.querySelectorAll(".chart").forEach((old) => echarts.getInstanceByDom(old)?.dispose());
  content.replaceChildren(place);
  // Many elements of a drawing are slower than many points of a picture.
  echarts.init(place, null, { renderer: rows.rows.length > 3000 ? "canvas" : "svg" }).setOption({ useUTC: true, ...option(spec, rows) });
  sizes.observe(place);
}

const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  const instance = echarts.getInstanceByDom(target);
  if (instance && target.isConnected && target.clientWidth) instance.resize();
  else if (!target.isConnected) { instance?.dispose(); sizes.unobserve(target); }
}));

function refresh(which = () => true) {
  for (const [box, draw] of drawn) {
    if (box.isConnected && !box.closest("[hidden]") && which(box)) draw();
  }
}

function gridOf(page) {
  const layout = page.layout ?? [];
  const widest = Math.max(0, ...layout.map(({ position }) => position.x + position.width));
  const grid = element("div", { class: "grid" }, ...layout.map((placed) => frameOf(page, placed)));
  grid.style.setProperty("--columns", widest > 6 ? 12 : 6);
  return grid;
}

const panels = pages.map((page, place) => element("div", { role: "tabpanel", id: `page-${place}`, "aria-labelledby": `tab-${place}`, hidden: true },
  page.layout?.length ? gridOf(page) : element("p", { class: "card soft" }, "There is nothing on this page yet.")));
const tabs = pages.map((page, place) => element("button", { role: "tab", id: `tab-${place}`, "aria-controls": `page-${place}`, onclick: () => open(place) },
  page.displayName || page.name));

function open(place) {
  tabs.forEach((tab, one) => {
    tab.setAttribute("aria-selected", String(one === place));
    tab.tabIndex = one === place ? 0 : -1;
  });
  panels.forEach((panel, one) => { panel.hidden = one !== place; });
  history.replaceState(null, "", place ? `#${encodeURIComponent(pages[place].name)}` : location.pathname);
  refresh((box) => panels[place]?.contains(box));
}

const tablist = document.getElementById("tabs");
tablist.append(...tabs);
tablist.hidden = tabs.length < 2;
tablist.addEventListener("keydown", ({ key }) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!step) return;
  const next = (tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length;
  open(next);
  tabs[next].focus();
});
document.getElementById("pages").append(...panels);
const bar = document.getElementById("filters");
bar.append(...globals.flatMap((page) => (page.layout ?? []).map(({ widget }) => frameOf(page, { widget }))));
bar.hidden = !bar.childElementCount;
document.getElementById("refresh").addEventListener("click", () => { forget(); refresh(); });
onLook(() => refresh((box) => box.querySelector(".chart")));
const asked = decodeURIComponent(location.hash.slice(1));
refresh((box) => bar.contains(box));
if (pages.length) open(Math.max(0, pages.findIndex((page) => page.name === asked)));
