// Package judge turns what a run observed of an experiment into the rows people read: results, verdicts, health, recommendations and
// forecasts.
//
// It is pure: moments and counts in, rows out. It reads no clock, no warehouse and no file. Of the packages that know of experiments it
// is the only one that estimates and tests: the planner takes the types of stats alone, and adds moments up.
//
//	plan.Observed ── Experiment ─▶ Report      one slice of rows for each result table (report, rows)
//	plan.Observed ── Plan, Follow ─▶ Forecast  how long it takes, and what the decision is worth
//	Reports, runs ── Programme.Rows            what all experiments have come to (programme, programme_gains)
//
// What was observed, with the run it is of, is the evidence (report). On it are asked:
//
//	estimates   a contest is a slice of a metric with its arms estimated (compare, metric, strata, quantile, funnel; gradient of a
//	            formula)
//	tests       a ruling is a variant against the control in a contest, at a confidence (ruling), by the protocol's method (inference,
//	            looks) and after the correction of its family (family)
//	results     rows of rulings (results), each with a verdict and how far it is (verdict, progress); by day (daily); how effects vary
//	            over slices (heterogeneity)
//	health      a function for each check, listed in health
//	decisions   a deliberation holds a variant's rows against the protocol's rules (deliberation, decision, decision_progress)
//	forecasts   what a comparison knows as days go by (forecast, its arms and curve, and of history how far it goes back); the odds of
//	            the whole decision (odds and the files named so)
package judge
