// Package exchange brings products in from spreadsheets and writes them out:
// Shopify's product CSV, Google's product feed, any other table, and the
// pictures that lie beside them in a folder or a ZIP.
//
// What comes in is hostile until it is read: every size is bounded, a row that
// cannot be taken is named with its field and reason, and all others go in.
// What Cheval does not understand is kept as it stands (catalog.Sheet) and
// goes out again.
//
// It leaves to others where products are kept (catalog/store), what is done
// with their pictures (studio), and how a mapping is shown (app).
package exchange

import (
	"cmp"
	"fmt"
	"slices"
)

// Format is what a file is.
type Format string

const (
	Shopify Format = "shopify" // Shopify's product CSV
	Feed    Format = "feed"    // Google's product feed: RSS, Atom, TSV or CSV
	Table   Format = "table"   // any other CSV, TSV or XLSX
)

// Limits of what is read. A file beyond one is refused, a row beyond one is
// left out, each with a sentence.
const (
	MaxFile    = 1 << 30 // bytes of a file
	MaxCell    = 1 << 20 // bytes of a cell, as UTF-8
	MaxRow     = 3 << 20 // bytes of a row
	MaxColumns = 2000
	MaxRows    = 2_000_000
	// MaxProductRows is how many rows one product may have.
	MaxProductRows = 5000
)

// Result is what an import did. Its JSON is a contract.
type Result struct {
	Rows     int       `json:"rows"`     // that held data
	Products int       `json:"products"` // that went in
	Variants int       `json:"variants"` // of these products
	Images   int       `json:"images"`   // of these products, files and addresses
	Problems []Problem `json:"problems"` // in the order of rows
}

// Problem is something that a person should know of one row.
type Problem struct {
	Row   int    `json:"row"`   // as a spreadsheet program counts, from 1; 0: the whole file
	Field string `json:"field"` // the column's header, or what else it is about; "" the row
	Why   string `json:"why"`
}

// String is p as a line.
func (p Problem) String() string {
	switch {
	case p.Row == 0 && p.Field == "":
		return p.Why
	case p.Row == 0:
		return fmt.Sprintf("%s: %s", p.Field, p.Why)
	case p.Field == "":
		return fmt.Sprintf("row %d: %s", p.Row, p.Why)
	}
	return fmt.Sprintf("row %d, %s: %s", p.Row, p.Field, p.Why)
}

// maxProblems bounds the list; what is over it is counted in one more entry.
const maxProblems = 10_000

// problems collects what was found wrong.
type problems struct {
	list []Problem
	more int
}

func (ps *problems) add(row int, field, format string, args ...any) {
	if len(ps.list) >= maxProblems {
		ps.more++
		return
	}
	ps.list = append(ps.list, Problem{row, field, fmt.Sprintf(format, args...)})
}

// all returns the problems by row.
func (ps *problems) all() []Problem {
	out := slices.Clone(ps.list)
	slices.SortStableFunc(out, func(a, b Problem) int { return cmp.Compare(a.Row, b.Row) })
	if ps.more > 0 {
		out = append(out, Problem{0, "", fmt.Sprintf("%d more problems are not listed", ps.more)})
	}
	if out == nil {
		out = []Problem{}
	}
	return out
}
