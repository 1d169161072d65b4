package exchange

import (
	"strings"
	"testing"

	"cheval/catalog"
)

func TestATextIsReadAsShopsWriteIt(t *testing.T) {
	for text, want := range map[string]struct {
		Described
		rest string
	}{
		"navy Panto in acetate":           {Described{"navy", catalog.Panto, catalog.Acetate}, "in"},
		"rose gold cat-eye, glittering":   {Described{"gold", catalog.CatEye, ""}, ", glittering"},
		"玳瑁 圆框":                           {Described{"tortoise", catalog.Round, ""}, ""},
		"a reddish around the squareness": {Described{}, "a reddish around the squareness"},
	} {
		got, rest := Describe(text)
		if got != want.Described || strings.Join(strings.Fields(rest), " ") != want.rest {
			t.Errorf("%q is %+v and %q", text, got, rest)
		}
	}
}
