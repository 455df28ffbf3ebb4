package rel

import "slices"

// Rewrite is the program with f applied to each step's relation, whose references are to the new steps already. f keeps schemas.
func (p *Program) Rewrite(f func(Relation) Relation) *Program {
	rewritten := &Program{}
	now := map[*Step]*Step{}
	follow := func(r Relation) Relation {
		if ref, ok := r.(*Ref); ok {
			return NewRef(now[ref.Step])
		}
		return r
	}
	for _, s := range p.Steps {
		step := *s
		step.Relation = f(RewriteRelation(s.Relation, follow))
		now[s] = &step
		rewritten.Steps = append(rewritten.Steps, &step)
	}
	return rewritten
}

// Bind is the program with parameters replaced by their values, so that its SQL can be run by itself.
func (p *Program) Bind(values map[ParamName]*Lit) *Program {
	bound := func(x Expr) Expr {
		param, ok := x.(*Param)
		if !ok || values[param.Name] == nil {
			return x
		}
		if value := values[param.Name]; value.T != param.Type() {
			broken("%s is %s, not %s", param.Name, param.Type(), value.T)
		}
		return values[param.Name]
	}
	var bind func(Relation) Relation
	bind = func(r Relation) Relation { return Rebuild(r, bind, func(x Expr) Expr { return Rewrite(x, bound) }) }
	return p.Rewrite(bind)
}

// Inlined is the program with nothing stored between its statements: staged steps are part of each statement that reads them.
func (p *Program) Inlined() *Program {
	inlined := p.Rewrite(func(r Relation) Relation { return r })
	for _, s := range inlined.Steps {
		if s.Kind == Staged {
			s.Kind = Inline
		}
	}
	return inlined
}

// Alone is a program of one step: its rows are fetched, and all that it reads is part of it.
func (p *Program) Alone(s *Step) *Program {
	upTo := slices.Index(p.Steps, s)
	alone := (&Program{Steps: p.Steps[:upTo+1]}).Inlined()
	for _, step := range alone.Steps {
		step.Kind = Inline
	}
	alone.Steps[upTo].Kind = Fetched
	return alone
}
