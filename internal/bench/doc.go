// Package bench measures what a run costs the warehouse: as ratios against a query a careful analyst would write by hand, and
// against a bare scan, in the same process, one after the other.
//
//	go test ./internal/bench -bench .
//	go test ./internal/bench -bench . -events 20000000
package bench
