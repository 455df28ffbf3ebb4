package rel

import (
	"time"

	"assay/internal/diag"
)

// An Expr is a scalar, aggregate or window expression. Type is Unknown where the columns it reads are.
//
//sumtype:decl
type Expr interface {
	Type() Type
	Span() diag.Span // where the user wrote it; zero for ours
	isExpr()
}

// Col reads a column of the input relation by its name.
type Col struct {
	Name string
	T    Type
	At   diag.Span
}

// Lit is a constant: nil (NULL), bool, int64, float64, string, time.Time (a Timestamp in UTC, or a Date), or Decimal text.
type Lit struct {
	Value any
	T     Type
	At    diag.Span
}

// Param is a value bound at run time.
type Param struct{ Name ParamName }

// ParamName lists the parameters of a program.
type ParamName string

const (
	AsOf  ParamName = "as_of"  // Timestamp, UTC
	RunID ParamName = "run_id" // Text
)

// Call applies a scalar function. Unit, Part and To are set for the functions whose comment says so.
type Call struct {
	Func Func
	Args []Expr
	Unit Unit
	Part Part
	T    Type
	At   diag.Span
}

// Agg aggregates its input's rows that satisfy Where (nil: all). OrderBy is for First alone.
type Agg struct {
	Func    AggFunc
	Args    []Expr
	Where   Expr
	OrderBy []SortKey
	T       Type
}

// Over computes a window function.
type Over struct {
	Func      WindowFunc
	Args      []Expr
	Partition []Expr
	Order     []SortKey
	Frame     *Frame
	T         Type
}

// Frame of a window, in rows: Preceding rows before the current one (negative: unbounded) up to the current one. No frame is the
// whole partition.
type Frame struct{ Preceding int }

// Case is the first When that holds, else Else (nil: NULL).
type Case struct {
	Whens []When
	Else  Expr
	T     Type
	At    diag.Span
}

// When is a branch of a Case.
type When struct{ Cond, Then Expr }

// Cast converts; a value that cannot be converted is an error on the engine. To Integer it rounds, halves away from zero.
type Cast struct {
	X  Expr
	T  Type
	At diag.Span
}

// Verbatim is a user's own expression by dialect (`expr: {duckdb: …, default: …}`), printed as it is between parentheses: see
// For.
type Verbatim struct {
	SQL   string // for the dialects that Texts does not name; empty: there is none
	Texts []DialectSQL
	T     Type
	At    diag.Span
}

// DialectSQL is a text for one dialect.
type DialectSQL struct{ Dialect, SQL string }

// For is the text for a dialect; ok is false where the user gave none, which is a gap at the expression's place.
func (e *Verbatim) For(dialect string) (sql string, ok bool) {
	for _, t := range e.Texts {
		if t.Dialect == dialect {
			return t.SQL, true
		}
	}
	return e.SQL, e.SQL != ""
}

// SortKey orders rows; NULLs come last in either direction.
type SortKey struct {
	X    Expr
	Desc bool
}

// Named is an expression with the column name it gets.
type Named struct {
	Name string
	X    Expr
}

func (e *Col) Type() Type      { return e.T }
func (e *Lit) Type() Type      { return e.T }
func (e *Param) Type() Type    { return paramTypes[e.Name] }
func (e *Call) Type() Type     { return e.T }
func (e *Agg) Type() Type      { return e.T }
func (e *Over) Type() Type     { return e.T }
func (e *Case) Type() Type     { return e.T }
func (e *Cast) Type() Type     { return e.T }
func (e *Verbatim) Type() Type { return e.T }

func (e *Col) Span() diag.Span      { return e.At }
func (e *Lit) Span() diag.Span      { return e.At }
func (e *Param) Span() diag.Span    { return diag.Span{} }
func (e *Call) Span() diag.Span     { return e.At }
func (e *Agg) Span() diag.Span      { return diag.Span{} }
func (e *Over) Span() diag.Span     { return diag.Span{} }
func (e *Case) Span() diag.Span     { return e.At }
func (e *Cast) Span() diag.Span     { return e.At }
func (e *Verbatim) Span() diag.Span { return e.At }

func (*Col) isExpr()      {}
func (*Lit) isExpr()      {}
func (*Param) isExpr()    {}
func (*Call) isExpr()     {}
func (*Agg) isExpr()      {}
func (*Over) isExpr()     {}
func (*Case) isExpr()     {}
func (*Cast) isExpr()     {}
func (*Verbatim) isExpr() {}

var paramTypes = map[ParamName]Type{AsOf: Timestamp, RunID: Text}

// Constructors. Each checks the argument count and types of its function and computes the result's type.

func NewCol(c Column) *Col          { return &Col{Name: c.Name, T: c.Type} }
func Null(t Type) *Lit              { return &Lit{T: t} }
func Bool(v bool) *Lit              { return &Lit{Value: v, T: Boolean} }
func Int(v int64) *Lit              { return &Lit{Value: v, T: Integer} }
func Float64(v float64) *Lit        { return &Lit{Value: v, T: Float} }
func String(v string) *Lit          { return &Lit{Value: v, T: Text} }
func TimestampLit(v time.Time) *Lit { return &Lit{Value: v.UTC(), T: Timestamp} }
func DateLit(v time.Time) *Lit      { return &Lit{Value: v, T: Date} }

// LitOf is a value of the type that its Go type stands for: bool, int64, float64, string, time.Time (an instant: its timestamp in
// UTC), or nil, whose type is unknown.
func LitOf(v any) *Lit {
	switch v := v.(type) {
	case nil:
		return Null(Unknown)
	case bool:
		return Bool(v)
	case int64:
		return Int(v)
	case float64:
		return Float64(v)
	case string:
		return String(v)
	case time.Time:
		return TimestampLit(v)
	}
	broken("no literal is of Go type %T", v)
	return nil
}
func ToType(x Expr, t Type) *Cast { return &Cast{X: x, T: t} }
