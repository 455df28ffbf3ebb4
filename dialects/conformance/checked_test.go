package conformance

import (
	"errors"
	"testing"

	"assay/compiler/rel"
	"assay/dialects"
	"assay/dialects/bigquery"
	"assay/dialects/redshift"
	"assay/dialects/snowflake"
	"assay/internal/sqlcheck"
)

// Each statement of the tests here is one of the language of the engine that cannot run here.
func TestStatementsAreOfTheirLanguage(t *testing.T) {
	checks := map[string]struct {
		dialect *dialects.Dialect
		checker func(testing.TB) sqlcheck.Checker
	}{
		"bigquery":  {bigquery.Dialect, sqlcheck.GoogleSQL},
		"snowflake": {snowflake.Dialect, func(t testing.TB) sqlcheck.Checker { return sqlcheck.Sqlglot(t, "snowflake") }},
		"redshift":  {redshift.Dialect, func(t testing.TB) sqlcheck.Checker { return sqlcheck.Sqlglot(t, "redshift") }},
	}
	for name, check := range checks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check.checker(t).Check(t, scripts(t, check.dialect))
		})
	}
}

// scripts are all programs, each over the user's tables, and a SELECT of each expression that has a case, as a dialect writes them.
func scripts(t *testing.T, d *dialects.Dialect) []sqlcheck.Script {
	expressions := sqlcheck.Script{Name: "expressions"}
	for _, r := range cases() {
		expressions.Statements = append(expressions.Statements, printed(t, d, program(r))...)
	}
	list := []sqlcheck.Script{
		expressions,
		{Name: "lowered", Statements: printed(t, d, &rel.Program{Steps: needy()})},
		{Name: "result table", Statements: statements(d)},
	}
	for name, steps := range programs() {
		if name == "steps" && d == bigquery.Dialect {
			continue // a user's own literal there is of two lines, as GoogleSQL has none
		}
		bound := (&rel.Program{Steps: steps}).Bind(asOf)
		list = append(list, sqlcheck.Script{Name: name, Statements: append(setup(d), printed(t, d, bound)...)})
	}
	return list
}

// printed are a program's statements; none where the dialect lacks something, which its golden file names.
func printed(t *testing.T, d *dialects.Dialect, p *rel.Program) []string {
	statements, err := dialects.Print(d, p)
	if err != nil && !errors.As(err, new(*dialects.Unsupported)) {
		t.Fatal(err)
	}
	var texts []string
	for _, s := range statements {
		texts = append(texts, s.SQL)
	}
	return texts
}

// cases are relations with the expressions that the other tests compare values of.
func cases() []rel.Relation {
	var list []rel.Relation
	for _, c := range scalars {
		overColumns, row := asColumns(c.x)
		list = append(list, rel.NewProject(row, as("literals", c.x), as("over_columns", overColumns)))
	}
	for _, c := range aggregated {
		list = append(list, rel.NewAggregate(events, nil, []rel.Named{as("x", c.x)}))
	}
	for _, c := range windowed {
		list = append(list, rel.NewWindow(events, as("w", c.x)))
	}
	return list
}
