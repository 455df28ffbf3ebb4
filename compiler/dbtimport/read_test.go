package dbtimport_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"assay/compiler/dbtimport"
	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
)

// shop is a manifest with measures, as dbt 1.9 writes them, whose declarations know their place.
const shop = `{
  "semantic_models": [{
    "name": "orders", "node_relation": {"alias": "fct_orders", "schema_name": "marts", "database": null},
    "primary_entity": "order", "defaults": {"agg_time_dimension": "ordered_at"},
    "entities": [{"name": "user", "type": "foreign", "expr": "user_id"}],
    "dimensions": [
      {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "day"}},
      {"name": "status", "type": "categorical"}],
    "measures": [{"name": "amount", "agg": "sum", "create_metric": true}, {"name": "buyers", "agg": "count_distinct", "expr": "user_id"}]
  }],
  "metrics": [
    {"name": "revenue", "type": "simple", "type_params": {"measure": {"name": "amount", "fill_nulls_with": 0,
       "filter": {"where_filters": [{"where_sql_template": "{{ Dimension('order__status') }} = 'paid'"}]}}},
     "filter": {"where_filters": [{"where_sql_template": "amount > 0 or amount is null"}]}},
    {"name": "recent", "type": "cumulative", "type_params": {"measure": {"name": "buyers"}, "window": {"count": 7, "granularity": "days"}}},
    {"name": "per_buyer", "type": "ratio",
     "type_params": {"numerator": {"name": "revenu"}, "denominator": {"name": "amount"}},
     "metadata": {"file_slice": {"filename": "models/orders.yml", "start_line_number": 12,
       "content": "name: per_buyer\ntype: ratio\ntype_params:\n  numerator: revenu\n  denominator: amount\n"}}}
  ],
  "saved_queries": [], "project_configuration": {"time_spines": []}
}`

func read(t testing.TB, manifest string) (*project.Project, *diag.Bag) {
	t.Helper()
	bag := &diag.Bag{}
	return dbtimport.Read("target/semantic_manifest.json", []byte(manifest), bag), bag
}

func TestMeasures(t *testing.T) {
	p, bag := read(t, shop)
	if bag.HasErrors() {
		t.Fatal(bag.Sorted())
	}
	var got []string
	for _, m := range p.Metrics {
		input := ""
		if m.Input != nil {
			input = m.Input.Metric.V
		}
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s %s", m.Name.V, m.ModelName.V, m.Agg.V, m.Expr.Text.Value, written(m.Filters), input)))
	}
	want := []string{
		"revenue orders sum amount amount > 0 or amount is null; {{ Dimension('order__status') }} = 'paid'",
		"buyers_measure orders count_distinct user_id",
		"recent     buyers_measure",
		"per_buyer",
		"amount orders sum amount",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if relation := p.Models[0].Source.Relation.V; relation != "marts.fct_orders" {
		t.Errorf("relation %s", relation)
	}
}

// TestPlaces holds that a mistake is reported in the dbt project's own file, at the word it is about.
func TestPlaces(t *testing.T) {
	p, bag := read(t, shop)
	model.Build(p, bag)
	var got []string
	for _, d := range bag.Sorted() {
		got = append(got, fmt.Sprintf("%s: %s", d.Span, d.Message))
	}
	want := []string{"models/orders.yml:15:14: no metric is called `revenu`"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// written is filters as they are written.
func written(filters []diag.Text) string {
	var all []string
	for _, f := range filters {
		all = append(all, f.Value)
	}
	return strings.Join(all, "; ")
}

// TestFilterPlaces holds that each of several filters is wrong where it stands, also where YAML has folded its lines.
func TestFilterPlaces(t *testing.T) {
	p, bag := read(t, strings.Replace(shop, `"metrics": [`, `"metrics": [
    {"name": "paid", "type": "simple", "type_params": {"measure": {"name": "amount"}},
     "filter": {"where_filters": [{"where_sql_template": "{{ Dimension('order__status') }} = 'paid' AND {{ Dimension('order__stauts') }} = 'x'\n"},
       {"where_sql_template": "amount > 'a'"}, {"where_sql_template": "{{ Dimension('order__nation') }} = 'fr'"}]},
     "metadata": {"file_slice": {"filename": "models/orders.yml", "start_line_number": 20,
       "content": "name: paid\ntype: simple\nfilter:\n  - >\n      {{ Dimension('order__status') }} = 'paid'\n`+
		`      AND {{ Dimension('order__stauts') }} = 'x'\n  - amount > 'a'\n  - \"{{ Dimension('order__nation') }} = 'fr'\"\n"}}},`, 1))
	model.Build(p, bag)
	var got []string
	for _, d := range bag.Sorted() {
		if d.Span.File == "models/orders.yml" {
			got = append(got, fmt.Sprintf("%s: %s", d.Span, d.Message))
		}
	}
	want := []string{
		"models/orders.yml:15:14: no metric is called `revenu`",
		"models/orders.yml:25:25: no model joined by `order` has a dimension `stauts`",
		"models/orders.yml:27:20: no model joined by `order` has a dimension `nation`",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// TestExportedView holds that a view, which becomes a table, is told at its word in the dbt project.
func TestExportedView(t *testing.T) {
	_, bag := read(t, strings.Replace(shop, `"saved_queries": []`, `"saved_queries": [{"name": "daily", "query_params": {"metrics": ["revenue"]},
		"exports": [{"name": "daily_view", "config": {"export_as": "view"}}, {"name": "daily_table", "config": {"export_as": "table"}}],
		"metadata": {"file_slice": {"filename": "models/saved.yml", "start_line_number": 3,
			"content": "name: daily\nexports:\n  - name: daily_view\n    config: {export_as: view}\n"}}}]`, 1))
	list := bag.Sorted()
	if len(list) != 1 || list[0].Severity != diag.Warning || list[0].Span.String() != "models/saved.yml:6:25" {
		t.Error(list)
	}
}

// TestMeta holds what a dbt metric says of experiments under config.meta.assay: it is read where the metric's lines have it, else from
// the manifest, and what is wrong with it is told there.
func TestMeta(t *testing.T) {
	const metric = `{"metrics": [{"name": "revenue", "type": "simple",
	  "type_params": {"metric_aggregation_params": {"semantic_model": "orders", "agg": "sum", "expr": "amount"}},
	  "config": {"meta": {"owner": "finance", "assay": {"unit": "USD", "desired_change": "up", "experiment": {"mde": "2%", "cap": {"uper": 5}}}}}METADATA}]}`
	const written = `, "metadata": {"file_slice": {"filename": "models/orders.yml", "start_line_number": 7, "content": ` +
		`"  - name: revenue\n    agg: sum\n    config:\n      meta:\n        owner: finance\n        assay:\n          unit: USD\n          desired_change: up\n` +
		`          experiment: {mde: 2%, cap: {uper: 5}}\n"}}`
	const file = "target/semantic_manifest.json:1:1"
	for metadata, want := range map[string][]string{
		written: {"models/orders.yml:14:27: `desired_change` cannot be `up`",
			"models/orders.yml:15:39: unknown key `uper` in a cap"},
		"": {file + ": unknown key `uper` in a cap", file + ": `desired_change` cannot be `up`"},
	} {
		p, bag := read(t, strings.Replace(metric, "METADATA", metadata, 1))
		var got []string
		for _, d := range bag.Sorted() {
			got = append(got, fmt.Sprintf("%s: %s", d.Span, d.Message))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("diagnostics (-want +got):\n%s", diff)
		}
		if m := p.Metrics[0]; m.Unit.V != "USD" || m.Experiment == nil || m.Experiment.MDE.V != 0.02 {
			t.Errorf("unit %q and experiment %+v", m.Unit.V, m.Experiment)
		}
	}
}

// TestPatch holds that a patch reaches a metric of a manifest.
func TestPatch(t *testing.T) {
	bag := &diag.Bag{}
	p := &project.Project{Manifests: []project.Manifest{{File: "target/semantic_manifest.json", Data: []byte(shop)}}}
	at := diag.Span{File: "metrics/patches.yml", Start: diag.Position{Line: 3, Col: 5}, End: diag.Position{Line: 3, Col: 12}}
	p.Patches = []*project.Metric{{Name: project.Name{V: "revenue", Span: at}, Unit: project.Value[string]{V: "USD", Span: at}}}
	dbtimport.Include(p, bag)
	if m := p.Metrics[0]; bag.HasErrors() || m.Name.V != "revenue" || m.Unit.V != "USD" || m.Unit.Span != at {
		t.Errorf("%s has unit %v, and %v", m.Name.V, m.Unit, bag.Sorted())
	}
}

// TestMistakes holds what MetricFlow omits or says without a place to the dbt project's own lines.
func TestMistakes(t *testing.T) {
	lines := []string{
		`{"name": "a", "type": "derived", "type_params": {"expr": "b + 1", "metrics": [{"name": "b"}]}`,
		`{"name": "b", "type": "derived", "type_params": {"expr": "a + 1", "metrics": [{"name": "a"}]}`,
		`{"name": "net", "type": "derived", "type_params": {"expr": "amount - refunds", "metrics": [{"name": "amount"}]}`,
		`{"name": "share", "type": "ratio", "type_params": {"numerator": {"name": "amuont"}, "denominator": {"name": "amount"}}`,
		`{"name": "paid", "type": "simple", "type_params": {"measure": {"name": "amount"}},
		  "filter": {"where_filters": [{"where_sql_template": "{{ Dimension('order__sttaus') }} = 'paid'"}]}`,
		`{"name": "hourly", "type": "simple", "type_params": {"measure": {"name": "amount"}},
		  "filter": {"where_filters": [{"where_sql_template": "{{ TimeDimension('metric_time', 'hour') }} > '2026-01-01'"}]}`,
	}
	for i, line := range lines {
		slice, err := json.Marshal(map[string]any{"filename": "models/marts.yml", "start_line_number": 10 * (i + 1), "content": "- " + line + "}"})
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = fmt.Sprintf(`%s, "metadata": {"file_slice": %s}}`, line, slice)
	}
	orders, _, _ := strings.Cut(shop, `"metrics"`)
	p, bag := read(t, orders+`"metrics": [`+strings.Join(lines, ",")+`], "saved_queries": [
	  {"name": "weekly", "query_params": {"metrics": ["net_revenue"], "group_by": []}}]}`)
	model.Build(p, bag)
	var got []string
	for _, d := range bag.Sorted() {
		got = append(got, fmt.Sprintf("%s: %s", d.Span, d.Message))
		for _, note := range d.Notes {
			got = append(got, "  "+note.Message)
		}
	}
	want := []string{
		"models/marts.yml:20:61: circular metrics: a → b → a",
		"  `a` is declared here",
		"models/marts.yml:30:72: `refunds` is no input of this metric",
		"models/marts.yml:40:77: no metric is called `amuont`",
		"models/marts.yml:51:72: no model joined by `order` has a dimension `sttaus`",
		"models/marts.yml:61:91: `ordered_at` is known by day, which is coarser than hour",
		"  declared here",
		"target/semantic_manifest.json:1:1: no metric is called `net_revenue`",
		"  asked by the saved query `weekly`",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestUnreadable(t *testing.T) {
	for manifest, want := range map[string]string{
		"{\n  \"metrics\": oops":               "target/semantic_manifest.json:2:14",
		`{"metrics": [{"name": 1}]}`:           "target/semantic_manifest.json:1:23",
		`{"metrics": [{"name": "a"}, null]}`:   "target/semantic_manifest.json:1:1",
		`{"semantic_models": [{}], "x": null}`: "",
		`{"semantic_models": []} {}`:           "target/semantic_manifest.json:1:25",
	} {
		_, bag := read(t, manifest)
		at := ""
		if all := bag.Sorted(); len(all) > 0 {
			at = all[0].Span.String()
		}
		if at != want {
			t.Errorf("%s: reported at %q, want %q", manifest, at, want)
		}
	}
}

// TestClash holds that a name taken by another file is an error that names both.
func TestClash(t *testing.T) {
	p, bag := read(t, shop)
	p.Metrics = slices.Clone(p.Metrics)
	p.Manifests = []project.Manifest{{File: "other/semantic_manifest.json", Data: []byte(shop)}}
	dbtimport.Include(p, bag)
	var files []string
	for _, d := range bag.Sorted() {
		if d.Message == "there are two metrics `revenue`" {
			files = append(files, d.Span.File, d.Notes[0].Span.File)
		}
	}
	if diff := cmp.Diff([]string{"other/semantic_manifest.json", "target/semantic_manifest.json"}, files); diff != "" {
		t.Error(diff)
	}
}

// FuzzRead holds that no manifest, however wrong, ends in a panic, neither here nor where it is resolved.
func FuzzRead(f *testing.F) {
	f.Add(shop)
	f.Add(`{"semantic_models": [null], "metrics": [null], "saved_queries": [null], "project_configuration": {"time_spines": [null]}}`)
	f.Add(`{"semantic_models": [{"entities": [null], "dimensions": [null], "measures": [null]}]}`)
	f.Add(`{"metrics": [{"type": "derived", "type_params": {"metrics": [null]}}, {"type": "ratio"}, {"type": "conversion"}]}`)
	for _, path := range manifests() {
		if data, err := os.ReadFile(path); err == nil && len(data) < 1<<15 {
			f.Add(string(data))
		}
	}
	f.Fuzz(func(t *testing.T, manifest string) {
		p, bag := read(t, manifest)
		model.Build(p, bag)
	})
}

// manifests are those of the conformance suite, if it is there.
func manifests() []string {
	dir := os.Getenv("ASSAY_METRICFLOW")
	if dir == "" {
		dir = "../../../shared/conformance/metricflow"
	}
	paths, _ := filepath.Glob(filepath.Join(dir, "manifests", "*.json"))
	return paths
}

// BenchmarkImport reads and resolves manifests of growing size: five metrics a model.
func BenchmarkImport(b *testing.B) {
	for _, metrics := range []int{100, 500, 2000} {
		data := generated(b, metrics)
		b.Run(fmt.Sprintf("%d metrics", metrics), func(b *testing.B) {
			for b.Loop() {
				p, bag := read(b, data)
				model.Build(p, bag)
				if bag.HasErrors() {
					b.Fatal(bag.Sorted())
				}
			}
		})
	}
}

// generated is a manifest of so many metrics: of each model a sum, a count, their ratio, a difference and a running total.
func generated(b *testing.B, metrics int) string {
	b.Helper()
	type object = map[string]any
	var models, all []any
	for i := range metrics / 5 {
		name := func(part string) string { return fmt.Sprintf("%s_%d", part, i) }
		models = append(models, object{
			"name": name("events"), "node_relation": object{"alias": name("events"), "schema_name": "marts"},
			"primary_entity": name("event"), "defaults": object{"agg_time_dimension": "at"},
			"entities": []any{object{"name": "user", "type": "foreign", "expr": "user_id"}},
			"dimensions": []any{object{"name": "at", "type": "time", "type_params": object{"time_granularity": "day"}},
				object{"name": "kind", "type": "categorical"}},
			"measures": []any{object{"name": name("amount"), "agg": "sum", "expr": "amount"}, object{"name": name("rows"), "agg": "sum", "expr": "1"}},
		})
		simple := func(metric, measure string) object {
			return object{"name": metric, "type": "simple", "type_params": object{"measure": object{"name": measure}},
				"filter": object{"where_filters": []any{object{"where_sql_template": fmt.Sprintf("{{ Dimension('%s__kind') }} = 'x'", name("event"))}}}}
		}
		all = append(all, simple(name("total"), name("amount")), simple(name("count"), name("rows")),
			object{"name": name("mean"), "type": "ratio", "type_params": object{"numerator": object{"name": name("total")}, "denominator": object{"name": name("count")}}},
			object{"name": name("change"), "type": "derived", "type_params": object{"expr": "now - before", "metrics": []any{
				object{"name": name("total"), "alias": "now"},
				object{"name": name("total"), "alias": "before", "offset_window": object{"count": 1, "granularity": "week"}}}}},
			object{"name": name("so_far"), "type": "cumulative", "type_params": object{"cumulative_type_params": object{
				"metric": object{"name": name("total")}, "grain_to_date": "month", "period_agg": "last"}}})
	}
	data, err := json.Marshal(object{"semantic_models": models, "metrics": all})
	if err != nil {
		b.Fatal(err)
	}
	return string(data)
}
