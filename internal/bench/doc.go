// Package bench measures what the compiler and what it emits cost.
//
// What a run or a query costs the warehouse is told as ratios against SQL that a careful analyst would write by hand, and against a
// bare scan, in the same process, one after the other. It is processor time, of all cores and of the engine too, the least of several
// times: other work on the machine changes both less than time on the wall.
//
// By hand a run is two things, both in the forms that the engine computes fastest. One query gives the same moments and no more: one
// pass, no table stored. The other gives all that the run fetches: it stores units and their values, takes moments of them, and along
// dates and days since exposure, and counts what is checked: units by variant and day with the faults of the log, totals to reconcile
// with, the newest fact, what all rows add up to by day. It takes for granted what a run has to see to, that no exposures tie and every
// variant is declared; and days and totals take scans of their own, which read few columns and a tenth of the rows. A run does not
// allow itself that: elsewhere a scan is what one pays for.
//
// Rows per second are rows of the fact table by processor time of one core.
//
//	go test ./internal/bench -run - -bench .
//	go test ./internal/bench -run - -bench KPI -events 20000000 -benchtime 4x -timeout 60m
package bench
