// Command cheval is a shop's fitting mirror: alone it opens the app, with
// arguments it runs a command.
package main

import (
	"context"
	"os"

	"cheval/app"
	"cheval/cli"

	fyneapp "fyne.io/fyne/v2/app"
)

const (
	version = "0.1.0"
	appID   = "org.cheval.mirror"
)

func main() {
	os.Exit(cli.Main(cli.Program{Version: version, Open: open}, os.Args[1:]))
}

// open shows the app's window until it is closed or ctx ends.
func open(ctx context.Context, home, shots string) error {
	return app.New(fyneapp.NewWithID(appID), app.Options{Home: home, Shots: shots}).Run(ctx)
}
