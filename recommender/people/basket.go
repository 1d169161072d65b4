package people

import (
	"fmt"
	"slices"

	"cheval/catalog"
)

// Limits of a basket; a ticket of it must go into one QR code.
const (
	maxLines    = 20
	maxQuantity = 99
)

// Line is a variant that a person wants, as it was when they wanted it.
type Line struct {
	Product  string        `json:"product"`
	SKU      string        `json:"sku"`
	Name     string        `json:"name"`
	Colour   string        `json:"colour"`
	Price    catalog.Money `json:"price"`
	Quantity int           `json:"quantity"`
}

// Basket is what a person wants. Its zero value is empty. One goroutine at a
// time may use it.
type Basket struct{ lines []Line }

// Lines are what lies in it, in the order in which it was put there.
func (b *Basket) Lines() []Line { return slices.Clone(b.lines) }

// Set lays n of a variant into the basket, 0 takes it out. More than are in
// stock are refused.
func (b *Basket) Set(p *catalog.Product, variant, n int, language string) error {
	v := &p.Variants[variant]
	at := slices.IndexFunc(b.lines, func(l Line) bool { return l.SKU == v.SKU })
	switch {
	case n < 0 || n > maxQuantity:
		return fmt.Errorf("people: %d of %s cannot lie in a basket; take 0 to %d", n, v.SKU, maxQuantity)
	case n > v.Stock:
		return fmt.Errorf("people: only %d of %s are in stock, not %d; take fewer or ask staff", v.Stock, v.SKU, n)
	case n == 0 && at >= 0:
		b.lines = slices.Delete(b.lines, at, at+1)
	case n == 0:
	case at >= 0:
		b.lines[at].Quantity = n
	case len(b.lines) == maxLines:
		return fmt.Errorf("people: %d different things lie in the basket already; take one out first", maxLines)
	default:
		b.lines = append(b.lines, Line{Product: p.ID, SKU: v.SKU, Name: p.Name[language], Colour: v.ColourName[language], Price: v.Price, Quantity: n})
	}
	return nil
}

// Quantity is how many of a variant lie in the basket.
func (b *Basket) Quantity(sku string) int {
	for _, l := range b.lines {
		if l.SKU == sku {
			return l.Quantity
		}
	}
	return 0
}

// Totals are the sums of the basket, one for each currency, in the order in
// which they appear.
func (b *Basket) Totals() []catalog.Money { return totals(b.lines) }

func totals(lines []Line) []catalog.Money {
	var out []catalog.Money
	for _, l := range lines {
		at := slices.IndexFunc(out, func(m catalog.Money) bool { return m.Currency == l.Price.Currency })
		if at < 0 {
			at = len(out)
			out = append(out, catalog.Money{Currency: l.Price.Currency})
		}
		out[at].Minor += l.Price.Minor * int64(l.Quantity)
	}
	return out
}

// Clear empties it.
func (b *Basket) Clear() { b.lines = nil }
