package camera

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	QuietDecoders()
	goleak.VerifyTestMain(m)
}
