// Without this script the page shows every experiment.
const form = document.getElementById("filter");
const rows = [...document.querySelectorAll("#experiments tbody tr")];
form.hidden = rows.length < 2;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
  const wanted = new FormData(form);
  const text = wanted.get("text").toLowerCase();
  wanted.delete("text");
  for (const row of rows) {
    const chosen = [...wanted].every(([name, value]) => !value || row.dataset[name].includes(`|${value}|`));
    row.hidden = !chosen || !row.textContent.toLowerCase().includes(text);
  }
  form.querySelector("output").textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
});
