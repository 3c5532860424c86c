"""Names of the price feeds, each a file in `knowledge/sources`."""

FEEDS = (
    # on by default: no key, no restriction
    "gpuhunt",
    "skypilot",
    "azure",
    "aws",
    "aws_spot",
    "gcp",
    "gpurentalprices",
    "voltagepark",
    "verda",
    "nebius",
    "coreweave",
    "together",
    "vultr",
    "oci",
    "scaleway",
    "ovhcloud",
    # on with a key
    "gcp_billing",
    "lambda",
    "digitalocean",
    "hyperstack",
    "primeintellect",
    # off until an operator opts in by name: their terms restrict automated comparison
    "vastai",
    "runpod",
    "shadeform",
)
