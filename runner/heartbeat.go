package runner

import (
	"context"
	"errors"
	"time"
)

// A heartbeat renews a run's lease on a session of its own, since the run's is busy with a long statement.
type heartbeat struct {
	stop    context.CancelFunc
	release context.CancelCauseFunc // of the work's context
	done    chan struct{}
}

// beat starts renewing a lease each third of its length. The context it returns ends with ErrLeaseLost where the lease is lost.
func (s *store) beat(
	ctx context.Context, warehouse Warehouse, runID string, lease time.Duration,
) (context.Context, *heartbeat, error) {
	session, err := warehouse.Connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	own := &store{session: session, dialect: s.dialect, schema: s.schema}
	work, lost := context.WithCancelCause(ctx)
	beating, stop := context.WithCancel(ctx)
	h := &heartbeat{stop: stop, release: lost, done: make(chan struct{})}
	go func() {
		defer close(h.done)
		defer session.Close()
		own.keep(beating, runID, lease, lost)
	}()
	return work, h, nil
}

// keep renews until its context ends. A renewal that fails for another reason than a lost lease is tried again: the lease
// outlasts two failures.
func (s *store) keep(ctx context.Context, runID string, lease time.Duration, lost context.CancelCauseFunc) {
	tick := time.NewTicker(lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if errors.Is(s.renew(ctx, runID, time.Now().Add(lease)), ErrLeaseLost) {
				lost(ErrLeaseLost)
				return
			}
		}
	}
}

// end stops renewing, waits until no renewal is under way, and ends the work's context.
func (h *heartbeat) end() {
	h.stop()
	<-h.done
	h.release(nil)
}
