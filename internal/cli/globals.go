package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
)

// globals are the flags every verb takes.
type globals struct {
	projectDir, profilesDir string
	profile, target         string
	vars                    string
	selects, excludes       []string
	state                   string
	threads                 int
	targetPath              string
	logFormat               string
	quiet, noColor          bool
}

func (g *globals) register(flags *pflag.FlagSet) {
	flags.StringVar(&g.projectDir, "project-dir", ".", "folder of assay_project.yml")
	flags.StringVar(&g.profilesDir, "profiles-dir", "", "folder of profiles.yml (default: the project's, else ~/.assay)")
	flags.StringVar(&g.profile, "profile", "", "profile to use (default: the project's)")
	flags.StringVarP(&g.target, "target", "t", "", "output of the profile to use (default: the profile's target)")
	flags.StringVar(&g.vars, "vars", "", "variables of the project: '{min_order: 10}'")
	flags.StringArrayVarP(&g.selects, "select", "s", nil,
		"what to work on: experiment:x, metric:x, saved_query:x, tag:t, path:p, +x, x+, state:modified")
	flags.StringArrayVar(&g.excludes, "exclude", nil, "what to leave out, written as for --select")
	flags.StringVar(&g.state, "state", "", "folder with the manifest.json that state:modified compares with")
	flags.IntVar(&g.threads, "threads", 0, "queries at a time (default: the profile's)")
	flags.StringVar(&g.targetPath, "target-path", "target", "folder for what is generated")
	flags.StringVar(&g.logFormat, "log-format", "text", "text or json")
	flags.BoolVarP(&g.quiet, "quiet", "q", false, "print results and errors alone")
	flags.BoolVar(&g.noColor, "no-color", false, "print without colour (as NO_COLOR does)")
}

// fromEnvironment gives each flag that was not typed the value of its twin, if there is one.
func fromEnvironment(flags *pflag.FlagSet) error {
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "ASSAY_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := os.LookupEnv(name)
		if !ok || f.Changed || failed != nil {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			failed = fmt.Errorf("environment variable %s: %w", name, err)
		}
	})
	return failed
}

// targetDir is the folder for what is generated.
func (g *globals) targetDir() string {
	if filepath.IsAbs(g.targetPath) {
		return g.targetPath
	}
	return filepath.Join(g.projectDir, g.targetPath)
}
