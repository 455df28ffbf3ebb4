package conformance

import (
	"testing"

	"assay/dialects/redshift"
	"assay/internal/redshifttest"
)

// openRedshift is a stand-in: Redshift itself runs nowhere but at its vendor's.
func openRedshift(t testing.TB) engine {
	e := connectPostgres(t, redshifttest.Start(t))
	exec, query := e.exec, e.query
	return engine{
		dialect: redshift.Dialect,
		exec:    func(text string, args ...any) error { return exec(redshifttest.Spell(text), args...) },
		query:   func(text string, args ...any) ([][]any, error) { return query(redshifttest.Spell(text), args...) },
	}
}
