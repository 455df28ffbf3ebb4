package rel

import (
	"fmt"
	"strings"
)

// Dump is the whole program as text, for golden files: each step with its relation as an indented tree, then its schema.
func (p *Program) Dump() string {
	var b strings.Builder
	for i, s := range p.Steps {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s %s", s.Kind, s.Name)
		if s.Comment != "" {
			fmt.Fprintf(&b, ": %s", s.Comment)
		}
		b.WriteString("\n")
		dump(&b, s.Relation, 1)
		dumpSchema(&b, s.Relation.Schema())
	}
	return b.String()
}

// FormatRelation is a relation as text; equal texts mean equal relations.
func FormatRelation(r Relation) string {
	var b strings.Builder
	dump(&b, r, 0)
	return b.String()
}

func dump(b *strings.Builder, r Relation, depth int) {
	indent := strings.Repeat("  ", depth)
	for line := range strings.Lines(describe(r)) {
		fmt.Fprintf(b, "%s%s\n", indent, strings.TrimSuffix(line, "\n"))
	}
	for _, in := range Inputs(r) {
		dump(b, in, depth+1)
	}
}

func describe(r Relation) string {
	switch r := r.(type) {
	case *Scan:
		return "scan " + formatTable(r.Table)
	case *Raw:
		return fmt.Sprintf("raw %q", r.SQL)
	case *Values:
		return "values" + formatRows(r.Rows)
	case *Series:
		return fmt.Sprintf("series of %ss from %s to %s", r.Unit, Format(r.From), Format(r.To))
	case *Ref:
		return "ref " + r.Step.Name
	case *Filter:
		return "filter " + Format(r.Cond)
	case *Project:
		return "project" + formatNamed(r.Cols)
	case *Join:
		return r.Kind.String() + " join" + formatOn(r)
	case *Expand:
		return fmt.Sprintf("%s expand by %s on %s", r.Kind, formatNames(r.By), Format(r.On))
	case *Aggregate:
		return formatAggregate(r)
	case *Window:
		return "window" + formatNamed(r.Cols)
	case *Union:
		return "union"
	case *Sort:
		return "sort" + formatKeys(" by ", r.Keys)
	case *Limit:
		return fmt.Sprintf("limit %d", r.Count)
	}
	panic(unsealed(r))
}

func formatTable(t Table) string {
	if t.File == nil {
		return strings.Join(mapAll(t.Parts, func(p TablePart) string {
			if p.Quoted {
				return fmt.Sprintf("%q", p.Name)
			}
			return p.Name
		}), ".")
	}
	text := fmt.Sprintf("file %q", t.File.Path)
	for _, o := range t.File.Options {
		text += fmt.Sprintf(" %s=%#v", o.Name, o.Value)
	}
	return text
}

func formatRows(rows [][]Expr) string {
	text := ""
	for _, row := range rows {
		text += "\n  (" + strings.Join(mapAll(row, Format), ", ") + ")"
	}
	return text
}

func formatNamed(cols []Named) string {
	text := ""
	for _, c := range cols {
		text += fmt.Sprintf("\n  %s = %s", formatName(c.Name), Format(c.X))
	}
	return text
}

func formatNames(names []string) string { return strings.Join(mapAll(names, formatName), ", ") }

func formatOn(j *Join) string {
	text := ""
	for _, e := range j.On {
		text += fmt.Sprintf("\n  %s = %s", Format(e.Left), formatName(e.Right))
	}
	if j.Moment != nil {
		text += "\n  at " + Format(j.Moment)
	}
	return text
}

func formatAggregate(a *Aggregate) string {
	text := "aggregate" + formatNamed(a.Groups)
	for i, set := range a.Sets {
		names := mapAll(set, func(i int) string { return formatName(a.Groups[i].Name) })
		text += fmt.Sprintf("\n  %s %d: (%s)", a.GroupingID, i, strings.Join(names, ", "))
	}
	if len(a.Aggs) > 0 {
		text += "\n  ->" + formatNamed(a.Aggs)
	}
	return text
}

func dumpSchema(b *strings.Builder, s Schema) {
	for _, c := range s.Columns {
		fmt.Fprintf(b, "  : %s %s\n", formatName(c.Name), c.Type)
	}
	for _, k := range s.Keys {
		fmt.Fprintf(b, "  key (%s)", formatNames(k.Columns))
		if k.Validity != nil {
			fmt.Fprintf(b, " from %s to %s", formatName(k.Validity.From), formatName(k.Validity.To))
		}
		b.WriteString("\n")
	}
}
