// Package embed turns a product's picture into 128 numbers that say what it
// looks like: pictures of like products lie near each other. It names the kind
// of product as well, and keeps the numbers of a catalogue's products up to
// date.
//
// It leaves cutting out to studio/cutout, and what is done with the numbers
// (search, copy check, features) to those who ask for them.
package embed
