package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"assay/compiler/model"
	"assay/runner"
)

// refresh is how often a terminal's line is rewritten while a query runs.
const refresh = 200 * time.Millisecond

const eraseLine = "\r\x1b[K"

// A progress tells a person what the warehouse is doing: on a terminal, one line that names the query that runs and for how long
// it has; elsewhere a line for each query that ended.
type progress struct {
	*console
	mu    sync.Mutex
	text  string // the query that runs; "" between queries
	since time.Time
	done  chan struct{}
}

func (c *console) newProgress() *progress {
	p := &progress{console: c, done: make(chan struct{})}
	if c.live {
		go p.rewrite()
	}
	return p
}

func (p *progress) stop() { close(p.done) }

func (p *progress) rewrite() {
	ticks := time.NewTicker(refresh)
	defer ticks.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-ticks.C:
			p.mu.Lock()
			if p.text != "" {
				fmt.Fprintf(p.err, "%s%s  %s", eraseLine, p.text, time.Since(p.since).Round(time.Second/10))
			}
			p.mu.Unlock()
		}
	}
}

func (p *progress) observer() runner.Observer {
	return runner.Observer{Started: p.started, Finished: p.finished, Scanned: p.scanned, Unlimited: p.unlimited}
}

// scanned says what `scratch: none` costs.
func (p *progress) scanned(times map[string]int) {
	var list []string
	for _, table := range slices.Sorted(maps.Keys(times)) {
		list = append(list, fmt.Sprintf("%s %d×", table, times[table]))
	}
	p.log.Info("nothing is stored (`scratch: none`): scans, at most: " + strings.Join(list, ", "))
}

// unlimited says which limit cannot be held here.
func (p *progress) unlimited(e *model.Experiment) {
	p.log.Warn(fmt.Sprintf("%s: this warehouse does not tell how many bytes it will scan: the limit is not held for experiment %s",
		e.Protocol.Decl.LimitBytes.Span, e.Name))
}

func (p *progress) started(step string, number, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text, p.since = fmt.Sprintf("[%d/%d] %s", number, of, step), time.Now()
}

func (p *progress) finished(q runner.Query) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live {
		fmt.Fprint(p.err, eraseLine)
	} else if q.Err == nil {
		message := fmt.Sprintf("%s  %s", p.text, q.Took.Round(time.Millisecond))
		p.log.Info(message, "step", q.Step, "seconds", q.Took.Seconds(), "rows", q.Rows)
	}
	p.text = ""
}
