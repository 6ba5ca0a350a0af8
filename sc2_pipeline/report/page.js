// Pointing at a line chart reads its values out.
document.querySelectorAll("svg[data-chart]").forEach((svg) => {
  const chart = JSON.parse(svg.dataset.chart);
  const readout = svg.parentElement.querySelector(".readout");
  const cursor = svg.querySelector(".cursor");
  const said = (x) => chart.clock ? Math.floor(x / 60) + ":" + String(Math.floor(x % 60)).padStart(2, "0") : Math.round(x);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const place = (event.clientX - box.left) / box.width * chart.width;
    const x = (place - chart.left) / (chart.right - chart.left) * chart.max;
    if (x < 0 || x > chart.max) return;
    cursor.setAttribute("x1", place); cursor.setAttribute("x2", place);
    const values = chart.lines.map((line) => {
      let last = null;
      for (const point of line.points) { if (point[0] <= x) last = point[1]; else break; }
      return line.label + " " + (last === null ? "–" : last.toLocaleString("en", {maximumFractionDigits: 1}));
    });
    readout.textContent = said(x) + "  " + values.join("  ·  ") + "  " + chart.unit;
  });
});
