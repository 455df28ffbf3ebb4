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
// A Session owns one connection, since staged steps live in temporary tables that only their connection sees. The packages
// below this one hold a Driver each and are the only importers of database drivers; nothing registers itself.
package runner
