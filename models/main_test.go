package models

import (
	"testing"

	"go.uber.org/goleak"
)

// Nothing that installs, downloads or runs models may leave a goroutine.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
