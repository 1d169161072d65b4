package understand

import (
	"slices"
	"strings"

	"cheval/catalog"
)

// Coverage says how much of a catalogue the grammar can say.
type Coverage struct {
	Products  int            `json:"products"`
	Names     int            `json:"names"`   // products that their name calls
	Brands    int            `json:"brands"`  // that can be said
	Colours   int            `json:"colours"` // names of colours that can be said
	Templates map[string]int `json:"templates"`
	// Ambiguous names are common words too: they count only as "the model X".
	Ambiguous []string `json:"ambiguous,omitempty"`
	// Unsaid names have no letters that can be heard.
	Unsaid []string `json:"unsaid,omitempty"`
}

// Coverage tells what of the catalogue can be called by its name.
func (u *Understander) Coverage() Coverage { return u.coverage }

// compile teaches the lexicon the catalogue's names.
func compile(l *lexicon, g *grammar, products []*catalog.Product, c *Coverage) {
	if c.Templates == nil {
		c.Templates = map[string]int{}
	}
	c.Templates[string(l.lang)] = len(g.templates)
	n := namer{l: l, g: g, c: c}
	for _, p := range products {
		called := false
		for _, name := range p.Name {
			called = n.teach(name, sense{"product", p.ID}, []string{"the model ", "the ", "model "}) || called
		}
		n.teach(p.Brand, sense{"brand", p.Brand}, []string{"the brand ", "brand "})
		if p.Category != "" && p.Category != "eyewear" {
			n.category(p.Category)
		}
		for i := range p.Variants {
			if name := p.Variants[i].ColourName[string(l.lang)]; name != "" {
				n.colour(name, p.Variants[i].Colour)
			}
		}
		if l.lang == English {
			c.Products++
			if called {
				c.Names++
			}
		}
	}
	if l.lang == English {
		c.Brands, c.Colours = len(l.surface["brand"]), n.colours
	}
}

type namer struct {
	l       *lexicon
	g       *grammar
	c       *Coverage
	colours int
}

// teach adds a name. One that is a common word as well counts only after one
// of the words in front.
func (n *namer) teach(name string, s sense, front []string) bool {
	name = Clean(name)
	ts := tokens(name, n.l.lang)
	if len(ts) == 0 {
		if name != "" && n.l.lang == English {
			n.c.Unsaid = append(n.c.Unsaid, name)
		}
		return false
	}
	key := joined(ts)
	have := n.l.phrases[key]
	if slices.Contains(have, s) {
		return true
	}
	if len(have) == 0 && !(len(ts) == 1 && n.g.vocabulary[ts[0]]) && numberAt(ts, n.l.lang).length == 0 {
		return n.l.add(name, s)
	}
	if !slices.Contains(n.c.Ambiguous, name) {
		n.c.Ambiguous = append(n.c.Ambiguous, name)
	}
	ok := false
	for _, f := range front {
		ok = n.l.add(f+name, s) || ok
	}
	if n.l.lang == Chinese {
		ok = n.l.add(name+"这款", s) || n.l.add(name+"款", s) || ok
	}
	return ok
}

// colour adds a shop's own name for a colour.
func (n *namer) colour(name, facet string) {
	ts := tokens(Clean(name), n.l.lang)
	key := strings.Join(ts, " ")
	if len(ts) == 0 {
		return
	}
	if len(n.l.phrases[key]) > 0 {
		n.colours++
		return
	}
	if len(ts) == 1 && n.g.vocabulary[ts[0]] {
		n.l.add(name+" colour", sense{"colour", facet})
		n.l.add(name+" coloured", sense{"colour", facet})
	} else {
		n.l.add(name, sense{"colour", facet})
	}
	n.colours++
}

// chineseCategories names what a shop may sell beside eyewear.
var chineseCategories = map[string][]string{
	"hat": {"帽子"}, "dress": {"连衣裙", "裙子"}, "shirt": {"衬衫"}, "shoes": {"鞋", "鞋子"}, "pants": {"裤子", "长裤"},
	"shorts": {"短裤"}, "skirt": {"半身裙", "短裙"}, "t-shirt": {"T恤", "短袖"}, "outwear": {"外套", "大衣"}, "longsleeve": {"长袖", "长袖衫"},
	"accessory": {"配饰", "饰品"}, "case": {"眼镜盒", "镜盒"}, "bag": {"包", "包包"}, "scarf": {"围巾"}, "watch": {"手表"}, "jewellery": {"首饰"},
}

func (n *namer) category(name string) {
	s := sense{"category", name}
	if n.l.lang == Chinese {
		for _, w := range chineseCategories[name] {
			n.l.add(w, s)
		}
		return
	}
	word := strings.ReplaceAll(name, "-", " ")
	n.l.add(word, s)
	switch {
	case strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss"):
		n.l.add(strings.TrimSuffix(word, "s"), s)
	case strings.HasSuffix(word, "ss"):
		n.l.add(word+"es", s)
	default:
		n.l.add(word+"s", s)
	}
}
