// Package bench measures what the compiler and what it emits cost.
//
// What a run or a query costs the warehouse is told as ratios against SQL that a careful analyst would write by hand, and against a
// bare scan, in the same process, one after the other. It is processor time, of all cores and of the engine too, the least of several
// times: other work on the machine changes both less than time on the wall.
//
// By hand a run is two things. One query gives the same moments and nothing by day: one pass, no table stored, the first exposure taken
// for granted (min of each column). The other gives all that the run answers but for its checks: it stores units' values, reads the
// primary metric's days by a scan of its own (which a run does not allow itself: elsewhere a scan is what one pays for), and takes
// moments along dates and days since exposure. The run adds to that what it checks: exposures that tie, faults of the logs, units by
// day, totals to reconcile with, the newest fact.
//
//	go test ./internal/bench -run - -bench .
//	go test ./internal/bench -run - -bench KPI -events 20000000 -benchtime 4x -timeout 60m
package bench
