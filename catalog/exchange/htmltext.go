package exchange

import (
	"html"
	"strings"

	nethtml "golang.org/x/net/html"
)

// plainText is what a description says, without its HTML: paragraphs and list
// items become lines, scripts and styles go.
func plainText(s string) string {
	if !strings.Contains(s, "<") {
		return tidy(html.UnescapeString(s))
	}
	var b strings.Builder
	z := nethtml.NewTokenizer(strings.NewReader(s))
	z.SetMaxBuf(MaxCell + 1)
	hidden := "" // the element whose text is not read
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			return tidy(b.String())
		case nethtml.TextToken:
			if hidden == "" {
				// Line ends of the source are spaces on the page.
				b.WriteString(strings.Join(strings.FieldsFunc(string(z.Text()), isBreak), " "))
			}
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			name, _ := z.TagName()
			hidden = opened(&b, string(name), hidden)
		case nethtml.EndTagToken:
			name, _ := z.TagName()
			if string(name) == hidden {
				hidden = ""
			}
			if hidden == "" && breaks(string(name)) {
				b.WriteByte('\n')
			}
		}
	}
}

func isBreak(r rune) bool { return r == '\n' || r == '\r' }

func opened(b *strings.Builder, name, hidden string) string {
	switch {
	case hidden != "":
		return hidden
	case name == "script" || name == "style" || name == "iframe" || name == "noscript" || name == "template":
		return name
	case name == "li":
		b.WriteString("\n• ")
	case name == "td" || name == "th":
		b.WriteByte(' ')
	case breaks(name):
		b.WriteByte('\n')
	}
	return ""
}

func breaks(name string) bool {
	switch name {
	case "p", "br", "div", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "blockquote", "hr", "dl", "dt", "dd":
		return true
	}
	return false
}

// tidy leaves single spaces, no blank at a line's ends and no empty lines.
func tidy(s string) string {
	var lines []string
	for line := range strings.FieldsFuncSeq(visible(s), isBreak) {
		if line = strings.Join(strings.Fields(line), " "); line != "" && line != "•" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// visible drops control characters that text has no use for.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\r' && r != '\t' || r == 0x7f || r == 0xfeff {
			return -1
		}
		return r
	}, s)
}

// oneLine is a title: visible characters, single spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(visible(s)), " ") }

// toHTML writes text as a description: a paragraph a line.
func toHTML(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString("<p>" + html.EscapeString(line) + "</p>")
		}
	}
	return b.String()
}
