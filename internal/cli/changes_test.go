package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// written are settings of the form "name value", each at a place of its own.
func written(lines ...string) []manifestSetting {
	var list []manifestSetting
	for i, line := range lines {
		name, value, _ := strings.Cut(line, " ")
		list = append(list, manifestSetting{Name: name, Value: value, At: fmt.Sprintf("a.yml:%d:1", i+1)})
	}
	return list
}

func TestSettingChanges(t *testing.T) {
	for name, c := range map[string]struct {
		before, after []manifestSetting
		want          []string
	}{
		"the same elsewhere": {written("agg sum", "expr amount"), written("agg sum", "expr amount"), nil},
		"all kinds": {written("agg sum", "mde 2%"), written("agg max", "expr amount"),
			[]string{"~ agg: sum → max", "+ expr: amount", "- mde: 2%"}},
		"a list of values": {written("dimensions[0] a", "dimensions[1] b"), written("dimensions[0] c", "dimensions[1] a"),
			[]string{"~ dimensions: a, b → c, a"}},
		"named among others": {written("columns[a].type x"), written("columns[b].type y", "columns[a].type x"),
			[]string{"+ columns[b].type: y"}},
		"another order": {written("columns[a].type x", "columns[b].type y"), written("columns[b].type y", "columns[a].type x"),
			[]string{"~ order: columns[a].type → columns[b].type"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range settingChanges(c.before, c.after) {
				got = append(got, s.words())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestChangesSince follows a metric to what needs it through another, and knows what used one that is gone.
func TestChangesSince(t *testing.T) {
	node := func(id, hash string, needs []string, settings ...string) manifestNode {
		kind, name, _ := strings.Cut(id, ".")
		return manifestNode{UniqueID: id, ResourceType: kind, Name: name, DefinitionHash: hash, Settings: written(settings...),
			DependsOn: manifestUses{Nodes: needs}}
	}
	stateOf := func(nodes ...manifestNode) *state {
		m := &manifest{Nodes: map[string]manifestNode{}}
		for _, n := range nodes {
			m.Nodes[n.UniqueID] = n
		}
		return newState(m)
	}
	before := stateOf(node("metric.orders", "1", nil, "agg count"), node("metric.visits", "2", nil, "agg count"),
		node("metric.rate", "3", []string{"metric.orders", "metric.visits"}, "type ratio"),
		node("experiment.redesign", "4", []string{"metric.rate"}, "start 2026-01-05"), node("model.users", "5", nil))
	after := stateOf(node("metric.orders", "1b", nil, "agg sum"),
		node("metric.rate", "3b", []string{"metric.orders"}, "type ratio"),
		node("experiment.redesign", "4b", []string{"metric.rate"}, "start 2026-01-05"), node("model.users", "5", nil))
	var got []string
	for _, c := range changesSince(before, after) {
		got = append(got, fmt.Sprintf("%s %s, used by %s", c.UniqueID, c.words(), selectors(c.UsedBy)))
	}
	want := []string{
		"metric.orders changed, used by experiment:redesign, metric:rate",
		"metric.rate affected by metric:orders, metric:visits, used by experiment:redesign",
		"metric.visits removed, used by experiment:redesign, metric:rate",
		"experiment.redesign affected by metric:orders, metric:visits, used by ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
