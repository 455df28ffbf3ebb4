// Command googlesql holds scripts to GoogleSQL's own analyser, with the language features of BigQuery. It reads a JSON list of
// scripts, each a list of statements, and writes for each statement what is wrong with it, "" for nothing. Names are resolved: a
// statement knows the tables that the script before it has made.
package main

import (
	"encoding/json"
	"log"
	"os"

	sql "github.com/goccy/go-googlesql"
)

func main() {
	log.SetFlags(0)
	var scripts [][]string
	if err := json.NewDecoder(os.Stdin).Decode(&scripts); err != nil {
		log.Fatal(err)
	}
	if err := sql.Init(); err != nil {
		log.Fatal(err)
	}
	faults := make([][]string, len(scripts))
	for i, script := range scripts {
		analyser, err := newAnalyser()
		if err != nil {
			log.Fatal(err)
		}
		for _, statement := range script {
			faults[i] = append(faults[i], analyser.fault(statement))
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(faults); err != nil {
		log.Fatal(err)
	}
}

// features are the parts of the language that BigQuery documents.
var features = []sql.LanguageFeature{
	sql.LanguageFeatureFeatureAliasesForStringAndDateFunctions,
	sql.LanguageFeatureFeatureAllowDashesInTableName,
	sql.LanguageFeatureFeatureAnalyticFunctions,
	sql.LanguageFeatureFeatureBignumericType,
	sql.LanguageFeatureFeatureCivilTime,
	sql.LanguageFeatureFeatureCreateTableAsSelectColumnList,
	sql.LanguageFeatureFeatureCreateTableClusterBy,
	sql.LanguageFeatureFeatureCreateTableNotNull,
	sql.LanguageFeatureFeatureCreateTablePartitionBy,
	sql.LanguageFeatureFeatureDateArithmetics,
	sql.LanguageFeatureFeatureDateTimeConstructors,
	sql.LanguageFeatureFeatureDecimalAlias,
	sql.LanguageFeatureFeatureExtendedDateTimeSignatures,
	sql.LanguageFeatureFeatureFormatInCast,
	sql.LanguageFeatureFeatureGroupByRollup,
	sql.LanguageFeatureFeatureGroupingBuiltin,
	sql.LanguageFeatureFeatureGroupingSets,
	sql.LanguageFeatureFeatureHavingInAggregate,
	sql.LanguageFeatureFeatureIntervalType,
	sql.LanguageFeatureFeatureIsDistinct,
	sql.LanguageFeatureFeatureJsonArrayFunctions,
	sql.LanguageFeatureFeatureJsonType,
	sql.LanguageFeatureFeatureLimitInAggregate,
	sql.LanguageFeatureFeatureNamedArguments,
	sql.LanguageFeatureFeatureNullHandlingModifierInAggregate,
	sql.LanguageFeatureFeatureNullHandlingModifierInAnalytic,
	sql.LanguageFeatureFeatureNullsFirstLastInOrderBy,
	sql.LanguageFeatureFeatureNumericType,
	sql.LanguageFeatureFeatureOmitInsertColumnList,
	sql.LanguageFeatureFeatureOrderByCollate,
	sql.LanguageFeatureFeatureOrderByInAggregate,
	sql.LanguageFeatureFeatureParameterizedTypes,
	sql.LanguageFeatureFeaturePivot,
	sql.LanguageFeatureFeatureQualify,
	sql.LanguageFeatureFeatureSafeFunctionCall,
	sql.LanguageFeatureFeatureSelectStarExceptReplace,
	sql.LanguageFeatureFeatureTablesample,
	sql.LanguageFeatureFeatureUnpivot,
	sql.LanguageFeatureFeatureWeekWithWeekday,
	sql.LanguageFeatureFeatureWithOnSubquery,
	sql.LanguageFeatureFeatureWithRecursive,
}

// An analyser knows the tables of one script.
type analyser struct {
	options *sql.AnalyzerOptions
	types   *sql.TypeFactory
	catalog *sql.SimpleCatalog
	schemas map[string]*sql.SimpleCatalog
}

func newAnalyser() (*analyser, error) {
	language, err := bigQuery()
	if err != nil {
		return nil, err
	}
	a := &analyser{schemas: map[string]*sql.SimpleCatalog{}}
	if a.types, err = sql.NewTypeFactory(); err != nil {
		return nil, err
	}
	if a.catalog, err = sql.NewSimpleCatalog("project", a.types); err != nil {
		return nil, err
	}
	if err := a.catalog.AddBuiltinFunctionsAndTypes(&sql.BuiltinFunctionOptions{LanguageOptions: language}); err != nil {
		return nil, err
	}
	if a.options, err = sql.NewAnalyzerOptions2(); err != nil {
		return nil, err
	}
	if err := a.options.SetLanguage(language); err != nil {
		return nil, err
	}
	return a, a.nameTypes()
}

// nameTypes adds BigQuery's own names of types.
func (a *analyser) nameTypes() error {
	whole, err := a.types.GetInt64()
	if err != nil {
		return err
	}
	for _, name := range []string{"bigint", "int", "integer"} {
		if err := a.catalog.AddType(name, whole); err != nil {
			return err
		}
	}
	return nil
}

func bigQuery() (*sql.LanguageOptions, error) {
	language, err := sql.NewLanguageOptions()
	if err != nil {
		return nil, err
	}
	for _, feature := range features {
		if err := language.EnableLanguageFeature(feature); err != nil {
			return nil, err
		}
	}
	if err := language.EnableReservableKeyword("QUALIFY", true); err != nil {
		return nil, err
	}
	return language, language.SetSupportsAllStatementKinds()
}

// fault is what is wrong with a statement; a table that it makes is there from then on.
func (a *analyser) fault(statement string) string {
	output, err := sql.AnalyzeStatement(statement, a.options, a.catalog, a.types)
	if err != nil {
		return err.Error()
	}
	resolved, err := output.ResolvedStatement()
	if err != nil {
		return err.Error()
	}
	if err := a.keep(resolved); err != nil {
		return err.Error()
	}
	return ""
}

// keep adds the table or view that a statement makes.
func (a *analyser) keep(resolved sql.ResolvedStatementNode) error {
	switch made := resolved.(type) {
	case *sql.ResolvedCreateTableAsSelectStmt:
		return a.addTable(made.ResolvedCreateTableStmtBase)
	case *sql.ResolvedCreateTableStmt:
		return a.addTable(made.ResolvedCreateTableStmtBase)
	case *sql.ResolvedCreateViewStmt:
		return a.addView(made)
	}
	return nil
}

func (a *analyser) addTable(made *sql.ResolvedCreateTableStmtBase) error {
	columns, err := made.ColumnDefinitionList()
	if err != nil {
		return err
	}
	return add(a, made, columns)
}

func (a *analyser) addView(made *sql.ResolvedCreateViewStmt) error {
	outputs, err := made.OutputColumnList()
	if err != nil {
		return err
	}
	columns := make([]column, len(outputs))
	for i, output := range outputs {
		columns[i] = outputColumn{output}
	}
	return add(a, made, columns)
}

// A column has a name and a type.
type column interface {
	Name() (string, error)
	Type() (sql.Googlesql_TypeNode, error)
}

// An outputColumn is one that a query returns.
type outputColumn struct{ *sql.ResolvedOutputColumn }

// Type implements column.
func (c outputColumn) Type() (sql.Googlesql_TypeNode, error) {
	computed, err := c.Column()
	if err != nil {
		return nil, err
	}
	return computed.Type()
}

// add puts a table where the name of what was made says.
func add[C column](a *analyser, made interface{ NamePath() ([]string, error) }, columns []C) error {
	path, err := made.NamePath()
	if err != nil {
		return err
	}
	name := path[len(path)-1]
	table, err := sql.NewSimpleTable(name, 0)
	if err != nil {
		return err
	}
	for _, c := range columns {
		if err := addColumn(table, name, c); err != nil {
			return err
		}
	}
	catalog, err := a.schema(path[:len(path)-1])
	if err != nil {
		return err
	}
	_, err = catalog.AddOwnedTableIfNotPresent(name, table)
	return err
}

func addColumn(table *sql.SimpleTable, name string, c column) error {
	columnName, err := c.Name()
	if err != nil {
		return err
	}
	columnType, err := c.Type()
	if err != nil {
		return err
	}
	added, err := sql.NewSimpleColumn(name, columnName, columnType, false, true)
	if err != nil {
		return err
	}
	return table.AddColumn2(added, false)
}

// schema is where a table is whose name has that path before it.
func (a *analyser) schema(path []string) (*sql.SimpleCatalog, error) {
	if len(path) == 0 {
		return a.catalog, nil
	}
	name := path[len(path)-1]
	if known := a.schemas[name]; known != nil {
		return known, nil
	}
	schema, err := sql.NewSimpleCatalog(name, a.types)
	if err != nil {
		return nil, err
	}
	a.schemas[name] = schema
	return schema, a.catalog.AddCatalog(schema)
}
