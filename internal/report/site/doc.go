// Package site publishes what runs have found as files that need no server: a page for each experiment and metric, and an index
// of what was learnt.
//
//	result tables ── ReadArchive ─▶ Archive ─┐
//	                                         ├─▶ Site ─▶ pages (html/template) ─▶ Write
//	project ── Definition ───────────────────┘        └▶ Summary (Markdown)
//
// Numbers come from the result tables alone and words from package report, so a page can be made again at any time, and the page
// of a decided experiment, whose rows no run replaces, stays as it is. Charts are SVG beside the numbers that they show.
package site
