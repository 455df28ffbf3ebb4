package rel

import (
	"errors"
	"testing"
	"time"
)

func columnOf(t Type) *Col { return NewCol(Column{Name: t.String(), Type: t}) }

func args(types ...Type) []Expr {
	var list []Expr
	for _, t := range types {
		list = append(list, columnOf(t))
	}
	return list
}

func TestCallTypes(t *testing.T) {
	null := Null(Unknown)
	for _, c := range []struct {
		f    Func
		args []Expr
		want Type
	}{
		{Add, args(Integer, Decimal), Decimal},
		{Add, args(Integer, Float), Float},
		{Add, args(Unknown, Integer), Unknown},
		{Add, args(Unknown, Float), Float},
		{Div, args(Integer, Integer), Float},
		{Coalesce, []Expr{null, Int(1)}, Integer},
		{Coalesce, args(Date, Timestamp), Timestamp},
		{Eq, args(Text, Unknown), Boolean},
		{Round, []Expr{Float64(1.5), Int(2)}, Float},
		{ToUTC, []Expr{columnOf(Timestamp), String("UTC")}, Timestamp},
		{In, args(Text, Text, Unknown), Boolean},
	} {
		if got, err := CheckCall(c.f, c.args); got != c.want || err != nil {
			t.Errorf("%s is %s, %v; want %s", Format(&Call{Func: c.f, Args: c.args}), got, err, c.want)
		}
	}
}

func TestWhatDoesNotSuit(t *testing.T) {
	for _, c := range []struct {
		f    Func
		args []Expr
		arg  int
		want string
	}{
		{Lower, args(Integer), 0, "lower takes text, and this is integer"},
		{Add, args(Integer, Text), 1, "+ takes a number, and this is text"},
		{Eq, args(Text, Integer), 1, "=: text and integer do not go together"},
		{In, args(Text, Text, Date), 2, "in: text and date do not go together"},
		{Eq, args(Timestamp, TimestampTZ), 1, "=: timestamp and timestamp with time zone do not go together"},
		{Not, args(Float), 0, "not takes a condition, and this is float"},
		{Lower, nil, -1, "lower takes one argument, not 0"},
		{Round, args(Float, Float, Float), -1, "round takes 1 to 2 arguments, not 3"},
		{Coalesce, nil, -1, "coalesce takes at least 1 arguments, not 0"},
		{Round, args(Float, Integer), 1, "round takes a whole number written out, and this is integer"},
		{ToZone, args(Timestamp, Text), 1, "to_zone takes a time zone's name in quotes, and this is text"},
		{NoFunc, nil, -1, "no such function: none"},
	} {
		_, err := CheckCall(c.f, c.args)
		var unsuited *ArgumentError
		if !errors.As(err, &unsuited) || unsuited.Arg != c.arg || unsuited.Message != c.want {
			t.Errorf("argument %v: %v; want argument %d: %s", unsuited, err, c.arg, c.want)
		}
	}
}

func TestUnitsAndParts(t *testing.T) {
	day, at := columnOf(Date), columnOf(Timestamp)
	for _, c := range []struct {
		check func() (Type, error)
		want  Type // Unknown: an error
	}{
		{func() (Type, error) { return CheckTimeCall(DateTrunc, Week, []Expr{day}) }, Date},
		{func() (Type, error) { return CheckTimeCall(DateTrunc, Hour, []Expr{day}) }, Unknown},
		{func() (Type, error) { return CheckTimeCall(DateTrunc, Hour, []Expr{columnOf(Unknown)}) }, Timestamp},
		{func() (Type, error) { return CheckTimeCall(DateAdd, Hour, []Expr{day, Int(1)}) }, Timestamp},
		{func() (Type, error) { return CheckTimeCall(DateAdd, Month, []Expr{day, Int(1)}) }, Date},
		{func() (Type, error) { return CheckTimeCall(DateDiff, Week, []Expr{day, at}) }, Integer},
		{func() (Type, error) { return CheckTimeCall(DateDiff, Month, []Expr{day, at}) }, Unknown},
		{func() (Type, error) { return CheckTimeCall(Lower, Month, args(Text)) }, Unknown},
		{func() (Type, error) { return CheckPartCall(PartHour, at) }, Integer},
		{func() (Type, error) { return CheckPartCall(PartHour, day) }, Unknown},
	} {
		if got, err := c.check(); got != c.want || (err != nil) != (c.want == Unknown) {
			t.Errorf("%s, %v; want %s", got, err, c.want)
		}
	}
}

func TestAggregateTypes(t *testing.T) {
	for _, c := range []struct {
		f    AggFunc
		args []Expr
		want Type
	}{
		{Sum, args(Boolean), Integer},
		{Sum, args(Decimal), Decimal},
		{Avg, args(Integer), Float},
		{Min, args(Date), Date},
		{PercentileDisc, []Expr{columnOf(Integer), Float64(0.5)}, Integer},
		{PercentileCont, []Expr{columnOf(Integer), &Lit{Value: "0.5", T: Decimal}}, Float},
	} {
		if got, err := CheckAgg(c.f, c.args); got != c.want || err != nil {
			t.Errorf("%s is %s, %v; want %s", c.f, got, err, c.want)
		}
	}
	for _, c := range []struct {
		f    AggFunc
		args []Expr
	}{
		{Min, args(Boolean)}, {Sum, args(Text)}, {Avg, args(Boolean)}, {CountRows, args(Text)},
		{PercentileDisc, []Expr{columnOf(Integer), Float64(1.5)}}, {PercentileDisc, args(Integer, Float)},
	} {
		if got, err := CheckAgg(c.f, c.args); err == nil {
			t.Errorf("%s of %s is %s", c.f, Format(c.args[0]), got)
		}
	}
}

func TestFractionIsAsWritten(t *testing.T) {
	for _, c := range []struct {
		x    Expr
		want string
	}{
		{Float64(0.07), "7/100"}, {Int(1), "1/1"}, {&Lit{Value: "0.999", T: Decimal}, "999/1000"}, {Float64(1e-7), "1/10000000"},
	} {
		if q, ok := Fraction(c.x); !ok || q.String() != c.want {
			t.Errorf("%s is %v, want %s", Format(c.x), q, c.want)
		}
	}
	for _, x := range []Expr{String("0.5"), columnOf(Float), Null(Float), DateLit(time.Now())} {
		if q, ok := Fraction(x); ok {
			t.Errorf("%s is the number %s", Format(x), q)
		}
	}
}
