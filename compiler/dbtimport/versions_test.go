package dbtimport_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/internal/diag"
)

// TestVersions reads one project as each dbt writes it: 1.9 and 1.10 with measures, 1.12 in the latest specification, 2.0, which leaves
// a model's time to its metrics. All ask for the same.
func TestVersions(t *testing.T) {
	paths, err := filepath.Glob("testdata/versions/*.json")
	if err != nil || len(paths) != 4 {
		t.Fatal(paths, err)
	}
	var first string
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		p, bag := read(t, string(data))
		m := model.Build(p, bag)
		for _, d := range bag.Sorted() {
			t.Errorf("%s: %s: %s", path, d.Span, d.Message)
		}
		if visits, _ := m.Table("visits"); visits.Time == nil {
			t.Errorf("%s: the rows of visits have no time", path)
		}
		got := asked(t, m)
		if first == "" {
			first = got
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("%s asks for something else than %s:\n%s", path, paths[0], diff)
		}
	}
}

// asked is what the metrics and the saved query of a model ask of its tables, and over which time.
func asked(t *testing.T, m *model.Model) string {
	t.Helper()
	names := []string{"revenue", "orders", "buyers", "p90", "paid", "balance", "visits", "trailing", "to_date", "bought", "aov", "growth",
		"since_month"}
	queries := map[string]ask.Query{"weekly": ask.Saved(m.Queries[0])}
	for _, name := range names {
		queries[name] = ask.Query{Metrics: []diag.Text{diag.PlainText(name)}, GroupBy: []diag.Text{diag.PlainText("metric_time__day")}}
	}
	var all strings.Builder
	for _, name := range slices.Sorted(slices.Values(append(names, "weekly"))) {
		bag := &diag.Bag{}
		kpi := queries[name].Resolve(m, bag)
		if bag.HasErrors() {
			t.Fatal(name, bag.Sorted())
		}
		for _, metric := range kpi.Metrics {
			fmt.Fprintf(&all, "%s: %s\n", name, termOf(metric.Term))
		}
	}
	for _, table := range m.Tables {
		parts := table.Source.Table.Parts
		fmt.Fprintln(&all, table.Name, parts[len(parts)-1].Name)
	}
	return all.String()
}

// termOf tells terms apart by what they compute.
func termOf(t ask.Term) string {
	switch t := t.(type) {
	case *ask.Aggregate:
		fill := "NULL"
		if t.Fill != nil {
			fill = fmt.Sprint(*t.Fill)
		}
		return fmt.Sprintf("%q %v spine %t fill %s", t.Input.Key(), t.Reach, t.Spine, fill)
	case *ask.Quotient:
		return termOf(t.Numerator) + " over " + termOf(t.Denominator)
	case *ask.Formula:
		var args []string
		for _, arg := range t.Args {
			args = append(args, arg.Name+" = "+termOf(arg.Term))
		}
		return strings.Join(args, ", ")
	case *ask.Conversion:
		return fmt.Sprintf("%s to %s within %v by %s", termOf(t.Base), termOf(t.Converted), t.Spec.Periods, t.Spec.Calculation)
	default:
		return fmt.Sprintf("%T", t)
	}
}

// TestUnknownKeys holds that what a newer dbt says is told, each kind once, at its word; what says nothing is not.
func TestUnknownKeys(t *testing.T) {
	more := strings.NewReplacer(`{"name": "revenu"}`, `{"name": "revenue", "decay": {"rate": 0.5}}`, `{"name": "amount"}}`,
		`{"name": "revenue", "decay": {"rate": 0.1}, "weight": null, "tags": []}}`, `denominator: amount`, `denominator: amount\n  decay: 0.5`,
		`"saved_queries": []`, `"saved_queries": [], "policies": [{"name": "x"}]`)
	_, bag := read(t, more.Replace(shop))
	var got []string
	for _, d := range bag.Sorted() {
		got = append(got, fmt.Sprintf("%s: %s: %s", d.Severity, d.Span, d.Message))
		for _, note := range d.Notes {
			got = append(got, "  "+note.Message)
		}
	}
	want := []string{
		"warning: models/orders.yml:17:3: `decay` of `per_buyer` is not known here, and what it says is left out",
		"  the manifest has it 1 times more",
		"warning: target/semantic_manifest.json:1:1: `policies` of the manifest is not known here, and what it says is left out",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// TestUnknownWords holds that no word of a manifest which is none of dbt's passes for another.
func TestUnknownWords(t *testing.T) {
	data, err := os.ReadFile("testdata/versions/dbt_1_12.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{`"agg": "sum"`, `"agg": "percentile"`, `"type": "ratio"`, `"type": "foreign"`, `"type": "categorical"`,
		`"time_granularity": "day"`, `"window_choice": "max"`, `"calculation": "conversion_rate"`, `"period_agg": "first"`,
		`"grain_to_date": "month"`, `"granularity": "days"`, `"offset_to_grain": "month"`, `"export_as": "table"`} {
		key, _, _ := strings.Cut(word, ": ")
		manifest := strings.ReplaceAll(string(data), word, key+`: "sideways"`)
		if manifest == string(data) {
			t.Fatal("the manifest has no ", word)
		}
		p, bag := read(t, manifest)
		model.Build(p, bag)
		if !slices.ContainsFunc(bag.Sorted(), func(d diag.Diagnostic) bool { return strings.Contains(d.Message, "sideways") }) {
			t.Errorf("%s: %s passes", word, `"sideways"`)
		}
	}
}
