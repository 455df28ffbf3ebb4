// Package ask turns a question, which is a KPI query or a set of experiments, into what both are made of: terms over inputs.
//
// An Input is one aggregate over one model with its filters; equal inputs are one value. A Term is a metric as a formula over
// inputs. A KPI query aggregates inputs by groups over plain time; an experiment aggregates the same inputs by unit, over time
// since or before the unit's exposure. They differ in nothing else, and that is why a metric has one definition.
//
// # Periods
//
// What dbt's semantic layer asks over time is a Reach of an aggregate: which rows a period counts (its own, those of a window or of
// a longer period so far, all before its end), and from how far back. A formula that is moved as a whole is Shifted, a conversion a
// term of its own. A metric in a filter, {{ Metric('orders', ['user']) }} > 3, is a query of its own by that entity, looked up. A
// query without metrics is a Listing.
package ask
