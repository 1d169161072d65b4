package app

import (
	"testing"

	"go.uber.org/goleak"
)

// Whatever a screen starts has stopped when the app is closed.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
