// Package runner executes compiled programs and writes what they say.
//
//	Output ─ Driver ─▶ Warehouse ─ Connect ─▶ Session
//	                                            │
//	Statements ──────────── Execute ────────────┤  stage, fetch, sweep
//	                                            ▼
//	reports ◀── judge ◀── Layout.Decode ◀── plan.Rows
//	   │
//	   └── Publish ─▶ result tables, their _latest views, target/run_results.json
//
// A Session owns one connection, since staged steps live in temporary tables that only their connection sees. Where an engine has
// none, they are tables of a scratch schema named after the run, which a later run drops if this one is killed; where a profile
// allows none, every statement holds all its steps. See Staging.
//
// An engine with transactions replaces results in one. On others rows are added under the new run, count from when its row in
// assay_runs turns to done, and the old ones go afterwards. See publisher.
//
// The packages below this one hold a Driver each and are the only importers of database drivers; nothing registers itself.
package runner
