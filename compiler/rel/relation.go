package rel

import "assay/internal/diag"

// A Relation is a bag of rows with a Schema.
//
//sumtype:decl
type Relation interface {
	Schema() Schema
	isRelation()
}

// Scan reads a table, view or file: just the columns asked for.
type Scan struct {
	Table  Table
	schema Schema
	At     diag.Span
}

// Table names what a Scan reads: Parts of a qualified name as the user spelt them without quotes, or a File.
type Table struct {
	Parts []TablePart
	File  *FileSource
}

// TablePart is one part of a qualified name; Quoted keeps its case.
type TablePart struct {
	Name   string
	Quoted bool
}

// FileSource is a file read by the engine itself; Path is absolute or a glob of such, Options are the reader's.
type FileSource struct {
	Path    string
	Options []FileOption
}

// FileOption is a named read option: Value is string, bool, int64, float64, nil, a list of such ([]any) or a map ([]FileOption).
type FileOption struct {
	Name  string
	Value any
}

// Raw is a user's own SELECT, never edited.
type Raw struct {
	SQL    string
	schema Schema
	At     diag.Span
}

// Values are literal rows. Domain is nil where nobody said what values a column may have.
type Values struct {
	Rows   [][]Expr
	Domain *Domain
	schema Schema
}

// A Domain is all the values that a column of text may have, in the order of code points. An engine may hold as numbers what the
// column passes on; where it meets other text, or another domain, they compare as text.
type Domain struct {
	Column string
	Values []string
}

// Series is every Unit from From to To, both included, as one column.
type Series struct {
	From, To Expr
	Unit     Unit
	schema   Schema
}

// Ref reads another step.
type Ref struct{ Step *Step }

// Filter keeps the rows for which Cond is true.
type Filter struct {
	In     Relation
	Cond   Expr
	schema Schema
}

// Project computes columns from a row.
type Project struct {
	In     Relation
	Cols   []Named
	schema Schema
}

// JoinKind is inner or left.
type JoinKind uint8

const (
	Inner JoinKind = iota
	Left
)

// Equal is left = right; the left side reads the left relation, the right side names a column of the right.
type Equal struct {
	Left  Expr
	Right string
}

// Join adds columns of the one row of Right that matches: its equalities cover a key of Right, so no row is multiplied. Where
// that key has a validity, Moment (of Left) picks the row that holds then.
type Join struct {
	Left, Right Relation
	Kind        JoinKind
	On          []Equal
	Moment      Expr
	schema      Schema
}

// Expand is the one join that may multiply rows of Left. By names the columns of Right that tell the copies of one row apart.
type Expand struct {
	Left, Right Relation
	Kind        JoinKind
	On          Expr // over the columns of both
	By          []string
	schema      Schema
}

// Aggregate groups by expressions. Sets lists grouping sets as positions in Groups; nil is one set of all. Without Aggs it is
// DISTINCT; without Groups one row. With Sets and GroupingID, that column holds the set's position in Sets.
type Aggregate struct {
	In         Relation
	Groups     []Named
	Sets       [][]int
	GroupingID string
	Aggs       []Named
	schema     Schema
}

// Window adds columns computed over a row's neighbours.
type Window struct {
	In     Relation
	Cols   []Named
	schema Schema
}

// Union is UNION ALL of relations with the same columns.
type Union struct {
	In     []Relation
	schema Schema
}

// Sort orders rows, for a step that is fetched.
type Sort struct {
	In   Relation
	Keys []SortKey
}

// Limit keeps the first Count rows.
type Limit struct {
	In    Relation
	Count int64
}

func (*Scan) isRelation()      {}
func (*Raw) isRelation()       {}
func (*Values) isRelation()    {}
func (*Series) isRelation()    {}
func (*Ref) isRelation()       {}
func (*Filter) isRelation()    {}
func (*Project) isRelation()   {}
func (*Join) isRelation()      {}
func (*Expand) isRelation()    {}
func (*Aggregate) isRelation() {}
func (*Window) isRelation()    {}
func (*Union) isRelation()     {}
func (*Sort) isRelation()      {}
func (*Limit) isRelation()     {}
