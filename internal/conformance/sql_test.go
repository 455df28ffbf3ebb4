package conformance

import (
	"strings"
	"testing"

	"assay/compiler"
	"assay/dialects"
	"assay/internal/diag"
)

// TestSQL holds the SQL of every query to what a reader of it can expect: no full outer join, and a comment on each step.
func TestSQL(t *testing.T) {
	s := readSuite(t)
	w := s.onDuckDB(t)
	for _, c := range s.cases {
		sql := w.sql(t, c)
		if strings.Contains(strings.ToUpper(sql), "FULL OUTER") {
			t.Errorf("%s: a full outer join:\n%s", c.ID, sql)
		}
		if steps, comments := strings.Count(sql, " AS (\n"), strings.Count(sql, "-- "); comments < steps {
			t.Errorf("%s: %d steps and %d comments:\n%s", c.ID, steps, comments, sql)
		}
	}
}

func (w *warehouse) sql(t testing.TB, c queryCase) string {
	t.Helper()
	m, err := w.model(c.Model)
	if err != nil {
		t.Fatal(err)
	}
	q, err := c.query()
	if err != nil {
		t.Fatal(err)
	}
	bag := &diag.Bag{}
	program, err := compiler.Query(m, q, bag)
	if err != nil || bag.HasErrors() {
		t.Fatal(c.ID, err, said(bag))
	}
	statements, err := dialects.Print(w.dialect, program)
	if err != nil {
		t.Fatal(c.ID, err)
	}
	var all []string
	for _, s := range statements {
		all = append(all, s.SQL)
	}
	return strings.Join(all, ";\n")
}

// BenchmarkCompile compiles and prints every query of the suite.
func BenchmarkCompile(b *testing.B) {
	s := readSuite(b)
	w := s.onDuckDB(b)
	w.sql(b, s.cases[0])
	for b.Loop() {
		for _, c := range s.cases {
			w.sql(b, c)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(s.cases)), "µs/query")
}
