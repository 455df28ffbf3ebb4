package rel

import "strings"

// Scans counts how often a program reads each table or file, by its name, where the engine computes an inline step anew for each
// reference to it, as many do.
func (p *Program) Scans() map[string]int {
	inline := map[*Step]map[string]int{}
	total := map[string]int{}
	for _, s := range p.Steps {
		into := total
		if s.Kind == Inline {
			into = map[string]int{}
			inline[s] = into
		}
		countScans(s.Relation, inline, into)
	}
	return total
}

// countScans adds those of a relation, whose inline steps are counted already.
func countScans(r Relation, inline map[*Step]map[string]int, into map[string]int) {
	WalkRelation(r, func(r Relation) {
		if scan, ok := r.(*Scan); ok {
			into[scan.Table.name()]++
		}
		if ref, ok := r.(*Ref); ok {
			for table, n := range inline[ref.Step] {
				into[table] += n
			}
		}
	})
}

// name is the table as a person would write it.
func (t Table) name() string {
	if t.File != nil {
		return t.File.Path
	}
	return strings.Join(mapAll(t.Parts, func(p TablePart) string { return p.Name }), ".")
}
