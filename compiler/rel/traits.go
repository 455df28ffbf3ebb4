package rel

// Traits say how an aggregate behaves when its rows come in parts.
type Traits struct {
	// Empty is its value over no rows; nil is NULL.
	Empty Expr
	// Partial are the aggregates to keep of each part, and Merge those that put them together, position by position; both are
	// empty where parts of bounded size do not tell the whole.
	Partial, Merge []AggFunc
}

var traits = [...]Traits{
	Count:               {Empty: Int(0), Partial: []AggFunc{Count}, Merge: []AggFunc{Sum}},
	CountRows:           {Empty: Int(0), Partial: []AggFunc{CountRows}, Merge: []AggFunc{Sum}},
	CountDistinct:       {Empty: Int(0)},
	ApproxCountDistinct: {Empty: Int(0)},
	Sum:                 {Partial: []AggFunc{Sum}, Merge: []AggFunc{Sum}},
	Avg:                 {Partial: []AggFunc{Sum, Count}, Merge: []AggFunc{Sum, Sum}}, // the quotient of the two
	Min:                 {Partial: []AggFunc{Min}, Merge: []AggFunc{Min}},
	Max:                 {Partial: []AggFunc{Max}, Merge: []AggFunc{Max}},
	BoolOr:              {Partial: []AggFunc{BoolOr}, Merge: []AggFunc{BoolOr}},
	VarSamp:             {},
	CovarSamp:           {},
	PercentileCont:      {},
	PercentileDisc:      {},
	ApproxPercentile:    {},
	First:               {},
	AnyValue:            {Partial: []AggFunc{AnyValue}, Merge: []AggFunc{AnyValue}},
}

// Traits are how f behaves when its rows come in parts.
func (f AggFunc) Traits() Traits { return traits[f] }
