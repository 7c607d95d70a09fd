// Values as people read them. All values come as text, so that no digit is lost on the way.

const NUMBERS = /^(TINYINT|SMALLINT|INT|BIGINT|FLOAT|DOUBLE|DECIMAL)/;

export const isNumber = (type) => NUMBERS.test(type);
export const isTime = (type) => /^(DATE|TIMESTAMP)/.test(type);

// A moment in milliseconds; texts without a zone are shown as they are, so they count as UTC.
export function moment(text) {
  if (text === null) return null;
  const iso = text.replace(" ", "T");
  return Date.parse(/T.*(Z|[+-]\d\d:?\d\d)$/.test(iso) || !iso.includes("T") ? iso : `${iso}Z`);
}

// A formatter of numbers, by the `format` of an encoding; without one, by the size of the number.
export function numberFormat(format = {}) {
  if (typeof format === "string") return patternFormat(format);
  const places = format.decimalPlaces;
  const options = { maximumFractionDigits: places?.type === "all" ? 20 : places?.places ?? undefined };
  if (places?.type === "exact") options.minimumFractionDigits = places.places;
  if (format.abbreviation === "compact") options.notation = "compact";
  if (format.type === "number-percent") options.style = "percent";
  if (format.type === "number-percent" && !places) options.maximumFractionDigits = 2;
  if (format.type === "number-plain") options.useGrouping = false;
  if (format.type === "number-currency") {
    options.style = "currency";
    options.currency = format.currencyCode ?? "USD";
    if (options.maximumFractionDigits < 2) options.minimumFractionDigits ??= 0;
  }
  return (value) => new Intl.NumberFormat(undefined, { ...bySize(value, options), ...options }).format(value);
}

function bySize(value, options) {
  if (options.maximumFractionDigits !== undefined || options.style === "currency") return {};
  const size = Math.abs(value);
  return size !== 0 && size < 0.01 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: size < 1 ? 4 : 2 };
}

// Patterns such as `0,0.00`, `0%`, `$0,0`.
function patternFormat(pattern) {
  const decimals = (pattern.split(".")[1]?.match(/[0#]/g) ?? []).length;
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals, useGrouping: pattern.includes(",") };
  if (pattern.includes("%")) options.style = "percent";
  if (pattern.includes("a")) options.notation = "compact";
  const sign = pattern.match(/^[$€£¥]/)?.[0] ?? "";
  const formatter = new Intl.NumberFormat(undefined, options);
  return (value) => sign + formatter.format(value);
}

const DATE_PARTS = { YYYY: "getUTCFullYear", MM: "getUTCMonth", DD: "getUTCDate", HH: "getUTCHours", mm: "getUTCMinutes", ss: "getUTCSeconds" };

export function dateFormat(pattern) {
  return (text) => {
    const date = new Date(moment(text));
    if (Number.isNaN(date.getTime())) return text;
    return pattern.replace(/YYYY|MM|DD|HH|mm|ss/g, (part) =>
      String(date[DATE_PARTS[part]]() + (part === "MM" ? 1 : 0)).padStart(2, "0"));
  };
}

const plainDate = dateFormat("YYYY-MM-DD");
const plainTime = dateFormat("YYYY-MM-DD HH:mm:ss");

// A formatter of the values of a column; null stays null.
export function formatter(type, encoding = {}) {
  if (isNumber(type)) {
    const format = numberFormat(encoding.numberFormat ?? encoding.decimalFormat ?? encoding.format);
    return (text) => (text === null ? null : Number.isFinite(Number(text)) ? format(Number(text)) : text);
  }
  if (isTime(type)) {
    const format = encoding.dateTimeFormat ? dateFormat(encoding.dateTimeFormat) : type === "DATE" ? plainDate : plainTime;
    return (text) => (text === null ? null : trimMidnight(format(text), encoding));
  }
  if (type === "BOOLEAN" && encoding.booleanValues) {
    return (text) => (text === null ? null : encoding.booleanValues[text === "true" ? 1 : 0] ?? text);
  }
  return (text) => text;
}

const trimMidnight = (text, encoding) => (encoding.dateTimeFormat ? text : text.replace(/ 00:00:00$/, ""));
