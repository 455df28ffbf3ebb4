package runner

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"assay/runner/judge"
)

// queryRows are the rows of a run's query log. A step that ran again, in a smaller program, is numbered.
func queryRows(run judge.RunRow, queries []Query) []judge.QueryRow {
	rows := make([]judge.QueryRow, len(queries))
	times := map[string]int{}
	for i, q := range queries {
		times[q.Step]++
		rows[i] = judge.QueryRow{RunID: run.RunID, AsOf: run.AsOf, Step: q.Step, Statement: q.SQL, Seconds: q.Took.Seconds(),
			BytesScanned: q.Receipt.BytesScanned, SQLHash: hashSQL(q.SQL), QueryID: known(q.Receipt.QueryID)}
		if times[q.Step] > 1 {
			rows[i].Step = fmt.Sprintf("%s (%d)", q.Step, times[q.Step])
		}
		if q.Rows >= 0 {
			rows[i].Rows = &q.Rows
		}
	}
	return rows
}

// hashSQL identifies a statement; as_of is bound and not part of it.
func hashSQL(sql string) string {
	sum := sha256.Sum256([]byte(sql))
	return hex.EncodeToString(sum[:8])
}
