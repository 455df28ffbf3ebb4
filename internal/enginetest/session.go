package enginetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"assay/runner"
)

// Session is one in a schema of the test's own, on the engine of a profile's type.
func Session(t testing.TB, name string) (runner.Output, runner.Session) {
	t.Helper()
	e := Named(name)
	output := e.Output(t)
	return output, Connect(t, e.Warehouse(t, output))
}

// A Value is an expression of an engine's, and what rows are to hold of it.
type Value = struct {
	SQL  string
	Want any
}

// Values asks a session for each value by itself.
func Values(t *testing.T, session runner.Session, values []Value) {
	t.Helper()
	for _, v := range values {
		rows, err := session.Query(t.Context(), "SELECT "+v.SQL+" AS v")
		if err != nil {
			t.Errorf("%s: %v", v.SQL, err)
			continue
		}
		if diff := cmp.Diff([][]any{{v.Want}}, rows.Values, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s: %s", v.SQL, diff)
		}
	}
}
