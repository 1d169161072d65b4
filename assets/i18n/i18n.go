// Package i18n holds what the app says, one JSON file a language: a key and a
// text, or a key and its plural forms, with {{.name}} for what is put in.
//
// It leaves choosing and filling them to the app.
package i18n

import "embed"

// Files holds en.json and zh.json.
//
//go:embed *.json
var Files embed.FS
