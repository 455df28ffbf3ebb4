// Package report writes what a run found for people: the report of an experiment on a terminal, and tables of query rows.
//
// It reads judge's rows and nothing else, so that a report can be made again from the result tables. Its words claim no more than
// the method supports: undecided is not "no effect", and an interval is not a chance.
package report
