// Command cheval is a shop's fitting mirror: alone it opens the app, with
// arguments it runs a command.
package main

import (
	"context"
	"os"

	"cheval/app"
	"cheval/cli"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"github.com/spf13/cobra"
)

const (
	version = "0.1.0"
	appID   = "org.cheval.mirror"
)

func main() {
	os.Exit(cli.Main(cli.Program{Version: version, Open: open,
		Benches: []*cobra.Command{app.BenchCommand(newFyne)}, BenchTalk: app.BenchTalk(newFyne)}, os.Args[1:]))
}

// open shows the app's window until it is closed or ctx ends.
func open(ctx context.Context, home, shots string) error {
	return app.New(newFyne(), app.Options{Home: home, Shots: shots, Version: version}).Run(ctx)
}

// newFyne makes the program that windows belong to.
func newFyne() fyne.App { return fyneapp.NewWithID(appID) }
