// Package locale lets a window toolkit start in silence where the locale is
// the bare C.UTF-8 of servers and containers: "C" is no language, and Fyne
// says so on stderr whenever a program that links it starts, commands that
// open no window included.
//
// It leaves to others which language the app speaks.
package locale

import (
	"os"
	"strings"
)

// Language is the LANGUAGE that was set for this process, empty where none had
// to be. It is worked out as the package is initialised, because Fyne reads
// the environment in its own initialisation: Go initialises packages in the
// order of their paths as far as their imports allow, and this one needs only
// os. Importing it is enough.
var Language = settle(os.Getenv, os.Setenv)

// settle sets LANGUAGE to English where the locale names no language but "C"
// in some encoding. (The exact "C" and "POSIX" are understood.)
func settle(get func(string) string, set func(string, string) error) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := get(name)
		if value == "" {
			continue
		}
		language, _, coded := strings.Cut(value, ".")
		if coded && (language == "C" || language == "POSIX") && get("LANGUAGE") == "" && set("LANGUAGE", "en") == nil {
			return "en"
		}
		return ""
	}
	return ""
}
