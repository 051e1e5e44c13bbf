(() => {
  const bar = document.getElementById("filter");
  if (!bar) return;
  const words = bar.querySelector("input");
  const kind = bar.querySelector("select");
  const shown = bar.querySelector("output");
  const groups = [...document.querySelectorAll("details.rule")];
  const findings = [...document.querySelectorAll("details.finding")];
  const texts = new Map();
  const text = (finding) => {
    if (!texts.has(finding)) texts.set(finding, finding.textContent.toLowerCase());
    return texts.get(finding);
  };
  const apply = () => {
    const wanted = words.value.trim().toLowerCase();
    const narrowed = wanted !== "" || kind.value !== "";
    let count = 0;
    for (const finding of findings) {
      const hit = (!kind.value || finding.dataset.kind === kind.value) && (!wanted || text(finding).includes(wanted));
      finding.hidden = !hit;
      count += hit;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector("details.finding:not([hidden])");
      group.open = narrowed && !group.hidden;
    }
    shown.textContent = narrowed ? `${count} of ${findings.length} shown` : "";
  };
  words.addEventListener("input", apply);
  kind.addEventListener("change", apply);
  bar.hidden = false;
})();
