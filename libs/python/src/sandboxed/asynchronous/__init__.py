"""The client for programs that wait with `await`.

`synchronous` is made of this when the package is built: what is mended here is mended there.
"""
