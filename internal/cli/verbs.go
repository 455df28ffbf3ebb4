package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// verbs are the commands, in the order in which a newcomer needs them.
func (a *app) verbs() []*cobra.Command {
	return append([]*cobra.Command{
		a.initCommand(),
		a.validateCommand(),
		a.catalogCommand(),
		a.compileCommand(),
		a.queryCommand(),
		a.runCommand(),
		a.testCommand(),
		a.powerCommand(),
		a.reportCommand(),
		a.listCommand(),
		a.showCommand(),
		a.debugCommand(),
		a.cleanCommand(),
		a.versionCommand(),
	}, a.laterCommands()...)
}

// laterCommands are known, so that they are not taken for a misspelling, and say that they are not supported yet.
func (a *app) laterCommands() []*cobra.Command {
	jobs := [][2]string{
		{"diff", "What a change to definitions changes"},
	}
	var commands []*cobra.Command
	for _, job := range jobs {
		commands = append(commands, &cobra.Command{
			Use:                job[0],
			Short:              job[1] + " (not supported yet)",
			DisableFlagParsing: true,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return fmt.Errorf("`assay %s` is not supported yet", cmd.Name())
			},
		})
	}
	return commands
}
