package duckdb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"assay/runner"
)

// config are a profile's fields, named as dbt's adapter names them.
type config struct {
	Path   string `json:"path"`   // default: in memory
	Schema string `json:"schema"` // default: main
	runner.Common
	MemoryLimit string         `json:"memory_limit"`
	Settings    map[string]any `json:"settings"`
	Attach      []attachment   `json:"attach"`
}

// attachment is a further database whose tables can be read under an alias.
type attachment struct {
	Path     string `json:"path"` // of a database server, its connection string
	Alias    string `json:"alias"`
	Type     string `json:"type"`      // default: duckdb
	ReadOnly *bool  `json:"read_only"` // default: true
}

func (a *attachment) isFile() bool {
	return slices.Contains([]string{"", "duckdb", "sqlite"}, strings.ToLower(a.Type))
}

// secrets are connection strings, and settings that hold keys.
func (c *config) secrets() runner.Secrets {
	var texts []string
	for _, a := range c.Attach {
		if !a.isFile() {
			texts = append(texts, a.Path)
		}
	}
	for name, v := range c.Settings {
		if strings.HasPrefix(name, "s3_") || strings.HasPrefix(name, "azure_") {
			texts = append(texts, fmt.Sprint(v))
		}
	}
	return runner.NewSecrets(texts...)
}

// prepare sets up a new session.
func (c *config) prepare(ctx context.Context, session runner.Session) error {
	for _, statement := range c.statements() {
		if _, err := session.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return c.enterSchema(ctx, session)
}

func (c *config) statements() []string {
	statements := []string{"SET TimeZone = 'UTC'"}
	if c.Threads > 0 {
		statements = append(statements, fmt.Sprintf("SET threads = %d", c.Threads))
	}
	if c.MemoryLimit != "" {
		statements = append(statements, "SET memory_limit = "+literal(c.MemoryLimit))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Settings)) {
		statements = append(statements, "SET "+identifier(name)+" = "+literal(fmt.Sprint(c.Settings[name])))
	}
	for _, a := range c.Attach {
		statements = append(statements, a.statement())
	}
	return statements
}

// statement attaches the database for reading unless the profile says otherwise: a run writes to its own schema alone.
func (a *attachment) statement() string {
	var options []string
	if a.ReadOnly == nil || *a.ReadOnly {
		options = append(options, "READ_ONLY")
	}
	if a.Type != "" {
		options = append(options, "TYPE "+identifier(a.Type))
	}
	attach := "ATTACH IF NOT EXISTS " + literal(a.Path)
	if a.Alias != "" {
		attach += " AS " + identifier(a.Alias)
	}
	if len(options) > 0 {
		attach += " (" + strings.Join(options, ", ") + ")"
	}
	return attach
}

// enterSchema makes the profile's schema the place of unqualified names. One that does not exist yet has none.
func (c *config) enterSchema(ctx context.Context, session runner.Session) error {
	found, err := session.Query(ctx, "SELECT 1 FROM duckdb_schemas() "+
		"WHERE database_name = current_database() AND schema_name = "+literal(c.Schema))
	if err != nil || len(found.Values) == 0 {
		return err
	}
	_, err = session.Exec(ctx, "SET schema = "+literal(identifier(c.Schema)))
	return err
}

func literal(s string) string    { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
