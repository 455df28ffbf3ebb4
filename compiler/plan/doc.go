// Package plan turns what is asked into a program of relational steps, and remembers what each fetched number means.
//
// There are two plans, over the same inputs:
//
//	ask.PerUnit ── Experiments ─▶ rel.Program + Layout ── Layout.Decode ◀── the rows an engine returned ─▶ Observed
//	ask.KPI ────── Query ───────▶ rel.Program (its last step is the answer)
//
// Both read tables as rowsets (rows, joins, scan, partition): the rows of a table with the properties of others joined on,
// many-to-one. Times compare as times says, conditions merge as condition says, and no step takes a name that a user's SQL has
// (names, program).
//
// An experiment's passes, in the order of cohort.plan; experiments whose units are of one entity are a cohort, and share each step:
//
//	gather    what is asked, as columns to be: dimensions (units), trigger, strata, clusters, shared (layers), covariates, stretch
//	          (the parts of a unit's time), and of each metric an estimator over quantities (quantity, measure, funnel,
//	          conversion, quantile, events)
//	declare   experiments and variants as rows; their logs' exposures, one a unit (exposures, byday); the units that count (units)
//	read      each fact table once, one row a unit (source); what follows rows in time (sequence, chain)
//	combine   a unit's values side by side; caps and centres (measure)
//	fetch     moments, by variant and slice (moments), by cluster (clustertotals), ranks (quantile, events), days (daily, axis),
//	          what was found of facts (found), counts of units (experiments)
//
// A query's plan is a frame (query): terms that are answered for the same groups under the same filters. Inputs of one table whose
// periods count the same rows are a groupScan (query_scan, groupaggregate); where periods come from, and how they reach rows, is
// spine, query_reach and query_partial; each other query_ file is one thing a metric may ask for beyond that. What is read of one
// table for several ends becomes one step at last (query_rows).
//
// The decode files mirror the fetch: from rows to stats.Moments, by the Layout and never by a column's name.
package plan
