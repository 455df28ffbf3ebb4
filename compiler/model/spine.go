package model

import (
	"cmp"
	"fmt"
	"slices"

	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// A Spine is a table with a row for every period of a grain.
type Spine struct {
	Table  *Table
	Column rel.Expr // the beginning of the period
	Grain  rel.Unit
	Custom []*CustomGrain
}

// A CustomGrain is a longer period that a column of a spine names, such as a fiscal quarter.
type CustomGrain struct {
	Name   string
	Spine  *Spine
	Column rel.Expr
}

// A Window is a number of periods; Custom is set where they are no unit of time.
type Window struct {
	Count  int64
	Unit   rel.Unit
	Custom *CustomGrain
}

// spines finds the tables that list periods, finest first. One of a grain is enough.
func (b *builder) spines() {
	for _, t := range b.Tables {
		decl := t.Decl.TimeSpine
		if decl == nil || !decl.Column.IsSet() {
			continue
		}
		s := &Spine{Table: t, Column: t.read(decl.Column.V, true, decl.Column.Span, b.bag), Grain: spineGrain(t, decl)}
		for _, c := range decl.CustomGranularities {
			s.Custom = append(s.Custom, &CustomGrain{Name: c.Name.V, Spine: s, Column: t.read(c.Column.V, true, c.Column.Span, b.bag)})
		}
		b.Spines = append(b.Spines, s)
	}
	slices.SortStableFunc(b.Spines, func(x, y *Spine) int { return cmp.Compare(x.Grain, y.Grain) })
}

// spineGrain is the granularity of the spine's column; a day where none is declared.
func spineGrain(t *Table, decl *project.TimeSpine) rel.Unit {
	for _, c := range t.Decl.Columns {
		if c.Name.V == decl.Column.V && c.Granularity.IsSet() {
			return unitOf(c.Granularity.V)
		}
	}
	return rel.Day
}

// SpineFor is the coarsest spine that knows every period of a grain; nil where there is none.
func (m *Model) SpineFor(grain rel.Unit) *Spine {
	var best *Spine
	for _, s := range m.Spines {
		if s.Grain <= grain {
			best = s
		}
	}
	return best
}

// customGrain finds a custom granularity by name.
func (m *Model) customGrain(name string) (*CustomGrain, bool) {
	for _, s := range m.Spines {
		for _, c := range s.Custom {
			if c.Name == name {
				return c, true
			}
		}
	}
	return nil, false
}

// grainNames are the units of time and the custom granularities.
func (m *Model) grainNames() []string {
	names := unitNames()
	for _, s := range m.Spines {
		for _, c := range s.Custom {
			names = append(names, c.Name)
		}
	}
	return names
}

// window resolves a duration whose unit may be a custom granularity; false where it is none, which is reported.
func (b *builder) window(d project.Value[project.Duration]) (Window, bool) {
	w := Window{Count: d.V.Count, Unit: unitOf(d.V.Unit)}
	if !d.IsSet() || w.Unit != rel.NoUnit {
		return w, true
	}
	custom, ok := b.customGrain(string(d.V.Unit))
	if !ok {
		b.bag.Add(diag.Diagnostic{Code: codeGrain, Span: d.Span, Message: fmt.Sprintf("no granularity is called `%s`", d.V.Unit),
			Hint: diag.Suggest(string(d.V.Unit), b.grainNames())})
	}
	w.Custom = custom
	return w, ok
}
