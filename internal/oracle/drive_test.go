package oracle

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"assay/internal/cli"
	"assay/runner"
	"assay/runner/duckdb"
	"assay/runner/postgres"
)

// An engine runs archives.
type engine struct {
	name string
	dsn  string // of Postgres
	// elsewhere is nil for DuckDB and Postgres, which take a world's script as it is.
	elsewhere *elsewhere
}

// connect opens a session on the engine's database of a project; closed with the returned function.
func (g engine) connect(dir string) (runner.Session, func(), error) {
	driver, output := duckdb.Open, runner.Output{Name: g.name, Dir: dir, Fields: map[string]any{"path": "world.duckdb"}}
	switch {
	case g.name == "postgres":
		driver, output.Fields = postgres.Open, map[string]any{"dsn": g.dsn, "schema": "public"}
	case g.elsewhere != nil:
		driver, output = g.elsewhere.Open, g.elsewhere.output
	}
	warehouse, err := driver(output)
	if err != nil {
		return nil, nil, err
	}
	session, err := warehouse.Connect(context.Background())
	if err != nil {
		return nil, nil, err
	}
	return session, func() { session.Close(); warehouse.Close() }, nil
}

// check runs an archive in an empty folder and lists what differs from what it wants.
func (g engine) check(a *txtar.Archive, dir string) ([]string, error) {
	for _, f := range a.Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			return nil, err
		}
	}
	script := string(content(a, "data.sql"))
	if g.elsewhere != nil && !g.elsewhere.holds(script) {
		return nil, nil
	}
	if err := g.load(dir, script); err != nil {
		return nil, err
	}
	asOf := strings.TrimSpace(strings.TrimPrefix(strings.SplitN(string(a.Comment), "\n", 2)[0], "as-of "))
	exit := strings.TrimSpace(string(content(a, "exit")))
	if out, err := g.assay(dir, "run", "--as-of", asOf); (err != nil) != (exit == "1") {
		return []string{fmt.Sprintf("exit 1: want %t, got %v: %s", exit == "1", err, out)}, nil
	}
	all, err := g.differences(a, dir)
	if err != nil {
		return nil, err
	}
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, "query/") {
			more, err := g.ask(dir, f.Data)
			if err != nil {
				return nil, err
			}
			all = append(all, more...)
		}
	}
	return all, nil
}

// ask runs a query, whose first line is its arguments, and compares the answer with the other lines: in their order where the
// question has one.
func (g engine) ask(dir string, data []byte) ([]string, error) {
	first, rest, _ := bytes.Cut(data, []byte("\n"))
	var args []string
	if err := json.Unmarshal(first, &args); err != nil {
		return nil, err
	}
	want, err := records(rest)
	if err != nil {
		return nil, err
	}
	text, err := g.assay(dir, args...)
	if err != nil {
		return []string{err.Error()}, nil
	}
	text = strings.ReplaceAll(text, "\n\n", "\n\"\"\n") // the one cell of a row is empty: a reader would pass over it
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	var got []record
	for _, line := range lines[1:] {
		r := record{}
		for i, name := range lines[0] {
			r[name] = cellOf(name, line[i])
		}
		got = append(got, r)
	}
	if !slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--order") }) {
		sortRecords(want)
		sortRecords(got)
	}
	want = slices.DeleteFunc(want, func(r record) bool {
		return r.empty() && !slices.ContainsFunc(got, func(g record) bool { return g["variant"] == r["variant"] })
	})
	return differAnswers(first, want, got), nil
}

// cellOf is a cell as a number where it is one; of a time its day. An empty one is NULL or empty text: the format has one of them.
func cellOf(name, cell string) any {
	if x, err := strconv.ParseFloat(cell, 64); err == nil {
		return x
	}
	if strings.HasPrefix(name, "metric_time") && len(cell) > len(time.DateOnly) {
		return cell[:len(time.DateOnly)]
	}
	return cell
}

// empty is whether a variant has nothing that any metric counts: such a row may be there or not.
func (r record) empty() bool {
	for name, v := range r {
		if name != "variant" && v != nothing {
			return false
		}
	}
	return r["variant"] != nil
}

// sortRecords puts records next to those that they are held against: words first, then numbers as far as they are sure, and of those
// that are alike the lower ones first.
func sortRecords(rows []record) {
	slices.SortFunc(rows, func(x, y record) int {
		wordsX, numbersX := x.parts()
		wordsY, numbersY := y.parts()
		return cmp.Or(strings.Compare(wordsX, wordsY), slices.Compare(numbersX, numbersY))
	})
}

// parts are a record's words, numbers as far as they are sure among them, and its numbers, by the names of their columns.
func (r record) parts() (words string, numbers []float64) {
	var texts, rounded []string
	for _, name := range slices.Sorted(maps.Keys(r)) {
		switch v := r[name].(type) {
		case float64:
			rounded = append(rounded, fmt.Sprintf("%.6g", v))
			numbers = append(numbers, v)
		case string:
			if v != nothing && v != "" {
				texts = append(texts, v)
			}
		}
	}
	return fmt.Sprintf("%q %q", texts, rounded), numbers
}

func differAnswers(question []byte, want, got []record) []string {
	if len(want) != len(got) {
		return []string{fmt.Sprintf("query %s: want %d rows, got %d: want %v, got %v", question, len(want), len(got), want, got)}
	}
	var all []string
	for i, w := range want {
		for column, value := range w {
			if value == nil || value == nothing && got[i][column] != 0.0 {
				value = ""
			}
			if value == nothing {
				value = 0.0
			}
			if !same(value, got[i][column], 1e-9) {
				all = append(all, fmt.Sprintf("query %s, %s: want %v, got %v", question, column, w, got[i]))
			}
		}
	}
	return all
}

func (g engine) load(dir, script string) error {
	if g.elsewhere != nil {
		return g.elsewhere.load(dir, script)
	}
	session, done, err := g.connect(dir)
	if err != nil {
		return err
	}
	defer done()
	if g.name == "postgres" {
		if _, err := session.Exec(context.Background(), "DROP SCHEMA public CASCADE"); err != nil {
			return err
		}
		if _, err := session.Exec(context.Background(), "CREATE SCHEMA public"); err != nil {
			return err
		}
	}
	for statement := range strings.SplitSeq(script, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := session.Exec(context.Background(), statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// assay runs the command and returns what it printed.
func (g engine) assay(dir string, args ...string) (string, error) {
	var out, problems bytes.Buffer
	args = append(args, "--project-dir", dir, "--target", g.name, "--quiet")
	if code := cli.Run(context.Background(), args, &out, &problems); code != 0 {
		return out.String(), fmt.Errorf("assay %s exits %d:\n%s", strings.Join(args, " "), code, problems.String())
	}
	return out.String(), nil
}

func (g engine) differences(a *txtar.Archive, dir string) ([]string, error) {
	session, done, err := g.connect(dir)
	if err != nil {
		return nil, err
	}
	defer done()
	var all []string
	for _, f := range a.Files {
		name, ok := strings.CutPrefix(f.Name, "want/")
		if !ok {
			continue
		}
		got, err := read(session, name)
		if err != nil {
			return nil, err
		}
		want, err := records(f.Data)
		if err != nil {
			return nil, err
		}
		all = append(all, differ(name, want, got)...)
	}
	return all, nil
}

func read(session runner.Session, name string) ([]record, error) {
	rows, err := session.Query(context.Background(), "SELECT * FROM "+name)
	if err != nil {
		return nil, err
	}
	var list []record
	for _, values := range rows.Values {
		r := record{}
		for i, column := range rows.Columns {
			r[column] = plain(values[i])
		}
		list = append(list, r)
	}
	return list, nil
}

// plain has whole numbers as floats and days as text, as JSON has.
func plain(v any) any {
	switch x := v.(type) {
	case int64:
		return float64(x)
	case int32:
		return float64(x)
	case time.Time:
		return x.Format(time.DateOnly)
	}
	return v
}

// differ compares rows by their keys; of health and of moments, those that are wanted.
func differ(name string, want, got []record) []string {
	var all []string
	byKey := map[string]record{}
	for _, r := range got {
		key := keyText(r, keys[name])
		if byKey[key] != nil {
			all = append(all, fmt.Sprintf("%s: two rows of %s", name, key))
		}
		byKey[key] = r
	}
	for _, w := range want {
		key := keyText(w, keys[name])
		g := byKey[key]
		delete(byKey, key)
		if g == nil {
			if w["stat"] != "cov" { // which pairs are needed is for the product to say
				all = append(all, fmt.Sprintf("%s: no row of %s", name, key))
			}
			continue
		}
		for column, value := range w {
			if column != "tolerance" && !same(value, g[column], w.tolerance()) {
				all = append(all, fmt.Sprintf("%s %s, %s: want %v, got %v", name, key, column, value, g[column]))
			}
		}
	}
	for key, r := range byKey {
		if name != "assay_experiment_health" && !isOfUnnamed(r, want) {
			all = append(all, fmt.Sprintf("%s: a row of %s is not wanted", name, key))
		}
	}
	return all
}

// isOfUnnamed is whether a row is a moment of a metric whose quantities have names of the product's own.
func isOfUnnamed(r record, want []record) bool {
	return r["stat"] != nil && r["stat"] != "n" && !slices.ContainsFunc(want, func(w record) bool {
		return w["experiment"] == r["experiment"] && w["metric"] == r["metric"] && w["stat"] == r["stat"]
	})
}

func same(want, got any, tolerance float64) bool {
	x, okX := want.(float64)
	y, okY := got.(float64)
	if okX && okY {
		return math.Abs(x-y) <= tolerance*math.Max(1e-3, math.Max(math.Abs(x), math.Abs(y)))
	}
	return fmt.Sprint(want) == fmt.Sprint(got)
}
