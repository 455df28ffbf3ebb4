package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// generated is what other verbs write below the target folder. A database that a profile keeps there is not: it holds results.
var generated = []string{"compiled", "manifest.json", "run_results.json", "report"}

func (a *app) cleanCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "clean",
		Short: "Remove what was generated into the target folder",
		Long:  "Remove what was generated into the target folder. A database that the profile keeps there stays: it holds results.",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.clean() },
	}
}

func (a *app) clean() error {
	for _, name := range generated {
		path := filepath.Join(a.targetDir(), name)
		if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
		a.log.Info(fmt.Sprintf("removed %s", path))
	}
	return nil
}
