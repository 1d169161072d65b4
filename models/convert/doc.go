// Package convert writes foreign models as ONNX (opset 17, IR version 8,
// float32): TensorFlow Lite as MediaPipe publishes it, its sparse models and
// its own operators included, and TensorFlow.js layers models. It reads hostile bytes: every length and offset
// is checked before use.
//
// It leaves to others where models come from and how they run (models), and
// what goes into them and comes out (the packages that use them).
package convert

// Version changes whenever the same source would be written differently, so
// that what was converted before is converted again.
const Version = "2"
