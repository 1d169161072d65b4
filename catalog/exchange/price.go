package exchange

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/currency"
	"golang.org/x/text/width"

	"cheval/catalog"
)

// signs of currencies as people write them, longer ones first. "¥" alone is
// read in the file's own currency if that is JPY, else as CNY.
var signs = []struct{ sign, code string }{
	{"人民币", "CNY"}, {"日元", "JPY"}, {"日圓", "JPY"}, {"港币", "HKD"}, {"港元", "HKD"}, {"美元", "USD"}, {"欧元", "EUR"},
	{"rmb", "CNY"}, {"hk$", "HKD"}, {"us$", "USD"}, {"nt$", "TWD"}, {"s$", "SGD"}, {"a$", "AUD"}, {"c$", "CAD"}, {"r$", "BRL"},
	{"€", "EUR"}, {"£", "GBP"}, {"₩", "KRW"}, {"₹", "INR"}, {"₽", "RUB"}, {"฿", "THB"}, {"₫", "VND"}, {"₺", "TRY"}, {"zł", "PLN"},
	{"¥", "CNY"}, {"元", "CNY"}, {"円", "JPY"}, {"$", "USD"},
}

var errNegative = errors.New("it is negative")

// money reads a price as people write it: "1,299.00", "1.299,00 €", "¥899",
// "EUR 12,5", "1 299,00 kr". usual is the currency where the text names none;
// decimalComma decides about "1.299", which is either.
func money(s, usual string, decimalComma bool) (catalog.Money, error) {
	text := strings.TrimSpace(strings.ToLower(width.Narrow.String(s)))
	text, code := cutCurrency(text, usual)
	text = strings.TrimPrefix(text, "'")
	negative := strings.HasPrefix(text, "-") || strings.HasPrefix(text, "(") || strings.HasSuffix(text, "-") && strings.Count(text, "-") == 1 && !strings.HasSuffix(text, ",-") && !strings.HasSuffix(text, ".-")
	text = strings.Trim(text, "+-()– ")
	amount, err := number(text, decimalComma)
	m := catalog.Money{Currency: code}
	switch {
	case err != nil:
		return m, fmt.Errorf("%.40q is no price", s)
	case negative && amount != 0:
		return m, errNegative
	}
	minor := math.Round(amount * math.Pow10(m.Decimals()))
	if minor > 1e10 {
		return m, fmt.Errorf("%.40q is over what a price can be", s)
	}
	m.Minor = int64(minor)
	return m, nil
}

// cutCurrency takes the currency out of a price in lower case.
func cutCurrency(text, usual string) (rest, code string) {
	for _, f := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if len(f) != 3 {
			continue
		}
		if unit, err := currency.ParseISO(f); err == nil {
			return strings.TrimSpace(strings.Replace(text, f, "", 1)), unit.String()
		}
	}
	for _, s := range signs {
		if strings.Contains(text, s.sign) {
			code = s.code
			switch {
			case s.sign == "¥" && usual == "JPY":
				code = "JPY"
			case s.sign == "$" && strings.HasSuffix(usual, "D"):
				code = usual // the shop's own dollar
			}
			return strings.TrimSpace(strings.Replace(text, s.sign, "", 1)), code
		}
	}
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(text, "kr."), "kr")), usual
}

// grouping takes out what groups digits and is no decimal sign anywhere.
var grouping = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "’", "")

// number reads an amount with either decimal sign and any grouping.
func number(s string, decimalComma bool) (float64, error) {
	s = grouping.Replace(s)
	s = strings.TrimSuffix(strings.TrimSuffix(s, ","), ".") // "12,-" lost its hyphen
	comma, dot := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	switch {
	case comma >= 0 && dot >= 0 && comma > dot:
		s = strings.Replace(strings.ReplaceAll(s, ".", ""), ",", ".", 1)
	case comma >= 0 && dot >= 0:
		s = strings.ReplaceAll(s, ",", "")
	case comma >= 0 && grouped(s, ',') && !decimalComma:
		s = strings.ReplaceAll(s, ",", "")
	case comma >= 0:
		s = strings.Replace(s, ",", ".", 1)
	case dot >= 0 && grouped(s, '.') && (decimalComma || strings.Count(s, ".") > 1):
		s = strings.ReplaceAll(s, ".", "")
	}
	if s == "" || strings.Trim(s, "0123456789.") != "" {
		return 0, fmt.Errorf("%.40q is no number", s)
	}
	return strconv.ParseFloat(s, 64)
}

// grouped says whether sep could group thousands: three digits behind each.
func grouped(s string, sep byte) bool {
	parts := strings.Split(s, string(sep))
	if parts[0] == "" || parts[0] == "0" || len(parts[0]) > 3 {
		return false
	}
	for _, p := range parts[1:] {
		if len(p) != 3 {
			return false
		}
	}
	return true
}

// saysComma says whether a price can only be read with a decimal comma, and
// saysDot with a point.
func saysComma(s string) bool { return convention(s, ',', '.') }
func saysDot(s string) bool   { return convention(s, '.', ',') }

func convention(s string, decimal, group byte) bool {
	s = strings.TrimFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
	d, g := strings.LastIndexByte(s, decimal), strings.LastIndexByte(s, group)
	return d >= 0 && d > g && strings.Count(s, string(decimal)) == 1 && len(s)-d-1 != 3
}
