package app

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	texts "cheval/assets/i18n"
	"cheval/catalog"
)

// languages the app speaks, by the code that settings, catalogue and
// translations use.
var languages = [...]string{"en", "zh"}

// translator says things in one language: texts, numbers, prices. It is
// immutable and safe for use by several goroutines.
type translator struct {
	lang    string
	texts   *i18n.Localizer
	english *i18n.Localizer
	numbers *message.Printer
}

// newBundle reads the translations that are built in.
func newBundle() (*i18n.Bundle, error) {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, l := range languages {
		if _, err := b.LoadMessageFileFS(texts.Files, l+".json"); err != nil {
			return nil, fmt.Errorf("translations: read %s: %w", l, err)
		}
	}
	return b, nil
}

func newTranslator(b *i18n.Bundle, lang string) *translator {
	tag := language.English
	if lang == "zh" {
		tag = language.SimplifiedChinese
	}
	return &translator{lang: lang, texts: i18n.NewLocalizer(b, lang), english: i18n.NewLocalizer(b, "en"),
		numbers: message.NewPrinter(tag)}
}

// args are the values that a text's placeholders take.
type args = map[string]any

// t returns a text. A key that no language has comes back as itself, so that
// it is seen; a test keeps that from happening.
func (t *translator) t(key string, a ...args) string {
	cfg := &i18n.LocalizeConfig{MessageID: key}
	if len(a) > 0 {
		cfg.TemplateData = a[0]
		if n, ok := a[0]["n"]; ok {
			cfg.PluralCount = n
		}
	}
	if s, err := t.texts.Localize(cfg); err == nil {
		return s
	}
	if s, err := t.english.Localize(cfg); err == nil {
		return s
	}
	return key
}

// of picks the language's version of a product's text, else the English, else any.
func (t *translator) of(m map[string]string) string {
	for _, l := range []string{t.lang, "en"} {
		if s := m[l]; s != "" {
			return s
		}
	}
	for _, s := range m {
		return s
	}
	return ""
}

// int writes a whole number with the language's grouping.
func (t *translator) int(n int) string { return t.numbers.Sprint(number.Decimal(n)) }

// mm writes millimetres without a fraction, as a shop speaks of them.
func (t *translator) mm(v float32) string {
	return t.numbers.Sprint(number.Decimal(v, number.MaxFractionDigits(0)))
}

// price writes an amount with its currency's sign before it, as both
// languages do, and leaves out a fraction of zero.
func (t *translator) price(m catalog.Money) string {
	unit, err := currency.ParseISO(m.Currency)
	if err != nil {
		return t.numbers.Sprint(number.Decimal(m.Minor)) + " " + m.Currency
	}
	digits, _ := currency.Standard.Rounding(unit)
	div := int64(1)
	for range digits {
		div *= 10
	}
	if m.Minor%div == 0 {
		digits = 0
	}
	amount := float64(m.Minor) / float64(div)
	return t.sign(unit) + t.numbers.Sprint(number.Decimal(amount, number.Scale(digits)))
}

// sign is a currency's short sign where it cannot be mistaken, else its code.
func (t *translator) sign(u currency.Unit) string {
	s := t.numbers.Sprint(currency.NarrowSymbol(u))
	if s == u.String() {
		return s + " "
	}
	return s
}

// sentences puts sentences one after the other; Chinese needs no space between.
func (t *translator) sentences(s ...string) string {
	if t.lang == "zh" {
		return strings.Join(s, "")
	}
	return strings.Join(s, " ")
}

// facts joins what describes a thing in short: shape · material · colour.
func facts(parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}
