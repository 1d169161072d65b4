package exchange

import (
	"strings"
)

// layout finds the cells of a row by what they mean.
type layout struct {
	format Format
	header []string
	at     map[Field][]int
}

func newLayout(f Format, m Mapping) layout {
	l := layout{f, make([]string, len(m)), map[Field][]int{}}
	for i, c := range m {
		l.header[i] = c.Header
		if c.Field != None {
			l.at[c.Field] = append(l.at[c.Field], i)
		}
	}
	return l
}

// layoutOf is the layout of a header alone, as a product's sheet keeps it.
func layoutOf(f Format, header []string) layout {
	return newLayout(f, guess(header, f, nil))
}

func (l *layout) has(f Field) bool { return len(l.at[f]) > 0 }

// get is the first filled cell of a row that means f, without spaces around.
func (l *layout) get(cells []string, f Field) string {
	for _, i := range l.at[f] {
		if s := strings.TrimSpace(cell(cells, i)); s != "" {
			if l.format == Table && s[0] == '\'' && formula(s[1:]) {
				s = s[1:] // as a table of ours made it harmless
			}
			return s
		}
	}
	return ""
}

// first is the first filled cell that means f in any of the rows.
func (l *layout) first(rows []Row, f Field) string {
	for _, row := range rows {
		if s := l.get(row.Cells, f); s != "" {
			return s
		}
	}
	return ""
}

// name is what the column of f is called, for a person to find it.
func (l *layout) name(f Field) string {
	if at := l.at[f]; len(at) > 0 && l.header[at[0]] != "" {
		return l.header[at[0]]
	}
	return string(f)
}

// optionFields are the three options of Shopify, names and values.
var optionFields = [3][2]Field{
	{Option1Name, Option1Value}, {Option2Name, Option2Value}, {Option3Name, Option3Value},
}

// formula says whether a spreadsheet program would run a cell: it starts as a
// formula does and is no plain number.
func formula(s string) bool {
	if s == "" {
		return false
	}
	switch s[0] {
	case '=', '@', '\t', '\r':
		return strings.TrimSpace(s) != s[:1]
	case '+', '-':
		return len(s) > 1 && strings.Trim(s[1:], "0123456789.,%+- ") != ""
	}
	return false
}
