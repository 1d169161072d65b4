"""Trains the networks that the project makes itself.

From photos to ONNX: cut-outs, normalised products, the picture encoder, the
designer with its baseline, their measuring and export. Nothing here runs in
the product: Go reads the committed weights through models.Runtime.
"""
