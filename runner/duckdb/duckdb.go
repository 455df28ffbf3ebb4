// Package duckdb runs programs on an embedded DuckDB: a database file, or none (`:memory:`).
package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/duckdb/duckdb-go/v2"

	"assay/runner"
)

const inMemory = ":memory:"

// warehouse opens its database at the first Connect.
type warehouse struct {
	config   config
	readOnly bool
	engine   *runner.Engine
	staging  runner.Staging
	mu       sync.Mutex
	db       *sql.DB
}

// Open reads a profile's output.
func Open(output runner.Output) (runner.Warehouse, error) {
	c := config{Path: inMemory, Schema: "main"}
	if err := output.Decode(&c); err != nil {
		return nil, err
	}
	if c.Path != inMemory {
		c.Path = output.Path(c.Path)
	}
	for i, a := range c.Attach {
		if a.isFile() {
			c.Attach[i].Path = output.Path(a.Path)
		}
	}
	staging, err := c.Staging(runner.SessionTables{})
	if err != nil {
		return nil, output.Errorf("%w", err)
	}
	return &warehouse{
		config:   c,
		readOnly: output.ReadOnly,
		staging:  staging,
		engine: &runner.Engine{
			Value: value, Columns: columns, Append: appendRows, Explain: explain, Timeout: c.Timeout(), Target: c.Path,
			Secrets: c.secrets(),
		},
	}, nil
}

func (w *warehouse) Schema() string          { return w.config.Schema }
func (w *warehouse) Staging() runner.Staging { return w.staging }

func (w *warehouse) Close() error {
	if w.db == nil {
		return nil
	}
	return w.db.Close()
}

func (w *warehouse) Connect(ctx context.Context) (runner.Session, error) {
	if err := w.open(); err != nil {
		return nil, err
	}
	conn, err := w.engine.Connect(ctx, w.db.Conn)
	if err != nil {
		return nil, err
	}
	session := runner.TxConn{Conn: conn}
	if err := w.config.prepare(ctx, session); err != nil {
		return nil, errors.Join(w.engine.Secrets.HideIn(err), session.Close())
	}
	return session, nil
}

func (w *warehouse) open() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.db != nil {
		return nil
	}
	if w.config.Path != inMemory && !w.readOnly {
		if err := os.MkdirAll(filepath.Dir(w.config.Path), 0o755); err != nil {
			return fmt.Errorf("the database's folder cannot be made: %w", err)
		}
	}
	connector, err := duckdb.NewConnector(w.dsn(), nil)
	if err != nil {
		return openError(w.config.Path, err)
	}
	w.db = sql.OpenDB(connector)
	// Idle connections would keep temporary tables of sessions that ended.
	w.db.SetMaxIdleConns(0)
	return nil
}

// dsn opens a database for reading alone where nothing will be stored; for who reads, one that is not there yet is empty, and not made.
func (w *warehouse) dsn() string {
	switch {
	case !w.readOnly || w.config.Path == inMemory:
		return w.config.Path
	case w.isMissing():
		return inMemory
	}
	return w.config.Path + "?access_mode=READ_ONLY"
}

func (w *warehouse) isMissing() bool {
	_, err := os.Stat(w.config.Path)
	return errors.Is(err, fs.ErrNotExist)
}

// lockHolder finds who has the file open in DuckDB's message.
var lockHolder = regexp.MustCompile(`lock is held in (.+?)\.? (?:by|See)`)

// openError says what to do about a database that does not open.
func openError(path string, err error) error {
	if holder := lockHolder.FindStringSubmatch(err.Error()); holder != nil {
		return fmt.Errorf("database %s is in use by another process, %s: DuckDB lets one process write at a time; "+
			"wait for it to end, or close it", path, holder[1])
	}
	return fmt.Errorf("database %s cannot be opened: %w", path, err)
}
