package catalog

import (
	"fmt"
	"math"

	"golang.org/x/text/currency"
)

// Decimals is how many digits the currency's smallest unit stands after the
// point: 2 for CNY and EUR, 0 for JPY.
func (m Money) Decimals() int {
	unit, err := currency.ParseISO(m.Currency)
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(unit)
	return scale
}

// Major is the amount in the currency's main unit: 899 for ¥899.
func (m Money) Major() float64 {
	return float64(m.Minor) / math.Pow10(m.Decimals())
}

// String writes the amount for logs and commands: "CNY 899.00".
func (m Money) String() string {
	return fmt.Sprintf("%s %.*f", m.Currency, m.Decimals(), m.Major())
}
