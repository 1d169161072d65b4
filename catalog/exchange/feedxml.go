package exchange

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// feedReader reads Google's product feed in its XML forms, RSS 2.0 and Atom,
// as a table: a row an item, a column an attribute. As in the feed's TSV form,
// an attribute that stands several times is joined with commas, and one with
// parts is called "shipping(country:price)" and its parts are joined with
// colons.
type feedReader struct {
	xml    *xml.Decoder
	limit  *tokenLimit
	header map[string]int
	items  int
}

// tokenLimit stops a token that never ends: the decoder holds one in memory.
type tokenLimit struct {
	r    io.Reader
	left int
}

var errToken = errors.New("a tag or text in it is over 4 MB")

func (t *tokenLimit) Read(p []byte) (int, error) {
	if t.left <= 0 {
		return 0, errToken
	}
	n, err := t.r.Read(p[:min(len(p), t.left)])
	t.left -= n
	return n, err
}

const maxToken = 4 << 20

func newFeedReader(r io.Reader, header []string) *feedReader {
	limit := &tokenLimit{r, maxToken}
	d := xml.NewDecoder(limit)
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // it is decoded
	d.Entity = xml.HTMLEntity
	f := &feedReader{xml: d, limit: limit, header: make(map[string]int, len(header))}
	for i, h := range header {
		f.header[h] = i
	}
	return f
}

func (f *feedReader) token() (xml.Token, error) {
	f.limit.left = maxToken
	t, err := f.xml.Token()
	if syntax := (*xml.SyntaxError)(nil); errors.As(err, &syntax) {
		if errors.Is(err, errToken) || strings.Contains(syntax.Msg, errToken.Error()) {
			return nil, errToken
		}
		return nil, fmt.Errorf("its XML is broken in line %d: %s", syntax.Line, syntax.Msg)
	}
	return t, err
}

// next returns the next item as a row; its number is the item's, behind a
// header in row 1.
func (f *feedReader) next() (Row, error) {
	names, values, err := f.item()
	if err != nil {
		return Row{}, err
	}
	row := Row{f.items + 1, make([]string, len(f.header))}
	for i, name := range names {
		if at, ok := f.header[name]; ok {
			row.Cells[at] = values[i]
		}
	}
	return row, checkSize(row)
}

// item reads up to the end of the next <item> or <entry>.
func (f *feedReader) item() (names, values []string, err error) {
	for {
		t, err := f.token()
		if err != nil {
			return nil, nil, err
		}
		if e, ok := t.(xml.StartElement); ok && (e.Name.Local == "item" || e.Name.Local == "entry") {
			f.items++
			return f.attributes()
		}
	}
}

// maxAttributes bounds what one item may hold.
const maxAttributes = 4000

func (f *feedReader) attributes() (names, values []string, err error) {
	at := map[string]int{}
	size := 0
	for {
		t, err := f.token()
		if err != nil {
			return nil, nil, broken(err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			return names, values, nil
		case xml.StartElement:
			name, value, err := f.value(t, 0)
			if err != nil {
				return nil, nil, broken(err)
			}
			if size += len(name) + len(value); size > 2*MaxRow || len(names) > maxAttributes {
				return nil, nil, fmt.Errorf("item %d is over 6 MB", f.items)
			}
			if i, ok := at[name]; ok {
				values[i] += "," + value
				continue
			}
			at[name] = len(names)
			names, values = append(names, name), append(values, value)
		}
	}
}

func broken(err error) error {
	if err == io.EOF {
		return errors.New("it ends within an item; the file is not whole")
	}
	return err
}

// value is an element's name and text; of one with parts the names and the
// texts of the parts, joined.
func (f *feedReader) value(e xml.StartElement, depth int) (name, value string, err error) {
	if depth > 8 {
		return "", "", errors.New("its elements lie more than 8 deep")
	}
	var text strings.Builder
	var names, parts []string
	for {
		t, err := f.token()
		if err != nil {
			return "", "", err
		}
		if text.Len() > 2*MaxRow || len(parts) > maxAttributes {
			return "", "", errToken
		}
		switch t := t.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			n, part, err := f.value(t, depth+1)
			if err != nil {
				return "", "", err
			}
			names, parts = append(names, n), append(parts, escapeParts.Replace(part))
		case xml.EndElement:
			name, value = e.Name.Local, strings.TrimSpace(text.String())
			switch {
			case len(parts) > 0:
				name, value = name+"("+strings.Join(names, ":")+")", strings.Join(parts, ":")
			case value == "" && name == "link":
				value = href(e)
			}
			return name, value, nil
		}
	}
}

// escapeParts marks the signs that stand between parts and repetitions.
var escapeParts = strings.NewReplacer(`\`, `\\`, ":", `\:`, ",", `\,`)

// href is the address of an Atom link.
func href(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "href" {
			return a.Value
		}
	}
	return ""
}

// feedHeader reads a whole feed for the attributes that its items have, in the
// order in which they come up.
func feedHeader(r io.Reader) (header []string, err error) {
	f := newFeedReader(r, nil)
	seen := map[string]bool{}
	for {
		names, _, err := f.item()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			if !seen[n] {
				seen[n] = true
				header = append(header, n)
			}
		}
		if len(header) > MaxColumns {
			return nil, errors.New("its items have over 2000 different attributes")
		}
	}
	if len(header) == 0 {
		return nil, errors.New("it has no items; a product feed holds <item> or <entry> elements")
	}
	return header, nil
}
