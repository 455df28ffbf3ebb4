package plan

import "assay/compiler/rel"

// pick is some columns of a step.
func pick(step *rel.Step, cols ...string) *rel.Project {
	in := rel.NewRef(step)
	return rel.NewProject(in, passed(in.Schema(), cols...)...)
}

// passed are columns of a relation passed on under their names.
func passed(s rel.Schema, cols ...string) []rel.Named {
	named := make([]rel.Named, len(cols))
	for i, name := range cols {
		named[i] = rel.Named{Name: name, X: s.Col(name)}
	}
	return named
}

func columnsOf(s rel.Schema) []string {
	all := make([]string, len(s.Columns))
	for i, col := range s.Columns {
		all[i] = col.Name
	}
	return all
}

func columnsNamed(cols []rel.Named) []string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	return names
}
