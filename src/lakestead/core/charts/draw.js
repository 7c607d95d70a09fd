// Draws every element with a data-option as a chart, again when light and dark change, wider when it gets wider.
(() => {
  "use strict";
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function draw(element) {
    const there = echarts.getInstanceByDom(element);
    if (there) there.dispose();
    const chart = echarts.init(element, dark.matches ? "dark" : null, { renderer: "svg" });
    chart.setOption({ backgroundColor: "transparent", ...JSON.parse(element.dataset.option) });
  }

  const charts = [...document.querySelectorAll(".chart[data-option]")];
  charts.forEach(draw);
  dark.addEventListener("change", () => charts.forEach(draw));
  const widths = new ResizeObserver((entries) =>
    entries.forEach((entry) => echarts.getInstanceByDom(entry.target)?.resize()));
  charts.forEach((element) => widths.observe(element));
})();
