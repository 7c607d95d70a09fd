// Elements made in code: text stays text, whatever it says.

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "class") made.className = value;
    else if (key in made && !key.includes("-")) made[key] = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// Only addresses that open a page: a `javascript:` address would run as this one.
export function safeAddress(text) {
  try {
    return ["http:", "https:", "mailto:"].includes(new URL(text, location.href).protocol) ? text : null;
  } catch {
    return null;
  }
}
