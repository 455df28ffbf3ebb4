package conformance

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/jackc/pgx/v5/pgtype"

	"assay/compiler/rel"
)

// texts are rows in one spelling for all engines.
func texts(rows [][]any, cols []rel.Column) [][]string {
	list := make([][]string, len(rows))
	for i, row := range rows {
		for j, v := range row {
			list[i] = append(list[i], text(v, cols[j].Type))
		}
	}
	return list
}

func text(v any, t rel.Type) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "'" + v + "'"
	case json.Number:
		if t == rel.Boolean {
			return strconv.FormatBool(v != "0")
		}
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		if t == rel.Date {
			return v.Format("2006-01-02")
		}
		return v.UTC().Format("2006-01-02 15:04:05.999999")
	case float32, float64:
		return plain(fmt.Sprintf("%.10g", v))
	case duckdb.Decimal:
		return plain(v.String())
	case pgtype.Numeric:
		exact := new(big.Float).SetInt(v.Int)
		power, _, _ := big.ParseFloat("1e"+strconv.Itoa(int(v.Exp)), 10, 200, big.ToNearestEven)
		return plain(new(big.Float).SetPrec(200).Mul(exact, power).Text('g', 15))
	default:
		return fmt.Sprint(v)
	}
}

// plain is a number without a fraction of zeros.
func plain(number string) string {
	if strings.Contains(number, ".") && !strings.Contains(number, "e") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	if number == "-0" {
		return "0"
	}
	return number
}
