// Package conformance holds every dialect to what the IR says: each function, aggregate, window function, clause and statement
// is printed (golden text, rewritten by -update) and run wherever an engine is at hand, with the corner cases of its meaning.
// It has tests alone, and is where the dialects' tests need the engines themselves.
package conformance
