//go:build !long

package store

// killRounds is how often the writer is killed.
const killRounds = 10
