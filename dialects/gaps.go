package dialects

import (
	"fmt"
	"slices"
	"strings"

	"assay/compiler/rel"
	"assay/internal/diag"
)

// A Gap is something that a program needs and an engine lacks.
type Gap struct {
	What string
	Span diag.Span // where the user asked for it; may be zero
}

// Unsupported is the error of a program that an engine cannot run: every gap at once.
type Unsupported struct {
	Dialect string
	Gaps    []Gap
}

func (u *Unsupported) Error() string {
	lines := make([]string, len(u.Gaps))
	for i, g := range u.Gaps {
		lines[i] = fmt.Sprintf("%s: %s is not supported on %s", g.Span, g.What, u.Dialect)
	}
	return strings.Join(lines, "\n")
}

// unsupported walks the whole program and gathers what d has no entry for; nil where it has all.
func (d *Dialect) unsupported(p *rel.Program) error {
	u := &Unsupported{Dialect: d.Name}
	add := func(at diag.Span, format string, args ...any) {
		u.Gaps = append(u.Gaps, Gap{fmt.Sprintf(format, args...), at})
	}
	for _, s := range p.Steps {
		if s.Kind == rel.Kept {
			add(diag.Span{}, "state kept beyond a run (step %s)", s.Name)
		}
		if s.Kind == rel.Staged && d.Statements[Stage] == "" {
			add(diag.Span{}, "a stored step (%s)", s.Name)
		}
		rel.WalkRelation(s.Relation, func(r rel.Relation) {
			if what, at := d.missingClause(r); what != "" {
				add(at, "%s", what)
			}
			for _, e := range rel.Exprs(r) {
				rel.Walk(e, func(x rel.Expr) bool {
					if what := d.missingForm(x); what != "" {
						add(place(x), "%s", what)
					}
					return true
				})
			}
		})
	}
	if len(u.Gaps) == 0 {
		return nil
	}
	return u
}

func (d *Dialect) missingClause(r rel.Relation) (string, diag.Span) {
	switch r := r.(type) {
	case *rel.Scan:
		if r.Table.File != nil && d.File == nil {
			return "reading a file", r.At
		}
	case *rel.Series:
		if d.Clauses[Series] == "" || d.Intervals[r.Unit] == "" {
			return fmt.Sprintf("a series of %ss", r.Unit), place(r.From)
		}
	case *rel.Expand:
		if d.EquiJoins && r.Kind == rel.Left && !equates(r) {
			return "a left join without an equation", place(r.On)
		}
	case *rel.Values:
		if d.Clauses[ValueRows] == "" {
			return "literal rows", diag.Span{}
		}
	default: // written in the same way by all
	}
	return "", diag.Span{}
}

// equates says that a condition of r is an equation of something on its left with something on its right.
func equates(r *rel.Expand) bool {
	has := func(s rel.Schema, e rel.Expr) bool {
		return slices.ContainsFunc(rel.FreeColumns(e), func(name string) bool {
			_, ok := s.Column(name)
			return ok
		})
	}
	return slices.ContainsFunc(rel.Conjuncts(r.On), func(e rel.Expr) bool {
		c, ok := e.(*rel.Call)
		return ok && c.Func == rel.Eq && has(r.Left.Schema(), c) && has(r.Right.Schema(), c)
	})
}

func (d *Dialect) missingForm(x rel.Expr) string {
	var s Spelling
	switch x := x.(type) {
	case *rel.Call:
		if s, _ = d.call(x); s == (Spelling{}) {
			return x.Func.String() + unitOf(x)
		}
	case *rel.Agg:
		if s, _ = d.aggregate(x); s == (Spelling{}) {
			return x.Func.String()
		}
	case *rel.Over:
		if s, _ = d.window(x); s == (Spelling{}) {
			return x.Func.String() + " over rows"
		}
	case *rel.Cast:
		if s, _ = d.cast(x); s == (Spelling{}) || d.Types[x.T] == "" {
			return fmt.Sprintf("a cast from %s to %s", x.X.Type(), x.T)
		}
	case *rel.Col, *rel.Lit, *rel.Param, *rel.Case:
	case *rel.Verbatim:
		if _, ok := x.For(d.Name); !ok {
			return "this expression, which is not given for it,"
		}
	}
	return ""
}

func unitOf(c *rel.Call) string {
	switch {
	case c.Unit != rel.NoUnit:
		return " of " + c.Unit.String() + "s"
	case c.Part != rel.NoPart:
		return " of the " + c.Part.String()
	default:
		return ""
	}
}

// place is the first place in the user's files that e, or something inside it, has.
func place(e rel.Expr) diag.Span {
	var at diag.Span
	rel.Walk(e, func(x rel.Expr) bool {
		if at.IsZero() {
			at = x.Span()
		}
		return at.IsZero()
	})
	return at
}
