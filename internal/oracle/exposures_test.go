package oracle

// experimentRow is the experiment's in assay_experiments.
func (w *world) experimentRow(e *experiment, a *assigned) record {
	row := record{"experiment": e.Name, "status": w.status(e), "units": float64(len(a.units)), "control": e.baseline(),
		"protocol": e.Protocol, "days_running": nil}
	if a.refused {
		row.leaveOpen("units")
	}
	if e.Start != "" {
		row["days_running"] = float64(w.daysRunning(e))
	}
	return row
}

// exposuresDaily are the rows of assay_exposures_daily: units of the population, before any trigger.
func (w *world) exposuresDaily(e *experiment, a *assigned) []record {
	var rows []record
	for _, v := range e.variants() {
		byDay := map[int]int{}
		for _, u := range a.entered {
			if u.variant == v.name {
				byDay[u.at.day]++
			}
		}
		cumulative := 0
		for _, day := range sortedNumbers(byDay) {
			cumulative += byDay[day]
			rows = append(rows, record{"experiment": e.Name, "variant": v.name, "day": dayText(day),
				"units": float64(byDay[day]), "cumulative_units": float64(cumulative)})
		}
	}
	return rows
}
