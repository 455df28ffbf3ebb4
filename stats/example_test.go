package stats_test

import (
	"fmt"

	"assay/stats"
)

// Two arms of a metric with its value before the experiment as covariate, from what a warehouse returns.
func ExampleInference_Compare() {
	revenue := stats.Metric{Shape: stats.Shape{Kind: stats.KindMean, Covariates: 1}}
	variants := []stats.Moments{
		{N: 10_000, Mean: []float64{20.0, 18.0}, Cov: []float64{400, 280, 360}},
		{N: 10_050, Mean: []float64{20.9, 18.1}, Cov: []float64{410, 285, 362}},
	}
	arms, _ := revenue.Arms(nil, variants)
	c, err := stats.Inference{Method: stats.Fixed, Alpha: 0.05}.Compare(revenue.Kind, arms[0], arms[1])
	if err != nil {
		fmt.Println(err)
		return
	}
	reduction, _ := stats.VarianceReduction(arms[0], arms[1])
	fmt.Printf("effect %.3f (%.3f to %.3f), p = %.2g\n", c.Effect.Value, c.Effect.Interval.Low, c.Effect.Interval.High, c.Effect.Test.P)
	fmt.Printf("lift %.1f%%, variance reduced by %.0f%%\n", 100*c.Lift.Value, 100*reduction)
	// Output:
	// effect 0.822 (0.446 to 1.197), p = 1.8e-05
	// lift 4.1%, variance reduced by 55%
}

// Where data say nothing there is a reason, and no number to misread.
func ExampleError() {
	one := stats.MeanArm(stats.Sample{N: 1, Mean: 3})
	many := stats.MeanArm(stats.Sample{N: 500, Mean: 4, Var: 2})
	_, err := stats.FixedTest{Alpha: 0.05}.Difference(one, many)
	fmt.Println(err)
	// Output: insufficient_data: 1 units; a variance needs at least 2
}
