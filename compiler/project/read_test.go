package project

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"assay/internal/diag"
)

// readText reads a project that has one file besides its project file, and fails on any diagnostic.
func readText(t *testing.T, text string) *Project {
	t.Helper()
	p, bag := readFiles(fstest.MapFS{projectFile: {Data: []byte(defaultProject)}, "models/a.yml": {Data: []byte(text)}}, nil)
	for _, d := range bag.Sorted() {
		t.Errorf("%s: %s [%s]", d.Span, d.Message, d.Code)
	}
	return p
}

func readFiles(files fstest.MapFS, vars map[string]string) (*Project, *diag.Bag) {
	return Read(Options{Dir: ".", FS: files, Vars: vars, Env: noEnvironment})
}

// ignorePlaces compares what is written and not where.
var ignorePlaces = []cmp.Option{
	cmp.Comparer(func(a, b diag.Span) bool { return true }),
	cmp.Comparer(func(a, b diag.Text) bool { return a.Value == b.Value }),
	cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
	cmp.FilterPath(func(p cmp.Path) bool {
		return p.Last().String() == ".Model" && p.Last().Type() == reflect.TypeFor[*Model]()
	}, cmp.Ignore()),
}

// TestFormsAgree reads each thing in its short and its long form.
func TestFormsAgree(t *testing.T) {
	experiment := func(rest string) string {
		return "experiments: [{name: x, assignments: flags, " + rest + "}]"
	}
	protocol := func(statistics string) string { return "protocols: [{name: p, statistics: {" + statistics + "}}]" }
	column := func(rest string) string {
		return "models: [{name: m, relation: a.m, columns: [{name: c, " + rest + "}]}]"
	}
	metric := func(rest string) string { return "metrics: [{name: m, " + rest + "}]" }
	for name, forms := range map[string][2]string{
		"dimension":     {column("dimension: categorical"), column("dimension: {type: categorical}")},
		"entity":        {column("entity: primary"), column("entity: {type: primary, name: c}")},
		"file":          {"models: [{name: m, file: a.csv}]", "models: [{name: m, file: {path: a.csv}}]"},
		"correction":    {protocol("correction: none"), protocol("correction: {method: none}")},
		"confidence":    {protocol("confidence: 95%"), protocol("confidence: 0.95")},
		"covariates":    {protocol("cuped: {lookback: 30 days, covariates: own}"), protocol("cuped: {lookback: 30 day, covariates: [own]}")},
		"required":      {"protocols: [{name: p, require: {fields: owner}}]", "protocols: [{name: p, require: {fields: [owner]}}]"},
		"primary":       {experiment("variants: [control, b], metrics: {primary: m}"), experiment("variants: [control, b], metrics: {primary: [{metric: m}]}")},
		"assignments":   {"experiments: [{name: x, assignments: f, variants: [control, b]}]", "experiments: [{name: x, assignments: [f], variants: [control, b]}]"},
		"percent":       {experiment("variants: {control: 50%, b: 50%}"), experiment("variants: {control: 1/2, b: 1/2}")},
		"weights":       {experiment("variants: {control: 5, b: 1}"), experiment("variants: {control: {weight: 5}, b: {weight: 1}}")},
		"control":       {experiment("variants: [a, b], control: a"), experiment("variants: [a, b], control: [a]")},
		"margin":        {experiment("variants: [control, b], metrics: {guardrails: [{metric: m, margin: 2%}]}"), experiment("variants: [control, b], metrics: {guardrails: {metric: m, margin: 0.02}}")},
		"input":         {metric("type: ratio, numerator: a, denominator: b"), metric("type: ratio, numerator: {name: a}, denominator: {name: b}")},
		"simple type":   {metric("agg: count, model: a"), metric("type: simple, agg: count, model: a")},
		"filter":        {metric("agg: count, model: a, filter: x > 1"), metric("agg: count, model: a, filter: [x > 1]")},
		"semantic":      {"models: [{name: m, relation: m}]", "models: [{name: m, semantic_model: true}]"},
		"built":         {"models: [{name: m, relation: s.t}]", "models: [{name: m, semantic_model: {enabled: true}, config: {schema: s, alias: t}}]"},
		"contract":      {"models: [{name: m, relation: a, contract: {enforced: true}}]", "models: [{name: m, relation: a, config: {contract: {enforced: true}}}]"},
		"dbt meta":      {metric("agg: count, model: a, unit: USD, desired_change: increase"), metric("agg: count, model: a, config: {meta: {assay: {unit: USD, desired_change: increase}}}")},
		"query metrics": {"saved_queries: [{name: q, query_params: {metrics: a, group_by: b}}]", "saved_queries: [{name: q, query_params: {metrics: [a], group_by: [b]}}]"},
	} {
		t.Run(name, func(t *testing.T) {
			short, long := readText(t, forms[0]), readText(t, forms[1])
			if diff := cmp.Diff(short, long, ignorePlaces...); diff != "" {
				t.Errorf("the forms differ (-short +long):\n%s", diff)
			}
		})
	}
}

// TestValues reads values whose meaning is settled by the language.
func TestValues(t *testing.T) {
	p := readText(t, `
models:
  - name: orders
    sql: |
      select 1
    timezone: Europe/Berlin
    filter: [a > 1, b > 2]
    columns: [{name: at, granularity: day, description: When., dimension: {type: time}}]
    metrics:
      - {name: revenue, agg: sum}
      - {name: rows, agg: count}
protocols:
  - name: p
    minimum: {runtime: 2 weeks, units_per_variant: 1_000}
    multiple_exposures: first
experiments:
  - name: x
    assignments: flags
    key: 7
    start: 2026-03-29
    end: 2026-04-05T12:00:00+02:00
    variants: {"off": {value: 0, weight: 1/3, label: Old}, new: {value: "1", weight: 2/3}}
    control: "off"
`)
	m, x := p.Models[0], p.Experiments[0]
	checks := map[string][2]any{
		"sql":              {m.Source.SQL.Value, "select 1\n"},
		"zone":             {m.Timezone.V.String(), "Europe/Berlin"},
		"filter":           {m.Filter.Value, "(a > 1) AND (b > 2)"},
		"column's name":    {m.Columns[0].Dimension.Name.V, "at"},
		"column's grain":   {m.Columns[0].Dimension.Granularity.V, Day},
		"description":      {m.Columns[0].Dimension.Description.V, "When."},
		"expr by the name": {m.Metrics[0].Expr.Text.Value, "revenue"},
		"rows":             {m.Metrics[1].Expr.IsSet(), false},
		"model":            {m.Metrics[0].Model, m},
		"runtime":          {p.Protocols[0].MinimumRuntime.V, Duration{2, Week}},
		"units":            {p.Protocols[0].MinimumUnits.V, int64(1000)},
		"exposures":        {p.Protocols[0].MultipleExposures.V, "first"},
		"key":              {x.Key.V, "7"},
		"start":            {x.Start.V, Moment{time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), true}},
		"end":              {x.End.V, Moment{time.Date(2026, 4, 5, 10, 0, 0, 0, time.UTC), false}},
		"value":            {x.Variants[0].Value.V, "0"},
		"label":            {x.Variants[0].Label.V, "Old"},
		"weight":           {x.Variants[1].Weight.V, 2.0 / 3},
		"form":             {x.Variants[1].Form, ShareWeights},
	}
	for name, c := range checks {
		if c[0] != c[1] {
			t.Errorf("%s is %v, want %v", name, c[0], c[1])
		}
	}
}

func TestParseMoment(t *testing.T) {
	cairo, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2026-01-05":                "2026-01-04T22:00:00Z",
		"2026-04-24":                "2026-04-23T22:00:00Z", // clocks skip this midnight: the day begins at 01:00
		"2026-01-05 10:30":          "2026-01-05T08:30:00Z",
		"2026-01-05T10:30:15":       "2026-01-05T08:30:15Z",
		"2026-01-05T10:30:15Z":      "2026-01-05T10:30:15Z",
		"2026-01-05 10:30:15-05:00": "2026-01-05T15:30:15Z",
	} {
		got, err := ParseMoment(text, cairo)
		if err != nil || got.Time.Format(time.RFC3339) != want {
			t.Errorf("ParseMoment(%q) is %s, %v; want %s", text, got.Time.Format(time.RFC3339), err, want)
		}
	}
	for _, text := range []string{"", "yesterday", "2026-13-01", "2026-01-05 25:00"} {
		if got, err := ParseMoment(text, cairo); err == nil {
			t.Errorf("ParseMoment(%q) is %v", text, got)
		}
	}
}

func TestVariables(t *testing.T) {
	files := fstest.MapFS{
		projectFile:      {Data: []byte("name: shop\nvars: {a: 1, b: two}\n")},
		"metrics/a.yml":  {Data: []byte("metrics: [{name: m, agg: count, model: o, filter: \"{{ var('a') }}/{{ var('b') }}/{{ var('c', 3) }}/{{ Metric('x') }}\"}]\n")},
		"metrics/.b.yml": {Data: []byte("protocols: []\n")},
	}
	p, bag := readFiles(files, map[string]string{"b": "flag"})
	if bag.HasErrors() || p.Metrics[0].Filters[0].Value != "1/flag/3/{{ Metric('x') }}" {
		t.Errorf("the filter is %q, with %v", p.Metrics[0].Filters[0].Value, bag.Sorted())
	}
}

// TestRenderedPlaces: what a variable became stands where its call stands, and what follows it stands where it did.
func TestRenderedPlaces(t *testing.T) {
	text := "models:\n  - name: m\n    sql: |\n      select {{ var('long', 'abc') }} + x\n"
	p := readText(t, text)
	sql := p.Models[0].Source.SQL
	if want := "select abc + x\n"; sql.Value != want {
		t.Fatalf("rendered %q, want %q", sql.Value, want)
	}
	at := func(word string) diag.Span {
		lo := strings.Index(sql.Value, word)
		return sql.At(lo, lo+len(word))
	}
	line := "      select {{ var('long', 'abc') }} + x"
	for word, written := range map[string]string{"select": "select", "abc": "{{ var('long', 'abc') }}", "x": "x"} {
		got := at(word)
		from, to := strings.Index(line, written)+1, strings.Index(line, written)+1+len(written)
		if got.Start != (diag.Position{Line: 4, Col: from}) || got.End != (diag.Position{Line: 4, Col: to}) {
			t.Errorf("%q stands at %v to %v, want columns %d to %d", word, got.Start, got.End, from, to)
		}
	}
}

// TestOrder: lists are in the order of file path, then place.
func TestOrder(t *testing.T) {
	p, _ := readFiles(fstest.MapFS{
		projectFile:          {Data: []byte(defaultProject)},
		"models/b.yml":       {Data: []byte("protocols: [{name: p4}]")},
		"models/a/z.yaml":    {Data: []byte("protocols: [{name: p2}, {name: p3}]")},
		"experiments/z.yml":  {Data: []byte("protocols: [{name: p1}]")},
		"elsewhere/a.yml":    {Data: []byte("protocols: [{name: no}]")},
		"models/notes.txt":   {Data: []byte("protocols")},
		"models/.git/a.yml":  {Data: []byte("protocols: [{name: no}]")},
		"unit_tests/all.yml": {Data: []byte("# nothing yet\n")},
	}, nil)
	var names []string
	for _, x := range p.Protocols {
		names = append(names, x.Name.V)
	}
	if want := []string{"p1", "p2", "p3", "p4"}; !slices.Equal(names, want) {
		t.Errorf("protocols in the order %v, want %v", names, want)
	}
}

func TestUnread(t *testing.T) {
	p, bag := readFiles(fstest.MapFS{
		projectFile:    {Data: []byte(defaultProject)},
		"models/a.yml": {Data: []byte("models: [")},
		"models/b.yml": {Data: []byte("models: [{name: b, relation: b}]")},
		"models/c.yml": {Data: []byte("modles: [{name: c, relation: c}]")},
		"models/d.yml": {Data: []byte("models: []\nmodles: [{name: d, relation: d}]")},
	}, nil)
	if !bag.HasErrors() || !slices.Equal(p.Unread, []string{"models/a.yml", "models/d.yml"}) || len(p.Models) != 2 {
		t.Errorf("unread %v, %d models", p.Unread, len(p.Models))
	}
}

func TestNoProject(t *testing.T) {
	_, bag := Read(Options{Dir: t.TempDir()})
	if list := bag.Sorted(); len(list) != 1 || !strings.Contains(list[0].Hint, "assay init") {
		t.Errorf("an empty folder says %v", list)
	}
	_, bag = readFiles(fstest.MapFS{"models/a.yml": {Data: []byte("models: [{name: \"{{ var('x') }}\"}]")}}, nil)
	if list := bag.Sorted(); len(list) != 1 || list[0].Code != codeFile {
		t.Errorf("models without a project say %v", list)
	}
	_, bag = readFiles(fstest.MapFS{projectFile: {Data: []byte("# nothing yet\n")}}, nil)
	if list := bag.Sorted(); len(list) != 1 || list[0].Code != codeMissing {
		t.Errorf("an empty project says %v", list)
	}
}

// TestImports reads a project that imports another, which imports a third; a clash names both files.
func TestImports(t *testing.T) {
	dir := extract(t, "testdata/imports/projects.txtar")
	p, bag := Read(Options{Dir: filepath.Join(dir, "shop"), Env: noEnvironment})
	var got strings.Builder
	if err := (diag.Printer{Lines: SourceLines(p.Dir)}).Print(&got, bag.Sorted()); err != nil {
		t.Fatal(err)
	}
	want := `../core/models/core.yml:4:5: unknown key `
	if !strings.Contains(got.String(), want) || !strings.Contains(got.String(), "there are two metrics `revenue`") {
		t.Errorf("diagnostics:\n%s", got.String())
	}
	if !strings.Contains(got.String(), "assay_project.yml:5:14: there is no folder `../nowhere`") {
		t.Errorf("diagnostics:\n%s", got.String())
	}
	var models, files []string
	for _, m := range p.Models {
		models = append(models, m.Name.V)
		if m.Source.File != nil {
			files = append(files, m.Source.File.Path.V)
		}
	}
	if !slices.Equal(models, []string{"orders", "users", "base"}) || !slices.Equal(files, []string{"../core/data/users.csv"}) {
		t.Errorf("models %v, files %v", models, files)
	}
	if len(p.Experiments) != 0 || len(p.Protocols) != 1 {
		t.Errorf("%d experiments, %d protocols", len(p.Experiments), len(p.Protocols))
	}
	if columns := p.Catalog.Models["users"]; len(columns) != 1 {
		t.Errorf("the imported catalog gives users %v", columns)
	}
}

func extract(t *testing.T, file string) string {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}
