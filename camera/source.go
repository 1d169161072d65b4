package camera

import "context"

// Source produces frames. One goroutine calls Next; Close may come from
// another, and ends a Next that waits.
type Source interface {
	// Next returns the next frame, held once for the caller. A finished clip
	// answers io.EOF. Any other error is a sentence for a person.
	Next(ctx context.Context) (*Frame, error)
	// Close stops the source and waits until its device is free. It may be
	// called twice.
	Close() error
}
