package site

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// probe opens all that a page folds away and tells the console how far it reaches beyond its frame, how much assistive technology
// could not name, how many ids there are twice, and how many terms do not explain themselves on focus.
const probe = `<script>
if (innerWidth === 718) for (const {media} of document.styleSheets[0].cssRules) {
  if (media?.mediaText === "print") media.mediaText = "all";
  if (media?.mediaText.startsWith("screen")) media.mediaText = "not all";
}
document.querySelectorAll("details").forEach((d) => d.open = true);
const root = document.documentElement;
const unnamed = document.querySelectorAll("svg:not([aria-label]):not([aria-hidden]), th:not([scope]), " +
  "input:not(label *), select:not(label *)");
const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
const silent = [...document.querySelectorAll("a.term")].filter((term) => {
  term.dispatchEvent(new Event("focusin", {bubbles: true}));
  const explains = tip.matches(":popover-open") && tip.textContent.length > 20;
  term.dispatchEvent(new Event("focusout", {bubbles: true}));
  return !explains || tip.matches(":popover-open");
});
console.log(location.pathname.split("/").pop() + " at " + innerWidth + ": beyond " + (root.scrollWidth - root.clientWidth) +
  ", unnamed " + unnamed.length + ", twice " + (ids.length - new Set(ids).size) + ", silent " + silent.length);
</script>`

// inspected is what the probe says of a page without a fault.
const inspected = "beyond 0, unnamed 0, twice 0, silent 0"

// audit runs axe-core, where ASSAY_AXE names its script, and tells the console what it finds.
const audit = `<script>
axe.run({resultTypes: ["violations"]}).then(({violations}) => console.log(location.pathname.split("/").pop() + " at " +
  innerWidth + ": violations " + JSON.stringify(violations.map((v) => [v.id, v.nodes[0].html]))));
</script>`

// audited is what axe-core says of a page without a fault.
const audited = "violations []"

// probes are the scripts that each page gets, and what they say of one without a fault.
func probes(t *testing.T) (scripts string, faultless []string) {
	t.Helper()
	path := os.Getenv("ASSAY_AXE")
	if path == "" {
		return probe, []string{inspected}
	}
	axe, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return probe + "<script>" + string(axe) + "</script>" + audit, []string{inspected, audited}
}

// In a real browser, light and dark, no page is wider than a phone, a desk or a sheet of paper (whose width in pixels is 718, and
// whose style the probe puts on instead of the screen's), none logs an error, and all that is drawn or asked for has a name.
func TestBrowser(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil || testing.Short() {
		t.Skip("no chromium on the PATH")
	}
	dir := t.TempDir()
	if err := hall(shipped(), running(), crowded(), &Experiment{Name: "planned"}).Write(dir); err != nil {
		t.Fatal(err)
	}
	scripts, faultless := probes(t)
	var frames strings.Builder
	var want []string
	for _, path := range []string{"index.html", "metrics.html", "programme.html", "metrics/revenue.html",
		"experiments/checkout_redesign.html", "experiments/checkout_redesign.sql.html", "experiments/tour.html",
		"experiments/crowded.html"} {
		addScripts(t, filepath.Join(dir, path), scripts)
		for _, width := range []int{360, 718, 1440} {
			fmt.Fprintf(&frames, `<iframe src="%s" style="width:%dpx;height:900px;border:0"></iframe>`, path, width)
			for _, line := range faultless {
				want = append(want, fmt.Sprintf("%s at %d: %s", filepath.Base(path), width, line))
			}
		}
	}
	slices.Sort(want)
	page := filepath.Join(dir, "frames.html")
	if err := os.WriteFile(page, []byte("<!doctype html>"+frames.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, flag := range schemes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := browse(t, browser, page, flag)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the console says\n%s", diff)
			}
		})
	}
}

// searches asks for experiments in the index and tells the console which are left.
const searches = `<script>
const shown = () => rows.filter((row) => !row.hidden).map((row) => row.querySelector("a").textContent).join(" ");
const ask = (name, value) => {
  form.elements[name].value = value;
  form.dispatchEvent(new Event("input", {bubbles: true}));
  console.log(name + " " + value + ": " + shown() + " (" + form.querySelector("output").textContent + ")");
};
ask("text", "FEWER");
ask("state", "running");
ask("text", "");
ask("state", "");
ask("tag", "checkout");
ask("owner", "learning@example.com");
ask("tag", "");
ask("metric", "tickets");
ask("owner", "");
</script>`

// The index leaves those experiments that hold the text searched for, whatever its case, and have all that was chosen.
func TestBrowserSearches(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil || testing.Short() {
		t.Skip("no chromium on the PATH")
	}
	dir := t.TempDir()
	if err := shop(shipped(), running()).Write(dir); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(dir, "index.html")
	addScripts(t, index, searches)
	want := []string{
		"text FEWER: tour checkout_redesign (2 of 2)", "state running: tour (1 of 2)", "text : tour (1 of 2)",
		"state : tour checkout_redesign (2 of 2)", "tag checkout: checkout_redesign (1 of 2)", "owner learning@example.com:  (0 of 2)",
		"tag : tour (1 of 2)", "metric tickets:  (0 of 2)", "owner : checkout_redesign (1 of 2)",
	}
	if diff := cmp.Diff(want, browse(t, browser, index)); diff != "" {
		t.Errorf("the console says\n%s", diff)
	}
}

// schemes are the browser's flags that make a reader prefer one.
var schemes = map[string]string{
	"light": "--blink-settings=preferredColorScheme=1",
	"dark":  "--blink-settings=preferredColorScheme=0",
}

func addScripts(t *testing.T, path, scripts string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	probed := strings.Replace(string(text), "</body>", scripts+"</body>", 1)
	if err := os.WriteFile(path, []byte(probed), 0o644); err != nil {
		t.Fatal(err)
	}
}

var console = regexp.MustCompile(`(?s)CONSOLE[^"]*"(.*?)", source`)

// browse opens a page and returns what the browser says on its console.
func browse(t *testing.T, browser, page string, flags ...string) (lines []string) {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.CommandContext(t.Context(), browser, append(flags, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--user-data-dir="+t.TempDir(), "--enable-logging=stderr", "--virtual-time-budget=30000", "--dump-dom", "file://"+page)...)
	cmd.Stderr = &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	for _, m := range console.FindAllStringSubmatch(log.String(), -1) {
		lines = append(lines, m[1])
	}
	return lines
}
