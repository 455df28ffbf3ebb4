package rel

import (
	"fmt"
	"slices"
	"strings"
)

// Check verifies what no constructor can see: step names are distinct and capture no name of the user's, and a step refers only
// to earlier ones whose rows are still there.
func (p *Program) Check() error {
	owner := map[string]string{}
	for _, s := range p.Steps {
		for _, name := range MentionedBy(s.Relation) {
			owner[name] = s.Name
		}
	}
	earlier := map[*Step]bool{}
	names := map[string]bool{}
	for _, s := range p.Steps {
		folded := strings.ToLower(s.Name)
		switch {
		case s.Name == "" || names[folded]:
			return fmt.Errorf("two steps %q, or one without a name", s.Name)
		case owner[folded] != "":
			return fmt.Errorf("step %s takes a name that the user's SQL in step %s may mean", s.Name, owner[folded])
		}
		for _, ref := range References(s.Relation) {
			if !earlier[ref] || ref.Kind == Fetched {
				return fmt.Errorf("step %s reads %s, which is not an earlier step with rows to read", s.Name, ref.Name)
			}
		}
		earlier[s], names[folded] = true, true
	}
	return nil
}

// References are the steps that r reads directly, in order of appearance, each once.
func References(r Relation) []*Step {
	var steps []*Step
	WalkRelation(r, func(r Relation) {
		if ref, ok := r.(*Ref); ok && !slices.Contains(steps, ref.Step) {
			steps = append(steps, ref.Step)
		}
	})
	return steps
}
