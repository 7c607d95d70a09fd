// What the charting library is to draw for a widget.
import { formatter, isNumber, isTime, moment } from "./format.js";
import { look, ramp } from "./look.js";

const listed = (part) => (!part ? [] : part.fields ?? (part.fieldName ? [part] : [...listed(part.primary), ...listed(part.secondary)]));
const title = (encoding) => encoding.axis?.title ?? encoding.displayName ?? encoding.fieldName ?? "";
const NATURAL = new Intl.Collator(undefined, { numeric: true }).compare;
// What a tick of a time axis says, by the smallest unit that it is about.
const TICKS = { year: "{yyyy}", month: "{MMM}", day: "{d} {MMM}", hour: "{HH}:{mm}", minute: "{HH}:{mm}", second: "{HH}:{mm}:{ss}" };
const number = (text) => (text === null || text === undefined ? null : Number(text));

export const DRAWN = new Set(["bar", "line", "area", "scatter", "combo", "histogram", "heatmap", "pie"]);

export function option(spec, rows) {
  const draw = { pie, heatmap, histogram }[spec.widgetType] ?? axes;
  const theme = look();
  const own = (spec.mark?.colors ?? []).filter((color) => typeof color === "string");
  return {
    backgroundColor: "transparent",
    color: own.length ? own : theme.palette,
    textStyle: { color: theme.ink, fontFamily: "inherit" },
    animationDuration: 250,
    aria: { enabled: true },
    ...draw(spec, rows, theme),
  };
}

function colorOf(spec, value) {
  return spec.encodings?.color?.scale?.mappings?.find((one) => String(one.value) === String(value))?.color;
}

function legend(theme, count, encoding) {
  const hidden = encoding?.legend?.hide || count < 2;
  return { show: !hidden, type: "scroll", top: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10,
    textStyle: { color: theme.soft }, pageTextStyle: { color: theme.soft }, pageIconColor: theme.soft };
}

function tooltip(theme, trigger, more = {}) {
  return { trigger, confine: true, backgroundColor: theme.surface, borderColor: theme.line,
    textStyle: { color: theme.ink, fontSize: 12 }, ...more };
}

// Bars, lines, areas, points: along one axis what is told apart, along the other what is measured.
function axes(spec, rows, theme) {
  const { x = {}, y = {}, color } = spec.encodings ?? {};
  const lies = isAlong(y, rows) && !isAlong(x, rows) && spec.widgetType === "bar";
  const [along, measured] = lies ? [y, x] : [x, y];
  const scale = scaleOf(spec, along, rows);
  const measures = listed(measured);
  const shown = formatter(rows.type(measures[0]?.fieldName), { format: measures[0]?.format ?? measured.format });
  const groups = grouped(rows, color?.fieldName);
  const position = rows.values(along.fieldName).map(scale.position);
  const categories = scale.kind === "category" ? ordered(along, position, rows.values(measures[0]?.fieldName)) : null;
  const series = groups.flatMap(({ name, members }) => measures.map((measure, place) => {
    const label = name === null ? measure.displayName ?? measure.fieldName
      : measures.length > 1 ? `${name} · ${measure.displayName ?? measure.fieldName}` : name;
    return one(spec, label, {
      place, lies, color: name === null ? null : colorOf(spec, name), format: shown,
      data: points(members, position, rows.values(measure.fieldName), categories, lies, spec.widgetType),
    });
  }));
  const space = { type: "value", name: title(measured), min: measured.scale?.domain?.min, max: measured.scale?.domain?.max, scale: spec.widgetType === "scatter",
    format: (value) => shown(String(value)) };
  const line = { type: scale.kind, name: title(along), data: categories, scale: true, format: scale.format };
  const [first, second] = (lies ? [space, line] : [line, space]).map((axis) => axisOf(axis, theme));
  if (lies) second.inverse = true;
  // Beside the labels of an upright axis is no room for its name: it stands above them.
  Object.assign(second, { nameLocation: lies ? "start" : "end", nameGap: 10, nameTextStyle: { ...second.nameTextStyle, align: "left" } });
  return {
    legend: legend(theme, series.length, color),
    tooltip: tooltip(theme, spec.widgetType === "scatter" ? "item" : "axis", { valueFormatter: (value) => (value === null || value === undefined ? "–" : shown(String(value))) }),
    grid: { left: 8, right: 24, top: (series.length > 1 ? 30 : 6) + (second.name ? 24 : 14), bottom: first.name ? 26 : 8, containLabel: true },
    xAxis: first, yAxis: second, series,
  };
}

const isAlong = (encoding, rows) =>
  ["categorical", "temporal"].includes(encoding.scale?.type) || (encoding.fieldName && !encoding.scale && !isNumber(rows.type(encoding.fieldName)));

// How values lie along an axis: as moments, as numbers, or one beside the other.
function scaleOf(spec, encoding, rows) {
  const type = rows.type(encoding.fieldName);
  const free = !["bar", "combo"].includes(spec.widgetType) && encoding.scale?.type !== "categorical";
  if (free && isTime(type)) return { kind: "time", position: moment };
  if (free && isNumber(type)) return { kind: "value", position: number, format: (value) => formatter(type, encoding)(String(value)) };
  const format = formatter(type, encoding);
  return { kind: "category", position: (text) => format(text) ?? "null" };
}

function ordered(encoding, categories, measured) {
  const sorting = encoding.scale?.sort;
  const names = [...new Set(categories)];
  if (sorting?.by === "custom-order") {
    const places = new Map((sorting.orderedValues ?? []).map((value, place) => [String(value), place]));
    return names.sort((a, b) => (places.get(a) ?? Infinity) - (places.get(b) ?? Infinity) || NATURAL(a, b));
  }
  if (/^[xy](-reversed)?$/.test(sorting?.by ?? "")) {
    const totals = new Map();
    categories.forEach((name, row) => totals.set(name, (totals.get(name) ?? 0) + number(measured[row])));
    names.sort((a, b) => totals.get(a) - totals.get(b));
  } else {
    names.sort(NATURAL);
  }
  return sorting?.by?.endsWith("-reversed") ? names.reverse() : names;
}

function grouped(rows, field) {
  if (!field) return [{ name: null, members: rows.rows.map((_, row) => row) }];
  const groups = new Map();
  rows.values(field).forEach((value, row) => {
    const name = value ?? "null";
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(row);
  });
  return [...groups].sort(([a], [b]) => NATURAL(a, b)).map(([name, members]) => ({ name, members }));
}

function points(members, position, measured, categories, lies, kind) {
  if (!categories) {
    const found = members.map((row) => [position[row], number(measured[row])]);
    return kind === "scatter" ? found : found.sort(([a], [b]) => a - b);
  }
  const totals = new Map();
  for (const row of members) {
    const value = number(measured[row]);
    if (kind !== "bar" && kind !== "combo" || !totals.has(position[row])) totals.set(position[row], value);
    else totals.set(position[row], totals.get(position[row]) + value);
  }
  return categories.map((name) => totals.get(name) ?? null);
}

function one(spec, name, { place, lies, color, format, data }) {
  const kind = spec.widgetType;
  const grouping = spec.mark?.layout === "group" || spec.mark?.layout === "layer";
  const line = kind === "line" || kind === "area" || (kind === "combo" && place > 0);
  const series = {
    name, data, type: kind === "scatter" ? "scatter" : line ? "line" : "bar",
    itemStyle: { color: color ?? undefined, borderRadius: line ? 0 : grouping ? 3 : 1 },
    label: { show: Boolean(spec.encodings?.label?.show), position: lies ? "right" : "top", color: "inherit",
      formatter: ({ value }) => { const shown = Array.isArray(value) ? value[1] : value; return shown === null ? "" : format(String(shown)); } },
    emphasis: { focus: "series" },
  };
  if (kind === "bar" && !grouping) series.stack = "all";
  if (series.type === "bar") series.barMaxWidth = 44;
  if (line) Object.assign(series, { showSymbol: data.length < 40, symbolSize: 5, lineStyle: { width: 2, color: color ?? undefined }, connectNulls: false });
  if (kind === "area") Object.assign(series, { areaStyle: { opacity: 0.25 }, stack: grouping ? undefined : "all", showSymbol: false });
  if (kind === "scatter") Object.assign(series, { symbolSize: 7, itemStyle: { ...series.itemStyle, opacity: 0.75 } });
  return series;
}

function axisOf({ type, name, data, min, max, scale, format }, theme) {
  const isValue = type === "value";
  return {
    type, name, data, min, max, scale, nameLocation: "middle", nameGap: 26, nameMoveOverlap: true,
    nameTextStyle: { color: theme.soft, fontSize: 12 },
    axisLabel: { color: theme.soft, hideOverlap: true, width: 130, overflow: "truncate",
      ...(format && isValue ? { formatter: format } : {}), ...(type === "time" ? { formatter: TICKS, fontSize: 12 } : {}) },
    axisLine: { show: !isValue, lineStyle: { color: theme.line } }, axisTick: { show: false },
    splitLine: { show: isValue, lineStyle: { color: theme.line } },
  };
}

function histogram(spec, rows, theme) {
  if (spec.encodings?.y) return axes({ ...spec, widgetType: "bar" }, rows, theme);
  const field = spec.encodings?.x?.fieldName;
  const values = rows.values(field).map(number).filter(Number.isFinite);
  const format = formatter(rows.type(field), spec.encodings?.x);
  const low = Math.min(...values);
  const width = (Math.max(...values) - low) / 20 || 1;
  const counts = new Array(20).fill(0);
  values.forEach((value) => { counts[Math.min(19, Math.floor((value - low) / width))] += 1; });
  const labels = counts.map((_, bin) => `${format(String(low + bin * width))} – ${format(String(low + (bin + 1) * width))}`);
  return {
    tooltip: tooltip(theme, "axis"),
    grid: { left: 8, right: 16, top: 20, bottom: 26, containLabel: true },
    xAxis: axisOf({ type: "category", name: title(spec.encodings?.x ?? {}), data: labels }, theme),
    yAxis: axisOf({ type: "value", name: "" }, theme),
    series: [{ type: "bar", name: "Count", data: counts, barCategoryGap: "4%" }],
  };
}

function heatmap(spec, rows, theme) {
  const { x, y, color } = spec.encodings ?? {};
  const names = [x, y].map((encoding) => {
    const format = formatter(rows.type(encoding?.fieldName), encoding);
    return rows.values(encoding?.fieldName).map((text) => format(text) ?? "null");
  });
  const measured = rows.values(color?.fieldName).map(number);
  const [across, up] = [x, y].map((encoding, place) => ordered(encoding ?? {}, names[place], measured));
  const shown = formatter(rows.type(color?.fieldName), color);
  const show = (value) => (value === null ? "–" : shown(String(value)));
  const finite = measured.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite, 0), Math.max(...finite, 0)];
  return {
    tooltip: tooltip(theme, "item", { valueFormatter: (value) => show(Array.isArray(value) ? value[2] : value) }),
    grid: { left: 8, right: 8, top: 12, bottom: 52, containLabel: true },
    xAxis: axisOf({ type: "category", name: "", data: across }, theme),
    yAxis: axisOf({ type: "category", name: "", data: up }, theme),
    visualMap: { min: low, max: high > low ? high : low + 1, orient: "horizontal", left: "center", bottom: 0, itemHeight: 140, itemWidth: 10,
      calculable: true, formatter: show, textStyle: { color: theme.soft }, inRange: { color: ramp(color?.scale) ?? theme.ramp } },
    series: [{ type: "heatmap", name: title(color ?? {}), itemStyle: { borderColor: theme.surface, borderWidth: 2, borderRadius: 3 },
      label: { show: Boolean(spec.encodings?.label?.show), formatter: ({ value }) => show(value[2]) },
      data: measured.map((value, row) => [across.indexOf(names[0][row]), up.indexOf(names[1][row]), value]) }],
  };
}

function pie(spec, rows, theme) {
  const { angle, color, label } = spec.encodings ?? {};
  const shown = formatter(rows.type(angle?.fieldName), angle);
  const names = color?.fieldName ? rows.values(color.fieldName) : [title(angle ?? {})];
  const data = rows.values(angle?.fieldName).map((value, row) => ({
    value: number(value), name: names[row] ?? "null", itemStyle: { color: colorOf(spec, names[row]) },
  })).sort((a, b) => b.value - a.value);
  return {
    legend: { ...legend(theme, data.length, color), orient: "vertical", right: 0, top: "middle" },
    tooltip: tooltip(theme, "item", { valueFormatter: (value) => shown(String(value)) }),
    series: [{ type: "pie", radius: ["46%", "78%"], center: [data.length > 1 ? "38%" : "50%", "50%"], data,
      itemStyle: { borderColor: theme.surface, borderWidth: 2, borderRadius: 4 },
      label: { show: Boolean(label?.show), color: theme.ink, formatter: "{d} %" } }],
  };
}
