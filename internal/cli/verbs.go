package cli

import "github.com/spf13/cobra"

// verbs are the commands, in the order in which a newcomer needs them.
func (a *app) verbs() []*cobra.Command {
	return []*cobra.Command{
		a.initCommand(),
		a.validateCommand(),
		a.catalogCommand(),
		a.compileCommand(),
		a.queryCommand(),
		a.runCommand(),
		a.testCommand(),
		a.powerCommand(),
		a.reportCommand(),
		a.diffCommand(),
		a.listCommand(),
		a.showCommand(),
		a.debugCommand(),
		a.cleanCommand(),
		a.versionCommand(),
	}
}
