package plan

import (
	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/rel"
	"assay/stats"
)

// conversion is the conversions of all units over their base events, or conversions a unit.
func (b *builder) conversion(t *ask.Conversion) *estimator {
	s := b.converted(t)
	conversions := b.capped(b.quantity(b.use.Metric.Name+"_conversions",
		b.counted(rel.ToType(rel.NewCall(rel.Coalesce, &rel.Col{Name: s.result}, rel.Int(0)), rel.Float))))
	if t.Spec.Calculation == model.ConversionNumber {
		return b.oneValue("value", conversions)
	}
	bases := b.capped(b.measure("_bases", part{term: t.Base}, b.since))
	return &estimator{shape: stats.Shape{Kind: stats.KindRatio}, labels: []string{"numerator", "denominator", "residual"},
		quantities: b.withResidual(conversions, bases)}
}

const (
	convertedValue = "converted_value"
	baseAt         = "base_at" // of the latest base event at or before a conversion
)

// converted is each unit's conversions.
func (b *builder) converted(t *ask.Conversion) *sequence {
	constants := t.Spec.Constants
	if t.Spec.Entity != b.use.Metric.Unit {
		constants = append([]model.ConstantProperty{t.Spec.SameEntity()}, constants...)
	}
	base, converted := b.keptRows(t.BaseRows.Input), b.keptRows(t.Converted.Input)
	var bases, conversions []string
	for _, p := range constants {
		bases = append(bases, base.source.carry(b.cohort, matching(p.Base, p.Converted)))
		conversions = append(conversions, converted.source.carry(b.cohort, matching(p.Converted, p.Base)))
	}
	name := b.use.Metric.Metric.Name
	return b.sequence(&sequence{of: t.Spec, rows: []*factColumn{base, converted}, name: name + "_converted",
		comment: "Conversions of " + name + ": each once, where a base event came before it in time",
		follow: func(s *sequence) rel.Relation {
			grain := max(base.source.grain(), converted.source.grain())
			values := converted.in.value(rel.NewRef(converted.source.rows).Schema())
			events := rel.NewUnion(b.baseEvents(base, grain, values.Type(), bases), b.conversionEvents(converted, grain, conversions))
			found := b.cohort.attributed(events, t.Spec, len(constants))
			return b.cohort.reduced(s, found, unitAggregates[t.Converted.Input.Agg].of(found.Schema().Col(convertedValue), nil))
		}})
}

// baseEvents have no value of the conversions' type.
func (c *cohort) baseEvents(col *factColumn, grain rel.Unit, value rel.Type, constants []string) rel.Relation {
	in, cols := c.kept(col, 1, grain, col.within(rel.NewRef(col.source.rows).Schema()))
	return eventsOf(in, append(cols, rel.Named{Name: convertedValue, X: rel.Null(value)}), constants)
}

// conversionEvents are those of any time up to as-of: what is in time is for the base event to say.
func (c *cohort) conversionEvents(col *factColumn, grain rel.Unit, constants []string) rel.Relation {
	in, cols := c.kept(col, 2, grain, nil)
	return eventsOf(in, append(cols, rel.Named{Name: convertedValue, X: col.in.value(in.Schema())}), constants)
}

// eventsOf adds the properties that stay constant. A NULL is the same as nothing, so that such an event neither converts nor is
// converted.
func eventsOf(in rel.Relation, cols []rel.Named, constants []string) rel.Relation {
	s := in.Schema()
	var known []rel.Expr
	for i, name := range constants {
		known = append(known, rel.NewCall(rel.IsNotNull, s.Col(name)))
		cols = append(cols, rel.Named{Name: constantColumn(i), X: s.Col(name)})
	}
	if cond := rel.AndAll(known...); cond != nil {
		in = rel.NewFilter(in, cond)
	}
	return rel.NewProject(in, cols...)
}

func constantColumn(i int) string { return "constant_" + string(rune('a'+i)) }

// attributed is the conversions with a base event at or before them, in time.
func (c *cohort) attributed(events rel.Relation, spec *model.Conversion, constants int) rel.Relation {
	s := events.Schema()
	step, at := s.Col(stepNumber), s.Col(stepAt)
	by := []rel.Expr{experiment, c.unitID()}
	for i := range constants {
		by = append(by, s.Col(constantColumn(i)))
	}
	base := rel.NewCase(nil, rel.When{Cond: rel.NewCall(rel.Eq, step, rel.Int(1)), Then: at})
	latest := rel.NewOver(rel.WindowMax, []rel.Expr{base}, by, []rel.SortKey{{X: at}, {X: step}}, &rel.Frame{Preceding: -1})
	windowed := rel.NewWindow(events, rel.Named{Name: baseAt, X: latest})
	before := windowed.Schema().Col(baseAt)
	conds := []rel.Expr{rel.NewCall(rel.Eq, step, rel.Int(2)), rel.NewCall(rel.IsNotNull, before)}
	if spec.Window != nil {
		conds = append(conds, rel.NewCall(rel.Lt, at, later(before, *spec.Window)))
	}
	return rel.NewFilter(windowed, rel.AndAll(conds...))
}
