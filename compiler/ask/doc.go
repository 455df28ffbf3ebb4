// Package ask turns a question, which is a KPI query or a set of experiments, into what both are made of: terms over inputs.
//
// An Input is one aggregate over one model with its filters; equal inputs are one value. A Term is a metric as a formula over
// inputs. A KPI query aggregates inputs by groups over plain time; an experiment aggregates the same inputs by unit, over time
// since or before the unit's exposure. They differ in nothing else, and that is why a metric has one definition.
//
// # What later questions add
//
// The pieces of dbt's semantic layer that are not asked yet each find a place here, and a pass in plan, without changing what is:
//
//   - An offset (`offset_window`, `offset_to_grain` of a derived metric's input) is a Timing of the input: the plan joins the
//     spine to the facts by time shifted, before the aggregate, and the filter on metric_time holds after that join.
//   - A cumulative metric is the Timing Trailing{window} or ToDate{grain}: the plan expands the spine by the rows of the window
//     (rel.Expand, by the spine's time) before the aggregate; the query's time range limits the spine and never the facts.
//   - Validity windows are already a property of the path: a join to a table with validity takes the row that holds at the fact's
//     time (rel.Join with a Moment), in plan/rows.go.
//   - Several hops are already a path of many-to-one joins.
//   - A metric in a filter, {{ Metric('orders', ['user']) }} > 3, is a Ref whose table is a query of its own: that metric grouped
//     by its entity, which is a key, so it is one more many-to-one join.
package ask
