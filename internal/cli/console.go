package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-isatty"

	"assay/internal/report"
)

// A console is where a verb speaks: results on out, everything about the work on err.
type console struct {
	out, err io.Writer
	log      *slog.Logger // set by configure: nil while the command line is not yet read
	json     bool
	plain    bool // whether colour is unwanted
	live     bool // whether err can rewrite its last line
}

func (c *console) configure(g *globals) error {
	level := slog.LevelInfo
	if g.quiet {
		level = slog.LevelError
	}
	switch g.logFormat {
	case "text":
		c.log = slog.New(&textHandler{out: c.err, level: level})
	case "json":
		c.log = slog.New(slog.NewJSONHandler(c.err, &slog.HandlerOptions{Level: level, ReplaceAttr: asDiagnostics}))
		c.json = true
	default:
		return usagef("--log-format is text or json, not `%s`", g.logFormat)
	}
	c.plain = g.noColor || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	c.live = isTerminal(c.err) && !c.json && !g.quiet
	return nil
}

// asDiagnostics names what every line has as diagnostics do.
func asDiagnostics(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.MessageKey:
		a.Key = "message"
	case slog.LevelKey:
		return slog.String("severity", strings.ToLower(a.Value.String()))
	}
	return a
}

func (c *console) coloured(w io.Writer) bool { return !c.plain && isTerminal(w) }

// page is how reports are laid out on w: as wide as COLUMNS says, else as its terminal is.
func (c *console) page(w io.Writer, zone *time.Location) report.Options {
	options := report.Options{Colour: c.coloured(w), Zone: zone}
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		options.Width = columns
	} else if file, ok := w.(*os.File); ok {
		options.Width = terminalWidth(file.Fd())
	}
	return options
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

// problem says why the command ends.
func (c *console) problem(message string) {
	if c.log == nil {
		fmt.Fprintln(c.err, "error:", message)
		return
	}
	c.log.Error(message)
}

// textHandler prints messages as a person reads them; attributes are for programs and stay out.
type textHandler struct {
	out   io.Writer
	level slog.Level
}

func (h *textHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *textHandler) Handle(_ context.Context, r slog.Record) error {
	prefix := ""
	switch r.Level {
	case slog.LevelError:
		prefix = "error: "
	case slog.LevelWarn:
		prefix = "warning: "
	}
	_, err := fmt.Fprintln(h.out, prefix+r.Message)
	return err
}

func (h *textHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *textHandler) WithGroup(string) slog.Handler      { return h }
