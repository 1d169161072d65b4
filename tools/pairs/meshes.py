"""Meshes as Mitsuba reads them: binary PLY."""
import os

import numpy as np


def write(folder, name, v, faces, normals=None, colours=None, uv=None):
    """Writes folder/name.ply and returns its path."""
    fields = [("x", "<f4"), ("y", "<f4"), ("z", "<f4")]
    columns = [v]
    if normals is not None:
        fields += [("nx", "<f4"), ("ny", "<f4"), ("nz", "<f4")]
        columns.append(normals)
    if uv is not None:
        fields += [("u", "<f4"), ("v", "<f4")]
        columns.append(uv)
    if colours is not None:
        fields += [("r", "<f4"), ("g", "<f4"), ("b", "<f4")]
        columns.append(colours)
    vertex = np.concatenate(columns, 1).astype("<f4")
    face = np.zeros(len(faces), [("n", "u1"), ("i", "<i4", 3)])
    face["n"], face["i"] = 3, faces
    head = ["ply", "format binary_little_endian 1.0", f"element vertex {len(v)}"]
    head += [f"property float {name}" for name, _ in fields]
    head += [f"element face {len(faces)}", "property list uchar int vertex_indices", "end_header", ""]
    path = os.path.join(folder, name + ".ply")
    with open(path, "wb") as f:
        f.write("\n".join(head).encode())
        f.write(vertex.tobytes())
        f.write(face.tobytes())
    return path
