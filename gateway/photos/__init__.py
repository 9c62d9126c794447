"""Edge: photos of broken PCs as files, freed of what phones write into them.

In:  what a phone's camera or a browser sends, of at most 5 MB.
Out: JPEG, PNG or WebP with the picture alone: no place, no time, no device, no second picture, nothing behind its end.
"""
