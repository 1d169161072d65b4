package app

import (
	"math"

	"golang.org/x/text/currency"

	"cheval/catalog"
)

// convert turns an amount into another currency at a rate, in its smallest
// unit: 1 of the first is rate of the second.
func convert(m catalog.Money, to string, rate float64) catalog.Money {
	amount := float64(m.Minor) / unitsOf(m.Currency) * rate
	return catalog.Money{Minor: int64(math.Round(amount * unitsOf(to))), Currency: to}
}

// unitsOf is how many smallest units one of a currency has.
func unitsOf(code string) float64 {
	u, err := currency.ParseISO(code)
	if err != nil {
		return 100
	}
	digits, _ := currency.Standard.Rounding(u)
	return math.Pow10(digits)
}
