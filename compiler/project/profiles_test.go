package project

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"assay/internal/diag"
)

const someProfiles = `
config: {send_anonymous_usage_stats: false}
shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: target/shop.duckdb
      threads: 4
      attach: [{path: a.db, token: hunter2}]
    prod:
      type: postgres
      host: "{{ env_var('PGHOST') }}"
      password: hunter2
      private_key_path: /keys/k
      port: "{{ env_var('PGPORT', '5432') | int }}"
    broken: {path: x}
other:
  outputs: {default: {type: duckdb, pass: 12345}}
`

func writeProfiles(t *testing.T, text string) ProfileOptions {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, profilesFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return ProfileOptions{ProjectDir: dir, Env: noEnvironment}
}

func TestProfiles(t *testing.T) {
	profiles, bag := ReadProfiles(writeProfiles(t, someProfiles))
	if bag.HasErrors() {
		t.Fatal(bag.Sorted())
	}
	dev, bag := profiles.Select(Name{V: "shop"}, "")
	if bag.HasErrors() || dev.Type.V != "duckdb" {
		t.Fatalf("dev is %v, with %v", dev, bag.Sorted())
	}
	want := map[string]any{
		"path": "target/shop.duckdb", "threads": int64(4), "attach": []any{map[string]any{"path": "a.db", "token": "hunter2"}},
	}
	if diff := cmp.Diff(want, dev.Fields()); diff != "" {
		t.Errorf("fields of dev (-want +got):\n%s", diff)
	}
	other, bag := profiles.Select(Name{V: "other"}, "")
	if bag.HasErrors() || other.Fields()["pass"] != "12345" {
		t.Errorf("other is %v, with %v", other, bag.Sorted())
	}
}

// TestProfileMistakes: variables of an output matter to those alone who use it.
func TestProfileMistakes(t *testing.T) {
	profiles, _ := ReadProfiles(writeProfiles(t, someProfiles))
	for _, c := range []struct{ profile, target, want string }{
		{"shop", "prod", "profiles.yml:13:14: environment variable `PGHOST` is not set"},
		{"shop", "broken", "profiles.yml:17:13: an output needs `type`"},
		{"shop", "prd", "profile `shop` has no output `prd`; did you mean `prod`?"},
		{"shp", "", "there is no profile `shp`"},
	} {
		_, bag := profiles.Select(Name{V: c.profile}, c.target)
		var got []string
		for _, d := range bag.Sorted() {
			got = append(got, fmt.Sprintf("%s: %s; %s", d.Span, d.Message, d.Hint))
		}
		if len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%s %s says %q, want %q", c.profile, c.target, got, c.want)
		}
	}
}

func TestNoProfiles(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	_, bag := ReadProfiles(ProfileOptions{ProjectDir: t.TempDir()})
	if list := bag.Sorted(); len(list) != 1 || !strings.Contains(list[0].Message, "there is no profiles.yml") {
		t.Errorf("without a file: %v", list)
	}
}

func TestProfilesAtHome(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	if err := os.CopyFS(filepath.Join(home, ".assay"), os.DirFS(writeProfiles(t, someProfiles).ProjectDir)); err != nil {
		t.Fatal(err)
	}
	profiles, bag := ReadProfiles(ProfileOptions{ProjectDir: t.TempDir(), Env: noEnvironment})
	if bag.HasErrors() || len(profiles.List) != 2 {
		t.Errorf("from ~/.assay: %v, %v", profiles.List, bag.Sorted())
	}
}

// TestSecretsDoNotPrint prints an output in every way Go has, and a mistake beside a secret.
func TestSecretsDoNotPrint(t *testing.T) {
	opts := writeProfiles(t, someProfiles+"  hunter2: {password: hunter2, : x}\n")
	_, bag := ReadProfiles(opts)
	var out strings.Builder
	if err := (diag.Printer{Lines: SourceLines(opts.ProjectDir)}).Print(&out, bag.Sorted()); err != nil {
		t.Fatal(err)
	}
	profiles, _ := ReadProfiles(writeProfiles(t, someProfiles))
	for _, target := range []string{"dev", "prod"} {
		o, _ := profiles.Select(Name{V: "shop"}, target)
		asJSON, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%v %+v %#v %s %q %s", o.Options, o.Options, o.Options, o.Options, o.Options, asJSON)
	}
	if strings.Contains(out.String(), "hunter2") {
		t.Errorf("a secret is printed:\n%s", out.String())
	}
	if !strings.Contains(out.String(), hiddenText) || !strings.Contains(out.String(), "/keys/k") {
		t.Errorf("what is no secret is hidden:\n%s", out.String())
	}
}
