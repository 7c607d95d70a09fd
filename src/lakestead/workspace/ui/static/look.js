// Colours of charts, in light and in dark, as the page's style has them.

const dark = matchMedia("(prefers-color-scheme: dark)");

const LIGHT = ["#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e", "#c2255c", "#1971c2", "#f08c00", "#868e96", "#0ca678", "#9c36b5"];
const DARK = ["#4cc3d9", "#ff9e5e", "#a18aff", "#69db7c", "#f783ac", "#74c0fc", "#ffd43b", "#adb5bd", "#63e6be", "#da77f2"];

export function look() {
  const style = getComputedStyle(document.documentElement);
  const [ink, soft, line, surface] = ["ink", "soft", "line", "surface"].map((name) => style.getPropertyValue(`--${name}`).trim());
  return {
    ink, soft, line, surface,
    palette: dark.matches ? DARK : LIGHT,
    ramp: dark.matches ? ["#1c2b33", "#1d6f80", "#4cc3d9", "#d7f6fb"] : ["#eef7f9", "#9fd5de", "#2b93a6", "#0a4a57"],
  };
}

export function onLook(changed) {
  dark.addEventListener("change", changed);
}
