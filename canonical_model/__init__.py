"""What a fiber operator has, sells, builds and bills, in the field's own words.

Pure data: nothing in this package opens a file, reads a setting or asks the clock.
"""
