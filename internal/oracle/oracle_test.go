package oracle

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"assay/internal/enginetest"
	"assay/internal/pgtest"
)

// How many random worlds each engine gets; ASSAY_ORACLE_N has another number for all.
var sizes = map[string]int{"duckdb": 100, "postgres": 100, "clickhouse": 20, "trino": 3, "databricks": 2}

// engines runs a test on each engine that executes here.
func engines(t *testing.T, test func(*testing.T, engine)) {
	t.Run("duckdb", func(t *testing.T) { test(t, engine{name: "duckdb"}) })
	t.Run("postgres", func(t *testing.T) {
		dsn := pgtest.Start(t)
		t.Setenv("ORACLE_DSN", dsn)
		test(t, engine{name: "postgres", dsn: dsn})
	})
	for _, e := range enginetest.All[2:] {
		t.Run(e.Name(), func(t *testing.T) {
			test(t, engine{name: e.Name(), elsewhere: &elsewhere{e, t, e.Output(t)}})
		})
	}
}

// set gives a flag of rapid a value unless the command line has one.
func set(t *testing.T, name, value string) {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if given {
		return
	}
	if err := flag.Lookup(name).Value.Set(value); err != nil {
		t.Fatal(err)
	}
}

// suiteSeed makes the suite draw the same worlds each time, so that it tells of a change and not of luck; a run that asks for a
// number of worlds draws new ones.
const suiteSeed = "20260105"

// TestRandomWorlds compares what is run with what is expected. A world that fails is printed at its smallest, as an archive for
// testdata.
func TestRandomWorlds(t *testing.T) {
	set(t, "rapid.nofailfile", "true")
	engines(t, func(t *testing.T, g engine) {
		n := os.Getenv("ASSAY_ORACLE_N")
		if n == "" {
			n = strconv.Itoa(sizes[g.name])
			set(t, "rapid.seed", suiteSeed)
		}
		if testing.Short() {
			n = "10"
		}
		set(t, "rapid.checks", n)
		worlds := worldsOn(g.name)
		rapid.Check(t, func(t *rapid.T) {
			w := worlds.Draw(t, "world")
			a := w.archive()
			if w.fragile {
				t.Skip("an answer hangs on rounding")
			}
			dir, err := os.MkdirTemp("", "oracle")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			differences, err := g.check(a, dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range differences {
				t.Error(d)
			}
			if len(differences) > 0 {
				t.Logf("\n%s", txtar.Format(a))
			}
		})
	})
}

// TestRegressions runs what once was wrong.
func TestRegressions(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	engines(t, func(t *testing.T, g engine) {
		for _, path := range paths {
			t.Run(filepath.Base(path), func(t *testing.T) { g.replay(t, path) })
		}
	})
}

func (g engine) replay(t *testing.T, path string) {
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	differences, err := g.check(a, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		t.Error(d)
	}
}
