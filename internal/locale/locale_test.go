package locale

import "testing"

func TestSettleNamesALanguageOnlyWhereTheLocaleHasNone(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"LANG": "C.UTF-8"}, "en"},
		{map[string]string{"LC_ALL": "C.utf8", "LANG": "de_DE.UTF-8"}, "en"},
		{map[string]string{"LANG": "C"}, ""},
		{map[string]string{"LANG": "zh_CN.UTF-8"}, ""},
		{map[string]string{"LANG": "C.UTF-8", "LANGUAGE": "zh_CN"}, ""},
		{nil, ""},
	} {
		set := map[string]string{}
		got := settle(func(k string) string { return c.env[k] }, func(k, v string) error { set[k] = v; return nil })
		if got != c.want || set["LANGUAGE"] != c.want {
			t.Errorf("%v: settled on %q (set %v), want %q", c.env, got, set, c.want)
		}
	}
}
