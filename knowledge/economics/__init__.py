"""What running or training a model costs: measured speed, list prices, and the sums between them.

`throughput` finds a measured speed or says how one was scaled from a neighbour; `tokens` holds the
sums; `apis` the prices of those who host the same model; `training`, `media` and `power` the rest.
docs/economics.md explains method and limits.
"""
