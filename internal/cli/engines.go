package cli

import (
	"fmt"

	"assay/compiler/project"
	"assay/dialects"
	duckdbsql "assay/dialects/duckdb"
	postgressql "assay/dialects/postgres"
	"assay/internal/diag"
	"assay/runner"
	"assay/runner/duckdb"
	"assay/runner/postgres"
)

// An engine is what a profile's `type` stands for: the SQL it speaks and the driver that reaches it. This file is the one place
// where the two meet.
type engine struct {
	dialect *dialects.Dialect
	open    runner.Driver
}

var engines = map[string]engine{
	"duckdb":   {duckdbsql.Dialect, duckdb.Open},
	"postgres": {postgressql.Dialect, postgres.Open},
}

func engineNames() []string {
	var names []string
	for name := range engines {
		names = append(names, name)
	}
	return names
}

// A connection is the output of a profile that a verb works with.
type connection struct {
	engine
	profile, profilesFile string
	output                *project.Output
	warehouse             runner.Warehouse
}

// connection finds the project's output in profiles.yml; nothing is connected to yet.
func (a *app) connection(p *project.Project) (*connection, error) {
	vars, err := a.variables()
	if err != nil {
		return nil, err
	}
	profiles, bag := project.ReadProfiles(project.ProfileOptions{ProjectDir: p.Dir, ProfilesDir: a.profilesDir, Vars: vars})
	if err := a.diagnose(bag); err != nil {
		return nil, err
	}
	profile := p.Profile
	if a.profile != "" {
		profile = project.Name{V: a.profile}
	}
	output, bag := profiles.Select(profile, a.target)
	if err := a.diagnose(bag); err != nil {
		return nil, err
	}
	c := &connection{profile: profile.V, profilesFile: profiles.File, output: output}
	return c, a.open(c, p.Dir)
}

func (a *app) open(c *connection, dir string) error {
	known, ok := engines[c.output.Type.V]
	if !ok {
		var bag diag.Bag
		bag.Add(diag.Diagnostic{
			Code: "profile", Span: c.output.Type.Span, Message: fmt.Sprintf("no warehouse is of type `%s`", c.output.Type.V),
			Hint: diag.Suggest(c.output.Type.V, engineNames()),
		})
		return a.diagnose(&bag)
	}
	fields := c.output.Fields()
	if a.threads > 0 {
		fields["threads"] = a.threads
	}
	var err error
	c.engine = known
	c.warehouse, err = known.open(runner.Output{Name: c.output.Name.V, Fields: fields, Dir: dir})
	return err
}
