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
