package runner

import (
	"context"
	"time"

	"assay/runner/judge"
)

// firstRuns is a row for each experiment: its first done run since its start, which is the one of the earliest as-of.
const firstRuns = `SELECT placed.[experiment], placed.[run_id], placed.[as_of], placed.[definition_hash]
FROM (
  SELECT e.[experiment], e.[run_id], e.[as_of], e.[definition_hash],
    ROW_NUMBER() OVER (PARTITION BY e.[experiment] ORDER BY e.[as_of], r.[finished_at]) AS place
  FROM <assay_experiments> AS e
  JOIN <assay_runs> AS r ON r.[run_id] = e.[run_id]
  WHERE r.[status] = 'done' AND e.[status] <> 'draft' AND e.[as_of] < ?
) AS placed
WHERE placed.place = 1`

const firstMetrics = `SELECT DISTINCT m.[experiment], m.[metric], m.[definition_hash]
FROM <assay_experiment_results> AS m
JOIN (` + firstRuns + `) AS f ON f.[experiment] = m.[experiment] AND f.[run_id] = m.[run_id]`

// firstDefinitions are what experiments were defined as in their first run before as-of.
func (r *run) firstDefinitions(ctx context.Context) (map[string]*judge.Definitions, error) {
	runs, err := r.store.query(ctx, firstRuns, r.AsOf.UTC())
	if err != nil {
		return nil, err
	}
	first := map[string]*judge.Definitions{}
	for _, row := range runs.Values {
		first[row[0].(string)] = &judge.Definitions{
			AsOf: judge.DateOf(row[2].(time.Time), r.Zone), Experiment: row[3].(string), Metrics: map[string]string{},
		}
	}
	metrics, err := r.store.query(ctx, firstMetrics, r.AsOf.UTC())
	if err != nil {
		return nil, err
	}
	for _, row := range metrics.Values {
		first[row[0].(string)].Metrics[row[1].(string)] = row[2].(string)
	}
	return first, nil
}
