package rel

// Traits say what an aggregate is where there are no rows, and where they come in parts.
type Traits struct {
	// Empty is its value over no rows; nil is NULL.
	Empty Expr
	// Merge makes the whole of what the aggregate is of each part; NoAgg where that does not tell it.
	Merge AggFunc
}

var traits = [...]Traits{
	Count:               {Empty: Int(0), Merge: Sum},
	CountRows:           {Empty: Int(0), Merge: Sum},
	CountDistinct:       {Empty: Int(0)},
	ApproxCountDistinct: {Empty: Int(0)},
	Sum:                 {Merge: Sum},
	Avg:                 {},
	Min:                 {Merge: Min},
	Max:                 {Merge: Max},
	BoolOr:              {Merge: BoolOr},
	VarSamp:             {},
	CovarSamp:           {},
	PercentileCont:      {},
	PercentileDisc:      {},
	ApproxPercentile:    {},
	First:               {},
	AnyValue:            {Merge: AnyValue},
}

// Traits are those of f.
func (f AggFunc) Traits() Traits { return traits[f] }
