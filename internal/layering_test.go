// Package internal_test holds the direction of imports: the folders are a pipeline, and each reads only what comes before it.
package internal_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "assay/"

// mayImport lists, for each package or folder (its name ends in /), the packages and folders of ours that it may reach.
var mayImport = map[string][]string{
	"stats":              {},
	"internal/diag":      {},
	"compiler/rel":       {"internal/diag"},
	"compiler/rel/lower": {"compiler/rel", "internal/diag"},
	"compiler/expr":      {"compiler/rel", "internal/diag"},
	"compiler/project":   {"internal/diag"},
	"compiler/model":     {"compiler/project", "compiler/expr", "compiler/rel", "internal/diag"},
	"compiler/ask":       {"compiler/model", "compiler/project", "compiler/expr", "compiler/rel", "internal/diag"},
	"compiler/plan": {"compiler/ask", "compiler/model", "compiler/project", "compiler/expr", "compiler/rel", "compiler/rel/lower",
		"internal/diag", "stats"},
	"compiler":        {"compiler/", "internal/diag", "stats"},
	"dialects":        {"compiler/rel", "compiler/rel/lower", "internal/diag"},
	"dialects/":       {"dialects", "compiler/rel", "compiler/rel/lower", "internal/diag"},
	"runner/judge":    {"compiler/", "internal/diag", "stats"},
	"internal/report": {"runner/judge", "compiler/", "internal/diag", "stats"},
	"runner":          {"compiler", "compiler/", "dialects", "runner/judge", "internal/diag", "stats"},
	"runner/": {"runner", "runner/judge", "runner/pgwire", "runner/snowflake/", "compiler", "compiler/", "dialects", "dialects/",
		"internal/diag", "stats"},
}

// onlyImporters names who alone may import a library directly.
var onlyImporters = map[string][]string{
	"gopkg.in/yaml.v3":                        {"compiler/project"},
	"github.com/xwb1989/sqlparser":            {"compiler/expr"},
	"github.com/ClickHouse/ch-go":             {"runner/clickhouse"},
	"github.com/ClickHouse/clickhouse-go/v2":  {"runner/clickhouse"},
	"github.com/databricks/databricks-sql-go": {"runner/databricks"},
	"github.com/duckdb/duckdb-go/v2":          {"runner/duckdb"},
	"cloud.google.com/go":                     {"runner/bigquery"},
	"google.golang.org/api":                   {"runner/bigquery", "internal/bigquerytest"},
	"github.com/jackc/pgx/v5": {"runner/pgwire", "runner/postgres", "runner/redshift", "internal/pgtest",
		"internal/redshifttest"},
	"github.com/snowflakedb/gosnowflake/v2": {"runner/snowflake"},
	"github.com/trinodb/trino-go-client":    {"runner/trino"},
	"gonum.org/v1/gonum":                    {"stats"},
}

func TestImportDirection(t *testing.T) {
	for pkg, deps := range list(t, "{{.ImportPath}} {{join .Deps \" \"}}") {
		allowed, governed := rule(pkg)
		if !governed {
			continue
		}
		for _, dep := range deps {
			if ours, ok := strings.CutPrefix(dep, module); ok && !covered(ours, allowed) {
				t.Errorf("%s reaches %s; it may reach %v", pkg, ours, allowed)
			}
		}
	}
}

func TestLibrariesHaveOneImporter(t *testing.T) {
	for pkg, imports := range list(t, "{{.ImportPath}} {{join .Imports \" \"}}") {
		for _, path := range imports {
			for library, importers := range onlyImporters {
				if (path == library || strings.HasPrefix(path, library+"/")) && !slices.Contains(importers, pkg) {
					t.Errorf("%s imports %s; only %v may", pkg, path, importers)
				}
			}
		}
	}
}

func TestWithoutDrivers(t *testing.T) {
	cgoFree := []string{"compiler", "dialects", "stats", "runner/judge"}
	for pkg, deps := range list(t, "{{.ImportPath}} {{join .Deps \" \"}}") {
		pure := slices.ContainsFunc(cgoFree, func(folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") })
		if pure && slices.Contains(deps, "runtime/cgo") && !strings.HasSuffix(pkg, "conformance") {
			t.Errorf("%s needs cgo", pkg)
		}
	}
}

// TestTagsLeaveDriversOut: with the tags of all drivers a build has none of their libraries.
func TestTagsLeaveDriversOut(t *testing.T) {
	var tags []string
	libraries := map[string]bool{}
	for library, importers := range onlyImporters {
		for _, importer := range importers {
			if driver, ok := strings.CutPrefix(importer, "runner/"); ok {
				libraries[library] = true
				tags = append(tags, "no_"+driver)
			}
		}
	}
	out, err := exec.Command("go", "list", "-deps", "-tags", strings.Join(tags, ","), module+"internal/cli").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		for library := range libraries {
			if path == library || strings.HasPrefix(path, library+"/") {
				t.Errorf("a build without drivers has %s", path)
			}
		}
	}
}

// list runs go list and returns the words after the first of each line by the first, without the module's prefix.
func list(t *testing.T, format string) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", format, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		packages[strings.TrimPrefix(words[0], module)] = words[1:]
	}
	return packages
}

// rule finds what pkg may reach: its own entry, else that of the nearest folder above it.
func rule(pkg string) (allowed []string, governed bool) {
	if allowed, ok := mayImport[pkg]; ok {
		return allowed, true
	}
	folder := pkg
	for {
		cut := strings.LastIndexByte(strings.TrimSuffix(folder, "/"), '/')
		if cut < 0 {
			return nil, false
		}
		folder = folder[:cut+1]
		if allowed, ok := mayImport[folder]; ok {
			return allowed, true
		}
	}
}

func covered(pkg string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		return pkg == a || strings.HasSuffix(a, "/") && strings.HasPrefix(pkg, a)
	})
}
