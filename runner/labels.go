package runner

import (
	"context"
	"strings"
)

// Labels say on whose behalf a statement runs.
type Labels struct {
	Run        string // its id
	Experiment string // several with commas between them; "" for a saved query, or what serves all
}

type labelsKey struct{}

func withLabels(ctx context.Context, labels Labels) context.Context {
	return context.WithValue(ctx, labelsKey{}, labels)
}

// LabelsOf are those of a statement's context, empty where it runs on nobody's behalf.
func LabelsOf(ctx context.Context) Labels {
	labels, _ := ctx.Value(labelsKey{}).(Labels)
	return labels
}

// String is the labels in one line: what an engine with a single place for them shows.
func (l Labels) String() string {
	words := []string{"assay"}
	if l.Run != "" {
		words = append(words, "run="+l.Run)
	}
	if l.Experiment != "" {
		words = append(words, "experiment="+l.Experiment)
	}
	return strings.Join(words, " ")
}
