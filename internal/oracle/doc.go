// Package oracle holds the product to a second implementation of what its numbers mean: random small projects and data, whose
// answers are found by plain loops over rows, and compared with what `assay run` and `assay query` say on each engine.
//
// Nothing here reads the compiler, the judge or the statistics: the evaluator is written from the design's pages alone, so that a
// mistake of one side is a difference and not an agreement.
//
// A random world (spec_test.go, generate_*_test.go) becomes an archive (archive_test.go): its YAML, its data as SQL, and the rows
// that the evaluator expects. The archive alone is then run and compared (drive_test.go), so that what a failing case prints, saved
// under testdata, is a regression test as it is.
package oracle
