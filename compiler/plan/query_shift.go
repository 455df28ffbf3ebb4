package plan

import (
	"slices"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
)

// shift finds the column of a formula at an earlier time: the formula for all times, which the periods then look back to.
func (f *frame) shift(t *ask.Shifted) {
	if f.columns[t] != nil {
		return
	}
	p := f.part(partKey{term: t}, func(p *framePart) rel.Relation { return f.shifted(t, p) })
	name := f.columnNames.give("moved_formula")
	p.columns = append(p.columns, &partColumn{name: name, typ: rel.Float})
	f.columns[t] = p.columns[0]
}

// shifted is the formula's value for each group at the time it is moved to.
func (f *frame) shifted(t *ask.Shifted, p *framePart) rel.Relation {
	inner := &frame{kpiPlan: f.kpiPlan, groups: t.Groups, names: slices.Clone(f.names), scans: &[]*groupScan{}, columns: map[ask.Term]*partColumn{}}
	for _, g := range t.Groups[len(f.groups):] {
		inner.names = append(inner.names, f.columnNames.give(g.Name))
	}
	inner.gather(t.Term)
	all := inner.align()
	column := p.columns[0]
	value := rel.Named{Name: column.name, X: inner.formula(t.Term)}
	column.typ = value.X.Type()
	step := f.program.add(rel.Inline, "at_any_time", "The formula, before it is moved in time",
		rel.NewProject(all, append(passed(all.Schema(), inner.groupColumns()...), value)...))
	first := ask.Viewpoint(t.Term)
	moving := *inner
	moving.groups = t.Groups[:t.Moved]
	in := moving.moved(first, p, rel.NewRef(step), t.Offset)
	if cond := inner.onGroups(conjunctsOf(t.Where), in.Schema()); cond != nil {
		in = rel.NewFilter(in, cond)
	}
	return rel.NewProject(in, passed(in.Schema(), append(slices.Clone(f.groupColumns()), column.name)...)...)
}

// moved joins an answer to the periods that look back to it; the query's time range limits the periods.
func (f *frame) moved(first *ask.Input, p *framePart, in rel.Relation, offset model.Offset) rel.Relation {
	limited := *f
	limited.ranged = f.asked.Start != nil || f.asked.End != nil
	at := f.timeGroups(first)
	joined := f.joinColumn(first, rel.NoUnit)
	period := in.Schema().Col(joined)
	spine := limited.spineOf(first, at, rel.NoUnit, nil, func(grain rel.Unit) rel.Relation {
		return limited.periods(grain, limited.ranged, stretchOf(in, period, period, f.joinGroup(first).Grain), offset)
	})
	return f.joinSpine(p, in, spine, rel.Inner, at, rel.NoUnit, joined, earlier(offset, spine.Schema().Col(joined)))
}
