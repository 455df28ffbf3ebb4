// Package model turns a Project into a Model: names resolved to what they name, expressions parsed and typed, keys and the join
// graph known, settings merged by precedence. Every mistake that needs more than one place to see is found here.
//
// Build adds to the Model in this order, each part from what those before it have found (words in parentheses are files):
//
//	tables       columns, then dimensions and entities over them, then filters over both (table, property, entity, validity, spine)
//	metrics      each when it is first named (metric), as its Spec: simple, composite, metric_conversion, metric_funnel, metric_unit
//	protocols    their methods and decision rules (protocol, method, decision, condition)
//	logs         of assignments (assignments)
//	experiments  what they declare (experiments), with their phases (phase), units, trigger and entry; the metrics they use (uses) with
//	             settings merged by precedence (settings, locked) and covariates
//	the rest     saved queries, annotations and unit tests, whose names are looked up and no more (queries, build, unittest)
//
// # Names of properties
//
// A query, a filter and an experiment name a property of rows as dbt does, entity__dimension__grain (ref). What it means depends on the
// table it is read from: path searches the join graph for the one shortest way of many-to-one hops, and filter resolves the properties
// of a condition so. The Ref that comes of it is all that later passes read.
//
// # What others ask of a Model
//
// Besides its parts: what may be grouped by (groupable), which simple metrics one is made of (leaf), where its units' clocks start
// (clock), whether it has a value per unit (kpionly), which metrics a filter reads (readmetric), and an experiment as it would have been
// on past days (entry).
package model
