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
// could not name, and how many ids there are twice.
const probe = `<script>
document.querySelectorAll("details").forEach((d) => d.open = true);
const root = document.documentElement;
const unnamed = document.querySelectorAll("svg:not([aria-label]):not([aria-hidden]), th:not([scope]), " +
  "input:not(label *), select:not(label *)");
const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
console.log(location.pathname.split("/").pop() + " at " + innerWidth + ": beyond " + (root.scrollWidth - root.clientWidth) +
  ", unnamed " + unnamed.length + ", twice " + (ids.length - new Set(ids).size));
</script>`

// audit runs axe-core, where ASSAY_AXE names its script, and tells the console what it finds.
const audit = `<script>
axe.run({resultTypes: ["violations"]}).then((found) => {
  for (const v of found.violations) console.log(location.pathname.split("/").pop() + ": " + v.id + ": " + v.nodes[0].html);
});
</script>`

// probes are the scripts that each page gets.
func probes(t *testing.T) string {
	t.Helper()
	path := os.Getenv("ASSAY_AXE")
	if path == "" {
		return probe
	}
	axe, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return probe + "<script>" + string(axe) + "</script>" + audit
}

// In a real browser no page is wider than a phone or a desk, none logs an error, and all that is drawn or asked for has a name.
func TestBrowser(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil || testing.Short() {
		t.Skip("no chromium on the PATH")
	}
	dir := t.TempDir()
	if err := shop(shipped(), running(), crowded(), &Experiment{Name: "planned"}).Write(dir); err != nil {
		t.Fatal(err)
	}
	scripts := probes(t)
	var frames strings.Builder
	var want []string
	for _, path := range []string{"index.html", "metrics.html", "programme.html", "metrics/revenue.html",
		"experiments/checkout_redesign.html", "experiments/tour.html", "experiments/crowded.html"} {
		addScripts(t, filepath.Join(dir, path), scripts)
		for _, width := range []int{360, 1440} {
			fmt.Fprintf(&frames, `<iframe src="%s" style="width:%dpx;height:900px;border:0"></iframe>`, path, width)
			want = append(want, fmt.Sprintf("%s at %d: beyond 0, unnamed 0, twice 0", filepath.Base(path), width))
		}
	}
	page := filepath.Join(dir, "frames.html")
	if err := os.WriteFile(page, []byte("<!doctype html>"+frames.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	got := browse(t, browser, page)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the console says\n%s", diff)
	}
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

var console = regexp.MustCompile(`CONSOLE[^"]*"(.*)", source`)

// browse opens a page and returns what the browser says on its console.
func browse(t *testing.T, browser, page string) (lines []string) {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--user-data-dir="+t.TempDir(), "--enable-logging=stderr", "--virtual-time-budget=30000", "--dump-dom", "file://"+page)
	cmd.Stderr = &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	for _, m := range console.FindAllStringSubmatch(log.String(), -1) {
		lines = append(lines, m[1])
	}
	return lines
}
