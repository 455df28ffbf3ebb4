package plan

import (
	"slices"
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// listing is the groups there are: the table's rows with what is joined to them, each in every period if metric_time is asked for,
// and the rows of joined tables that no row of the table leads to.
func (k *kpiPlan) listing(l *ask.Listing) rel.Relation {
	var all rel.Relation
	columns := map[*model.Ref]rel.Expr{}
	if l.Table == nil {
		all = k.listedPeriods(l, columns)
	} else {
		all = k.listedRows(l, columns)
	}
	all = keep(all, k.listingConditions(l, all.Schema(), columns))
	var cols []rel.Named
	for i, ref := range l.Refs {
		cols = append(cols, rel.Named{Name: k.groups[i], X: columns[ref]})
	}
	listed := rel.NewProject(all, cols...)
	switch l.Values {
	case ask.Every:
		return listed
	case ask.Extremes:
		return extremes(listed, k.groups[0])
	default:
		return rel.NewAggregate(listed, passed(listed.Schema(), k.groups...), nil)
	}
}

// extremes is the lowest and the highest value of a column.
func extremes(in rel.Relation, name string) rel.Relation {
	least, most := lowestAndHighest(in.Schema().Col(name))
	return rel.NewAggregate(in, nil, []rel.Named{{Name: name + "__min", X: least}, {Name: name + "__max", X: most}})
}

// lowestAndHighest are those of x: of a boolean, whether it is always true and whether it ever is.
func lowestAndHighest(x rel.Expr) (least, most rel.Expr) {
	if x.Type() == rel.Boolean {
		ever := func(x rel.Expr) rel.Expr { return rel.NewAgg(rel.BoolOr, x) }
		return rel.NewCall(rel.Not, ever(rel.NewCall(rel.Not, x))), ever(x)
	}
	return rel.NewAgg(rel.Min, x), rel.NewAgg(rel.Max, x)
}

// listingConditions are the query's filters and its time range.
func (k *kpiPlan) listingConditions(l *ask.Listing, s rel.Schema, columns map[*model.Ref]rel.Expr) []rel.Expr {
	var conds []rel.Expr
	for _, p := range l.Where {
		byName := map[string]rel.Expr{}
		for _, ref := range p.Refs {
			byName[ref.Column] = columns[ref]
		}
		conds = append(conds, substitute(p.Expr, byName))
	}
	if k.asked.Start != nil || k.asked.End != nil {
		at := k.rangedPeriod(l, s.Col(periodStart))
		conds = append(conds, k.within(at, func(day time.Time) rel.Expr { return onClocks(day, at.Type()) })...)
	}
	return conds
}

// namesOf are those of properties, each once.
func namesOf(refs []*model.Ref) map[string]bool {
	names := map[string]bool{}
	for _, r := range refs {
		names[r.Name] = true
	}
	return names
}

// rangedPeriod is what the time range limits: a period of the finest metric_time that the query reads, as in dbt.
func (k *kpiPlan) rangedPeriod(l *ask.Listing, period rel.Expr) rel.Expr {
	return toGrain(period, l.Spine.Grain, finestOf(listed(l, true)))
}

// listed are all that a listing reads, of the spine or of the table.
func listed(l *ask.Listing, ofSpine bool) []*model.Ref {
	refs := slices.Clone(l.Refs)
	for _, p := range l.Where {
		refs = append(refs, p.Refs...)
	}
	return slices.DeleteFunc(refs, func(r *model.Ref) bool { return l.ByTime[r] != ofSpine })
}

// listedPeriods is every period, and what is read of it.
func (k *kpiPlan) listedPeriods(l *ask.Listing, columns map[*model.Ref]rel.Expr) rel.Relation {
	spine := l.Spine
	periods := rel.Relation(rel.NewProject(scan(spine.Table, []rel.Expr{spine.Column}), rel.Named{Name: periodStart, X: spine.Column}))
	refs := listed(l, true)
	joined, see := (&frame{kpiPlan: k}).customColumns(periods, periods.Schema().Col(periodStart), spine.Grain, refs)
	for _, ref := range refs {
		columns[ref] = see(ref)
	}
	return joined
}

// listedRows is the table's rows with all that is read of them, in every period.
func (k *kpiPlan) listedRows(l *ask.Listing, columns map[*model.Ref]rel.Expr) rel.Relation {
	rows := newRowset(l.Table, l.Table.Time, k.asked.Model.Zone)
	rows.lonely, rows.periodsRead = true, len(namesOf(listed(l, true)))
	k.giveMetrics(rows, listed(l, false), l.Metrics)
	var cols []rel.Named
	for _, ref := range listed(l, false) {
		name := k.columnNames.give(ref.Name + "_value")
		cols = append(cols, rel.Named{Name: name, X: rows.ref(ref)})
		columns[ref] = &rel.Col{Name: name, T: cols[len(cols)-1].X.Type()}
	}
	if l.Spine != nil {
		periods := k.listedPeriods(l, columns)
		rows.spreads = append(rows.spreads, func(in rel.Relation) rel.Relation {
			return rel.NewExpand(rel.Inner, in, periods, rel.Bool(true), periodStart)
		})
		for _, c := range periods.Schema().Columns {
			cols = append(cols, rel.Named{Name: c.Name, X: rel.NewCol(c)})
		}
	}
	return rel.NewProject(rows.build(), cols...)
}
