// Package rel is the relational intermediate representation: what is computed, free of any engine's spelling.
//
// A Program is a list of Steps, each a Relation; relations hold expressions. Both are sealed: every switch over them is
// exhaustive. Nodes are made by constructors, which check types and compute the schema (columns, types, unique keys). A
// constructor panics with *Invariant when it is called wrongly: that is a planner's bug, recovered once, in compiler. What a
// user can get wrong is checked before, in expr and model.
package rel
