package rel

import "fmt"

// Invariant is what a constructor panics with when it is called wrongly. The message is for whoever mends the planner.
type Invariant struct{ Message string }

func (i *Invariant) Error() string { return "broken invariant: " + i.Message }

func broken(format string, args ...any) {
	panic(&Invariant{fmt.Sprintf(format, args...)})
}

// must passes on what a check returned, and turns its error into a panic.
func must(t Type, err error) Type {
	if err != nil {
		broken("%s", err)
	}
	return t
}
