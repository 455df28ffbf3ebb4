// Package cli is the command line: a file for each verb (verbs lists them), and the one place that puts the packages together.
//
// A verb loads the project (load), picks what it works on from the graph of its nodes (selector, graph), compiles that (program) and
// reaches the warehouse that the profile names (engines, which pairs dialects with drivers). Mistakes are printed with their places, all
// of them, and end it: load has those of the project, columns those that the warehouse's columns show, failures and causes those of
// statements that it refused. Results go to standard output, everything about the work to standard error (console, progress).
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"assay/internal/diag"
)

// Exit codes, as dbt's.
const (
	exitDone   = 0
	exitFailed = 1 // a mistake in the project, a refusal of the warehouse, a failed check
	exitUsage  = 2 // a command line that makes no sense, or a mistake of ours
)

// errReported ends a verb whose mistakes have been printed already.
var errReported = errors.New("reported")

// usageError is a command line that makes no sense.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Main runs the process's command line and returns its exit code.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
}

// Run runs a command line and returns its exit code.
func Run(ctx context.Context, args []string, out, err io.Writer) (code int) {
	a := &app{console: console{out: out, err: err}, args: args}
	defer a.recoverTo(&code)
	root := a.rootCommand()
	root.SetArgs(gathered(args))
	root.SetOut(out)
	root.SetErr(err)
	return a.exitCode(root.ExecuteContext(ctx))
}

// recoverTo keeps stacks from people: what panics is a mistake of ours, and says so.
func (a *app) recoverTo(code *int) {
	if p := recover(); p != nil {
		a.problem(fmt.Sprintf("internal error, please report it: %v", p))
		*code = exitUsage
	}
}

func (a *app) exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errReported):
		return exitFailed
	case errors.As(err, &usage), !a.started:
		a.problem(err.Error() + " (see `assay --help`)")
		return exitUsage
	default:
		a.problem(err.Error())
		return exitFailed
	}
}

// An app is one run of the command line.
type app struct {
	console
	globals
	args    []string
	typed   map[string]string // by flag, what diagnostics may point into
	started bool              // whether the command line made sense, so that what fails now is the verb's work
}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "assay",
		Short: "Metrics and experiments, declared in YAML and computed in your warehouse",
		Long: "Metrics and experiments, declared in YAML and computed in your warehouse.\n\n" +
			"Start with `assay init my_project`. Every flag below has a twin in the environment: ASSAY_PROJECT_DIR for --project-dir.",
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	a.globals.register(root.PersistentFlags())
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := fromEnvironment(root.PersistentFlags()); err != nil {
			return err
		}
		if err := a.console.configure(&a.globals); err != nil {
			return err
		}
		a.started = true
		return nil
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(a.verbs()...)
	return root
}

// flagError says which flag was most likely meant.
func flagError(cmd *cobra.Command, err error) error {
	message, _, _ := strings.Cut(err.Error(), ": strconv.") // how Go failed to read a number
	if name, unknown := strings.CutPrefix(message, "unknown flag: --"); unknown {
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		if near, ok := diag.Nearest(name, known); ok {
			message += "; did you mean `--" + near + "`?"
		}
	}
	return usageError{errors.New(message)}
}
