// Package redshifttest stands in for Amazon Redshift, which runs nowhere but at its vendor's: a PostgreSQL database with Redshift's
// functions, and what its parser takes besides. It is stricter than Redshift nowhere and laxer in much: it knows syntax and
// functions that Redshift lacks.
package redshifttest

import (
	"context"
	_ "embed"
	"net/url"
	"regexp"
	"testing"

	"github.com/jackc/pgx/v5"

	"assay/internal/pgtest"
)

//go:embed functions.sql
var functions string

// Start is the connection string of an empty database, dropped when the test ends. As in Redshift, text compares by its
// bytes, and a backslash escapes in literals. The test is skipped where PostgreSQL is absent.
func Start(t testing.TB) (dsn string) {
	t.Helper()
	dsn = pgtest.Start(t, "LOCALE_PROVIDER libc LC_COLLATE 'C'")
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), functions); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	settings := []string{"standard_conforming_strings TO off", "escape_string_warning TO off"}
	for _, setting := range settings {
		if _, err := conn.Exec(t.Context(), "ALTER DATABASE "+u.Path[1:]+" SET "+setting); err != nil {
			t.Fatal(err)
		}
	}
	return dsn
}

// spellings are what Redshift's parser takes and PostgreSQL's does not.
var spellings = []struct {
	theirs *regexp.Regexp
	ours   string
}{
	{regexp.MustCompile(`\b(dateadd|datediff)\((\w+),`), "$1('$2',"}, // a unit is a word
	{regexp.MustCompile(`\bAPPROXIMATE count\b`), "count"},
	{regexp.MustCompile(`\bgrouping_id\(`), "grouping("},
}

// Spell is a statement of Redshift's as the stand-in takes it.
func Spell(statement string) string {
	for _, s := range spellings {
		statement = s.theirs.ReplaceAllString(statement, s.ours)
	}
	return statement
}
