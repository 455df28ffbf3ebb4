package model

import (
	"slices"
	"strings"
)

// A Property is what a query may group by: a dimension, or an entity's key. Exactly one of the two is set.
type Property struct {
	Name      string // as a query writes it: metric_time, user__plan
	Dimension *Dimension
	Entity    *Entity
}

// Groupable lists what a query for all of metrics may group by, in the order of the first metric's tables.
func (m *Model) Groupable(metrics []*Metric) []Property {
	var common []Property
	first := true
	for _, metric := range metrics {
		for _, leaf := range Leaves(metric) {
			here := m.groupable(leaf.Simple.Table, leaf.Simple.Time)
			if first {
				common, first = here, false
				continue
			}
			common = slices.DeleteFunc(common, func(p Property) bool { return !hasProperty(here, p.Name) })
		}
	}
	return common
}

func hasProperty(list []Property, name string) bool {
	return slices.ContainsFunc(list, func(p Property) bool { return p.Name == name })
}

// groupable lists the properties of one table's rows, near and far, without those whose name is ambiguous.
func (m *Model) groupable(t *Table, time *Dimension) []Property {
	var list []Property
	if time != nil {
		list = append(list, Property{Name: metricTime, Dimension: time})
	}
	m.explore(t, func(at *Table, hops []Hop) bool {
		prefix := ""
		if len(hops) == 0 && t.PrimaryEntity != "" {
			prefix = t.PrimaryEntity + "__"
		}
		for _, h := range hops {
			prefix += h.From.Name + "__"
		}
		for _, d := range at.Dimensions {
			list = append(list, Property{Name: prefix + d.Name, Dimension: d})
		}
		if len(hops) == 0 {
			prefix = ""
		}
		for _, e := range at.Entities {
			if len(hops) == 0 || e != hops[len(hops)-1].To {
				list = append(list, Property{Name: prefix + e.Name, Entity: e})
			}
		}
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
