// Package judge turns what a run observed of an experiment into the rows people read: results, verdicts and health.
//
// It is pure: moments and counts in, rows out. It reads no clock, no warehouse and no file, and it is the only caller of stats.
//
//	plan.Observed ─▶ Experiment ─▶ Report: one slice of rows for each result table
//
// The files are the questions: health, results, comparison, verdict, and the gradient of a derived metric's formula.
package judge
