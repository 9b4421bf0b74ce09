"""The client for programs that wait by standing still, made of `asynchronous` when the package is built."""
