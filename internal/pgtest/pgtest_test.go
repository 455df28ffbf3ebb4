package pgtest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"assay/internal/pgtest"
)

func TestDatabasesAreApart(t *testing.T) {
	ctx := context.Background()
	for range 2 {
		conn, err := pgx.Connect(ctx, pgtest.Start(t))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, "create table same_name (x int)"); err != nil {
			t.Error(err)
		}
	}
}
