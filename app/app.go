// Package app is the desktop program: its window, one file a screen (mirror,
// staff, catalogue, settings), the rules of a session and of privacy, and the
// wiring between the mirror's pipeline and what a person touches.
//
// It leaves to others how a face is seen and a product drawn (tryon), how the
// mirror presents a picture (viewport), how pixels travel (app/live), and
// which display there is: main hands it a fyne.App.
package app

import (
	"context"

	"fyne.io/fyne/v2"
)

// Options say how the app is to run.
type Options struct {
	// Home is the folder that holds models, settings and counts (CHEVAL_HOME).
	Home string
	// Shots, where not empty, is a folder: the app runs its demo by itself,
	// writes a picture of each screen and a short clip there, and ends.
	Shots string
}

// App is the running program. Its methods are called on the UI goroutine.
type App struct {
	fyne fyne.App
	opts Options
	win  fyne.Window
}

// New makes the app; nothing is shown or opened before Run.
func New(f fyne.App, o Options) *App {
	return &App{fyne: f, opts: o}
}

// Run shows the window and returns when it was closed or ctx ended. It must be
// called on the main goroutine.
func (a *App) Run(ctx context.Context) error {
	a.win = a.fyne.NewWindow("Cheval")
	a.win.SetPadded(false)
	a.win.Resize(fyne.NewSize(1280, 800))
	stop := context.AfterFunc(ctx, func() { fyne.Do(a.win.Close) })
	defer stop()
	a.win.ShowAndRun()
	return nil
}
