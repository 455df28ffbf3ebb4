package oracle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// Tables that are compared, and the columns that name a row.
var keys = map[string][]string{
	"assay_experiments":              {"experiment"},
	"assay_experiment_results":       {"experiment", "metric", "step", "variant", "control", "dimension", "slice", "confidence"},
	"assay_experiment_health":        {"experiment", "check_name", "metric", "dimension", "slice"},
	"assay_experiment_heterogeneity": {"experiment", "metric", "variant", "dimension"},
	"assay_experiment_moments":       {"experiment", "metric", "phase", "stratum", "variant", "dimension", "slice", "stat", "a", "b"},
	"assay_experiment_decisions":     {"experiment"},
	"assay_experiment_daily":         {"experiment", "metric", "variant", "axis", "day"},
	"assay_exposures_daily":          {"experiment", "variant", "day"},
}

// expected are the rows of each table that are due to an experiment.
func (w *world) expected(e *experiment, a *assigned) map[string][]record {
	health := w.health(e, a)
	rows := map[string][]record{"assay_experiments": {w.experimentRow(e, a)}}
	rows["assay_experiment_health"] = slices.DeleteFunc(slices.Clone(health), func(r record) bool { return r["unnamed"] != nil })
	if a.refused {
		return rows
	}
	rows["assay_exposures_daily"] = w.exposuresDaily(e, a)
	if w.status(e) != "draft" {
		rows["assay_experiment_results"] = w.results(e, a)
		rows["assay_experiment_heterogeneity"] = w.heterogeneity(e, a)
		rows["assay_experiment_moments"] = w.moments(e, a)
		rows["assay_experiment_daily"] = w.daily(e, a)
	}
	rows["assay_experiment_decisions"] = w.decisions(e, rows["assay_experiment_results"], health)
	return rows
}

// archive is the world with what is expected of it: a file a line of which is a row, for each table and each question.
func (w *world) archive() *txtar.Archive {
	a := &txtar.Archive{Comment: []byte("as-of " + w.asOf + "\n")}
	if w.onlyDuckDB {
		a.Comment = append(a.Comment, "only duckdb\n"...)
	}
	add := func(name, content string) {
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(content)})
	}
	files := w.yaml()
	for _, name := range []string{"assay_project.yml", "profiles.yml", "models/world.yml", "experiments/world.yml"} {
		add(name, files[name])
	}
	var script strings.Builder
	for _, t := range w.tables {
		script.WriteString(t.script())
	}
	add("data.sql", script.String())
	for _, t := range w.tables {
		if t.inFile {
			add(t.path(), t.csv())
		}
	}
	want, exit := map[string][]record{}, 0
	open := map[string]bool{}
	for _, e := range w.experiments {
		assigned := w.assign(e)
		exit = max(exit, number(assigned.refused))
		if assigned.refused { // what it has besides its health is left open
			open["assay_exposures_daily"], open["assay_experiment_decisions"] = true, true
		}
		for table, rows := range w.expected(e, assigned) {
			want[table] = append(want[table], rows...)
		}
	}
	for _, table := range sortedKeys(keys) {
		if !open[table] {
			add("want/"+table, lines(want[table], keys[table]))
		}
	}
	add("exit", strconv.Itoa(exit))
	for i, q := range w.questions {
		args, err := compact(q.args())
		if err != nil {
			panic(err)
		}
		add(fmt.Sprintf("query/%d", i), string(args)+"\n"+lines(w.answer(q), nil))
	}
	return a
}

func lines(rows []record, keys []string) string {
	slices.SortStableFunc(rows, func(x, y record) int { return strings.Compare(keyText(x, keys), keyText(y, keys)) })
	var b bytes.Buffer
	for _, r := range rows {
		line, err := compact(r)
		if err != nil {
			panic(fmt.Sprintf("%v: %v", err, r))
		}
		b.Write(append(line, '\n'))
	}
	return b.String()
}

// content is a file of the archive.
func content(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// records reads rows, one a line.
func records(data []byte) ([]record, error) {
	var rows []record
	for line := range bytes.Lines(data) {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}
