package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"assay/compiler/rel"
	"assay/dialects"
)

// ErrDenied is behind the refusal of what this user may not do, and another may.
var ErrDenied = errors.New("not allowed")

// denied is a refusal that ErrDenied is behind; its words are the server's.
type denied struct{ error }

func (denied) Is(target error) bool { return target == ErrDenied }
func (d denied) Unwrap() error      { return d.error }

// Grants are an administrator's statements that let somebody do what a run does. Each lacks its end: TO, and whom.
type Grants struct {
	Grantee string   // an expression: whoever is logged in, as a statement names them
	Read    []string // read {table}, which {schema} holds
	Results []string // write tables and views of results
	Staging []string // keep staged steps
}

// A Grantor is a Session of an engine with users, who can lack a grant.
type Grantor interface {
	Session
	// Grants are nil where the engine has no such statements.
	Grants() *Grants
}

// missingGrants are the statements that let the session's user do what was refused; nil where the refusal is for another reason.
func missingGrants(ctx context.Context, s Session, refusal error, of func(*Grants) []string) []string {
	grantor, ok := s.(Grantor)
	if !ok || !errors.Is(refusal, ErrDenied) {
		return nil
	}
	grants := grantor.Grants()
	if grants == nil {
		return nil
	}
	grantee := "…"
	if rows, err := s.Query(ctx, "SELECT "+grants.Grantee+" AS grantee"); err == nil {
		grantee = fmt.Sprint(rows.Values[0][0])
	}
	var statements []string
	for _, statement := range of(grants) {
		statements = append(statements, statement+" TO "+grantee)
	}
	return statements
}

// reading are the statements by which a table is read; a name without a schema says nothing of what holds it.
func reading(d *dialects.Dialect, table rel.Table) func(*Grants) []string {
	return func(g *Grants) []string {
		names := []string{"{table}", d.Table(table)}
		if last := len(table.Parts) - 1; last > 0 {
			names = append(names, "{schema}", d.Table(rel.Table{Parts: table.Parts[:last]}))
		}
		var statements []string
		for _, template := range g.Read {
			if statement := strings.NewReplacer(names...).Replace(template); !strings.Contains(statement, "{schema}") {
				statements = append(statements, statement)
			}
		}
		return statements
	}
}
