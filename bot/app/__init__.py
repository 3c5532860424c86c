"""The service put together: the list of ways in, `serve`, and its examination by `doctor`."""
