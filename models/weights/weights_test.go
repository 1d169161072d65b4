package weights

import (
	"errors"
	"testing"
)

func TestWhatDoesNotShipIsSaidSo(t *testing.T) {
	if _, err := Read("no-such.onnx"); !errors.Is(err, ErrAbsent) {
		t.Errorf("%v is not ErrAbsent", err)
	}
	if _, err := Mark("no-such.onnx"); !errors.Is(err, ErrAbsent) {
		t.Errorf("%v is not ErrAbsent", err)
	}
}

func TestAMarkIsTheSameEveryTime(t *testing.T) {
	a, err := Mark("weights.go")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := Mark("weights.go"); err != nil || a != b || len(a) != 12 {
		t.Errorf("marks %q and %q, error %v", a, b, err)
	}
}
