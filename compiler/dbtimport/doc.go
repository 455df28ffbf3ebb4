// Package dbtimport reads the semantic_manifest.json of a dbt project, as dbt writes it since 1.9, into the declarations of a
// project. Both of dbt's shapes are read in place: metrics over `measures` with `type_params`, and the latest specification,
// where a simple metric holds its own aggregation.
//
// A manifest says of most things in which file and lines of the dbt project they stand, and holds the text of those lines. A
// mistake is reported there, at the word it is about; where the manifest keeps no such record, at the manifest itself.
package dbtimport
