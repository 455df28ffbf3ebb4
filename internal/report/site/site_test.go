package site

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"assay/compiler/plan"
	"assay/runner"
	"assay/runner/judge"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; run the test with -update and look at the difference\n%s", path, diff)
	}
}

// rendered are a site's pages by their paths.
func rendered(t *testing.T, s *Site) map[string]string {
	t.Helper()
	pages, err := s.pages()
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, p := range pages {
		text, err := s.render(p)
		if err != nil {
			t.Fatalf("%s: %v", p.path, err)
		}
		texts[p.path] = string(text)
	}
	return texts
}

var (
	mainPart  = regexp.MustCompile(`(?s)<main.*</main>`)
	constants = regexp.MustCompile(`(?s)<section aria-labelledby="terms">.*?</section>|<script>.*?</script>`)
)

// Pages read as they did, but for what all share.
func TestPages(t *testing.T) {
	pages := rendered(t, shop(shipped(), running(), &Experiment{Name: "planned", Definition: &Definition{}}))
	for path, name := range map[string]string{
		"index.html": "index.html", "programme.html": "programme.html", "metrics/revenue.html": "metric.html",
		"experiments/checkout_redesign.html": "decided.html", "experiments/tour.html": "running.html",
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, constants.ReplaceAllString(mainPart.FindString(pages[path]), "")) })
	}
}

func TestSummary(t *testing.T) {
	var out strings.Builder
	if err := shop(shipped(), running(), &Experiment{Name: "planned"}).Summary(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.md", out.String())
}

// What a page must never say, whatever the numbers.
var forbidden = []string{"% chance", "% likely", "probability", "has no effect", "had no effect", "proves", "significant",
	"NaN", "<nil>", "%!"}

func TestWordsClaimNoMoreThanTheMethod(t *testing.T) {
	for path, text := range rendered(t, shop(shipped(), running(), crowded())) {
		for _, words := range forbidden {
			if strings.Contains(text, words) {
				t.Errorf("%s says %q", path, words)
			}
		}
	}
}

var (
	link     = regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	anchored = regexp.MustCompile(`\bid="([^"]*)"`)
)

// Every link leads to a page of the site or a place on its own page, and nothing is fetched from elsewhere.
func TestLinks(t *testing.T) {
	pages := rendered(t, shop(shipped(), running(), crowded()))
	for path, text := range pages {
		ids := map[string]bool{"main": true}
		for _, m := range anchored.FindAllStringSubmatch(text, -1) {
			ids[m[1]] = true
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, place := m[1], strings.TrimPrefix(m[1], "#")
			switch {
			case target == "data:,":
			case place != target:
				if !ids[place] {
					t.Errorf("%s has no %s", path, target)
				}
			case pages[filepath.ToSlash(filepath.Join(filepath.Dir(path), target))] == "":
				t.Errorf("%s leads nowhere: %s", path, target)
			}
		}
		if strings.Contains(text, "https://") || strings.Contains(text, "@import") {
			t.Errorf("%s needs a network", path)
		}
	}
}

// Nothing that people or data name is read as HTML.
func TestEscaping(t *testing.T) {
	const hostile = `"><script>alert(1)</script>`
	e := shipped()
	e.Report.Experiment.Hypothesis, e.SQL = ptr(hostile), hostile
	for i := range e.Report.Results {
		e.Report.Results[i].Slice = hostile
	}
	for i := range e.Report.Experiment.Variants {
		e.Report.Experiment.Variants[i].Label = hostile
	}
	for path, text := range rendered(t, shop(e)) {
		if strings.Contains(text, "<script>alert") {
			t.Errorf("%s holds a script of the data", path)
		}
	}
}

// The page of a decided experiment is the same whatever other experiments there are by then.
func TestDecidedPageIsFrozen(t *testing.T) {
	const path = "experiments/checkout_redesign.html"
	before, after := rendered(t, shop(shipped())), rendered(t, shop(running(), shipped(), crowded()))
	if diff := cmp.Diff(before[path], after[path]); diff != "" {
		t.Error(diff)
	}
}

// A definition that has changed since explains nothing of the numbers.
func TestChangedDefinitionIsNotShown(t *testing.T) {
	s := shop(shipped())
	s.Metrics[0].Definition.Hash = "another"
	text := rendered(t, s)["experiments/checkout_redesign.html"]
	if !strings.Contains(text, "Defined otherwise since") {
		t.Error("the page does not say that the definition has changed")
	}
	for _, words := range []string{"models/orders.yml", ".sql.html"} {
		if strings.Contains(text, words) {
			t.Errorf("the page shows %q, which the numbers are not of", words)
		}
	}
}

func TestSize(t *testing.T) {
	const most = 300_000
	if size := len(rendered(t, hall(crowded()))["experiments/crowded.html"]); size > most {
		t.Errorf("the page has %d bytes, more than %d", size, most)
	}
}

// What runner writes is what comes back, in whatever order a warehouse returns it.
func TestDecode(t *testing.T) {
	for _, e := range []*Experiment{shipped(), running()} {
		same(t, []judge.ExperimentRow{e.Report.Experiment})
		same(t, e.Report.Results)
		same(t, e.Report.Health)
		same(t, e.Report.Exposures)
		same(t, e.Report.Daily)
		same(t, e.Report.Decisions)
	}
}

func same[R any](t *testing.T, rows []R) {
	t.Helper()
	table := runner.NewTable("", rows)
	fetched := plan.Rows{Values: table.Rows}
	for _, c := range table.Columns {
		fetched.Columns = append(fetched.Columns, c.Name)
	}
	got, err := runner.Decode[R](fetched)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

// The order of rows in a table has no part in a page.
func TestOrder(t *testing.T) {
	first, again := shipped(), shipped()
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(again.Report.Results), func(i, j int) {
		again.Report.Results[i], again.Report.Results[j] = again.Report.Results[j], again.Report.Results[i]
	})
	order(first.Report)
	order(again.Report)
	if diff := cmp.Diff(first.Report, again.Report); diff != "" {
		t.Error(diff)
	}
}
