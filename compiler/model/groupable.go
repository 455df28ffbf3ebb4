package model

import (
	"slices"
	"strings"

	"assay/internal/diag"
)

// A Property is what a query may group by: a dimension, or an entity's key. Exactly one of the two is set.
type Property struct {
	Name      string // as a query writes it: metric_time, user__plan
	Dimension *Dimension
	Entity    *Entity
}

// Groupable lists what a query for all of metrics may group by, each once: the names from each one's point of view that all
// understand.
func (m *Model) Groupable(metrics []*Metric) []Property {
	var from []*Simple
	for _, metric := range metrics {
		from = append(from, Viewpoints(metric)...)
	}
	var common []Property
	seen := map[string]bool{}
	for _, s := range from {
		for _, p := range m.groupable(s.Table, s.Time) {
			if !seen[p.Name] && m.understood(p.Name, from) {
				common = append(common, p)
			}
			seen[p.Name] = true
		}
	}
	return common
}

// Properties lists what each table has itself, by the names from its own point of view, each name once.
func (m *Model) Properties() []Property {
	var all []Property
	seen := map[string]bool{}
	for _, t := range m.Tables {
		for _, p := range t.properties(nil) {
			if !seen[p.Name] {
				all = append(all, p)
			}
			seen[p.Name] = true
		}
	}
	return all
}

// properties are those of a table that is reached over hops, by their names from where the hops begin.
func (t *Table) properties(hops []Hop) []Property {
	ofDimensions, ofEntities := "", ""
	if len(hops) == 0 && t.PrimaryEntity != "" {
		ofDimensions = t.PrimaryEntity + "__"
	}
	for _, h := range hops {
		ofDimensions += h.From.Name + "__"
		ofEntities = ofDimensions
	}
	var list []Property
	for _, d := range t.Dimensions {
		list = append(list, Property{Name: ofDimensions + d.Name, Dimension: d})
	}
	for _, e := range t.Entities {
		if len(hops) == 0 || e != hops[len(hops)-1].To {
			list = append(list, Property{Name: ofEntities + e.Name, Entity: e})
		}
	}
	return list
}

func (m *Model) understood(name string, from []*Simple) bool {
	for _, s := range from {
		if m.Ref(s.Table, s.Time, diag.PlainText(name), &diag.Bag{}) == nil {
			return false
		}
	}
	return true
}

// groupable lists the properties of one table's rows, near and far, without those whose name is ambiguous.
func (m *Model) groupable(t *Table, time *Dimension) []Property {
	var list []Property
	if time != nil {
		list = append(list, Property{Name: metricTime, Dimension: time})
	}
	m.explore(t, func(at *Table, hops []Hop) bool {
		list = append(list, at.properties(hops)...)
		return true
	})
	count := map[string]int{}
	for _, p := range list {
		count[p.Name]++
	}
	return slices.DeleteFunc(list, func(p Property) bool { return count[p.Name] > 1 })
}

// propertyNames are the names for a hint: everything that can be named from a table.
func (m *Model) propertyNames(t *Table) []string {
	var names []string
	for _, p := range m.groupable(t, t.Time) {
		if strings.Count(p.Name, "__") <= 1 {
			names = append(names, p.Name)
		}
	}
	return names
}
