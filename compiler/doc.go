// Package compiler turns a project's definitions into programs for a warehouse.
//
//	YAML ── project.Read ─▶ Project ── model.Build ─▶ Model
//	                           ▲
//	semantic_manifest.json ── dbtimport.Include
//	                                                    │
//	                          ask.Query, ask.Experiments (what is asked)
//	                                                    ▼
//	                         inputs under their timing, which KPI queries and experiments share
//	                                                    │
//	                          plan.Query, plan.Experiments (how it is computed)
//	                                                    ▼
//	                         rel.Program, and for experiments the Layout that gives its numbers a meaning
//
// Nothing here knows an engine's spelling: dialects prints programs. Nothing here does I/O but reading the project's files.
//
// Mistakes a user can make are gathered in a diag.Bag, all of a run at once. A broken invariant of ours is a panic with
// *rel.Invariant, recovered here, once, and returned as an error.
package compiler
