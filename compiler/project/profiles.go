package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

const profilesFile = "profiles.yml"

// ProfileOptions say where profiles.yml is looked for: in ProfilesDir where it is given, else in ProjectDir and then ~/.assay.
type ProfileOptions struct {
	ProjectDir  string
	ProfilesDir string
	Vars        map[string]string
	Env         func(string) (string, bool) // os.LookupEnv where nil
}

// Profiles are the connections a user has.
type Profiles struct {
	File string // where they were found; "" where nowhere
	List []*Profile
}

// A Profile is a choice of connections.
type Profile struct {
	Name    Name
	Target  Name // the output used where no other is asked for
	Outputs []*Output
}

// An Output is one connection: its type, and fields that the type's driver understands. A field's value may be a Secret, a list
// ([]any) or further fields ([]Option).
type Output struct {
	Name    Name
	Type    Name
	Options []Option

	problems diag.Bag // matter only to those who use this output
}

// Exist reports whether there is a profiles.yml in one of the places.
func (o ProfileOptions) Exist() bool {
	return slices.ContainsFunc(o.dirs(), func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, profilesFile))
		return err == nil
	})
}

// ReadProfiles reads profiles.yml. A mistake inside an output comes with Select, as nobody has the variables of all of them.
func ReadProfiles(opts ProfileOptions) (*Profiles, *diag.Bag) {
	bag := &diag.Bag{}
	env := opts.Env
	if env == nil {
		env = os.LookupEnv
	}
	dirs := opts.dirs()
	for _, dir := range dirs {
		file := filepath.Join(dir, profilesFile)
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			bag.Errorf(diag.Span{}, codeFile, "cannot read %s: %v", file, pathless(err))
			return &Profiles{}, bag
		}
		p := &Profiles{File: file}
		d := newDecoder(&variables{vars: opts.Vars, env: env}, newSource(spanName(opts.ProjectDir, file), data), bag, &Project{})
		d.profiles(p)
		return p, bag
	}
	bag.Add(diag.Diagnostic{
		Code: codeFile, Message: fmt.Sprintf("there is no %s in %s", profilesFile, strings.Join(dirs, " or ")),
		Hint: "it says which warehouse to use; `assay init` writes one",
	})
	return &Profiles{}, bag
}

func (o ProfileOptions) dirs() []string {
	if o.ProfilesDir != "" {
		return []string{o.ProfilesDir}
	}
	dirs := []string{o.ProjectDir}
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, ".assay"))
	}
	return dirs
}

// spanName is the file relative to the project where it is in it.
func spanName(dir, file string) string {
	if name, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(name) {
		return filepath.ToSlash(name)
	}
	return file
}

func (d *decoder) profiles(to *Profiles) {
	document, ok := d.src.parse(d.bag)
	if !ok || document == nil {
		return
	}
	e := entry{document, profilesFile}
	if !e.is(yaml.MappingNode) {
		d.wrongType(e, "a mapping", "my_profile: {target: dev, "+sample("outputs")+"}")
		return
	}
	for _, p := range d.pairs(document) {
		// dbt keeps settings of its own under `config`.
		if p.key.Value != "config" {
			to.List = append(to.List, d.profile(p))
		}
	}
}

func (d *decoder) profile(p pair) *Profile {
	profile := &Profile{Name: Name{p.key.Value, d.src.span(p.key)}}
	e := child(p.value, p.key.Value)
	d.mapping(e, "profile",
		field{"target", into(d, &profile.Target, d.word)},
		field{"outputs", func(e entry) {
			if !e.is(yaml.MappingNode) {
				d.wrongType(e, "a mapping", sample("outputs"))
				return
			}
			for _, p := range d.pairs(e.Node) {
				profile.Outputs = append(profile.Outputs, d.output(p))
			}
		}},
	)
	d.need(e, "profile", "outputs")
	return profile
}

func (d *decoder) output(p pair) *Output {
	o := &Output{Name: Name{p.key.Value, d.src.span(p.key)}}
	inner := newDecoder(d.variables, d.src, &o.problems, d.project)
	e := child(p.value, p.key.Value)
	for _, option := range hideSecrets(inner.options(e, inner.nested)) {
		if text, ok := option.Value.V.(string); ok && option.Name.V == "type" {
			o.Type = Name{text, option.Value.Span}
		} else {
			o.Options = append(o.Options, option)
		}
	}
	inner.need(e, "output", "type")
	return o
}

// Select finds an output: of the profile named, and the target or, where that is "", the profile's own.
func (p *Profiles) Select(profile Name, target string) (*Output, *diag.Bag) {
	bag := &diag.Bag{}
	chosen := p.profile(profile, bag)
	if chosen == nil {
		return nil, bag
	}
	wanted := Name{V: target, Span: chosen.Name.Span}
	if target == "" {
		wanted = chosen.Target
		if !wanted.IsSet() {
			wanted = Name{"default", chosen.Name.Span}
		}
	}
	var known []string
	for _, o := range chosen.Outputs {
		if o.Name.V == wanted.V {
			bag.Append(&o.problems)
			return o, bag
		}
		known = append(known, o.Name.V)
	}
	bag.Add(diag.Diagnostic{
		Code: codeValue, Span: wanted.Span, Message: fmt.Sprintf("profile `%s` has no output `%s`", chosen.Name.V, wanted.V),
		Hint: diag.Suggest(wanted.V, known),
	})
	return nil, bag
}

func (p *Profiles) profile(name Name, bag *diag.Bag) *Profile {
	known := make([]string, len(p.List))
	for i, profile := range p.List {
		if profile.Name.V == name.V {
			return profile
		}
		known[i] = profile.Name.V
	}
	bag.Add(diag.Diagnostic{
		Code: codeValue, Span: name.Span, Message: fmt.Sprintf("there is no profile `%s` in %s", name.V, p.File),
		Hint: diag.Suggest(name.V, known),
	})
	return nil
}

// Fields are the options as a driver reads them, secrets revealed.
func (o *Output) Fields() map[string]any { return revealed(o.Options).(map[string]any) }

func revealed(value any) any {
	switch v := value.(type) {
	case Secret:
		return string(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = revealed(v[i])
		}
		return list
	case []Option:
		fields := make(map[string]any, len(v))
		for _, option := range v {
			fields[option.Name.V] = revealed(option.Value.V)
		}
		return fields
	}
	return value
}
