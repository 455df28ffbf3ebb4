package model

import (
	"errors"
	"fmt"
	"strings"

	"assay/internal/diag"
)

// A noPathError says that a table's rows belong to no unit.
type noPathError struct {
	table  *Table
	entity string
}

func (e noPathError) Error() string {
	return fmt.Sprintf("`%s` holds no entity `%s`, and no entity of it leads to one", e.table.Name, e.entity)
}

// unreached reports why rows do not lead to one unit. That a table's rows lead to none is one mistake, of the table's, however many
// metrics and experiments read it.
func (b *builder) unreached(at diag.Span, err error, hint string, notes ...diag.Note) {
	if b.incomplete() {
		return
	}
	d := diag.Diagnostic{Code: codePath, Span: at, Message: err.Error(), Hint: hint, Notes: notes}
	var none noPathError
	if errors.As(err, &none) {
		if b.unreachable[none] {
			return
		}
		b.unreachable[none] = true
		hint, note := none.mend()
		d.Notes = append(d.Notes, note)
		if d.Hint == "" {
			d.Hint = hint
		}
	}
	b.bag.Add(d)
}

// mend offers the entity that is nearly named so; else an entity has to be declared.
func (e noPathError) mend() (string, diag.Note) {
	if near, ok := diag.Nearest(e.entity, e.table.entityNames()); ok {
		return fmt.Sprintf("did you mean `%s`? it has an entity `%s`", e.entity, near),
			diag.Note{Message: "declared here", Span: e.table.entity(near).Decl.Name.Span}
	}
	hint := fmt.Sprintf("give the column that holds it `entity: {type: foreign, name: %s}`", e.entity)
	if names := e.table.entityNames(); len(names) > 0 {
		hint += "; entities there: " + strings.Join(names, ", ")
	}
	return hint, diag.Note{Message: fmt.Sprintf("`%s` is declared here", e.table.Name), Span: e.table.Decl.Name.Span}
}
