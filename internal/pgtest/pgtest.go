// Package pgtest gives tests a PostgreSQL database: on the server that ASSAY_POSTGRES names, else on a throwaway one, started
// once for the test's process from the programs on this machine.
package pgtest

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

//go:embed serve.sh
var serve string

// errAbsent is why a server cannot be started on this machine.
var errAbsent = errors.New("no PostgreSQL here (set ASSAY_POSTGRES to a connection string, or install its server)")

// A server takes connections as long as its lifeline, the standard input of its script, is open; held so that it is not collected
// before.
type server struct {
	dsn      string
	lifeline io.Closer
}

var shared = sync.OnceValues(start)

var databases atomic.Int64

// Start is the connection string, as a URL, of an empty database that is dropped when the test ends, made with options of CREATE
// DATABASE. Its user may do anything. The test is skipped where PostgreSQL is absent.
func Start(t testing.TB, options ...string) (dsn string) {
	t.Helper()
	shared, err := shared()
	if errors.Is(err, errAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), databases.Add(1))
	if err := execute(shared.dsn, "CREATE DATABASE "+name+" TEMPLATE template0 "+strings.Join(options, " ")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := execute(shared.dsn, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(shared.dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = name
	return u.String()
}

func execute(dsn, sql string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// start finds a server, or starts one that ends with this process, since its script reads our pipe.
func start() (server, error) {
	if dsn := os.Getenv("ASSAY_POSTGRES"); dsn != "" {
		return server{dsn: dsn}, nil
	}
	bin, err := programs()
	if err != nil {
		return server{}, err
	}
	cmd, err := command(bin)
	if err != nil {
		return server{}, err
	}
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return server{}, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return server{}, err
	}
	if err := cmd.Start(); err != nil {
		return server{}, err
	}
	lines := bufio.NewReader(out)
	dir, err := lines.ReadString('\n')
	if err != nil || dir[0] != '/' {
		rest, _ := io.ReadAll(lines)
		return server{}, fmt.Errorf("PostgreSQL does not start: %s%s", dir, rest)
	}
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "postgres"}
	u.RawQuery = url.Values{"host": {dir[:len(dir)-1]}}.Encode()
	return server{u.String(), lifeline}, nil
}

// programs is the folder of the newest server's programs.
func programs() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(initdb), nil
	}
	return "", errAbsent
}

// command runs the script; the server refuses to be root, so root runs it as the user postgres.
func command(bin string) (*exec.Cmd, error) {
	if os.Geteuid() != 0 {
		return exec.Command("sh", "-c", serve, "serve", bin), nil
	}
	if err := exec.Command("id", "postgres").Run(); err != nil {
		return nil, fmt.Errorf("%w: root cannot run it, and there is no user postgres", errAbsent)
	}
	return exec.Command("su", "postgres", "-s", "/bin/sh", "-c", serve, "serve", bin), nil
}
