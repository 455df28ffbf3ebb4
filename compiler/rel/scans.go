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

// Scanning are the steps with a statement of their own that reads what is the user's: a table, a file, or their own SQL. The others
// read only what is stored before.
func (p *Program) Scanning() []*Step {
	reads := map[*Step]bool{}
	var scanning []*Step
	for _, s := range p.Steps {
		WalkRelation(s.Relation, func(r Relation) {
			_, isScan := r.(*Scan)
			_, isRaw := r.(*Raw)
			ref, isRef := r.(*Ref)
			reads[s] = reads[s] || isScan || isRaw || isRef && ref.Step.Kind == Inline && reads[ref.Step]
		})
		if s.Kind != Inline && reads[s] {
			scanning = append(scanning, s)
		}
	}
	return scanning
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
