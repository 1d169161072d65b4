// Package publish says whether a product may be published: local rules, each
// with its reason, and the product worn on fixed heads, compared with how it
// looked when it was last approved, so that a changed asset or model that makes
// it look different is stopped and shown.
//
// It leaves to others the product's data (catalog), how frames are drawn
// (tryon), and the record of what was approved (a picture of the product, role
// worn-preview).
package publish
