// Package convert writes foreign models as ONNX. It reads hostile bytes: every
// length and offset is checked before use.
package convert
