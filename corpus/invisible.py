"""The characters that are shown as nothing: they part no words, and are none."""

INVISIBLE = r"\p{Default_Ignorable_Code_Point}\ufff9-\ufffb"
"""Soft hyphens, zero-width, direction, variation and tag characters, and marks of annotations; for `regex`, in [ ]."""
