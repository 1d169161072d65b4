//go:build !long

package exchange

// killRounds is how often an import is killed.
const killRounds = 10
