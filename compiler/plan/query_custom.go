package plan

import (
	"slices"
	"time"

	"assay/compiler/model"
	"assay/compiler/rel"
)

// spreadCustom joins rows to the periods that look back to them by a number of custom periods. Where the answer is by those alone,
// each is taken to the one so many later; else each day is taken to the day at the same place in it, if it has as many.
func (s *groupScan) spreadCustom(rows *rowset, custom *model.CustomGrain, refs []*model.Ref) {
	at := rows.ref(timeRef(s.time, custom.Spine.Grain))
	later := s.laterPeriods(custom)
	if s.frame.ranged {
		moved := later.Schema().Col(periodMoved)
		later = rel.NewFilter(later, rel.AndAll(s.within(moved, func(day time.Time) rel.Expr { return onClocks(day, moved.T) })...))
	}
	rows.spreads = append(rows.spreads, func(in rel.Relation) rel.Relation {
		return rel.NewExpand(rel.Inner, in, later, rel.NewCall(rel.Eq, at, later.Schema().Col(periodFrom)), periodFrom)
	})
	rows.period, rows.periodOf = later.Schema().Col(periodMoved), custom.Spine.Grain
	rows.moment, rows.momentOf = rows.period, rows.periodOf
	if !slices.ContainsFunc(refs, func(r *model.Ref) bool { return r.Custom != custom }) {
		rows.periodIn = map[*model.CustomGrain]rel.Expr{custom: later.Schema().Col(periodName)}
	}
}

// laterPeriods is each period of the spine (period_from) with the one at the same place of the custom period so many later
// (period_moved), and that one's name.
func (s *groupScan) laterPeriods(custom *model.CustomGrain) rel.Relation {
	days := rel.NewProject(scan(custom.Spine.Table, []rel.Expr{custom.Spine.Column, custom.Column}),
		rel.Named{Name: periodFrom, X: custom.Spine.Column}, rel.Named{Name: "custom_period", X: custom.Column})
	place := rel.NewOver(rel.RowNumber, nil, []rel.Expr{days.Schema().Col("custom_period")}, []rel.SortKey{{X: days.Schema().Col(periodFrom)}}, nil)
	placed := rel.NewRef(s.program.add(rel.Inline, custom.Name+"_places", "The place of each period of the spine in its "+custom.Name,
		rel.NewWindow(days, rel.Named{Name: "period_place", X: place})))
	from := placed.Schema().Col(periodFrom)
	each := rel.NewAggregate(placed, passed(placed.Schema(), "custom_period"),
		[]rel.Named{{Name: "first_period", X: rel.NewAgg(rel.Min, from)}, {Name: "last_period", X: rel.NewAgg(rel.Max, from)}})
	order := rel.NewOver(rel.RowNumber, nil, nil, []rel.SortKey{{X: each.Schema().Col("custom_period")}}, nil)
	numbered := rel.NewRef(s.program.add(rel.Inline, custom.Name+"_numbers", "Every "+custom.Name+", in order",
		rel.NewWindow(each, rel.Named{Name: "period_number", X: order})))
	own := rel.NewProject(numbered, rel.Named{Name: "own_period", X: numbered.Schema().Col("custom_period")},
		rel.Named{Name: "own_number", X: numbered.Schema().Col("period_number")})
	target := rel.NewProject(numbered, rel.Named{Name: "target_number", X: numbered.Schema().Col("period_number")},
		rel.Named{Name: periodName, X: numbered.Schema().Col("custom_period")},
		passed(numbered.Schema(), "first_period")[0], passed(numbered.Schema(), "last_period")[0],
	).Claiming(rel.Key{Columns: []string{"target_number"}})
	known := rel.NewJoin(rel.Inner, placed, own, []rel.Equal{{Left: placed.Schema().Col("custom_period"), Right: "own_period"}}, nil)
	wanted := rel.NewCall(rel.Add, known.Schema().Col("own_number"), rel.Int(s.reach.Shift.Window.Count))
	found := rel.NewJoin(rel.Left, known, target, []rel.Equal{{Left: wanted, Right: "target_number"}}, nil)
	return rel.NewRef(s.program.add(rel.Inline, "later_"+custom.Name, "Where each period of the spine is looked back to from",
		rel.NewProject(found, passed(found.Schema(), periodFrom)[0], passed(found.Schema(), periodName)[0],
			rel.Named{Name: periodMoved, X: samePlace(found.Schema(), custom.Spine.Grain)})))
}

// samePlace is the period at the same place of the target; NULL where that one is shorter.
func samePlace(s rel.Schema, grain rel.Unit) rel.Expr {
	steps := rel.NewCall(rel.Sub, s.Col("period_place"), rel.Int(1))
	there := rel.NewTimeCall(rel.DateAdd, grain, s.Col("first_period"), steps)
	return rel.NewCase(nil, rel.When{Cond: rel.NewCall(rel.Le, there, s.Col("last_period")), Then: there})
}
