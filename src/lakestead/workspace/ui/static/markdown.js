// A small Markdown: headings, paragraphs, lists, code, rules, emphasis, links. HTML in it is text.
import { element, safeAddress } from "./element.js";

const INLINE = /(`[^`]+`)|(\*\*[^*]+\*\*)|(\*[^*\s][^*]*\*|_[^_\s][^_]*_)|\[([^\]]+)\]\(([^)\s]+)\)/;

function inline(text) {
  const found = INLINE.exec(text);
  if (!found) return [text];
  const [whole, code, strong, soft, label, address] = found;
  let made;
  if (code) made = element("code", {}, code.slice(1, -1));
  else if (strong) made = element("strong", {}, ...inline(strong.slice(2, -2)));
  else if (soft) made = element("em", {}, ...inline(soft.slice(1, -1)));
  else if (safeAddress(address)) made = element("a", { href: address, rel: "noopener noreferrer", target: "_blank" }, ...inline(label));
  else made = label;
  return [text.slice(0, found.index), made, ...inline(text.slice(found.index + whole.length))];
}

function block(lines) {
  const [first] = lines;
  const heading = /^(#{1,6})\s+(.*)/.exec(first);
  if (heading) return element(`h${Math.min(heading[1].length, 3)}`, {}, ...inline(heading[2]));
  if (/^(-{3,}|\*{3,})$/.test(first)) return element("hr");
  if (first.startsWith("```")) return element("pre", {}, lines.slice(1).join("\n"));
  const bullet = /^\s*[-*+]\s+/;
  const number = /^\s*\d+[.)]\s+/;
  for (const [name, mark] of [["ul", bullet], ["ol", number]]) {
    if (mark.test(first)) {
      return element(name, {}, ...lines.map((line) => element("li", {}, ...inline(line.replace(mark, "")))));
    }
  }
  return element("p", {}, ...inline(lines.join(" ")));
}

// Lines that belong together: a fenced block, a list, a paragraph; headings and rules stand alone.
function blocks(lines) {
  const found = [];
  let open = null;
  let fenced = false;
  const kind = (line) => (/^\s*[-*+]\s+/.test(line) ? "ul" : /^\s*\d+[.)]\s+/.test(line) ? "ol" : "p");
  for (const line of lines) {
    if (fenced) {
      if (line.startsWith("```")) fenced = false;
      else open.push(line);
    } else if (line.startsWith("```")) {
      found.push((open = [line]));
      fenced = true;
    } else if (!line.trim()) {
      open = null;
    } else if (/^#{1,6}\s|^(-{3,}|\*{3,})$/.test(line)) {
      found.push([line]);
      open = null;
    } else if (open && !open[0].startsWith("```") && kind(line) === kind(open[0])) {
      open.push(line);
    } else {
      found.push((open = [line]));
    }
  }
  return found;
}

export function markdown(text) {
  return element("div", { class: "text" }, ...blocks(text.split(/\r?\n/)).map(block));
}
