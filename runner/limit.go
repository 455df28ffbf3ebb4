package runner

import (
	"context"
	"fmt"
	"time"

	"github.com/dustin/go-humanize"

	"assay/compiler/model"
)

// A LimitError is an experiment that reads more than its protocol allows.
type LimitError struct {
	Experiment *model.Experiment
	Bytes      float64 // at most
}

func (e *LimitError) Error() string {
	protocol := e.Experiment.Protocol
	return fmt.Sprintf("experiment %s would scan %s, and protocol %s allows %s", e.Experiment.Name, humanize.Bytes(uint64(e.Bytes)),
		protocol.Name, humanize.Bytes(uint64(protocol.Decl.LimitBytes.V)))
}

// Limited says whether the experiment's protocol limits the bytes that it may scan.
func Limited(e *model.Experiment) bool {
	return e.Protocol.Decl != nil && e.Protocol.Decl.LimitBytes.IsSet()
}

// CheckLimit holds what an experiment would take by itself to its protocol's limit. It is held where the estimate is of bytes.
func CheckLimit(e *model.Experiment, total *Estimate) (held bool, over *LimitError) {
	if total == nil || total.Unit != ScannedBytes {
		return false, nil
	}
	if total.Amount > float64(e.Protocol.Decl.LimitBytes.V) {
		return true, &LimitError{Experiment: e, Bytes: total.Amount}
	}
	return true, nil
}

// affordable are the experiments that may be computed; those over their limit are recorded as refused before anything of theirs runs.
func (r *run) affordable(ctx context.Context, experiments []*model.Experiment) ([]*model.Experiment, error) {
	var affordable []*model.Experiment
	for _, e := range experiments {
		over, err := r.overLimit(ctx, e)
		switch {
		case err != nil:
			return nil, err
		case over != nil:
			r.record(Node{Kind: "experiment", Name: e.Name, StartedAt: time.Now(), EndedAt: time.Now(), Err: over})
		default:
			affordable = append(affordable, e)
		}
	}
	return affordable, nil
}

// overLimit is why the experiment may not be computed. What the warehouse refuses to estimate it will refuse to run, and say why then.
func (r *run) overLimit(ctx context.Context, e *model.Experiment) (over *LimitError, err error) {
	if !Limited(e) {
		return nil, nil
	}
	compiled, err := r.Compile([]*model.Experiment{e})
	if err != nil {
		return nil, err
	}
	estimated, err := r.place().Estimate(ctx, compiled.Program, r.binds())
	if err != nil {
		return nil, err
	}
	held, over := CheckLimit(e, Total(estimated))
	if !held && r.Observe.Unlimited != nil {
		r.Observe.Unlimited(e)
	}
	return over, nil
}
