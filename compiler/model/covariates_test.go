package model_test

import (
	"testing"
	"testing/fstest"

	"assay/compiler/model"
)

// TestCandidatesOfRoles asks that a metric whose entry names a role is a candidate covariate of others in that role.
func TestCandidatesOfRoles(t *testing.T) {
	p, bag := read(fstest.MapFS{"models/all.yml": &fstest.MapFile{Data: []byte(`
models:
  - name: stays
    relation: stays
    agg_time_dimension: booked_at
    columns:
      - {name: host_id, entity: {type: foreign, name: host, role_of: user}}
      - {name: guest_id, entity: {type: foreign, name: guest, role_of: user}}
      - {name: booked_at, granularity: second, dimension: {type: time}}
    metrics: [{name: bookings, agg: count}]
  - name: visits
    relation: visits
    agg_time_dimension: at
    columns:
      - {name: user_id, entity: {type: primary, name: user}}
      - {name: at, granularity: second, dimension: {type: time}}
    metrics: [{name: visits, agg: count}]
assignments: [{name: flags, relation: flags, entity: user, columns: {unit: user_id, time: at, variant: arm}}]
experiments:
  - name: roles
    assignments: flags
    variants: [control, b]
    metrics:
      primary: {metric: visits, cuped: {lookback: 7 days, covariates: all}}
      secondary: {metric: bookings, unit: host}
`)}})
	m := model.Build(p, bag)
	if bag.HasErrors() {
		t.Fatal(bag.Sorted())
	}
	for _, c := range m.Experiments[0].Metrics[0].Settings.CUPED.Covariates {
		if c.Name == "bookings" && c.Unit != "host" {
			t.Errorf("bookings lead to their unit as %q, and not as the host", c.Unit)
		}
	}
}
