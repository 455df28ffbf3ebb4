package cli

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
)

// changeKind is how a thing differs from the one of that name in an earlier state.
type changeKind string

const (
	added    changeKind = "added"
	removed  changeKind = "removed"
	changed  changeKind = "changed"  // its own settings differ
	affected changeKind = "affected" // something that it needs does
)

// A change is how one of the things that a project declares differs from an earlier state.
type change struct {
	UniqueID     string          `json:"unique_id"`
	ResourceType string          `json:"resource_type"`
	Name         string          `json:"name"`
	Kind         changeKind      `json:"change"`
	File         string          `json:"original_file_path"`
	Line         int             `json:"line"`
	Column       int             `json:"column"`
	Settings     []settingChange `json:"settings"`
	Through      []string        `json:"through"` // what it needs that was added, removed or changed
	UsedBy       []string        `json:"used_by"` // what needs it, itself or through others
	SQL          *string         `json:"sql_diff"`
	Numbers      *numbersChange  `json:"results"` // of an experiment
	Rows         *rowsChange     `json:"rows"`    // of a saved query
}

// A settingChange is a setting before and after, nil where nobody wrote it, and its place: the earlier one where it is gone.
type settingChange struct {
	Name   string  `json:"name"`
	Before *string `json:"before"`
	After  *string `json:"after"`
	At     string  `json:"at"`
}

// A state is a manifest, and what each of its nodes needs, itself or through others.
type state struct {
	*manifest
	needs map[string]map[string]bool
}

func newState(m *manifest) *state {
	s := &state{m, map[string]map[string]bool{}}
	for id := range m.Nodes {
		s.reach(id)
	}
	return s
}

// reach fills in what a node needs.
func (s *state) reach(id string) map[string]bool {
	if s.needs[id] == nil {
		s.needs[id] = map[string]bool{}
		for _, need := range s.Nodes[id].DependsOn.Nodes {
			s.needs[id][need] = true
			maps.Copy(s.needs[id], s.reach(need))
		}
	}
	return s.needs[id]
}

// users are what needs a node.
func (s *state) users(id string) []string {
	all := []string{}
	for user, needs := range s.needs {
		if needs[id] {
			all = append(all, user)
		}
	}
	slices.Sort(all)
	return all
}

func (s *state) change(kind changeKind, id string, settings ...settingChange) *change {
	n := s.Nodes[id]
	return &change{
		UniqueID: id, ResourceType: n.ResourceType, Name: n.Name, Kind: kind,
		File: n.OriginalFilePath, Line: n.Line, Column: n.Column,
		Settings: append([]settingChange{}, settings...), Through: []string{}, UsedBy: s.users(id),
	}
}

// changesSince compares two states of a project: what differs, in the order of the pipeline.
func changesSince(before, after *state) []*change {
	found := map[string]*change{}
	for _, in := range []*state{before, after} {
		for id := range in.Nodes {
			if c := changeOf(before, after, id); c != nil {
				found[id] = c
			}
		}
	}
	for id, c := range found {
		for _, cause := range found {
			if need := cause.UniqueID; cause.Kind != affected && (before.needs[id][need] || after.needs[id][need]) {
				c.Through = append(c.Through, need)
			}
		}
		slices.Sort(c.Through)
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *change) int {
		byKind := cmp.Compare(slices.Index(kinds, a.ResourceType), slices.Index(kinds, b.ResourceType))
		return cmp.Or(byKind, cmp.Compare(a.Name, b.Name))
	})
}

// changeOf is nil for what means the same in both states.
func changeOf(before, after *state, id string) *change {
	was, existed := before.Nodes[id]
	is, exists := after.Nodes[id]
	settings := settingChanges(was.Settings, is.Settings)
	switch {
	case !exists:
		return before.change(removed, id)
	case !existed:
		return after.change(added, id)
	case len(settings) > 0:
		return after.change(changed, id, settings...)
	case was.DefinitionHash != is.DefinitionHash:
		return after.change(affected, id)
	}
	return nil
}

// settingChanges are in the order of the later state, and then what is gone. Where only the order is another, that is the one.
func settingChanges(before, after []manifestSetting) []settingChange {
	was, is := folded(before), folded(after)
	var list []settingChange
	for _, s := range is {
		switch i := place(was, s.Name); {
		case i < 0:
			list = append(list, settingChange{s.Name, nil, &s.Value, s.At})
		case was[i].Value != s.Value:
			list = append(list, settingChange{s.Name, &was[i].Value, &s.Value, s.At})
		}
	}
	for _, s := range was {
		if place(is, s.Name) < 0 {
			list = append(list, settingChange{s.Name, &s.Value, nil, s.At})
		}
	}
	for i := range min(len(was), len(is)) {
		if len(list) == 0 && is[i].Name != was[i].Name {
			list = append(list, settingChange{"order", &was[i].Name, &is[i].Name, is[i].At})
		}
	}
	return list
}

func place(in []manifestSetting, name string) int {
	return slices.IndexFunc(in, func(s manifestSetting) bool { return s.Name == name })
}

// element ends the name of a value in a list of values.
var element = regexp.MustCompile(`\[\d+\]$`)

// folded has a list of values as one.
func folded(list []manifestSetting) []manifestSetting {
	var whole []manifestSetting
	for _, s := range list {
		s.Name = element.ReplaceAllString(s.Name, "")
		if last := len(whole) - 1; last >= 0 && whole[last].Name == s.Name {
			whole[last].Value += ", " + s.Value
		} else {
			whole = append(whole, s)
		}
	}
	return whole
}
