package plan

import (
	"cmp"
	"slices"

	"assay/compiler/model"
)

// exposures are the counts on the way from the logs to the analysis.
func (d *decoder) exposures() (Exposures, error) {
	counts, err := d.records(d.cohort.exposures.Name)
	if err != nil {
		return Exposures{}, err
	}
	days, err := d.records(d.cohort.daily.Name)
	if err != nil {
		return Exposures{}, err
	}
	analysed, err := d.records(d.cohort.analysed.Name)
	if err != nil {
		return Exposures{}, err
	}
	x := Exposures{Variants: d.tally("kept", unitsColumn, counts, days, analysed)}
	if d.experiment.Clustered() {
		of, err := d.records(d.cohort.clustersDaily.Name)
		if err != nil {
			return Exposures{}, err
		}
		x.Clusters = d.tally(clustersColumn, clustersColumn, counts, of, analysed)
		days = slices.Concat(days, of)
	}
	x.addFaults(counts)
	entering := slices.DeleteFunc(slices.Clone(counts), func(r record) bool { return r.integer("kept") == 0 || d.variant(r) < 0 })
	x.Entering, x.Phases = daily(entering, "kept"), d.phases(entering)
	x.Daily, x.Slices = daily(days, unitsColumn), d.sliceCounts()
	x.Shared, err = d.shared()
	return x, err
}

// addFaults sums up what is wrong with the logs' rows.
func (x *Exposures) addFaults(counts []record) {
	for _, r := range counts {
		x.Multiple += r.integer("multiple")
		x.Undeclared += r.integer("undeclared")
		x.NullRows += r.integer("null_rows")
		if newest := r.time("last_exposed_at"); newest.After(x.Newest) {
			x.Newest = newest
		}
	}
}

// phases are what was randomised by phase; nil where the experiment has none.
func (d *decoder) phases(entering []record) []PhaseCount {
	var all []PhaseCount
	for _, p := range d.experiment.Phases {
		of := slices.DeleteFunc(slices.Clone(entering), func(r record) bool { return r.text("phase") != p.Name })
		count := PhaseCount{Phase: p.Name, Assigned: make([]int64, len(d.experiment.Variants)), Entering: daily(of, "kept")}
		for _, r := range of {
			count.Assigned[d.variant(r)] += r.integer(d.randomised("kept"))
		}
		all = append(all, count)
	}
	return all
}

// randomised is the column that counts what was randomised: clusters, or units in the column named.
func (d *decoder) randomised(units string) string {
	if d.experiment.Clustered() {
		return clustersColumn
	}
	return units
}

// tally counts units or clusters by variant: in the column kept of the counts of exposures, and in the column number of those by
// day and of those analysed.
func (d *decoder) tally(kept, number string, counts, days, analysed []record) []VariantCount {
	variants := map[string]*VariantCount{}
	for _, v := range d.experiment.Variants {
		variants[v.Name] = &VariantCount{Variant: v.Name, Declared: true}
	}
	for _, r := range counts {
		name, n := r.text("variant"), r.integer(kept)
		if n > 0 && variants[name] == nil {
			variants[name] = &VariantCount{Variant: name}
		}
		if n > 0 {
			variants[name].Assigned += n
		}
	}
	for _, r := range days {
		variants[r.text("variant")].Entered += r.integer(number)
	}
	for _, r := range analysed {
		variants[r.text("variant")].Analysed = r.integer(number)
	}
	var all []VariantCount
	for _, v := range variants {
		all = append(all, *v)
	}
	slices.SortFunc(all, func(a, b VariantCount) int { return cmp.Compare(a.Variant, b.Variant) })
	return all
}

// variant is the place of a row's variant among the declared ones; -1 for another.
func (d *decoder) variant(r record) int {
	return slices.IndexFunc(d.experiment.Variants, func(v model.Variant) bool { return v.Name == r.text("variant") })
}

// sliceCounts are in the order of dimensions and values.
func (d *decoder) sliceCounts() []SliceCount {
	rows, err := d.records(d.cohort.slices.Name)
	if err != nil {
		return nil
	}
	randomised := d.randomised(unitsColumn)
	var all []SliceCount
	for _, r := range rows {
		dimension, value, asked := d.sliceOf(r)
		v := d.variant(r)
		if !asked || v < 0 {
			continue
		}
		i := slices.IndexFunc(all, func(s SliceCount) bool { return s.Dimension == dimension && s.Value == value })
		if i < 0 {
			i = len(all)
			all = append(all, SliceCount{dimension, value, make([]int64, len(d.experiment.Variants))})
		}
		all[i].Randomised[v] += r.integer(randomised)
	}
	slices.SortFunc(all, func(a, b SliceCount) int {
		return cmp.Or(d.dimensionRank(a.Dimension)-d.dimensionRank(b.Dimension), cmp.Compare(a.Value, b.Value))
	})
	return all
}

// dimensionRank is a dimension's place among the experiment's; the whole is before all.
func (d *decoder) dimensionRank(name string) int {
	return slices.IndexFunc(d.experiment.Dimensions, func(x *model.UnitDimension) bool { return x.Name == name })
}

// daily adds up the rows of each variant and day, which have their units in the named column.
func daily(rows []record, units string) []DailyUnits {
	var all []DailyUnits
	for _, r := range rows {
		day := DailyUnits{Variant: r.text("variant"), Day: r.time("day")}
		i := slices.IndexFunc(all, func(d DailyUnits) bool { return d.Variant == day.Variant && d.Day.Equal(day.Day) })
		if i < 0 {
			i, all = len(all), append(all, day)
		}
		all[i].Units += r.integer(units)
		all[i].Clusters += r.integer(clustersColumn)
	}
	slices.SortFunc(all, func(a, b DailyUnits) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Variant, b.Variant))
	})
	return all
}

// shared are the units that the experiment shares with each other of its layer.
func (d *decoder) shared() ([]SharedUnits, error) {
	if d.cohort.shared == nil {
		return nil, nil
	}
	rows, err := d.records(d.cohort.shared.Name)
	if err != nil {
		return nil, err
	}
	var all []SharedUnits
	for _, p := range d.cohort.cohort.pairs {
		if p.asked != d.experiment {
			continue
		}
		with := SharedUnits{With: p.other.Name}
		for _, r := range rows {
			if r.text("pair_other") == p.other.Name {
				with.Units = r.integer(unitsColumn)
			}
		}
		all = append(all, with)
	}
	return all, nil
}
