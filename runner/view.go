package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// latestView shows, of each subject, its newest done run: the one of the latest as-of. Its blanks are the view, its columns, the
// table, the table with a row for each subject of a run, and what the subject's column is in three places.
const latestView = `CREATE OR REPLACE VIEW <%[1]s> AS
SELECT %[2]s
FROM <%[3]s> AS t
JOIN (
  SELECT %[5]ss.[run_id], ROW_NUMBER() OVER (%[6]sORDER BY s.[as_of] DESC, r.[finished_at] DESC) AS recency
  FROM <%[4]s> AS s
  JOIN <assay_runs> AS r ON r.[run_id] = s.[run_id]
  WHERE r.[status] = 'done'
) AS newest ON newest.recency = 1 AND newest.[run_id] = t.[run_id]%[7]s`

// latest is the name of a table's view.
func latest(table string) string { return table + "_latest" }

// prepareView makes the view of a table whose rows are of subjects, unless it shows all columns already.
func (s *store) prepareView(ctx context.Context, t Table) error {
	subject, ok := t.subject()
	if !ok {
		return nil
	}
	columns, err := s.columns(ctx, t.Name)
	if err != nil {
		return err
	}
	if shown, err := s.columns(ctx, latest(t.Name)); err == nil && slices.Equal(shown, columns) {
		return nil
	}
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = "t.[" + c.Name + "] AS [" + c.Name + "]"
	}
	return s.replaceView(ctx, latest(t.Name),
		fmt.Sprintf(latestView, latest(t.Name), strings.Join(list, ", "), t.Name, subject.table, subject.spell("s.[%s], "),
			subject.spell("PARTITION BY s.[%s] "), subject.spell(" AND newest.[%s] = t.[%s]")))
}

// replaceView puts a view in the place of one with fewer columns. Redshift replaces none by one of other columns: there it is dropped
// first, which no reader sees, and whoever may read it has to be told again.
func (s *store) replaceView(ctx context.Context, view, definition string) error {
	err := s.exec(ctx, definition)
	transactor, ok := s.session.(Transactor)
	if err == nil || !ok {
		return err
	}
	return transactor.InTransaction(ctx, func() error {
		if err := s.exec(ctx, "DROP VIEW IF EXISTS <"+view+">"); err != nil {
			return err
		}
		return s.exec(ctx, definition)
	})
}
