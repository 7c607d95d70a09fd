// Colours of charts, in light and in dark, as the page's style has them.

const dark = matchMedia("(prefers-color-scheme: dark)");

const LIGHT = ["#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e", "#c2255c", "#1971c2", "#f08c00", "#868e96", "#0ca678", "#9c36b5"];
const DARK = ["#4cc3d9", "#ff9e5e", "#a18aff", "#69db7c", "#f783ac", "#74c0fc", "#ffd43b", "#adb5bd", "#63e6be", "#da77f2"];

// Ramps that a dashboard can name, from little to much.
const RAMPS = {
  viridis: ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"], magma: ["#000004", "#51127c", "#b73779", "#fc8961", "#fcfdbf"],
  plasma: ["#0d0887", "#7e03a8", "#cc4778", "#f89540", "#f0f921"], inferno: ["#000004", "#57106e", "#bc3754", "#f98e09", "#fcffa4"],
  blues: ["#eff6ff", "#9ecae1", "#3182bd", "#08306b"], greens: ["#f0faf0", "#a1d99b", "#31a354", "#00441b"],
  reds: ["#fff1ec", "#fc9272", "#de2d26", "#67000d"], orangered: ["#fff4e5", "#fdbb84", "#e34a33", "#7f0000"],
  ylgnbu: ["#ffffd9", "#7fcdbb", "#1d91c0", "#081d58"], rdylbu: ["#d73027", "#fee090", "#e0f3f8", "#4575b4"],
};

export const ramp = (scale) => RAMPS[scale?.colorRamp?.scheme?.toLowerCase()];

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
