package plan

import "assay/compiler/rel"

// program gathers steps under names of their own.
type program struct {
	names *names
	steps []*rel.Step
}

func (p *program) add(kind rel.StepKind, name, comment string, r rel.Relation) *rel.Step {
	step := &rel.Step{Name: p.names.give(name), Kind: kind, Relation: r, Comment: comment}
	p.steps = append(p.steps, step)
	return step
}

// addOnce adds a step to be read in place, or finds the one that is the same.
func (p *program) addOnce(name, comment string, r rel.Relation) *rel.Step {
	as := rel.FormatRelation(r)
	for _, step := range p.steps {
		if step.Kind == rel.Inline && step.Comment == comment && rel.FormatRelation(step.Relation) == as {
			return step
		}
	}
	return p.add(rel.Inline, name, comment, r)
}
