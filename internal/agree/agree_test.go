package agree_test

import (
	"testing"

	"assay/internal/agree"
	"assay/internal/enginetest"
)

// TestRunOnTheEmulator: BigQuery's emulator takes minutes for a project of fifty rows, so it runs no other.
func TestRunOnTheEmulator(t *testing.T) {
	agree.OnEngines(t, "testdata/tiny", []enginetest.Engine{enginetest.Named("duckdb"), enginetest.Named("bigquery")})
}
