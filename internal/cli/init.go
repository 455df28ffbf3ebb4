package cli

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"assay/compiler/project"
	template "assay/project-template"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "init <folder>",
		Short:   "Make a project that runs as it is, with comments that teach",
		Example: "  assay init my_project",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.init(args[0]) },
	}
}

func (a *app) init(dir string) error {
	whole, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if outer, found := project.Enclosing(whole); found {
		return fmt.Errorf("%s is a project already: add to it, or name a folder outside of it", outer)
	}
	name := projectName(whole)
	if err := template.Write(dir, name); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "Made project %s. Next:\n\n  cd %s\n  assay run\n", name, dir)
	return err
}

var notInNames = regexp.MustCompile(`\W+`)

// projectName is the folder's name as an identifier.
func projectName(dir string) string {
	name := strings.Trim(notInNames.ReplaceAllString(filepath.Base(dir), "_"), "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = strings.TrimRight("project_"+name, "_")
	}
	return name
}
