// Package plan turns what is asked into a program of relational steps, and remembers what each fetched number means.
//
// There are two plans, over the same inputs:
//
//	ask.PerUnit ── Experiments ─▶ rel.Program + Layout     rows of its fetched steps ── Layout.Decode ─▶ Observed
//	ask.KPI ────── Query ───────▶ rel.Program, whose last step is the answer
//
// Both read tables as rowsets (rows, joins, scan, partition): the rows of a table with the properties of others joined on,
// many-to-one. Times compare as in times, conditions merge as in condition, and no step takes a name that a user's SQL has (names,
// program). Words in parentheses are files.
//
// # Experiments
//
// Experiments whose units are of one entity are a cohort (cohort, which lists its steps). They share each step, which the passes of
// cohort.plan (experiments) add in the order that data flow:
//
//	gather    what is asked, as columns to be: other experiments of a layer (shared), dimensions and populations (units), trigger,
//	          strata, clusters; of each metric an estimator (estimator) over quantities (quantity, measure, funnel, conversion, quantile,
//	          events) within stretches of a unit's time (stretch), its covariates, and which metrics have days (daily)
//	route     the ways from facts and triggers to units
//	declare   experiments and variants as rows; the logs' exposures (exposures), each unit's first one (byday: where some are known
//	          by day alone; clusters, strata); the units that count (units, trigger)
//	read      each fact table once, aggregated by unit (source); what follows rows in time (sequence; of funnels chain, of
//	          conversions conversion)
//	combine   a unit's values side by side (measure); its days (daily)
//	fetch     moments by variant and slice, over values that are capped and centred (moments, measure), by cluster (clustertotals),
//	          ranks (quantile, events), days (axis), what was found of facts (found), units of two experiments (shared), counts of
//	          units (experiments)
//
// The Layout maps what is fetched back: no one takes a column's name apart. The decode files mirror the fetch, from rows (record) to
// the stats.Moments of Observed (observed); choose keeps some of many covariates.
//
// # Queries
//
// A query's plan is a frame (query): terms that are answered for the same groups under the same filters. Inputs of one table whose
// periods count the same rows are a groupScan (query_scan, query_aggregate). Where groups are of time, a metric's periods may count
// other rows than their own (query_reach), come from a spine or are generated (query_spine), and are put together from shorter ones
// where that costs less (query_partial). Beside that:
//
//	filters   what is said of time, of groups and of rows (query_filter); which groups are an input's (query_kept); values of other
//	          metrics (query_metric)
//	metrics   formulas that stand apart (query_apart) or are moved in time (query_shift), by custom periods (query_custom); balances
//	          (query_edge); conversions (query_conversion); metrics per unit, from its first event (query_started)
//	questions by an experiment's units (query_units), and without metrics (query_listing)
//
// What is read of one table for several ends becomes one step at last (query_rows).
package plan
