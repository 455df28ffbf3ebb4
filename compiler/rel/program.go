package rel

// A Program is steps in dependency order: a step refers only to earlier ones.
type Program struct{ Steps []*Step }

// A Step is a named relation and what becomes of it.
type Step struct {
	Name     string // distinct in the program; no name that a Scan or a Raw mentions
	Kind     StepKind
	Relation Relation
	Comment  string // one line for the reader of the SQL
}

// StepKind says what becomes of a step's rows.
type StepKind uint8

const (
	Inline  StepKind = iota // a CTE of the steps that read it
	Staged                  // stored for the run, read again
	Fetched                 // returned to the caller
	Kept                    // stored beyond the run: state
)
