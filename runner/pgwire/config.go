package pgwire

import (
	"cmp"
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"assay/runner"
)

// Config are a profile's fields, named as dbt's adapters name them. What is not given is libpq's default: the environment
// (PGHOST, PGPASSWORD, …), then ~/.pgpass.
type Config struct {
	DSN            string        `json:"dsn"` // a connection string, in place of the fields up to connect_timeout
	Host           string        `json:"host"`
	Port           runner.Number `json:"port"`
	User           string        `json:"user"`
	Password       string        `json:"password"`
	Pass           string        `json:"pass"`
	DBName         string        `json:"dbname"`
	Database       string        `json:"database"`
	Schema         string        `json:"schema"` // default: public
	SearchPath     string        `json:"search_path"`
	Role           string        `json:"role"`
	AppName        string        `json:"application_name"` // default: assay
	SSLMode        string        `json:"sslmode"`
	SSLCert        string        `json:"sslcert"`
	SSLKey         string        `json:"sslkey"`
	SSLRootCert    string        `json:"sslrootcert"`
	ConnectTimeout runner.Number `json:"connect_timeout"` // seconds
	KeepalivesIdle runner.Number `json:"keepalives_idle"` // seconds; 0: the system's
	Retries        runner.Number `json:"retries"`         // of connecting, where the server could not be reached
	runner.Common
}

// cancelGrace is how long the server gets to answer a cancelled statement before its connection is cut.
const cancelGrace = 5 * time.Second

// connection is what the driver needs, with sessions set up as runner.Session promises.
func (c *Config) connection(mode pgx.QueryExecMode, setup []string) (*pgx.ConnConfig, error) {
	dsn, err := c.dsn()
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	conn.RuntimeParams["application_name"] = cmp.Or(c.AppName, "assay")
	if c.KeepalivesIdle > 0 {
		dialer := &net.Dialer{Timeout: conn.ConnectTimeout, KeepAlive: time.Duration(c.KeepalivesIdle) * time.Second}
		conn.DialFunc = dialer.DialContext
	}
	conn.DefaultQueryExecMode = mode
	start := strings.Join(append(c.settings(), setup...), "; ")
	conn.AfterConnect = func(ctx context.Context, pg *pgconn.PgConn) error { return pg.Exec(ctx, start).Close() }
	conn.BuildContextWatcherHandler = func(pg *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: pg, DeadlineDelay: cancelGrace}
	}
	return conn, nil
}

// settings are the statements that begin a session.
func (c *Config) settings() []string {
	settings := []string{"SET timezone TO 'UTC'", "SET search_path TO " + c.searchPath()}
	if c.Role != "" {
		settings = append(settings, "SET ROLE "+identifier(c.Role))
	}
	return settings
}

// dsn is the profile's own, or its fields spelt as libpq's keywords.
func (c *Config) dsn() (string, error) {
	var words []string
	for _, field := range c.keywords() {
		if field.value != "" {
			words = append(words, field.name+"="+quoteKeyword(field.value))
		}
	}
	if c.DSN == "" {
		return strings.Join(words, " "), nil
	}
	if len(words) > 0 {
		return "", errors.New("give `dsn`, or host, user, password and so on, not both")
	}
	return c.DSN, nil
}

type keyword struct{ name, value string }

func (c *Config) keywords() []keyword {
	return []keyword{
		{"host", c.Host},
		{"port", number(c.Port)},
		{"user", c.User},
		{"password", cmp.Or(c.Password, c.Pass)},
		{"dbname", cmp.Or(c.DBName, c.Database)},
		{"sslmode", c.SSLMode},
		{"sslcert", c.SSLCert},
		{"sslkey", c.SSLKey},
		{"sslrootcert", c.SSLRootCert},
		{"connect_timeout", number(c.ConnectTimeout)},
	}
}

// searchPath is the profile's own, else its schema. A name without quotes is in lower case.
func (c *Config) searchPath() string {
	if c.SearchPath == "" {
		return identifier(c.Schema)
	}
	names := strings.Split(c.SearchPath, ",")
	for i, name := range names {
		name = strings.TrimSpace(name)
		if bare := strings.Trim(name, `"`); bare != name {
			names[i] = identifier(bare)
		} else {
			names[i] = identifier(strings.ToLower(name))
		}
	}
	return strings.Join(names, ", ")
}

// number is empty where the profile gives none.
func number(n runner.Number) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(int(n))
}

func identifier(name string) string { return pgx.Identifier{name}.Sanitize() }

func quoteKeyword(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
