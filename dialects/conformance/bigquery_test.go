package conformance

import (
	"strings"
	"testing"

	"assay/dialects/bigquery"
	"assay/internal/enginetest"
)

// emulated are the tests whose statements the emulator runs. It answers nothing more once one has failed that makes a table.
var emulated = map[string]bool{
	"TestScalarFunctions": true, "TestAggregates": true, "TestVarianceIsStable": true, "TestPercentileDiscIsExact": true,
	"TestWindows": true, "TestLoweredProgramsAnswerTheSame": true,
}

// openBigQuery is an emulator, by the product's own driver: BigQuery itself runs nowhere but at its vendor's.
func openBigQuery(t testing.TB) engine {
	if test, _, _ := strings.Cut(t.Name(), "/"); !emulated[test] {
		t.Skip("BigQuery's emulator does not run these statements")
	}
	_, session := enginetest.Session(t, "bigquery")
	return engine{
		dialect: bigquery.Dialect,
		wrong:   bigqueryWrong,
		exec: func(text string, _ ...any) error {
			_, err := session.Exec(t.Context(), text)
			return err
		},
		query: func(text string, _ ...any) ([][]any, error) {
			rows, err := session.Query(t.Context(), text)
			return rows.Values, err
		},
	}
}

// bigqueryWrong: the emulator takes a literal date for the first of 1970 where a moment is wanted, has no minus before a column, knows no
// NULL in lists and no backslash in patterns, replaces nothing by something, and cuts seconds and halves off.
var bigqueryWrong = map[string]bool{
	"(date '2026-01-05T00:00:00Z' = timestamp '2026-01-05T00:00:00Z')": true,
	"in(1, 2, null of integer)":                                        true,
	`('a\b' like 'a\b')`:                                               true,
	"negative(5)":                                                      true,
	"negative(-5)":                                                     true,
	"negative(negative(5))":                                            true,
	"negative((1 + 2))":                                                true,
	"round(1.25e+03, -2)":                                              true,
	"round((1e+00 + 1.5e+00))":                                         true,
	"replace('abc', '', 'x')":                                          true,
	"date_trunc(second, timestamp '2024-05-07T13:59:59.999999Z')":                   true,
	"date_trunc(millisecond, timestamp '2024-05-07T13:59:59.999999Z')":              true,
	"date_add(month, date '2024-01-31T00:00:00Z', 1)":                               true,
	"date_add(quarter, date '2024-01-31T00:00:00Z', 1)":                             true,
	"date_add(year, date '2024-02-29T00:00:00Z', 1)":                                true,
	"date_add(week, date '2024-01-01T00:00:00Z', 2)":                                true,
	"date_add(day, date '2024-01-01T00:00:00Z', -1)":                                true,
	"date_add(hour, date '2024-01-01T00:00:00Z', 25)":                               true,
	"date_diff(day, date '2024-02-28T00:00:00Z', date '2024-03-01T00:00:00Z')":      true,
	"date_diff(day, date '2024-02-28T00:00:00Z', timestamp '2024-03-01T23:00:00Z')": true,
	"date_diff(week, date '2024-01-01T00:00:00Z', date '2024-01-14T00:00:00Z')":     true,
	"to_utc(date '2018-11-04T00:00:00Z', 'America/Sao_Paulo')":                      true,
	"cast(2.5e+00 as integer)":                                                      true,
	"cast(-2.5e+00 as integer)":                                                     true,
	"cast(decimal '2.5' as integer)":                                                true,
	"cast(timestamp '2024-01-01T00:00:00.5Z' as text)":                              true,
	"cast(date '2024-01-01T00:00:00Z' as timestamp)":                                true,
}
