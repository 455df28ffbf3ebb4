package dialects

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"assay/compiler/rel"
)

// setNumber tells from the engine's mask of missing groups which grouping set a row is of.
func (p *printer) setNumber(g *grouping, s scope) string {
	mask := fill(p.Clauses[GroupingMask], map[string]string{"groups": p.list(expressions(g.groups), s)})
	text := "CASE " + mask
	for i, set := range g.sets {
		missing := 0
		for j := range g.groups {
			missing <<= 1
			if !slices.Contains(set, j) {
				missing |= 1
			}
		}
		text += fmt.Sprintf(" WHEN %d THEN %d", missing, i)
	}
	return text + " END"
}

// groupBy names groups by their places among the columns, which no engine can take for something else.
func (p *printer) groupBy(q *selection, s scope, depth int) {
	if q.grouping == nil {
		return
	}
	places, names := make([]string, len(q.grouping.groups)), make([]string, len(q.grouping.groups))
	for i, g := range q.grouping.groups {
		at := slices.IndexFunc(q.columns, func(c rel.Named) bool { return c.X == g.X })
		places[i], names[i] = strconv.Itoa(at+1), p.bare(g.X, s)
	}
	switch {
	case q.grouping.sets != nil:
		p.line(depth, "GROUP BY %s", fill(p.Clauses[GroupingSets], map[string]string{
			"sets": groupingSets(q.grouping.sets, places), "named": groupingSets(q.grouping.sets, names),
		}))
	case len(places) > 0:
		p.line(depth, "GROUP BY %s", strings.Join(places, ", "))
	}
}

func groupingSets(sets [][]int, groups []string) string {
	texts := make([]string, len(sets))
	for i, set := range sets {
		members := make([]string, len(set))
		for j, g := range set {
			members[j] = groups[g]
		}
		texts[i] = "(" + strings.Join(members, ", ") + ")"
	}
	return strings.Join(texts, ", ")
}
