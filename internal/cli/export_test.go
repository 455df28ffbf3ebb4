package cli

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"assay/compiler/plan"
	"assay/runner"
)

func TestParquetKeepsTypesAndNames(t *testing.T) {
	answer := &runner.Answer{Rows: plan.Rows{
		Columns: []string{`a "quoted" name`, "n", "x", "yes", "at", "nothing"},
		Values: [][]any{
			{nil, int64(1), nil, true, time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), nil},
			{"it's", int64(2), 2.5, nil, nil, nil},
		},
	}}
	var file bytes.Buffer
	if err := writeParquet(context.Background(), &file, nil, answer); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "answer.parquet")
	if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var name, types string
	err = db.QueryRow(`SELECT "a ""quoted"" name", concat_ws(' ', typeof(n), typeof(x), typeof(yes), typeof("at"), typeof("nothing"))
		FROM '`+path+`' WHERE n = 2 AND x = 2.5`).Scan(&name, &types)
	if want := "BIGINT DOUBLE BOOLEAN TIMESTAMP VARCHAR"; err != nil || name != "it's" || types != want {
		t.Errorf("got %q %q %v, want %q", name, types, err, want)
	}
}

func TestAFileIsWrittenWholeOrNotAtAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "answer.csv")
	if err := toFile(path, func(w io.Writer) error { fmt.Fprint(w, "half"); return os.ErrClosed }); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left: %v", left, err)
	}
}
