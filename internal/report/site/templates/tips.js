// Without this script a term is a link to its meaning, which stands at the end of the page.
const tip = document.getElementById("tip");
const show = (event) => {
  const term = event.target.closest("a.term");
  if (!term) return;
  tip.textContent = document.getElementById(term.getAttribute("aria-describedby")).textContent;
  tip.showPopover();
  const at = term.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${at.bottom + 4}px`;
};
const hide = () => tip.hidePopover();
for (const [on, off] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(on, show);
  document.addEventListener(off, hide);
}
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
