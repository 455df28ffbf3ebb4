package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"assay/runner"
)

func TestProgressOnATerminalNamesALongQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var err bytes.Buffer
		p := (&console{err: &err, live: true}).newProgress()
		observer := p.observer()
		observer.Started("orders_values", 3, 12)
		time.Sleep(time.Second + refresh/2)
		observer.Finished(runner.Query{Step: "orders_values"})
		time.Sleep(time.Second)
		p.stop()
		if text := err.String(); !strings.Contains(text, "[3/12] orders_values  1s") || !strings.HasSuffix(text, eraseLine) {
			t.Errorf("got %q", text)
		}
	})
}

func TestNoStackReachesAPerson(t *testing.T) {
	var out, err bytes.Buffer
	a := &app{console: console{out: &out, err: &err}}
	code := func() (code int) {
		defer a.recoverTo(&code)
		panic(errors.New("the floor is lava"))
	}()
	want := "error: internal error, please report it: the floor is lava\n"
	if code != exitUsage || err.String() != want {
		t.Errorf("exit %d, %q", code, err.String())
	}
}
